"""The engine on one page: a plan and an instance's name → a running lab, and back.

    up      observe → decide → ask → act → record, until nothing is left to do
    down    take the instance away
    status  observe → decide, and tell

Called by the command line and by whoever imports labc. It knows no terminal: a listener gets events (events.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from ..compiler.plan.model import Plan, decode, encode
from .act import act
from .backend import Backend, connect
from .decide import Action, Observed, Wanted, decide
from .errors import Lacking, NotYet
from .events import Acted, Began, Decided, Ended, Event, Listener, Looked, nobody
from .instance import Instance, Traces, forget, writer
from .instance import instance as instance_of
from .journal import Entry, Journal
from .telling import Telling

DONE, CHANGES, STOPPED = 0, 1, 4
DEFAULT_BACKEND = "netns"
Agree = Callable[[Sequence[Action]], None]
_ROUNDS = 3  # a change may take others with it, as an address takes its routes: look again, and again at most


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a verb ended. `actions` are those decided, `failed` id → why, `waiting` id → what is not ready."""

    status: int
    instance: str
    lab: str
    actions: tuple[Action, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    waiting: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def changed(self) -> bool:
        return bool(self.actions)


@dataclass(frozen=True, slots=True)
class Status:
    """What runs; a plan without resources runs when it was applied. `drift` is what `up` would do; `plan` is None when the journal
    was lost; `leased` port → its address by DHCP; `untold`: why nothing is known of drift, such as a secret that is not there."""

    instance: str
    lab: str
    running: bool
    found: Mapping[str, int]
    drift: tuple[Action, ...]
    plan: Plan | None
    leased: Mapping[str, str] = field(default_factory=dict)
    untold: str = ""


def _agreed(actions: Sequence[Action]) -> None:
    """Whoever calls from a program has made up his mind."""


def up(
    plan: Plan, instance: str, *, dry_run: bool = False, agree: Agree = _agreed, listener: Listener = nobody
) -> Outcome:
    """Make the plan so. A second call does nothing; one after a kill continues.

    Where something that runs would be replaced or removed, `agree` hears all that would be done before anything is; what it raises
    stops it all.
    """
    of = instance_of(instance)
    _runs_here(plan)
    if dry_run:
        return _dry_run(plan, of, listener)
    began = time.monotonic()
    listener(Began("up", of.name, plan.lab))
    traces = Traces(of)
    with writer(of, "up") as lock, traces, _backends(plan, of, lock) as backends, Journal(of.state) as journal:
        work = _Work(plan, backends, journal, listener)
        first = work.decided()
        actions = [action for ours in first.values() for action in ours]
        if any(action.loses for action in actions):
            agree(actions)
        traces.keep()
        journal.begin("up", plan.digest)
        outcome = work.settle(of.name, first)
        journal.end(outcome.status)
    seconds = time.monotonic() - began
    listener(Ended("up", outcome.status, seconds))
    return Outcome(outcome.status, of.name, plan.lab, outcome.actions, outcome.failed, outcome.waiting, seconds)


def _runs_here(plan: Plan) -> None:
    """Whether all of a plan is for this machine. A host that says nothing of how it is reached is this one, when it is alone."""
    away = sorted(name for name, reach in plan.reach.items() if reach != "local")
    if len(plan.hosts) > 1 or away:
        hosts = ", ".join(away or plan.hosts)
        raise NotYet(
            f"the plan is for other hosts: {hosts}; this labc runs a lab on the machine where it is called",
            'build it for one host that says `reach = "local"`, or without a site',
        )


def down(instance: str, *, listener: Listener = nobody) -> Outcome:
    """Take the instance away, its folders included. Nothing to do is well done."""
    of = instance_of(instance)
    began = time.monotonic()
    listener(Began("down", of.name, ""))
    with writer(of, "down") as lock:
        names = _backends_of(_applied_if_readable(of))
        gone = [_destroyed(name, of, lock) for name in names]
        actions = tuple(Action("delete", f"instance/{of.name}", "instance", ()) for each in gone[:1] if any(gone))
        forget(of)
    seconds = time.monotonic() - began
    listener(Ended("down", DONE, seconds))
    return Outcome(DONE, of.name, "", actions, seconds=seconds)


def status(instance: str) -> Status:
    """What is there and what has drifted from the plan that was applied last."""
    of = instance_of(instance)
    plan = _applied(of)
    with ExitStack() as stack:
        names = _backends_of(plan)
        backends = {name: stack.enter_context(_closing(connect(name, of, "", None))) for name in names}
        found: dict[str, Observed] = {}
        drift: list[Action] = []
        untold = ""
        for name, backend in backends.items():
            try:
                wanted = backend.want([r for r in plan.resources if r.backend == name]) if plan else []
            except Lacking as lacking:  # what is there can be seen all the same
                wanted, untold = [], lacking.message
            there = backend.observe(wanted)
            found.update(there)
            if plan and not untold:
                drift += Telling(lambda: plan, plan).tell(decide(wanted, there, backend.replaces), backend)
    leased = {each.id: each.fields["leased"] for each in found.values() if each.fields.get("leased")}
    running = bool(found) or (plan is not None and not plan.resources)
    return Status(of.name, plan.lab if plan else "", running, _counted(found), tuple(drift), plan, leased, untold)


def running(instance: str) -> Plan | None:
    """The plan that was applied last, for `diff --live`, `test` and whoever else compares."""
    return _applied(instance_of(instance))


def last_up(instance: str) -> int | None:
    """How the last `up` ended: its status; None when it has not, 0 when nothing is known of any."""
    of = instance_of(instance)
    if not (of.state / "journal.sqlite").exists():
        return DONE
    with Journal(of.state) as journal:
        return next((run.status for run in reversed(journal.runs()) if run.verb == "up"), DONE)


def applied_digest(instance: str) -> str | None:
    """The digest of the plan that was applied last."""
    of = instance_of(instance)
    if not (of.state / "journal.sqlite").exists():
        return None
    with Journal(of.state) as journal:
        return journal.digest()


class _Work:
    """One `up`: the same plan, looked at and worked on until it stands."""

    __slots__ = ("_backends", "_journal", "_listener", "_plan", "_telling", "_wanted", "failed")

    def __init__(self, plan: Plan, backends: Mapping[str, Backend], journal: Journal, listener: Listener) -> None:
        self._plan = plan
        self._backends = backends
        self._journal = journal
        self._listener = listener
        self._wanted = _wanted(plan, backends)
        before = journal.plan(unlike=plan.digest)  # now: the journal's is ours as soon as we begin
        self._telling = Telling(lambda: decode(before) if before else plan, plan)
        self.failed: dict[str, str] = {}

    def decided(self) -> dict[str, list[Action]]:
        return _decided(self._wanted, self._backends, self._telling, self._listener)

    def settle(self, instance: str, first: dict[str, list[Action]]) -> Outcome:
        done: list[Action] = []
        self._journal.apply(self._plan.digest, lambda: encode(self._plan))
        for turn in range(_ROUNDS):
            actions = self.decided() if turn else first
            flat = [action for ours in actions.values() for action in ours]
            if not flat:
                break
            self._listener(Decided(tuple(flat)))
            done += flat
            if not act(actions, self._backends, self._report) or all(a.verb == "create" for a in flat):
                break
        waiting = {} if self.failed else self._wait()
        return Outcome(STOPPED if self.failed or waiting else DONE, instance, "", tuple(done), self.failed, waiting)

    def _wait(self) -> dict[str, str]:
        return {
            id: why for name, backend in self._backends.items() for id, why in backend.wait(self._wanted[name]).items()
        }

    def _report(self, ended: Sequence[Acted]) -> None:
        self._journal.record(Entry(each.action, each.error) for each in ended)
        self.failed.update((each.action.id, each.error) for each in ended if each.error)
        for each in ended:
            self._listener(each)


def _dry_run(plan: Plan, of: Instance, listener: Listener) -> Outcome:
    began = time.monotonic()
    with _backends(plan, of, None) as backends:
        telling = Telling(lambda: _applied(of), plan)
        actions = _decided(_wanted(plan, backends), backends, telling, listener)
    flat = tuple(action for ours in actions.values() for action in ours)
    listener(Decided(flat))
    return Outcome(CHANGES if flat else DONE, of.name, plan.lab, flat, seconds=time.monotonic() - began)


def _wanted(plan: Plan, backends: Mapping[str, Backend]) -> dict[str, list[Wanted]]:
    """All backends are asked before anything is made, so that a construct that one cannot make stops it all."""
    return {name: backend.want([r for r in plan.resources if r.backend == name]) for name, backend in backends.items()}


def _decided(
    wanted: Mapping[str, Sequence[Wanted]], backends: Mapping[str, Backend], telling: Telling, listener: Listener
) -> dict[str, list[Action]]:
    began = time.monotonic()
    observed = {name: backend.observe(wanted[name]) for name, backend in backends.items()}
    listener(Looked(sum(map(len, observed.values())), time.monotonic() - began))
    return {
        name: telling.tell(decide(wanted[name], observed[name], backend.replaces), backend)
        for name, backend in backends.items()
    }


@contextmanager
def _backends(plan: Plan, of: Instance, lock: int | None) -> Iterator[dict[str, Backend]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(_closing(connect(name, of, plan.lab, lock))) for name in _backends_of(plan)}


@contextmanager
def _closing(backend: Backend) -> Iterator[Backend]:
    try:
        yield backend
    finally:
        backend.close()


def _backends_of(plan: Plan | None) -> list[str]:
    found = sorted({resource.backend for resource in plan.resources}) if plan else []
    return found or [DEFAULT_BACKEND]


def _destroyed(name: str, of: Instance, lock: int) -> bool:
    with _closing(connect(name, of, "", lock)) as backend:
        return backend.destroy()


def _applied(of: Instance) -> Plan | None:
    if not (of.state / "journal.sqlite").exists():
        return None
    with Journal(of.state) as journal:
        document = journal.plan()
    return decode(document) if document else None


def _applied_if_readable(of: Instance) -> Plan | None:
    """A full disk, or a journal that was spoilt, keeps no lab running."""
    try:
        return _applied(of)
    except Lacking:
        return None


def _counted(found: Mapping[str, Observed]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for each in found.values():
        counts[each.kind] = counts.get(each.kind, 0) + 1
    return counts


__all__ = ["Event", "Outcome", "Status", "down", "last_up", "running", "status", "up"]
