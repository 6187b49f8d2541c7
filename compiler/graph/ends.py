"""Where on their boxes and pills the wires end, and how far the pills reach.

Enters: a `Strata` whose items have their places from left to right. Leaves: an x for both ends of every strand, and pills
with both sides. Called by `routes.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .strata import Item, Strand, Strata

_MARGIN = 12  # between a wire and the end of its pill
_APART = 6


class Ends:
    """`up[strand]`, `down[strand]`: x of the end at the strand's first and last item, where that is a box."""

    def __init__(self, strata: Strata) -> None:
        self.up: dict[Strand, float] = {}
        self.down: dict[Strand, float] = {}
        self._on_boxes(strata)
        for layer in strata.layers:
            _stretch(layer, self._drops(strata, layer))

    def _on_boxes(self, strata: Strata) -> None:
        """Spread along the upper and lower edge, in the order of what they lead to; along a stack, in its lanes."""
        below: dict[Item, list[tuple[float, str, Strand, bool]]] = {}
        above: dict[Item, list[tuple[float, str, Strand, bool]]] = {}
        for strand in strata.strands:
            first, last = strand.items[0], strand.items[-1]
            self._note(below, first, strand.items[1], strand, upper=True)
            self._note(above, last, strand.items[-2], strand, upper=False)
        for strand in strata.flat:
            first, last = strand.items
            self._note(below, first, last, strand, upper=True)
            self._note(below, last, first, strand, upper=False)
        for side in (below, above):
            for item, ends in side.items():
                ends.sort(key=lambda end: end[:2])
                for index, (_, _, strand, upper) in enumerate(ends):
                    x = item.x - item.width / 2 + item.width * (index + 1) / (len(ends) + 1)
                    (self.up if upper else self.down)[strand] = x

    def _note(
        self,
        side: dict[Item, list[tuple[float, str, Strand, bool]]],
        item: Item,
        towards: Item,
        strand: Strand,
        *,
        upper: bool,
    ) -> None:
        block = item.block
        if block is None:
            return
        if not block.lanes:
            name = strand.wires[0].port if strand.wires else ""
            side.setdefault(item, []).append((towards.x, name, strand, upper))
            return
        node = strand.node_up if upper else strand.node_down
        lane = strand.bar or (strand.node_down if upper else strand.node_up)
        (self.up if upper else self.down)[strand] = block.trunk(block.column_of(node), lane)

    def _drops(self, strata: Strata, layer: Sequence[Item]) -> dict[Item, list[float]]:
        """Where the wires of each pill come from, by which it stretches."""
        drops: dict[Item, list[float]] = {item: [] for item in layer if item.pill}
        if not drops:
            return drops
        for strand in strata.strands:
            for item, near, ends in (
                (strand.items[0], strand.items[1], self.down),
                (strand.items[-1], strand.items[-2], self.up),
            ):
                if item in drops:
                    drops[item].append(ends[strand] if near.block else near.x)
        return drops


def _stretch(layer: Sequence[Item], drops: dict[Item, list[float]]) -> None:
    """Each pill reaches over its wires' ends as far as its neighbours leave room; two that want the same room halve it."""
    reach = [_wish(item, drops.get(item, [])) for item in layer]
    for index, (one, other) in enumerate(pairwise(layer)):
        (left, right), (low, high) = reach[index], reach[index + 1]
        if right + _APART > low:
            own, others = one.x + one.width / 2 + _APART / 2, other.x - other.width / 2 - _APART / 2
            middle = min(max((right + low) / 2, own), others)
            reach[index], reach[index + 1] = (left, middle - _APART / 2), (middle + _APART / 2, high)
    for item, (left, right) in zip(layer, reach, strict=True):
        if item.pill:
            item.pill.left, item.pill.right = left, right


def _wish(item: Item, drops: Sequence[float]) -> tuple[float, float]:
    half = item.width / 2
    if not item.pill or not drops:
        return item.x - half, item.x + half
    return min(item.x - half, min(drops) - _MARGIN), max(item.x + half, max(drops) + _MARGIN)


def attach(item: Item, x: float, taken: dict[int, str]) -> float:
    """Where on its pill a wire from `x` ends: straight over it where the pill reaches so far and no foreign wire is."""
    assert item.pill is not None
    low, high = item.pill.left + _MARGIN - 1, item.pill.right - _MARGIN + 1
    wanted = min(max(x, low), high)
    step = _APART if wanted <= low else -_APART if wanted >= high else 0
    while step and taken.get(slot(wanted), item.pill.id) != item.pill.id and low <= wanted + step <= high:
        wanted += step
    return wanted


def slot(x: float) -> int:
    """Wires in one slot would be taken for one."""
    return round(x / 5)
