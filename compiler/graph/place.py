"""Where everything stands on the paper, in pixels.

Enters: a picture. Leaves: a `Placed` with boxes, pills (bars) and lines. Called by the forms that draw by themselves.

A node is a box with its ports as rows. A segment is a pill between two rows of boxes, as wide as what hangs on it, and wires
drop on it straight. Hosts that hang on one segment only and are many stand in a stack below it with one wire along their
side. Widths of texts are estimated: the reader's fonts are not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from unicodedata import east_asian_width

from msgspec import Struct

from ..ir.lab import NodeId, SegmentId
from .layers import Layers, layers_of
from .picture import Box, Picture, Wire, counting

MOST_ROWS = 7
TITLE_HEIGHT = 36
ROW_HEIGHT = 15
PILL_HEIGHT = 22
_GAP = 26
_STACK_FROM = 2
_STACK_TALLEST = 6
_WIDE_ROW = 1500
_TRACK = 34
_MARGIN = 30
_LINK_GAP = 130
_SETTLING = 12


class Place(Struct):
    """A box on the paper: centre, top, size and the rows of text that fit."""

    box: Box
    rows: list[str]
    width: float
    height: float
    x: float = 0.0
    top: float = 0.0

    @property
    def left(self) -> float:
        return self.x - self.width / 2

    @property
    def bottom(self) -> float:
        return self.top + self.height


class Pill(Struct):
    """A segment on the paper."""

    id: SegmentId
    text: str
    left: float
    right: float
    y: float = 0.0


class Line(Struct, frozen=True):
    """A wire as corner points; `curve`: a bow from the first to the last around the middle one."""

    wire: Wire
    points: tuple[tuple[float, float], ...]
    curve: bool = False


class Placed(Struct):
    width: float
    height: float
    boxes: list[Place]
    pills: list[Pill]
    lines: list[Line]


class _Block(Struct):
    """What takes a place in a row: one box, or a stack of hosts on one segment."""

    members: list[Place]
    columns: int = 1
    stacked: bool = False
    x: float = 0.0

    @property
    def column_width(self) -> float:
        return max(member.width for member in self.members) + (14 if self.stacked else 0)

    @property
    def width(self) -> float:
        return self.columns * self.column_width + (self.columns - 1) * 10

    @property
    def height(self) -> float:
        per_column = -(-len(self.members) // self.columns)
        return per_column * max(member.height for member in self.members) + (per_column - 1) * 8


def text_width(text: str, size: float = 12) -> float:
    """An estimate for the fonts that browsers choose; wide characters count twice."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text) * size * 0.61


def place(picture: Picture) -> Placed:
    """Everything placed; the same picture gives the same places."""
    return _Placing(picture).placed()


def _rows_of(box: Box) -> list[str]:
    """All ports where they fit; of a big switch or spine those that carry most words, and how many more there are."""
    longest = max((len(row.port) for row in box.rows), default=0)
    rows = [f"{row.port:<{longest}}  {row.text}".rstrip() for row in box.rows]
    if len(rows) <= MOST_ROWS:
        return rows
    return [*rows[: MOST_ROWS - 1], f"… and {len(rows) - MOST_ROWS + 1} more ports"]


def _place_of(box: Box) -> Place:
    rows = _rows_of(box)
    widest = max([text_width(box.name, 14), text_width(box.kind, 10), *(text_width(row, 11) for row in rows)])
    height = TITLE_HEIGHT + len(rows) * ROW_HEIGHT + (7 if rows else 0)
    return Place(box, rows, max(widest + 24, 84), height)


