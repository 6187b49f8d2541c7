"""Sources and spans: where every later thing came from.

Enters: the bytes of a file, as given. Leaves: `Source`, and `Span`s into it. Called by everything that
can be wrong: the lexer makes spans, diagnostics print them.

Offsets count bytes. The lexer reads `Source.text`, the bytes seen as Latin-1, in which one character is one
byte; what is shown to people is decoded as UTF-8 only then (`Span.shown`).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple


@dataclass(frozen=True, slots=False, eq=False)
class Source:
    """One text that the compiler read. `path` is the name shown to people and recorded in maps, with `/` on every OS."""

    path: str
    data: bytes = field(repr=False)

    @cached_property
    def text(self) -> str:
        """The bytes as Latin-1: index N is byte N."""
        return self.data.decode("latin-1")

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Byte offset at which each line starts; the first is 0."""
        starts = [0]
        position = self.data.find(b"\n")
        while position >= 0:
            starts.append(position + 1)
            position = self.data.find(b"\n", position + 1)
        return tuple(starts)

    def position(self, offset: int) -> Position:
        """Line and columns of a byte offset; an offset past the end is the end."""
        offset = max(0, min(offset, len(self.data)))
        line = bisect_right(self.line_starts, offset) - 1
        before = self.data[self.line_starts[line] : offset].decode("utf-8", "replace")
        return Position(line + 1, len(before) + 1, len(before.encode("utf-16-le")) // 2)

    def line(self, number: int) -> str:
        """The text of a line (from 1), without its line break."""
        starts = self.line_starts
        end = starts[number] if number < len(starts) else len(self.data)
        return self.data[starts[number - 1] : end].decode("utf-8", "replace").rstrip("\r\n")


class Position(NamedTuple):
    """A place for people and editors: line and column count from 1 in characters; `utf16` counts code units from 0 (LSP 3.17)."""

    line: int
    column: int
    utf16: int


class Span(NamedTuple):
    """Bytes `start` to `end` (exclusive) of a source."""

    source: Source
    start: int
    end: int

    @property
    def shown(self) -> str:
        """The text covered, as people read it."""
        return self.source.data[self.start : self.end].decode("utf-8", "replace")

    def to(self, other: Span) -> Span:
        """From the start of this span to the end of another one of the same source."""
        return Span(self.source, self.start, other.end)

    def __str__(self) -> str:
        at = self.source.position(self.start)
        return f"{self.source.path}:{at.line}:{at.column}"

    def __repr__(self) -> str:
        return f"<{self.source.path}:{self.start}-{self.end}>"


class Origin:
    """Why something exists: its own span and, through `parent`, the call of the kind, the turn of the loop, the import.

    Shared between all things that one statement made; never copied. `note` says what the step was
    ("in kind linux.host", "with i = 3").
    """

    __slots__ = ("note", "parent", "span")

    def __init__(self, span: Span, parent: Origin | None = None, note: str = "") -> None:
        self.span = span
        self.parent = parent
        self.note = note

    def chain(self) -> list[Origin]:
        """This origin and its parents, innermost first."""
        chain = [self]
        while chain[-1].parent is not None:
            chain.append(chain[-1].parent)
        return chain
