"""Where everything stands on the paper, in pixels: the whole way from a picture to a `Placed`.

Called by the forms that draw by themselves. The steps are those of a layered drawing (Sugiyama): `layers.py` gives nodes
their rows, `stacks.py` puts hosts that look alike together, `fold.py` fits the rows to a paper, `strata.py` makes layers of
them, `order.py` and `columns.py` place those from left to right, `routes.py` from top to bottom, `labels.py` puts words on
wires. Nothing in them is left to chance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from typing import TypeVar

from ..ir.lab import NodeId
from .columns import set_columns
from .fold import Joints, Rows, fold, size, wind
from .labels import labels_of
from .layers import Layers, layers_of
from .order import order
from .paper import Label, Line, Placed
from .picture import Picture
from .routes import route
from .stacks import Block, Stacker
from .strata import strata_of

T = TypeVar("T")
_MARGIN = 30
_SCREEN = 1.6  # a screen's width over its height
_MEASURED = 60  # nodes
_WORTH = 0.98  # of the size before, or the change is not worth it
_READABLE = 1500.0  # as wide a paper is seen at its full size
_WIDTHS = (_READABLE, 1900.0, 2400.0, 3000.0, 3800.0, 5000.0, 7000.0, 10000.0)
# Hosts in a column, and how many alike are worth a stack.
_STACKS = ((6, 9), (2, 4), (3, 3), (6, 2), (10, 2), (16, 2), (26, 2), (40, 2), (64, 2))
_TURNS = (2, 3, 4, 5, 6, 8, 10, 13, 16, 20)


def place(picture: Picture) -> Placed:
    """Everything placed; the same picture gives the same places.

    Of all ways to stack and to fold it is the one that a screen shows biggest, and of those that differ little the one that
    changes least. The ways of a small lab are drawn and measured, those of a big one estimated.
    """
    layers = layers_of(picture)
    ways = _ways(picture, Stacker(picture, layers.rows))
    if len(picture.boxes) > _MEASURED:
        return _drawn(picture, layers, _best(ways, size))
    drawings = (_drawn(picture, layers, rows) for rows in ways)
    return _best(drawings, lambda placed: (placed.width, placed.height))


def _best(ways: Iterable[T], size_of: Callable[[T], tuple[float, float]]) -> T:
    best, least = None, float("inf")
    for way in ways:
        width, height = size_of(way)
        cost = max(width, height * _SCREEN, _READABLE)
        if cost < least * _WORTH:
            best, least = way, cost
    assert best is not None
    return best


def _drawn(picture: Picture, layers: Layers, rows: Rows) -> Placed:
    strata = strata_of(picture, rows, layers.above)
    order(strata.layers)
    set_columns(strata.layers)
    lines = route(strata)
    boxes = [
        copy(member) for row in rows for block in row for member in block.members
    ]  # the next way moves the same ones
    pills = [item.pill for layer in strata.layers for item in layer if item.pill]
    return _framed(Placed(0, 0, boxes, pills, lines, labels_of(lines, boxes, pills)))


def _ways(picture: Picture, stacker: Stacker) -> Iterator[Rows]:
    """Each shape once, those that change least first."""
    seen: set[object] = set()
    for tallest, smallest in _STACKS:
        rows = stacker.blocks(tallest, smallest)
        joints = _joints(picture, rows)
        folded = [rows, *(fold(rows, width, joints) for width in _WIDTHS), *(wind(rows, turns) for turns in _TURNS)]
        for way in folded:
            shape = tuple(tuple((block.members[0].box.id, block.columns) for block in row) for row in way)
            if shape not in seen:
                seen.add(shape)
                yield way


def _joints(picture: Picture, rows: Rows) -> Joints:
    block_of = {member.box.id: block for row in rows for block in row for member in block.members}
    touched: dict[Block, set[str]] = {block: set() for row in rows for block in row}
    links: dict[Block, set[Block]] = {block: set() for block in touched}
    for wire in picture.wires:
        if wire.is_link:
            one, other = block_of[wire.node], block_of[NodeId(wire.to)]
            links[one].add(other)
            links[other].add(one)
        else:
            touched[block_of[wire.node]].add(wire.to)
    return Joints(touched, links)


def _framed(placed: Placed) -> Placed:
    """Everything moved so that the paper starts at 0, 0 with a margin around."""
    things = [*(box.rectangle for box in placed.boxes), *(pill.rectangle for pill in placed.pills)]
    things += [label.rectangle for label in placed.labels]
    things += [(x, y, x, y) for line in placed.lines for x, y in line.points]
    left = min((thing[0] for thing in things), default=0.0) - _MARGIN
    top = min((thing[1] for thing in things), default=0.0) - _MARGIN
    placed.width = max((thing[2] for thing in things), default=0.0) + _MARGIN - left
    placed.height = max((thing[3] for thing in things), default=0.0) + _MARGIN - top
    for box in placed.boxes:
        box.x -= left
        box.top -= top
    for pill in placed.pills:
        pill.left, pill.right, pill.y = pill.left - left, pill.right - left, pill.y - top
    placed.lines = [_moved(line, left, top) for line in placed.lines]
    placed.labels = [Label(each.text, each.x - left, each.y - top, each.width, each.about) for each in placed.labels]
    return placed


def _moved(line: Line, left: float, top: float) -> Line:
    dot = (line.dot[0] - left, line.dot[1] - top) if line.dot else None
    return Line(line.wire, line.to, tuple((x - left, y - top) for x, y in line.points), dot)
