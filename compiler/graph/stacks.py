"""Which hosts stand together in one stack, and how a stack looks.

Enters: a picture and its rows. Leaves: rows of blocks. Called by `place.py`, several times with different heights of stacks.

Hosts that hang on the same segments, or by one link on the same switch, look alike and are many. They stand in columns with
wires along their left sides, one lane a segment; in a big lab each is one line of text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from ..ir.lab import NodeId
from .paper import Place
from .picture import Picture, Wire, counting
from .sizes import compact_box, full_box

_ALWAYS_FROM = 9  # as many alike stand in a stack even where the row has room
_MOST_LANES = 3
_LANE = 6
_COLUMN_GAP = 12
COMPACT_FROM = 40  # nodes in a lab


class Block(Struct, eq=False):
    """What takes a place in a row: one box, or a stack of hosts. `lanes`: what the hosts hang on, a wire each."""

    members: list[Place]
    columns: int = 1
    lanes: tuple[str, ...] = ()
    x: float = 0.0

    @property
    def per_column(self) -> int:
        return -(-len(self.members) // self.columns)

    @property
    def column_width(self) -> float:
        return max(member.width for member in self.members) + _LANE * len(self.lanes) + (6 if self.lanes else 0)

    @property
    def width(self) -> float:
        return self.columns * self.column_width + (self.columns - 1) * _COLUMN_GAP

    @property
    def height(self) -> float:
        return self.per_column * self._pitch - self._gap

    @property
    def _gap(self) -> float:
        return 4 if self.members[0].compact else 8

    @property
    def _pitch(self) -> float:
        return max(member.height for member in self.members) + self._gap

    def trunk(self, column: int, lane: str) -> float:
        """Where the wire of a lane runs along a column."""
        left = self.x - self.width / 2 + column * (self.column_width + _COLUMN_GAP)
        return left + 3 + _LANE * self.lanes.index(lane)

    def column_of(self, node: str) -> int:
        return next(index for index, member in enumerate(self.members) if member.box.id == node) // self.per_column

    def set_members(self, top: float) -> None:
        """Column by column; in a stack all are as wide as the widest."""
        left = self.x - self.width / 2
        widest = max(member.width for member in self.members)
        for index, member in enumerate(self.members):
            column, line = divmod(index, self.per_column)
            right = left + column * (self.column_width + _COLUMN_GAP) + self.column_width
            member.width = widest
            member.x = right - widest / 2 if self.lanes else self.x
            member.top = top + line * self._pitch


class Stacker:
    """Makes blocks of rows; what it knows of a picture is found once."""

    def __init__(self, picture: Picture, rows: Sequence[Sequence[NodeId]]) -> None:
        self.rows = rows
        row_of = {node: index for index, row in enumerate(rows) for node in row}
        wires: dict[str, list[Wire]] = {}
        for wire in picture.wires:
            wires.setdefault(wire.node, []).append(wire)
            if wire.is_link:
                wires.setdefault(wire.to, []).append(wire)
        self.lanes = {node: _lanes(node, wires.get(node, []), row_of) for node in row_of}
        self.boxes = {name: full_box(box) for name, box in picture.boxes.items()}
        big = len(picture.boxes) > COMPACT_FROM
        self.lines = {name: compact_box(picture.boxes[name]) for name, lanes in self.lanes.items() if lanes and big}

    def blocks(self, tallest: int, smallest: int) -> list[list[Block]]:
        """Stacks of at most `tallest` hosts a column; `smallest`: as many alike are worth one."""
        return [self._row(row, tallest, smallest) for row in self.rows]

    def _row(self, row: Sequence[NodeId], tallest: int, smallest: int) -> list[Block]:
        alike = Counter(self.lanes[node] for node in row)
        stacked = {lanes for lanes, count in alike.items() if lanes and count >= min(smallest, _ALWAYS_FROM)}
        found: dict[tuple[str, ...], list[Place]] = {}
        blocks: list[Block] = []
        for node in row:
            lanes = self.lanes[node]
            if lanes not in stacked:
                blocks.append(Block([self.boxes[node]]))
            elif lanes in found:
                found[lanes].append(self.lines.get(node) or self.boxes[node])
            else:
                found[lanes] = [self.lines.get(node) or self.boxes[node]]
                blocks.append(Block(found[lanes], lanes=lanes))
        for block in blocks:
            if block.lanes:
                block.members.sort(key=lambda member: counting(member.box.name))
                block.columns = -(-len(block.members) // tallest)
        return blocks


def _lanes(node: NodeId, wires: Sequence[Wire], row_of: Mapping[NodeId, int]) -> tuple[str, ...]:
    """What a host hangs on: segments, or one node above it; nothing where it is more than a host."""
    if any(wire.is_link for wire in wires):
        others = [wire.to if wire.node == node else wire.node for wire in wires]
        above = len(others) == 1 and row_of[NodeId(others[0])] < row_of[node]
        return tuple(others) if above else ()
    lanes = sorted({wire.to for wire in wires})
    return tuple(lanes) if len(lanes) == len(wires) <= _MOST_LANES else ()
