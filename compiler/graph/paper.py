"""What lies on the paper: boxes, pills, lines and labels, in pixels.

Filled by `place.py` and the steps that it calls; read by the forms that draw by themselves. Nothing here computes a place.
"""

from __future__ import annotations

from msgspec import Struct

from ..ir.lab import SegmentId
from .picture import Box, Wire

TITLE_HEIGHT = 36
ROW_HEIGHT = 15
COMPACT_HEIGHT = 20
PILL_HEIGHT = 22
LABEL_HEIGHT = 13

Point = tuple[float, float]
Rectangle = tuple[float, float, float, float]  # left, top, right, bottom


class Place(Struct, eq=False):
    """A box on the paper: centre, top, size and the rows of text that fit. `compact`: name and addresses in one line."""

    box: Box
    rows: list[str]
    width: float
    height: float
    compact: bool = False
    x: float = 0.0
    top: float = 0.0

    @property
    def left(self) -> float:
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        return self.x + self.width / 2

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def rectangle(self) -> Rectangle:
        return self.left, self.top, self.right, self.bottom


class Pill(Struct, eq=False):
    """A segment on the paper. One whose nodes stand in several shelves has a pill over each of them."""

    id: SegmentId
    left: float
    right: float
    y: float = 0.0

    @property
    def rectangle(self) -> Rectangle:
        return self.left, self.y, self.right, self.y + PILL_HEIGHT


class Line(Struct, frozen=True):
    """A wire as corner points; without a wire, what joins two pills of the segment `to`."""

    wire: Wire | None
    to: str
    points: tuple[Point, ...]
    dot: Point | None = None  # where it meets its segment


class Label(Struct, frozen=True):
    """Words beside or on a line, around their centre. `about`: the wire's middle (`link`) or its end (`port`)."""

    text: str
    x: float
    y: float
    width: float
    about: str

    @property
    def rectangle(self) -> Rectangle:
        return self.x - self.width / 2, self.y - LABEL_HEIGHT / 2, self.x + self.width / 2, self.y + LABEL_HEIGHT / 2


class Placed(Struct):
    width: float
    height: float
    boxes: list[Place]
    pills: list[Pill]
    lines: list[Line]
    labels: list[Label]


def overlap(one: Rectangle, other: Rectangle) -> bool:
    """Whether two rectangles share more than an edge."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
