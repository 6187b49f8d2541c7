"""Which wires go over which lanes while a binding is searched for: taken, given back, asked whether a way is free.

Enters: choices, one at a time. Leaves: whether the next one can go its way. Used by `search.py`.
"""

from __future__ import annotations

from collections import Counter
from typing import TypeVar

from .fabric import Key, Lane, Way

Use = tuple[int, Key]
Counted = TypeVar("Counted")


class Traffic:
    """`carried`: for the cables of each lane the wires and ends that use it, with how many ports each. `keys`: how each wire is carried."""

    def __init__(self, lanes: list[Lane]) -> None:
        self.lanes = lanes
        self.carried: dict[int, Counter[Use]] = {}
        self.turns: dict[tuple[int, Use], Counter[int]] = {}
        self.keys: dict[int, Counter[Key]] = {}

    def free(self, wire: int, way: Way) -> bool:
        """All ports of a wire go by one key; those that meet on the way to one end go on together; a single cable carries one use."""
        if any(key != way.key for key in self.keys.get(wire, ())):
            return False
        use = wire, way.end
        return all(self._open(lane, use) for lane in way.lanes)

    def _open(self, index: int, use: Use) -> bool:
        lane, uses = self.lanes[index], self.carried.get(self.lanes[index].cables, Counter())
        if any(turn != index for turn in self.turns.get((lane.start, use), ())):
            return False
        return not lane.single or use in uses or len(uses) < len(lane.members)

    def count(self, wire: int, way: Way, times: int) -> None:
        """One port more that goes this way, or with `times` -1 one less."""
        use = wire, way.end
        _add(self.keys.setdefault(wire, Counter()), way.key, times)
        for index in way.lanes:
            _add(self.carried.setdefault(self.lanes[index].cables, Counter()), use, times)
            _add(self.turns.setdefault((self.lanes[index].start, use), Counter()), index, times)


def _add(counter: Counter[Counted], key: Counted, times: int) -> None:
    counter[key] += times
    if not counter[key]:
        del counter[key]
