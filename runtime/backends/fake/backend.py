"""The fake backend: labs in memory, with faults on command. The engine's own tests run on it.

`world("t")` is the truth of the instance `t`: what stands there, and what shall go wrong. It knows the same dependences as a
kernel: what stands on a thing goes with it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ....compiler.plan.model import Resource
from ...decide import Action, Fields, Observed, Wanted
from ...errors import NotYet
from ...instance import Instance

_worlds: dict[str, World] = {}


class Killed(BaseException):
    """The client died here, as by SIGKILL: nothing catches it but the test."""


@dataclass(slots=True)
class World:
    """`failing` id → why its making fails; `dies_after` actions the client is killed; `done` lists what was done, in order."""

    things: dict[str, Observed] = field(default_factory=dict)
    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    failing: dict[str, str] = field(default_factory=dict)
    unready: dict[str, str] = field(default_factory=dict)
    final: frozenset[str] = frozenset({"interface"})
    dies_after: int | None = None
    done: list[str] = field(default_factory=list)
    looks: int = 0

    def drop(self, identity: str) -> None:
        """Take a thing away by hand, and what stands on it."""
        self.things.pop(identity, None)
        for other, needs in list(self.needs.items()):
            if identity in needs and other in self.things:
                self.drop(other)

    def step(self, what: str) -> None:
        if self.dies_after is not None:
            if self.dies_after == 0:
                raise Killed
            self.dies_after -= 1
        self.done.append(what)


def world(instance: str) -> World:
    return _worlds.setdefault(instance, World())


def connect(instance: Instance, lab: str, lock: int | None) -> FakeBackend:
    return FakeBackend(instance.name)


class FakeBackend:
    concurrency = 1
    batch = 3

    __slots__ = ("_name", "_world")

    def __init__(self, name: str) -> None:
        self._name = name
        self._world = world(name)

    def want(self, resources: Sequence[Resource]) -> list[Wanted]:
        odd = [each.id for each in resources if each.spec.get("form") not in {None, "port", "loopback"}]
        if odd:
            raise NotYet(f"the fake backend cannot make {', '.join(odd)} yet")
        return [Wanted(each.id, each.kind, each.spec, each.needs) for each in resources]

    def observe(self, wanted: Sequence[Wanted]) -> dict[str, Observed]:
        self._world.looks += 1
        return dict(self._world.things)

    def replaces(self, kind: str, before: Fields, after: Fields) -> Collection[str]:
        return {name for name in self._world.final if before.get(name) != after.get(name)}

    def remove(self, actions: Sequence[Action]) -> Mapping[str, str]:
        return {action.id: why for action in actions if (why := self._remove(action))}

    def make(self, actions: Sequence[Action]) -> Mapping[str, str]:
        return {action.id: why for action in actions if (why := self._make(action))}

    def wait(self, wanted: Sequence[Wanted]) -> Mapping[str, str]:
        return dict(self._world.unready)

    def destroy(self) -> bool:
        there = bool(self._world.things)
        self._world.step("destroy")
        self._world.things.clear()
        return there

    def close(self) -> None:
        pass

    def _remove(self, action: Action) -> str | None:
        if action.id in self._world.failing:
            return self._world.failing[action.id]
        self._world.step(f"remove {action.id}")
        self._world.drop(action.id)
        return None

    def _make(self, action: Action) -> str | None:
        missing = [need for need in action.needs if need not in self._world.things]
        if action.id in self._world.failing:
            return self._world.failing[action.id]
        if missing:
            return f"{missing[0]} is not there"
        self._world.step(f"{action.verb} {action.id}")
        assert action.after is not None
        self._world.things[action.id] = Observed(action.id, action.kind, action.after)
        self._world.needs[action.id] = action.needs
        return None
