"""The drawing as layers, rows of boxes and rows of pills in turn, with strands that go from each layer to the next.

Enters: a picture, rows of blocks. Leaves: a `Strata`. Called by `place.py`; `order.py`, `columns.py` and `routes.py` work on it.

This is Sugiyama's form of a layered drawing, in which a wire that passes a layer has a place of its own there (an item
without block and pill). So no wire has to run under a box or a pill: whatever keeps items apart keeps wires out of them.
Where a segment's pills stand is decided here as well: between the rows where most of its nodes are, and once more where
at least `_WORTH` others are far from that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from msgspec import Struct, field

from ..ir.lab import SegmentId
from .paper import Pill
from .picture import Picture, Wire
from .sizes import pill_width
from .stacks import Block

_PASS_WIDTH = 6
_WORTH = 3


class Item(Struct, eq=False):
    """What takes a place in a layer. `rank`: where it would like to stand if its neighbours say nothing, 0 to 1."""

    name: str
    width: float
    rank: float
    block: Block | None = None
    pill: Pill | None = None
    x: float = 0.0
    up: list[Item] = field(default_factory=list)
    down: list[Item] = field(default_factory=list)

    @property
    def passes(self) -> bool:
        return self.block is None and self.pill is None


class Strand(Struct, eq=False):
    """Wires that run together from the upper to the lower end of `items`, a layer each step; none between two pills of `bar`.

    `node_up`, `node_down`: the node at that end, or the first of a stack's column.
    A link of two nodes in one row has both items in the same layer.
    """

    wires: list[Wire]
    items: list[Item]
    bar: SegmentId | None = None
    node_up: str = ""
    node_down: str = ""


class Strata(Struct):
    """`layers[2 * row + 1]` are boxes, the others pills; layers without pills are empty."""

    layers: list[list[Item]]
    strands: list[Strand]
    flat: list[Strand]  # links within one row


def strata_of(picture: Picture, rows: Sequence[Sequence[Block]], above: Mapping[SegmentId, int]) -> Strata:
    """Layers in the order of the rows; pills and passing wires behind, until `order.py` sorts them."""
    return _Weaving(picture, rows, above).strata


class _Weaving:
    def __init__(self, picture: Picture, rows: Sequence[Sequence[Block]], above: Mapping[SegmentId, int]) -> None:
        self.picture = picture
        self.strata = Strata([[] for _ in range(2 * len(rows) + 1)], [], [])
        self.row_of: dict[str, int] = {}
        self.item_of: dict[str, Item] = {}
        self.taps: dict[SegmentId, list[Wire]] = {bar: [] for bar in picture.bars}
        for index, row in enumerate(rows):
            for number, block in enumerate(row):
                self._add_block(block, index, (number + 0.5) / len(row))
        for wire in picture.wires:
            if not wire.is_link:
                self.taps[SegmentId(wire.to)].append(wire)
        self.pills = {bar: self._pills(bar, above[bar]) for bar in picture.bars}
        self.busy = [bool(layer) for layer in self.strata.layers]
        for bar in picture.bars:
            self._join(bar)
        self._link()
        for strand in self.strata.strands:
            for upper, lower in pairwise(strand.items):
                upper.down.append(lower)
                lower.up.append(upper)

    def _add_block(self, block: Block, row: int, rank: float) -> None:
        item = Item(block.members[0].box.id, block.width, rank, block)
        self.strata.layers[2 * row + 1].append(item)
        for member in block.members:
            self.item_of[member.box.id] = item
            self.row_of[member.box.id] = row

    # --- segments --------------------------------------------------------------------------------------------

    def _pills(self, bar: SegmentId, above: int) -> dict[int, Item]:
        """The pills of a segment by the gap that they stand in; gap 0 is over row 0."""
        rows = Counter(self.row_of[wire.node] for wire in self.taps[bar])
        chosen: list[int] = []
        while rows or not chosen:
            gap, count = self._best_gap(rows, min(above + 1, len(self.strata.layers) // 2))
            if chosen and count < _WORTH:
                break
            chosen.append(gap)
            rows = Counter({row: count for row, count in rows.items() if row not in {gap - 1, gap}})
        return {gap: self._add_pill(bar, gap) for gap in sorted(chosen)}

    @staticmethod
    def _best_gap(rows: Mapping[int, int], wanted: int) -> tuple[int, int]:
        """Where most nodes are in the rows beside; where the rows of an unfolded paper would have it, if that is as good."""
        gaps = sorted({gap for row in rows for gap in (row, row + 1)}, key=lambda gap: (abs(gap - wanted), gap))
        reach = {gap: rows.get(gap - 1, 0) + rows.get(gap, 0) for gap in gaps}
        best = max(gaps, key=lambda gap: reach[gap], default=wanted)
        return best, reach.get(best, 0)

    def _add_pill(self, bar: SegmentId, gap: int) -> Item:
        words = self.picture.bars[bar]
        width = pill_width(words.name, words.words, len(words.zones))
        members = [self.item_of[wire.node].rank for wire in self.taps[bar]]
        rank = sum(members) / len(members) if members else 0.5
        item = Item(bar, width, rank, pill=Pill(bar, 0.0, 0.0))
        self.strata.layers[2 * gap].append(item)
        return item

    def _join(self, bar: SegmentId) -> None:
        pills = self.pills[bar]
        for upper, lower in pairwise(pills):
            self._add_strand([], pills[upper], 2 * upper, pills[lower], 2 * lower, bar)
        columns: dict[tuple[Item, int], list[Wire]] = {}
        for wire in self.taps[bar]:
            item = self.item_of[wire.node]
            assert item.block is not None
            single = not item.block.lanes
            column = len(columns) if single else item.block.column_of(wire.node)
            columns.setdefault((item, column), []).append(wire)
        for (item, _), wires in columns.items():
            row = 2 * self.row_of[wires[0].node] + 1
            gap = min(pills, key=lambda gap: (abs(2 * gap - row), gap))
            if 2 * gap < row:
                self._add_strand(wires, pills[gap], 2 * gap, item, row, bar)
            else:
                self._add_strand(wires, item, row, pills[gap], 2 * gap, bar)

    # --- links -----------------------------------------------------------------------------------------------

    def _link(self) -> None:
        columns: dict[tuple[str, Item, int], list[Wire]] = {}
        for number, wire in enumerate(self.picture.wires):
            if not wire.is_link:
                continue
            one, other = sorted((str(wire.node), wire.to), key=self.row_of.__getitem__)
            item = self.item_of[other]
            assert item.block is not None
            column = item.block.column_of(other) if item.block.lanes else -1 - number
            columns.setdefault((one, item, column), []).append(wire)
        for (one, item, _), wires in columns.items():
            upper, lower = self.item_of[one], item
            high = 2 * self.row_of[one] + 1
            other = wires[0].to if wires[0].node == one else wires[0].node
            low = 2 * self.row_of[other] + 1
            if high == low:
                self.strata.flat.append(Strand(wires, [upper, lower], None, one, other))
            else:
                self._add_strand(wires, upper, high, lower, low, None, (one, other))

    def _add_strand(
        self,
        wires: list[Wire],
        upper: Item,
        high: int,
        lower: Item,
        low: int,
        bar: SegmentId | None,
        nodes: tuple[str, str] | None = None,
    ) -> None:
        rank = (lower if lower.block else upper).rank
        items = [upper]
        for layer in range(high + 1, low):
            if layer % 2 or self.busy[layer]:
                passing = Item(lower.name, _PASS_WIDTH, rank)
                self.strata.layers[layer].append(passing)
                items.append(passing)
        items.append(lower)
        node = wires[0].node if wires else ""
        up, down = nodes or (node if upper.block else "", node if lower.block else "")
        self.strata.strands.append(Strand(wires, items, bar, up, down))