class _Placing:
    """The steps of placing; each uses what the one before it left."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.layers: Layers = layers_of(picture)
        self.places = {name: _place_of(box) for name, box in picture.boxes.items()}
        self.taps: dict[str, list[Wire]] = {}
        for wire in picture.wires:
            self.taps.setdefault(wire.node, []).append(wire)
            self.taps.setdefault(wire.to, []).append(wire)
        self.rows = [self._blocks(row) for row in self.layers.rows]
        self.row_of = {node: index for index, row in enumerate(self.layers.rows) for node in row}
        self.block_of = {member.box.id: block for row in self.rows for block in row for member in block.members}
        self.pills: dict[SegmentId, Pill] = {}
        self.ends: dict[tuple[int, str], float] = {}
        self.numbers = {id(wire): number for number, wire in enumerate(picture.wires)}

    def placed(self) -> Placed:
        self._set_columns()
        self._set_members()
        self._set_ends()
        self._set_pills()
        self._set_heights()
        lines = [self._line(wire) for wire in self.picture.wires]
        return self._framed(lines)

    # --- rows ------------------------------------------------------------------------------------------------

    def _blocks(self, row: Sequence[NodeId]) -> list[_Block]:
        """Stacks for the hosts that are many on one segment, where the row would grow wide."""
        wide = sum(self.places[node].width + _GAP for node in row) > _WIDE_ROW
        hanging: dict[str, list[NodeId]] = {}
        for node in row:
            wires = self.taps.get(node, [])
            if len(wires) == 1 and not wires[0].is_link:
                hanging.setdefault(wires[0].to, []).append(node)
        blocks: list[_Block] = []
        stacked: set[NodeId] = set()
        for node in row:
            if node in stacked:
                continue
            wires = self.taps.get(node, [])
            mates = hanging.get(wires[0].to, []) if len(wires) == 1 else []
            if node in mates and len(mates) >= (_STACK_FROM if wide else 9):
                stacked.update(mates)
                members = [self.places[mate] for mate in sorted(mates, key=counting)]
                columns = max(1, -(-len(members) // max(_STACK_TALLEST, round((len(members) * 1.5) ** 0.5))))
                blocks.append(_Block(members, columns, stacked=True))
            else:
                blocks.append(_Block([self.places[node]]))
        return blocks

    def _set_columns(self) -> None:
        """Each block goes as near to its neighbours' mean as order and width allow, up and down in turn."""
        for row in self.rows:
            self._settle(row, [0.0] * len(row))
        for turn in range(_SETTLING):
            indexes = range(1, len(self.rows)) if turn % 2 == 0 else range(len(self.rows) - 2, -1, -1)
            step = -1 if turn % 2 == 0 else 1
            for index in indexes:
                row = self.rows[index]
                self._settle(row, [self._wish(block, index + step) for block in row])

    def _wish(self, block: _Block, row: int) -> float:
        places = []
        for member in block.members:
            for wire in self.taps.get(member.box.id, []):
                places += [
                    self.block_of[other].x for other in self._others(wire, member.box.id) if self.row_of[other] == row
                ]
        return sum(places) / len(places) if places else block.x

    def _others(self, wire: Wire, node: NodeId) -> list[NodeId]:
        if wire.is_link:
            return [NodeId(wire.to) if wire.node == node else wire.node]
        return [tap.node for tap in self.taps[wire.to] if tap.node != node]

    @staticmethod
    def _settle(row: Sequence[_Block], wishes: Sequence[float]) -> None:
        """Least squares under order and distance: isotonic regression by pooling neighbours that collide."""
        offsets = [0.0]
        for before, after in pairwise(row):
            offsets.append(offsets[-1] + (before.width + after.width) / 2 + _GAP)
        pools: list[tuple[float, int]] = []
        for wish, offset in zip(wishes, offsets, strict=False):
            mean, size = wish - offset, 1
            while pools and pools[-1][0] > mean:
                other, count = pools.pop()
                mean, size = (mean * size + other * count) / (size + count), size + count
            pools.append((mean, size))
        bases = [mean for mean, size in pools for _ in range(size)]
        for block, base, offset in zip(row, bases, offsets, strict=False):
            block.x = base + offset

    def _set_members(self) -> None:
        for row in self.rows:
            for block in row:
                left = block.x - block.width / 2
                for index, member in enumerate(block.members):
                    column = index % block.columns
                    right = left + column * (block.column_width + 10) + block.column_width
                    member.x = right - member.width / 2 if block.stacked else block.x

    # --- wires and pills -------------------------------------------------------------------------------------

    def _set_ends(self) -> None:
        """Where each wire leaves its box: spread along its upper and lower edge in the order of the other ends."""
        for name, place in self.places.items():
            if self.block_of[name].stacked:
                continue
            sides: dict[bool, list[Wire]] = {True: [], False: []}
            for wire in self.taps.get(name, []):
                sides[self._leaves_upwards(wire, name)].append(wire)
            for wires in sides.values():
                wires.sort(key=lambda wire: (self._aim(wire, name), counting(wire.port)))
                for index, wire in enumerate(wires):
                    share = (index + 1) / (len(wires) + 1)
                    self.ends[self.numbers[id(wire)], name] = place.left + place.width * share

    def _leaves_upwards(self, wire: Wire, node: NodeId) -> bool:
        if wire.is_link:
            return self.row_of[self._others(wire, node)[0]] < self.row_of[node]
        return self.layers.above[SegmentId(wire.to)] < self.row_of[node]

    def _aim(self, wire: Wire, node: NodeId) -> float:
        others = self._others(wire, node)
        return sum(self.places[other].x for other in others) / len(others) if others else self.places[node].x

    def _set_pills(self) -> None:
        for name, bar in self.picture.bars.items():
            text = "  ".join([bar.name, *bar.words])
            xs = [x for wire in self.taps.get(name, []) for x in self._drops(wire)] or [0.0]
            half = (text_width(text, 12) + 28) / 2
            middle = (min(xs) + max(xs)) / 2
            self.pills[name] = Pill(name, text, min(min(xs) - 12, middle - half), max(max(xs) + 12, middle + half))

    def _drops(self, wire: Wire) -> list[float]:
        """Where a wire meets its pill; that of a stack runs along the left side of its column."""
        block = self.block_of[wire.node]
        if not block.stacked:
            return [self.ends[self.numbers[id(wire)], wire.node]]
        return [self._trunk(self.places[wire.node])]

    def _trunk(self, place: Place) -> float:
        block = self.block_of[place.box.id]
        column = block.members.index(place) % block.columns
        return block.x - block.width / 2 + column * (block.column_width + 10) + 3

    # --- heights ---------------------------------------------------------------------------------------------

    def _set_heights(self) -> None:
        top = 0.0
        for index, row in enumerate(self.rows):
            for block in row:
                self._set_tops(block, top)
            top += max((block.height for block in row), default=0.0)
            top += self._set_tracks(index, top)

    @staticmethod
    def _set_tops(block: _Block, top: float) -> None:
        height = max(member.height for member in block.members)
        for index, member in enumerate(block.members):
            member.top = top + index // block.columns * (height + 8)

    def _set_tracks(self, row: int, top: float) -> float:
        """Pills below a row, in as few tracks as keep them apart. Gives the height that they and the links take."""
        pills = sorted(
            (self.pills[bar] for bar, above in self.layers.above.items() if above == row),
            key=lambda pill: (pill.left, pill.id),
        )
        tracks: list[float] = []
        for pill in pills:
            track = next((number for number, right in enumerate(tracks) if right + 6 < pill.left), len(tracks))
            tracks[track:] = [pill.right, *tracks[track + 1 :]]
            pill.y = top + 34 + track * _TRACK
        links = sum(wire.is_link and row in self._rows_of(wire) for wire in self.picture.wires)
        height = 34 + len(tracks) * _TRACK + 26 if tracks else 0.0
        return max(height, _LINK_GAP + min(links, 40) * 2 if links else 0.0)

    def _rows_of(self, wire: Wire) -> Iterable[int]:
        one, other = self.row_of[wire.node], self.row_of[NodeId(wire.to)]
        return (min(one, other),)

    # --- lines -----------------------------------------------------------------------------------------------

    def _line(self, wire: Wire) -> Line:
        if wire.is_link:
            return self._link(wire)
        place, pill = self.places[wire.node], self.pills[SegmentId(wire.to)]
        if self.block_of[wire.node].stacked:
            trunk = self._trunk(place)
            middle = place.top + TITLE_HEIGHT / 2
            return Line(wire, ((trunk, pill.y + PILL_HEIGHT), (trunk, middle), (place.left, middle)))
        x = self.ends[self.numbers[id(wire)], wire.node]
        if pill.y > place.top:
            return Line(wire, ((x, place.bottom), (x, pill.y)))
        return Line(wire, ((x, place.top), (x, pill.y + PILL_HEIGHT)))

    def _link(self, wire: Wire) -> Line:
        one, other = self.places[wire.node], self.places[NodeId(wire.to)]
        number = self.numbers[id(wire)]
        start, end = self.ends[number, wire.node], self.ends[number, wire.to]
        if one.top < other.top:
            return Line(wire, ((start, one.bottom), (end, other.top)))
        if one.top > other.top:
            return Line(wire, ((start, one.top), (end, other.bottom)))
        depth = max(one.bottom, other.bottom) + 50
        return Line(wire, ((start, one.bottom), ((start + end) / 2, depth), (end, other.bottom)), curve=True)

    def _framed(self, lines: list[Line]) -> Placed:
        """Everything moved so that the paper starts at 0, 0 with a margin around."""
        places, pills = list(self.places.values()), list(self.pills.values())
        left = min([place.left for place in places] + [pill.left for pill in pills] + [0.0] * (not places)) - _MARGIN
        right = max([place.x + place.width / 2 for place in places] + [pill.right for pill in pills] + [0.0]) + _MARGIN
        bottom = max([place.bottom for place in places] + [pill.y + PILL_HEIGHT for pill in pills] + [0.0]) + _MARGIN
        bottom = max([bottom, *(point[1] for line in lines for point in line.points)])
        for place in places:
            place.x -= left
            place.top += _MARGIN
        for pill in pills:
            pill.left, pill.right, pill.y = pill.left - left, pill.right - left, pill.y + _MARGIN
        moved = [Line(line.wire, tuple((x - left, y + _MARGIN) for x, y in line.points), line.curve) for line in lines]
        return Placed(right - left, bottom + _MARGIN, places, pills, moved)
