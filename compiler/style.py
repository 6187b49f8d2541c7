"""Colours of the terminal, or none.

Enters: whether colour is wanted. Leaves: text with or without ANSI codes. Called by `render.py` and by the verbs.
rich would cost 52 ms of start for these eight codes.
"""

from __future__ import annotations

from msgspec import Struct

_CODES = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "strong": "1",
    "frame": "1;34",
    "dim": "2",
    "good": "32",
    "bad": "31",
    "changed": "33",
}


class Style(Struct, frozen=True):
    """`paint("E0312", "error")` is the text in the colour of errors, or the text as it is."""

    colour: bool

    def paint(self, text: str, tone: str) -> str:
        return f"\x1b[{_CODES[tone]}m{text}\x1b[0m" if self.colour and text else text
