"""How big texts and boxes are.

Called by `stacks.py`, `strata.py` and `labels.py`. Widths of texts are estimated: the reader's fonts are not known here, so
the widest of those that the style names, DejaVu, is taken.
"""

from __future__ import annotations

from unicodedata import east_asian_width

from .paper import COMPACT_HEIGHT, ROW_HEIGHT, TITLE_HEIGHT, Place
from .picture import Box

MOST_ROWS = 7
PORT_SIZE = 9  # of the text beside a wire's end
_WIDEST = 260


def text_width(text: str, size: float = 12, *, bold: bool = False) -> float:
    """An estimate for the fonts that browsers choose; wide characters count twice."""
    units = len(text) if text.isascii() else sum(2 if east_asian_width(each) in "WF" else 1 for each in text)
    return units * size * (0.7 if bold else 0.61)


def pill_width(name: str, words: list[str], zones: int) -> float:
    """The room that a segment's words need, with the marks of its zones at its left."""
    return text_width(name, 12, bold=True) + text_width("  ".join(["", *words]), 12) + 28 + 18 * zones


def full_box(box: Box) -> Place:
    """A box with a row a port; wide enough that the names of its ports fit beside the wires that leave it."""
    rows = _rows_of(box)
    texts = [text_width(box.name, 14, bold=True), text_width(box.kind, 10), *(text_width(row, 11) for row in rows)]
    ends = (len(box.rows) + 1) * max((text_width(row.port, PORT_SIZE) + 7 for row in box.rows), default=0)
    height = TITLE_HEIGHT + len(rows) * ROW_HEIGHT + (7 if rows else 0)
    return Place(box, rows, max(max(texts) + 24 + 18 * len(box.zones), ends if ends < _WIDEST else 0, 84), height)


def compact_box(box: Box) -> Place:
    """A host as one line, where hundreds have to fit."""
    words = "  ".join(row.text for row in box.rows if row.text)
    width = text_width(box.name, 11, bold=True) + text_width(words, 11) + 28 + 9 * len(box.zones)
    return Place(box, [words] if words else [], max(width, 84), COMPACT_HEIGHT, compact=True)


def _rows_of(box: Box) -> list[str]:
    """All ports where they fit; of a big switch or spine the first ones, and how many more there are."""
    longest = max((len(row.port) for row in box.rows), default=0)
    rows = [f"{row.port:<{longest}}  {row.text}".rstrip() for row in box.rows]
    if len(rows) <= MOST_ROWS:
        return rows
    return [*rows[: MOST_ROWS - 1], f"… and {len(rows) - MOST_ROWS + 1} more ports"]
