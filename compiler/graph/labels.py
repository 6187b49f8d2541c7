"""Where the words on wires stand: a port's name beside its end, a link's prefix at its middle.

Enters: boxes, pills and lines with their places. Leaves: labels that touch neither each other nor any box or pill. Called by
`place.py`. A label that finds no such place is left out.

Addresses stand in the boxes, in full, with the name of their port; the same name at the wire's end tells which is which.
That is why a link gets a prefix only where no box says it. Prefixes on all links with only `.0` and `.1` in the boxes were
tried: a spine's box then says `.1` eight times, and from six leaves on the labels find no room beside other wires.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from .paper import LABEL_HEIGHT, Label, Line, Pill, Place, Point, Rectangle, overlap
from .sizes import PORT_SIZE, text_width

_STEPS = (0.5, *(0.5 + sign * step / 60 for step in range(1, 27) for sign in (-1, 1)))
_AIR = 3
_CELL = 80
_MOST_NAMED = 250  # wires; among more, names lead nobody's eye


class Taken:
    """Rectangles by the squares that they lie in, so that asking is cheap."""

    def __init__(self) -> None:
        self.squares: dict[tuple[int, int], list[Rectangle]] = {}

    def add(self, rectangle: Rectangle) -> None:
        for square in _squares(rectangle):
            self.squares.setdefault(square, []).append(rectangle)

    def meets(self, rectangle: Rectangle) -> bool:
        return any(
            overlap(rectangle, other) for square in _squares(rectangle) for other in self.squares.get(square, ())
        )


def labels_of(lines: Sequence[Line], boxes: Sequence[Place], pills: Sequence[Pill]) -> list[Label]:
    """All labels that find a free place."""
    taken = Taken()
    for rectangle in (*(box.rectangle for box in boxes), *(pill.rectangle for pill in pills)):
        taken.add(rectangle)
    if len(lines) > _MOST_NAMED:
        return []
    return [*_link_labels(lines, taken), *_port_labels(lines, boxes, taken)]


def _link_labels(lines: Sequence[Line], taken: Taken) -> list[Label]:
    """The prefix of a link on its line, where no other line is."""
    rooms = [_rooms(line, lines, taken) for line in lines if line.wire and line.wire.label]
    labels = []
    for room in sorted(rooms, key=len):  # those with the least choice first
        label = next((each for each in room if not taken.meets(_with_air(each.rectangle))), None)
        if label is not None:
            taken.add(_with_air(label.rectangle))
            labels.append(label)
    return labels


def _rooms(line: Line, lines: Sequence[Line], taken: Taken) -> list[Label]:
    """Where the label of a link could stand, the middle first."""
    near = [pair for each in lines if each is not line for pair in pairwise(each.points)]
    return [
        label
        for label in _candidates(line)
        if not taken.meets(_with_air(label.rectangle))
        and not any(_crosses(_with_air(label.rectangle), *pair) for pair in near)
    ]


def _candidates(line: Line) -> Iterable[Label]:
    assert line.wire is not None
    width = text_width(line.wire.label, 11) + 4
    for share in _STEPS:
        x, y = _along(line.points, share)
        yield Label(line.wire.label, x, y, width, "link")


def _port_labels(lines: Sequence[Line], boxes: Sequence[Place], taken: Taken) -> list[Label]:
    """The names of a box's ports beside the ends of their wires, where a box has several and they are far enough apart."""
    at = {str(place.box.id): place for place in boxes if not place.compact and len(place.box.rows) > 1}
    labels = []
    for end in sorted(_ends(lines, at)):
        label = _beside(*end)
        if not taken.meets(label.rectangle):
            taken.add(label.rectangle)
            labels.append(label)
    return _unless_crowded(labels, lines)


def _ends(lines: Sequence[Line], at: Mapping[str, Place]) -> Iterable[tuple[float, float, int, str]]:
    """(x, y, 1 downwards or -1, the port's name) of each end on an upper or lower edge."""
    for line in lines:
        if line.wire is None:
            continue
        for node, port in ((line.wire.node, line.wire.port), (line.wire.to, line.wire.to_port)):
            place = at.get(node)
            for x, y in {line.points[0], line.points[-1]} if place else ():
                assert place is not None
                if place.left < x < place.right and y in {place.top, place.bottom}:
                    yield x, y, 1 if y == place.bottom else -1, port


def _beside(x: float, y: float, side: int, port: str) -> Label:
    width = text_width(port, PORT_SIZE) + 2
    return Label(port, x + 3 + width / 2, y + side * (LABEL_HEIGHT / 2 + 1.5), width, "port")


def _unless_crowded(labels: Sequence[Label], lines: Sequence[Line]) -> list[Label]:
    """Without those that another wire runs through."""
    upright = sorted(
        {
            (one[0], min(one[1], other[1]), max(one[1], other[1]))
            for line in lines
            for one, other in pairwise(line.points)
            if one[0] == other[0]
        }
    )
    kept = []
    for label in labels:
        left, top, right, bottom = label.rectangle
        first = bisect_left(upright, (left, float("-inf"), 0.0))
        crossed = False
        for x, low, high in upright[first:]:
            if x > right:
                break
            crossed = crossed or (low < bottom and high > top)
        if not crossed:
            kept.append(label)
    return kept


def _with_air(rectangle: Rectangle) -> Rectangle:
    left, top, right, bottom = rectangle
    return left - _AIR, top - _AIR, right + _AIR, bottom + _AIR


def _squares(rectangle: Rectangle) -> Iterable[tuple[int, int]]:
    left, top, right, bottom = (int(side // _CELL) for side in rectangle)
    return ((x, y) for x in range(left, right + 1) for y in range(top, bottom + 1))


def _along(points: Sequence[Point], share: float) -> Point:
    """The point after that share of the way."""
    lengths = [abs(other[0] - one[0]) + abs(other[1] - one[1]) for one, other in pairwise(points)]
    left = sum(lengths) * share
    for (one, other), length in zip(pairwise(points), lengths, strict=True):
        if left <= length and length:
            return one[0] + (other[0] - one[0]) * left / length, one[1] + (other[1] - one[1]) * left / length
        left -= length
    return points[-1]


def _crosses(rectangle: Rectangle, one: Point, other: Point) -> bool:
    """Whether a straight line enters a rectangle: the clipping of Liang and Barsky."""
    left, top, right, bottom = rectangle
    start, end = 0.0, 1.0
    dx, dy = other[0] - one[0], other[1] - one[1]
    for step, room in ((-dx, one[0] - left), (dx, right - one[0]), (-dy, one[1] - top), (dy, bottom - one[1])):
        if step == 0:
            if room < 0:
                return False
        elif step < 0:
            start = max(start, room / step)
        else:
            end = min(end, room / step)
    return start <= end
