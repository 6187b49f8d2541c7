"""Source lines with their marks: the middle of a diagnostic.

Enters: marks (spans and what to write beside them). Leaves: lines of text. Called by `render.py`.

A line is shown as written, made safe and measurable: tabs become four blanks, control characters become visible,
wide characters (UAX #11) count two columns, and a line longer than the terminal is cut to a window around its marks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from unicodedata import combining, east_asian_width

from msgspec import Struct

from .source import Source, Span
from .style import Style

_TAB = "    "
_NARROWEST = 30
_LONG = 2_000  # characters of a line; no terminal is as wide


class Mark(Struct, frozen=True):
    """A span and what stands beside it. The primary one is underlined `^^^`, the others `---`."""

    span: Span
    message: str
    primary: bool = False


# Of one line: first character, end character, mark, whether it carries the message.
_Pieces = Sequence[tuple[int, int, Mark, bool]]


class _Underline(Struct):
    """The part of a mark that lies in one line, in columns of the terminal, `end` exclusive."""

    start: int
    end: int
    message: str
    primary: bool


def draw(
    marks: Sequence[Mark], tone: str, style: Style, width: int, shown: Callable[[str], str] = lambda path: path
) -> list[str]:
    """The excerpts of all files that the marks touch, the primary one's first. No marks: no lines."""
    files: dict[Source, list[Mark]] = {}
    for mark in marks:
        files.setdefault(mark.span.source, []).append(mark)
    gutter = max((len(str(mark.span.source.position(mark.span.end).line)) for mark in marks), default=1)
    lines: list[str] = []
    for number, (source, inside) in enumerate(files.items()):
        at = source.position(inside[0].span.start)
        arrow = "-->" if number == 0 else ":::"
        place = f"{visible(shown(source.path))}:{at.line}:{at.column}"
        lines.append(f"{' ' * gutter}{style.paint(arrow, 'frame')} {place}")
        lines += _file(source, inside, gutter, tone, style, width)
    return lines


def _file(source: Source, marks: Sequence[Mark], gutter: int, tone: str, style: Style, width: int) -> list[str]:
    by_line: dict[int, list[tuple[int, int, Mark, bool]]] = {}
    for mark in marks:
        for line, start, end, last in _pieces(mark.span):
            by_line.setdefault(line, []).append((start, end, mark, last))
    bar = style.paint("|", "frame")
    lines = [f"{' ' * gutter} {bar}"]
    previous = 0
    for number in sorted(by_line):
        if previous and number == previous + 2:
            lines += _plain_line(source, previous + 1, gutter, bar, style, width)
        elif previous and number > previous + 1:
            lines.append(style.paint("...", "frame"))
        room = width - gutter - 3
        for pieces in _together(by_line[number], len(source.line(number)), room):
            text, underlines = _laid_out(source.line(number), pieces, room)
            lines.append(f"{style.paint(f'{number:>{gutter}}', 'frame')} {bar} {text}".rstrip())
            lines += [f"{' ' * gutter} {bar} {row}" for row in _rows(underlines, tone, style)]
        previous = number
    return [*lines, f"{' ' * gutter} {bar}"]


def _together(pieces: list[tuple[int, int, Mark, bool]], length: int, room: int) -> Iterator[_Pieces]:
    """The marks of a line in groups that can be seen at once: a line that is too long is shown once for each."""
    if length <= room:
        yield pieces
        return
    group: list[tuple[int, int, Mark, bool]] = []
    for piece in sorted(pieces, key=lambda each: each[:2]):
        if group and piece[1] - group[0][0] > room // 2:
            yield group
            group = []
        group.append(piece)
    yield group


def _plain_line(source: Source, number: int, gutter: int, bar: str, style: Style, width: int) -> list[str]:
    text, _ = _laid_out(source.line(number), [], width - gutter - 3)
    return [f"{style.paint(f'{number:>{gutter}}', 'frame')} {bar} {text}".rstrip()]


def _pieces(span: Span) -> Iterable[tuple[int, int, int, bool]]:
    """(line, first character, end character, whether it carries the message): one piece, or for a span over several
    lines its first and its last line."""
    source = span.source
    first, last = source.position(span.start), source.position(max(span.start, span.end - 1))
    if first.line == last.line:
        end = source.position(span.end)
        stop = end.column - 1 if end.line == first.line else len(source.line(first.line))
        yield first.line, first.column - 1, stop, True
        return
    yield first.line, first.column - 1, len(source.line(first.line)), False
    closing = source.line(last.line)
    yield last.line, len(closing) - len(closing.lstrip()), last.column, True


