"""Reasons as people read them: where a backend compares digests, what the old plan and the new one say.

Enters: actions as decided, the plan that was applied last and the one that is wanted. Leaves: the same actions with reasons such
as `page: welcome → hello there`, or a text's changed lines. Called by the engine. The old text is known only while the kernel
has what the last plan said; else the reason says that somebody changed it. Never tells a secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from ..compiler.plan.changed import changed_lines, holds_secret, leaves, told
from ..compiler.plan.model import Plan, Resource
from .backend import Backend
from .decide import Action
from .errors import RuntimeStop

_DIGESTS = {"service": "settings", "ruleset": "text", "file": "text", "node": "hosts"}
_BY_HAND = ("file", "node")  # what a node's own programs can write to; the others only labc tells of
_MOST = 200  # actions whose texts are compared: nobody reads more


class Telling:
    """Both plans, looked into only when an action asks."""

    def __init__(self, old: Callable[[], Plan | None], new: Plan) -> None:
        self._read_old = old
        self._plan = new

    def tell(self, actions: Sequence[Action], backend: Backend) -> list[Action]:
        """In the order given."""
        said: list[Action] = []
        left = _MOST
        for action in actions:
            if _nameless(action, self):
                said += self._named(action)
            elif left and _by_digest(action):
                left -= 1
                said.append(self._explained(action, backend))
            else:
                said.append(action)
        return said

    @cached_property
    def _old(self) -> Mapping[str, Resource]:
        plan = self._read_old()
        return {resource.id: resource for resource in plan.resources} if plan else {}

    @cached_property
    def _new(self) -> Mapping[str, Resource]:
        return {resource.id: resource for resource in self._plan.resources}

    def knows(self, identity: str) -> bool:
        return identity in self._old

    def _explained(self, action: Action, backend: Backend) -> Action:
        name = _DIGESTS[action.kind]
        reasons: list[str] = []
        for reason in action.reasons:
            reasons += self._reasons(action, name, backend) if reason.startswith(f"{name}: ") else [reason]
        return replace(action, reasons=tuple(reasons))

    def _reasons(self, action: Action, name: str, backend: Backend) -> list[str]:
        old, new = self._old.get(action.id), self._new[action.id]
        by_hand = action.kind in _BY_HAND
        if action.before is None or action.before.get(name) is None:
            return [f"{name}: removed by hand" if by_hand else f"{name}: none"]
        if old is None:
            return [f"{name}: changed; what it was is not known"]
        secret = holds_secret(old.spec)
        if _digest(old, name, backend) != action.before[name] and (not secret or old.spec == new.spec):
            why = "changed by hand" if by_hand else "changed; what it was is not known"
            return [f"{name}: " + ("a secret's value changed" + (", or by hand" if by_hand else "") if secret else why)]
        return list(_differences(name, old.spec, new.spec)) or [f"{name}: a secret's value changed"]

    def _named(self, action: Action) -> Iterator[Action]:
        """The loopback device is one for all loopback ports of a node, and the kernel keeps no names for its addresses."""
        assert action.before is not None
        left = set(action.before["addresses"])
        for old in self._old.values():
            if old.kind != "port" or old.spec["form"] != "loopback" or old.spec["node"] != action.before["node"]:
                continue
            own = left.intersection(old.spec["addresses"])
            if own:
                left -= own
                yield replace(action, id=old.id, before={**action.before, "addresses": sorted(own)})
        if left:
            yield replace(action, before={**action.before, "addresses": sorted(left)})


def _nameless(action: Action, telling: Telling) -> bool:
    found = action.verb == "delete" and action.kind == "port" and (action.before or {}).get("form") == "loopback"
    return found and not telling.knows(action.id)


def _by_digest(action: Action) -> bool:
    name = _DIGESTS.get(action.kind)
    if name is None or action.verb not in ("update", "replace"):
        return False
    assert action.before is not None
    assert action.after is not None
    return name in action.after and action.before.get(name) != action.after[name]


def _digest(resource: Resource, name: str, backend: Backend) -> Any:  # Any: JSON
    """What the backend would compare for the old resource; None where it cannot tell, as without a secret's value."""
    try:
        (wanted,) = backend.want([resource])
    except RuntimeStop:
        return None
    return wanted.fields.get(name)


def _differences(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Each a reason; one of several lines is a text's."""
    if name == "settings":
        for path, was, now in leaves(
            {**old["fields"], "listens": old["listens"]}, {**new["fields"], "listens": new["listens"]}
        ):
            yield "\n".join(told(path, was, now))
        return
    was, now = (_lines(spec["hosts"]) if name == "hosts" else str(spec[name]) for spec in (old, new))
    if was != now:
        yield "\n".join([f"{name}:", *(f"  {line}" for line in changed_lines(was, now))])


def _lines(hosts: Sequence[Sequence[str]]) -> str:
    return "".join(f"{address} {name}\n" for address, name in hosts)
