"""Unread text: the places where the parser could not read on. What stands there is no second mistake.

Enters: the spans of mistakes of syntax. Leaves: whether another span lies at one of them. `state` asks for every mistake, and
a file has as many of both as it has lines, so that the places are kept sorted.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate

from ..source import Source, Span

_BLANKS = re.compile(rb"[ \t]*")


class Unread:
    """By source: the places as (start, end), and for each the farthest end of it and all before."""

    def __init__(self) -> None:
        self._places: dict[Source, list[tuple[int, int]]] = {}
        self._ends: dict[Source, list[int]] = {}

    def add(self, span: Span) -> None:
        self._places.setdefault(span.source, []).append((span.start, max(span.end, span.start + 1)))
        self._ends.pop(span.source, None)

    def spoils(self, span: Span) -> bool:
        """Whether the text of a span could not be read, or stopped making sense right behind."""
        places = self._places.get(span.source)
        if places is None:
            return False
        if span.source not in self._ends:
            places.sort()
            self._ends[span.source] = list(accumulate((end for _, end in places), max))
        before = bisect_left(places, (max(span.end, span.start + 1), 0))
        if before and self._ends[span.source][before - 1] > span.start:
            return True
        behind = bisect_left(places, (span.end, 0))
        blanks = _BLANKS.match(span.source.data, span.end)
        return behind < len(places) and blanks is not None and blanks.end() >= places[behind][0]
