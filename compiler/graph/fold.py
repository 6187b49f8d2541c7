"""Rows that fit a paper whose sides are about a screen's.

Enters: rows of blocks as far as they go. Leaves: rows of blocks, none much wider than asked. Called by `place.py`.

A row that is too wide is cut where the lab itself has its joints: what hangs together below the row's own upper wires is one
part, and parts go side by side on as many shelves as they need, each shelf with its own rows. Rows without joints are broken
like text. A chain, which is all rows and no width, goes down and up again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

from .stacks import Block

Rows = list[list[Block]]
GAP = 26
_BETWEEN_ROWS = 110  # what pills and wires need, about
_TALL = 6


class Joints:
    """What each block touches: segments by their ids, and links as pairs of blocks."""

    def __init__(self, touched: Mapping[Block, set[str]], links: Mapping[Block, set[Block]]) -> None:
        self.touched = touched
        self.links = links
        self.on: dict[str, set[Block]] = {}
        for block, bars in touched.items():
            for bar in bars:
                self.on.setdefault(bar, set()).add(block)


def size(rows: Rows) -> tuple[float, float]:
    """About how wide and high the rows come out."""
    width = max(map(_width, rows), default=0.0)
    return width, sum(max((block.height for block in row), default=0.0) + _BETWEEN_ROWS for row in rows)


def fold(rows: Rows, width: float, joints: Joints) -> Rows:
    """The rows, with those wider than `width` on shelves."""
    wide = next((index for index, row in enumerate(rows) if _width(row) > width), None)
    if wide is None:
        return rows
    head, rest = rows[:wide], rows[wide:]
    parts = _parts(rest, joints)
    if len(parts) > 1:
        return head + _shelves([fold(part, width, joints) for part in parts], width)
    return head + _lines(rest[0], width) + fold(rest[1:], width, joints)


def wind(rows: Rows, turns: int) -> Rows:
    """A long chain of rows in `turns` columns, down and up in turn, so that neighbours stay neighbours."""
    if turns < 2 or len(rows) <= _TALL:
        return rows
    height = -(-len(rows) // turns)
    wound: Rows = [[] for _ in range(height)]
    for index, row in enumerate(rows):
        turn, down = divmod(index, height)
        wound[down if turn % 2 == 0 else height - 1 - down] += row
    return wound


def _width(row: Sequence[Block]) -> float:
    return sum(block.width + GAP for block in row)


def _lines(row: Sequence[Block], width: float) -> Rows:
    lines: Rows = [[]]
    for block in row:
        if lines[-1] and _width([*lines[-1], block]) > width:
            lines.append([])
        lines[-1].append(block)
    return lines


def _shelves(parts: Iterable[Rows], width: float) -> Rows:
    shelves: list[list[Rows]] = [[]]
    used = 0.0
    for part in parts:
        own = max(map(_width, part))
        if shelves[-1] and used + own > width:
            shelves.append([])
            used = 0.0
        shelves[-1].append(part)
        used += own
    return [
        [block for cell in cells for block in cell]
        for shelf in shelves
        for cells in zip_longest(*shelf, fillvalue=list[Block]())
    ]


def _parts(rows: Rows, joints: Joints) -> list[Rows]:
    """What hangs together without the segments that reach above these rows or join most of the first one."""
    here = {block for row in rows for block in row}
    first = set(rows[0])
    hub = max(3, len(first) // 2)
    bars = {bar for block in here for bar in joints.touched[block]}
    inner = {bar for bar in bars if joints.on[bar] <= here and len(joints.on[bar] & first) < hub}
    part_of: dict[Block, int] = {}
    count = 0
    for row in rows:
        for block in row:
            if block not in part_of:
                _flood(block, count, part_of, inner, here, joints)
                count += 1
    parts: list[Rows] = [[[] for _ in rows] for _ in range(count)]
    for index, row in enumerate(rows):
        for block in row:
            parts[part_of[block]][index].append(block)
    return [[row for row in part if row] for part in parts]


def _flood(
    start: Block, number: int, part_of: dict[Block, int], inner: set[str], here: set[Block], joints: Joints
) -> None:
    part_of[start] = number
    waiting = [start]
    while waiting:
        block = waiting.pop()
        bars = joints.touched[block] & inner
        inner -= bars  # once is enough: whoever stands on them is found now
        for other in (*(other for bar in bars for other in joints.on[bar]), *joints.links[block]):
            if other in here and other not in part_of:
                part_of[other] = number
                waiting.append(other)
