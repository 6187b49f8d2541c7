"""A merge that git could not finish: both sides between `<<<<<<<`, `=======` and `>>>>>>>`.

Enters: a source. Leaves: a diagnostic for each conflict, and the source with our side alone, every byte in its place. Called by `read`.
"""

from __future__ import annotations

from ..diagnostics import Diagnostics
from ..source import Source, Span

_BEGIN, _BASE, _MIDDLE, _END = b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>"
_MARKS = (_BEGIN, _BASE, _MIDDLE, _END)


def without_conflicts(source: Source, diagnostics: Diagnostics) -> Source:
    """One message for each conflict, instead of one for each of its lines. What stands on our side is read on."""
    if _BEGIN not in source.data:
        return source
    kept, at, before = [], 0, b""  # `before`: the mark that was passed last; empty outside of conflicts
    for line in source.data.split(b"\n"):
        mark = _mark_of(line)
        if mark == _BEGIN and not before:
            _report(Span(source, at, at + len(line.rstrip(b"\r"))), diagnostics)
        if mark and (mark == _BEGIN or before):
            before = b"" if mark == _END else mark
            kept.append(b" " * len(line))
        else:
            kept.append(line if before in (b"", _BEGIN) else b" " * len(line))
        at += len(line) + 1
    return Source(source.path, b"\n".join(kept))


def _mark_of(line: bytes) -> bytes:
    return line[:7] if line[:7] in _MARKS and line[7:8] in (b"", b" ", b"\r") else b""


def _report(span: Span, diagnostics: Diagnostics) -> None:
    diagnostics.error(
        "E0114",
        "the file holds a conflict that git left",
        span,
        "it starts here",
        reason="git wrote both sides of a merge between `<<<<<<<`, `=======` and `>>>>>>>`",
        help="keep what shall hold of the two, and remove these three lines",
    )
