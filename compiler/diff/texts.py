"""Rendered texts line by line: what `diff -u` would say, with secrets' places named and never their values.

Enters: two texts, or one of a file that is new or gone. Leaves: lines. Called by `compare.py`. Pure.
"""

from __future__ import annotations

import difflib
import re

_CONTEXT = 3
_HARD = 25_000_000  # pairs of lines that a comparison may look at
_SECRET = re.compile("\0secret:([^\0]*)\0")


def unified(old: str, new: str) -> tuple[str, ...]:
    r"""`@@ -8,3 +8,5 @@`, then ` same`, `-was` and `+is`. Texts that share nothing and are huge are told as a whole.

    >>> unified("a\n", "a\nb\n")
    ('@@ -1 +1,2 @@', ' a', '+b')
    """
    before, after = _lines(old), _lines(new)
    if before == after:
        return ("\\ only the last line's end differs",) if old != new else ()
    if len(before) * len(after) > _HARD:
        before, after, at = _cut(before, after)
        if len(before) * len(after) > _HARD:
            whole = (*(f"-{line}" for line in before), *(f"+{line}" for line in after))
            return (f"@@ -{at},{len(before)} +{at},{len(after)} @@", *whole)
    return tuple(difflib.unified_diff(before, after, n=_CONTEXT, lineterm=""))[2:]


def whole(text: str, sign: str) -> tuple[str, ...]:
    """All lines of a text that is new (`+`) or gone (`-`)."""
    return tuple(f"{sign}{line}" for line in _lines(text))


def opened(text: str) -> str:
    """The place of a secret, made visible."""
    return _SECRET.sub(lambda found: f"‹secret {found[1]}›", text)


def _lines(text: str) -> list[str]:
    return opened(text).split("\n")[:-1] if text.endswith("\n") else opened(text).split("\n") if text else []


def _cut(before: list[str], after: list[str]) -> tuple[list[str], list[str], int]:
    """Without what is equal at both ends, and the line at which the rest begins."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    before, after = before[start:], after[start:]
    while before and after and before[-1] == after[-1]:
        before, after = before[:-1], after[:-1]
    return before, after, start + 1
