"""How high everything stands, and which way each wire goes.

Enters: a `Strata` with all x. Leaves: y of boxes and pills, and lines. Called by `place.py`.

Between two layers lies a channel. A segment's wire goes straight down or turns twice in it, on a track that it shares only
with wires of the same segment; a link goes aslant; a link of two nodes in one row goes around below them. Next to boxes a
channel begins with a stub, where all wires are upright, so that the names of ports have room beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from .ends import Ends, attach, slot
from .paper import PILL_HEIGHT, TITLE_HEIGHT, Line, Point
from .picture import Wire
from .strata import Item, Strand, Strata

STUB = 17
_SHORT = 8
_TRACK = 9
_FLAT_TRACK = 19
_LEAST = 40
_NARROW = 14
_STEEP, _SLANT = 50, 240  # heights of a channel of few and of many links


class Piece(Struct, eq=False):
    """A strand in one channel: from x to x, by way of a track where that is given."""

    strand: Strand
    upper: float
    lower: float
    track: int | None = None


class Channel(Struct, eq=False):
    """What runs between two layers. `stubs`: above and below."""

    pieces: list[Piece] = field(default_factory=list)
    flat: list[Piece] = field(default_factory=list)
    stubs: tuple[float, float] = (0.0, 0.0)
    tracks: int = 0
    flat_tracks: int = 0
    top: float = 0.0
    height: float = 0.0

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def y_of(self, track: int) -> float:
        return self.top + self.stubs[0] + self.flat_tracks * _FLAT_TRACK + _TRACK * (track + 0.5)

    def flat_y_of(self, track: int) -> float:
        return self.top + self.stubs[0] + _FLAT_TRACK * (track + 0.5)


def route(strata: Strata) -> list[Line]:
    """The lines; sets the heights of what they join."""
    return _Routing(strata).lines()


class _Routing:
    def __init__(self, strata: Strata) -> None:
        self.strata = strata
        self.ends = Ends(strata)
        self.layers = [layer for layer in strata.layers if layer]
        self.layer_of = {item: index for index, layer in enumerate(self.layers) for item in layer}
        self.channels = [Channel() for _ in self.layers]
        self.pieces: dict[Strand, list[Piece]] = {}
        self._fill()
        for index, channel in enumerate(self.channels):
            self._measure(channel, index)
        self._stack_up()

    def lines(self) -> list[Line]:
        lines = [line for strand in self.strata.strands for line in self._lines(strand)]
        return lines + [
            line for channel in self.channels for piece in channel.flat for line in self._around(channel, piece)
        ]

    # --- channels --------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        """Pieces, from the wires whose ends are given to those that look for a place on a pill."""
        for strand in self.strata.flat:
            piece = Piece(strand, self.ends.up[strand], self.ends.down[strand])
            self.channels[self.layer_of[strand.items[0]]].flat.append(piece)
        for strand in self.strata.strands:
            start = self.layer_of[strand.items[0]]
            self.pieces[strand] = []
            for step in range(len(strand.items) - 1):
                upper, lower = self._x(strand, step), self._x(strand, step + 1)
                piece = Piece(strand, upper, lower)
                self.pieces[strand].append(piece)
                self.channels[start + step].pieces.append(piece)
        for index, channel in enumerate(self.channels):
            taken = {slot(x): piece.strand.bar or "" for piece in channel.pieces for x in self._given(piece, index)}
            for piece in sorted(channel.pieces, key=lambda piece: (piece.upper, piece.lower)):
                self._set_on_pill(piece, index, taken)

    def _x(self, strand: Strand, step: int) -> float:
        item = strand.items[step]
        if item.block is None:
            return item.x
        return self.ends.up[strand] if step == 0 else self.ends.down[strand]

    def _beside(self, piece: Piece, index: int) -> tuple[Item, Item]:
        items = piece.strand.items
        step = index - self.layer_of[items[0]]
        return items[step], items[step + 1]

    def _given(self, piece: Piece, index: int) -> Iterable[float]:
        upper, lower = self._beside(piece, index)
        if not upper.pill:
            yield piece.upper
        if not lower.pill:
            yield piece.lower

    def _set_on_pill(self, piece: Piece, index: int, taken: dict[int, str]) -> None:
        upper, lower = self._beside(piece, index)
        if upper.pill:
            piece.upper = attach(upper, piece.lower, taken)
            taken[slot(piece.upper)] = upper.pill.id
        elif lower.pill:
            piece.lower = attach(lower, piece.upper, taken)
            taken[slot(piece.lower)] = lower.pill.id

    def _measure(self, channel: Channel, index: int) -> None:
        """Tracks and height of a channel."""
        rows = [_is_row(self.layers[number]) for number in (index, index + 1) if number < len(self.layers)]
        channel.stubs = (STUB if rows[0] else _SHORT, STUB if rows[-1] else _SHORT)
        channel.flat_tracks = _assign([[piece] for piece in channel.flat], room=24)
        turning: dict[str, list[Piece]] = {}
        for piece in channel.pieces:
            if piece.strand.bar and abs(piece.upper - piece.lower) > 1:
                turning.setdefault(piece.strand.bar, []).append(piece)
        channel.tracks = _assign(list(turning.values()), room=8)
        leaning = [abs(each.upper - each.lower) for each in channel.pieces if each.strand.bar is None]
        wide = [lean for lean in leaning if lean > _NARROW]
        zone = min(_STEEP + 9.0 * len(wide), _STEEP + max(wide) / 2, _SLANT) if wide else 0
        tracks = channel.flat_tracks * _FLAT_TRACK + channel.tracks * _TRACK
        if index + 1 == len(self.layers):
            channel.height = sum(channel.stubs[:1]) + tracks if tracks else 0
        else:
            channel.height = max(sum(channel.stubs) + tracks, zone, _LEAST if all(rows) else 0)

    def _stack_up(self) -> None:
        top = 0.0
        for layer, channel in zip(self.layers, self.channels, strict=True):
            for item in layer:
                if item.block:
                    item.block.set_members(top)
                elif item.pill:
                    item.pill.y = top
            channel.top = top + max(_height(item) for item in layer)
            top = channel.bottom

    # --- lines -----------------------------------------------------------------------------------------------

    def _lines(self, strand: Strand) -> Iterable[Line]:
        points: list[Point] = []
        start = self.layer_of[strand.items[0]]
        for step, piece in enumerate(self.pieces[strand]):
            channel = self.channels[start + step]
            points += [(piece.upper, channel.top), *_inside(channel, piece), (piece.lower, channel.bottom)]
        first, last = strand.items[0], strand.items[-1]
        dot = points[0] if first.pill else points[-1] if last.pill else None
        if not strand.wires:
            yield Line(None, strand.bar or "", _without_repeats(points), None)
        for wire in strand.wires:
            one = _to_box(first, wire, strand.node_up, points[0])
            other = _to_box(last, wire, strand.node_down, points[-1])
            yield Line(wire, wire.to, _without_repeats([*reversed(one), *points, *other]), dot)

    def _around(self, channel: Channel, piece: Piece) -> Iterable[Line]:
        y = channel.flat_y_of(piece.track or 0)
        strand = piece.strand
        turns = (piece.upper, y), (piece.lower, y)
        for wire in strand.wires:
            one = _to_box(strand.items[0], wire, strand.node_up, turns[0])
            other = _to_box(strand.items[1], wire, strand.node_down, turns[1])
            yield Line(wire, wire.to, _without_repeats([*reversed(one), *turns, *other]), None)


def _is_row(layer: Sequence[Item]) -> bool:
    return any(item.block for item in layer)


def _height(item: Item) -> float:
    return item.block.height if item.block else PILL_HEIGHT if item.pill else 0.0


def _assign(nets: Sequence[Sequence[Piece]], room: float) -> int:
    """Nets onto as few tracks as keep them apart. Gives the number of tracks."""
    ends: list[float] = []
    spans = [
        (min(min(each.upper, each.lower) for each in net), max(max(each.upper, each.lower) for each in net))
        for net in nets
    ]
    for index in sorted(range(len(nets)), key=lambda index: (spans[index], index)):
        left, right = spans[index]
        track = next((number for number, end in enumerate(ends) if end + room < left), len(ends))
        ends[track:] = [right, *ends[track + 1 :]]
        for piece in nets[index]:
            piece.track = track
    return len(ends)


def _inside(channel: Channel, piece: Piece) -> list[Point]:
    if piece.strand.bar is None:
        above, below = channel.stubs
        return [(piece.upper, channel.top + above), (piece.lower, channel.bottom - below)]
    if piece.track is None:
        return []
    y = channel.y_of(piece.track)
    return [(piece.upper, y), (piece.lower, y)]


def _to_box(item: Item, wire: Wire, node: str, entry: Point) -> list[Point]:
    """The rest of the way from a channel to a box: to its edge, or along a stack's lane and in from the left."""
    if item.block is None:
        return []
    x, y = entry
    if not item.block.lanes:
        place = next(member for member in item.block.members if member.box.id == node)
        return [(x, place.bottom if y > place.top else place.top)]
    place = next(member for member in item.block.members if member.box.id in {wire.node, wire.to})
    middle = place.top + min(TITLE_HEIGHT, place.height) / 2
    return [(x, middle), (place.left, middle)]


def _without_repeats(points: Sequence[Point]) -> tuple[Point, ...]:
    """Without points that lie on the straight way between their neighbours."""
    kept: list[Point] = []
    for point in points:
        if kept and abs(point[0] - kept[-1][0]) < 0.05 and abs(point[1] - kept[-1][1]) < 0.05:
            continue
        if len(kept) > 1 and kept[-2][0] == kept[-1][0] == point[0]:
            kept.pop()
        kept.append(point)
    return tuple(kept)
