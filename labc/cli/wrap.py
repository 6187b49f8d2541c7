r"""Lines that fit a terminal: broken between words only, with what follows indented.

Enters: text, colours included, and a width. Leaves: text. Called by `talk.py` and `summary.py`. A word that is wider than the
terminal stays whole: an address in two halves can be neither copied nor found.
"""

from __future__ import annotations

import re

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_MORE = 4  # blanks before what goes on, beyond those that the line begins with


def wrapped(text: str, width: int | None) -> str:
    r"""Every line of a text; without a width the text as it is.

    >>> wrapped("one 198.51.100.3/32", 12)
    'one\n    198.51.100.3/32'
    """
    if width is None:
        return text
    return "\n".join(_wrapped(line, width) for line in text.split("\n"))


def filled(words: str, width: int) -> list[str]:
    """A cell of a table, as lines no wider than `width` where its words allow it."""
    lines = [""]
    for word in words.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines


def _wrapped(line: str, width: int) -> str:
    if _seen(line) <= width:
        return line
    margin = " " * (len(line) - len(line.lstrip(" ")) + _MORE)
    done, now = "", ""
    for piece in re.findall(r" *[^ ]+", line):
        if now.strip() and _seen(now) + _seen(piece) > width:
            done += now + "\n"
            now = margin + piece.lstrip(" ")
        else:
            now += piece
    return done + now


def _seen(text: str) -> int:
    return len(_COLOUR.sub("", text))