def _laid_out(line: str, pieces: _Pieces, room: int) -> tuple[str, list[_Underline]]:
    """The line as shown, at most `room` columns wide, and the marks under it in columns."""
    line, pieces = _cut(line, pieces)
    cells = [_shown(character) for character in line]
    columns = [0]
    for cell in cells:
        columns.append(columns[-1] + _width(cell))
    underlines = []
    for start, end, mark, carries in pieces:
        left = columns[min(start, len(cells))]
        right = columns[min(end, len(cells))]
        underlines.append(
            _Underline(left, max(right, left + 1), visible(mark.message) if carries else "", mark.primary)
        )
    return _window(cells, columns, underlines, max(room, _NARROWEST))


def _cut(line: str, pieces: _Pieces) -> tuple[str, _Pieces]:
    """A line of megabytes without what is far from its marks: laying it out for each of a hundred mistakes takes minutes."""
    if len(line) <= _LONG:
        return line, pieces
    primary = [start for start, _, mark, _ in pieces if mark.primary]
    start = min(primary or [start for start, *_ in pieces], default=0)
    low, high = max(0, start - _LONG // 2), start + _LONG // 2
    near = [(max(a - low, 0), max(min(b, high) - low, 0), mark, carries) for a, b, mark, carries in pieces if a <= high]
    return line[low:high], near


def _window(
    cells: Sequence[str], columns: Sequence[int], underlines: list[_Underline], room: int
) -> tuple[str, list[_Underline]]:
    if columns[-1] <= room:
        return "".join(cells), underlines
    start = min((underline.start for underline in underlines), default=0)
    primary = next((underline for underline in underlines if underline.primary), None)
    if primary and primary.end - start > room - 4:
        start = primary.start
    low = 0 if start < room * 2 // 3 else start - room // 4
    high = low + room - 1
    text = "".join(cell for cell, at in zip(cells, columns, strict=False) if low < at + bool(low == 0) and at < high)
    first = next((at for at in columns if low < at + bool(low == 0)), 0)
    lead = "…" if low else ""
    tail = "…" if columns[-1] > high else ""
    shift = first - len(lead)
    for underline in underlines:
        underline.start = min(max(underline.start - shift, 0), room)
        underline.end = min(max(underline.end - shift, underline.start + 1), room)
    return lead + text + tail, underlines


def visible(text: str) -> str:
    """A message as a terminal may be given it: what a lab names is quoted there, control characters and all."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if character == "\n" else _shown(character) for character in text)


def _shown(character: str) -> str:
    if character == "\t":
        return _TAB
    if ord(character) < 0x20:
        return chr(0x2400 + ord(character))
    if character == "\x7f":
        return "\u2421"
    if (
        0x80 <= ord(character) < 0xA0
        or character in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    ):
        return "\ufffd"  # C1 controls and the marks that turn the direction of text could hide what a line says
    return character


def _width(cell: str) -> int:
    if len(cell) != 1:
        return len(cell)
    if combining(cell) or cell in "\u200b\u200d\ufe0f":
        return 0
    return 2 if east_asian_width(cell) in "WF" else 1


def _rows(underlines: list[_Underline], tone: str, style: Style) -> list[str]:
    """One row of underlines that ends with the right-most message; the other messages hang below on bars."""
    ordered = sorted(underlines, key=lambda underline: (underline.start, underline.primary))
    row = _Row()
    for underline in sorted(ordered, key=lambda underline: underline.primary):
        row.put(
            underline.start,
            ("^" if underline.primary else "-") * (underline.end - underline.start),
            tone if underline.primary else "frame",
        )
    *hanging, last = ordered
    beside = last.end >= max(underline.end for underline in ordered)
    if beside and last.message:
        row.put(last.end + 1, last.message, tone if last.primary else "frame")
    elif last.message:
        hanging.append(last)
    rows = [row]
    waiting = [underline for underline in hanging if underline.message]
    while waiting:
        lowest = waiting.pop()
        for text in ("|", lowest.message):
            row = _Row()
            for underline in waiting:
                row.put(underline.start, "|", tone if underline.primary else "frame")
            row.put(lowest.start, text, tone if lowest.primary else "frame")
            rows.append(row)
    return [row.painted(style) for row in rows]


class _Row:
    """A row of the terminal: characters put at columns, each with its tone."""

    def __init__(self) -> None:
        self._cells: dict[int, tuple[str, str]] = {}

    def put(self, column: int, text: str, tone: str) -> None:
        for character in text:
            self._cells[column] = (character, tone)
            column += max(_width(character), 1)

    def painted(self, style: Style) -> str:
        parts: list[str] = []
        run, run_tone, column = "", "", 0
        for at in sorted(self._cells):
            character, tone = self._cells[at]
            blanks = " " * (at - column)
            if tone != run_tone or blanks:
                parts += [style.paint(run, run_tone) if run else "", blanks]
                run, run_tone = "", tone
            run += character
            column = at + max(_width(character), 1)
        return "".join([*parts, style.paint(run, run_tone) if run else ""])
