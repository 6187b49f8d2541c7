"""Bytes that are no text: what is not UTF-8, and NUL.

Enters: a source. Leaves: diagnostics, and the offset at which the text starts. Called by `parse.py`.
"""

from __future__ import annotations

from ..diagnostics import Diagnostics
from ..source import Source, Span

_MARK = b"\xef\xbb\xbf"
_MOST = 10


def check_text(source: Source, found: Diagnostics) -> int:
    """Report what no editor would show. Gives the offset behind the byte order mark, which means nothing in UTF-8."""
    for start, end in _not_utf8(source.data):
        span = Span(source, start, end)
        shown = " ".join(f"{byte:02x}" for byte in source.data[start:end])
        found.error(
            "E0107", "the file is not UTF-8", span, f"the bytes {shown} are no character", help="save it as UTF-8"
        )
    nul = source.data.find(b"\0")
    if nul >= 0:
        found.error("E0107", "the file holds a NUL byte", Span(source, nul, nul + 1), "no text has one")
    return len(_MARK) if source.data.startswith(_MARK) else 0


def _not_utf8(data: bytes) -> list[tuple[int, int]]:
    bad: list[tuple[int, int]] = []
    offset = 0
    while len(bad) < _MOST:
        try:
            data[offset:].decode()
        except UnicodeDecodeError as error:
            bad.append((offset + error.start, offset + error.end))
            offset += error.end
        else:
            break
    return bad
