"""Labs that are too big to follow each packet: every pair that something differing may touch is unknown, and that is said in few rows.

Enters: the things of both sides and those that differ. Leaves: `Reach`es. Called by `radius.py`, before anything dear is made of a plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..changes import Reach
from .facts import Thing
from .gather import ANY

PAIRS = 30_000  # pairs of places that are looked at one by one
_BETWEEN = ("segment", "tunnel", "attachment")
_Pairs = Iterable[tuple[Thing | None, Thing | None]]


class Crowd:
    """What can be said of a lab without walking it."""

    def __init__(self, things: Iterable[list[Thing]], pairs: _Pairs) -> None:
        sides = list(things)
        inner = {thing.id for side in sides for thing in side if thing.kind == "node" and _passes_on(thing)}
        self._segments = sorted({thing.id for pair in pairs for thing in pair if thing and thing.kind in _BETWEEN})
        nodes = {_node(thing) for pair in pairs for thing in pair if thing and thing.kind not in _BETWEEN}
        self._inner = sorted(nodes & inner)
        self._ends = sorted(nodes - inner)
        self.routers = sum(len(t.spec.addresses) for t in sides[-1] if t.kind == "port" and t.spec.node in inner)

    @property
    def is_too_big(self) -> bool:
        """Whether something between ends differs, and already the new side's addresses of what passes packets on make more pairs than can be
        looked at: each of them is a place of its own."""
        return bool(self._segments or self._inner) and self.routers * self.routers > PAIRS

    def reaches(self, what: str) -> Iterator[Reach]:
        why = f"{what} are too many to follow each packet"
        for name in (*self._inner, *self._segments):
            yield Reach((ANY,), (ANY,), (ANY,), "unknown", "unknown", why, (name,))
        for name in self._ends:
            end = (name.partition("/")[2],)
            yield Reach(end, (ANY,), (ANY,), "unknown", "unknown", why)
            yield Reach((ANY,), end, (ANY,), "unknown", "unknown", why)


def _passes_on(thing: Thing) -> bool:
    return thing.spec.forward or thing.spec.bridge


def _node(thing: Thing) -> str:
    return thing.id if thing.kind == "node" else thing.spec.node
