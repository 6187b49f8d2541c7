"""What a YAML scalar says: expressions and names, with spans in the YAML source.

Enters: a scalar of `yaml_nodes.py`. Leaves: `Expression`s and `Name`s, read by the parser of `.net`. Called by `yaml_walk.py`.

A plain scalar on one line, and a quoted one without escapes, stands in the source byte for byte, so the parser reads it there.
Any other one (escapes, folded lines, blocks) is read from a text of its own, and its spans are moved to the bytes that each
part came from.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar, cast

from msgspec import Struct

from ..diagnostics import Diagnostic, Diagnostics, Fix, Label
from ..source import Source, Span
from .expression_text import expression_text
from .parse import parse_part
from .tree import Check, Demand, Expression, Flow, Interpolation, Name, Rule, TypeName
from .yaml_nodes import Scalar

T = TypeVar("T")
_MADE: dict[str, type[Struct]] = {
    "value": Expression,
    "type": TypeName,
    "flow": Flow,
    "check": Check,
    "demand": Demand,
    "rule": Rule,
}
_ESCAPES = {"x": 4, "u": 6, "U": 10}
_ESCAPED = ("\\", "{", "[", '"')
_BRACES = str.maketrans({"\\": "\\\\", "{": "\\{"})
_NAME_WITH_BRACES = re.compile(r"\s*[A-Za-z_][\w-]*\{")
_FAMILY = re.compile(r"([A-Za-z_][\w-]*)\[([^\]]+)\]", re.DOTALL)


class UnreadableError(Exception):
    """Nothing can be made of a value, which was reported. Caught where its statement or list item is made."""


class Text:
    """The value of a scalar as bytes seen as Latin-1, and the byte of the source that each one came from."""

    __slots__ = ("base", "moved", "source", "value")

    def __init__(self, source: Source, scalar: Scalar) -> None:
        self.source = source
        self.value = scalar.text.encode("utf-8", "surrogatepass").decode("latin-1")
        self.moved: list[int] | None = None
        self.base = scalar.end - len(self.value) - (1 if scalar.style in ("'", '"') else 0)
        if self.base < scalar.start or source.text[self.base : self.base + len(self.value)] != self.value:
            self.base = scalar.start
            self.moved = align(source.text, scalar, self.value)

    def at(self, index: int) -> int:
        """The offset in the source of a byte of the value."""
        return self.base + index if self.moved is None else self.moved[index]

    def span(self, start: int, end: int) -> Span:
        return Span(self.source, self.at(start), max(self.at(end), self.at(start)))

    def expression(self, start: int, end: int, diagnostics: Diagnostics) -> Expression:
        """The expression that bytes `start` to `end` of the value spell. A name with braces, `pc{i}`, needs no quotes."""
        if _NAME_WITH_BRACES.match(self.value, start, end):
            begin, stop = strip(self.value, start, end)
            return Interpolation(self.span(begin, stop), name_parts(self, begin, stop, diagnostics))
        made: Expression = self.part("value", start, end, diagnostics)
        return made

    def part(self, kind: str, start: int, end: int, diagnostics: Diagnostics) -> Any:  # Any: by kind, as in parse.py
        """A fragment of `.net`, such as a flow. Raises UnreadableError when the parser could make nothing of it, and said so."""
        if self.moved is None:
            tree = parse_part(kind, self.source, self.at(start), self.at(end), diagnostics)
        else:
            own = Source(self.source.path, self.value.encode("latin-1"))
            found = Diagnostics()
            tree = self._moved(parse_part(kind, own, start, end, found))
            diagnostics.extend(self._moved_diagnostic(diagnostic) for diagnostic in found)
        if not isinstance(tree, _MADE[kind]):  # None, or what the parser gathered before it gave up
            raise UnreadableError
        return tree

    def _moved(self, value: T) -> T:
        """The same tree with every span moved to this text's place in the source. Changes it where it stands."""
        made: Any = value  # Any: what a tree holds is told apart here, not by its type
        if isinstance(value, Span):
            made = self.span(value.start, value.end)
        elif isinstance(value, Name | Expression | TypeName | Flow | Check | Demand | Rule):
            for field in value.__struct_fields__:
                setattr(value, field, self._moved(getattr(value, field)))
        elif type(value) is tuple:  # Not the tuples with names, which are values.
            made = tuple(self._moved(item) for item in made)
        return cast("T", made)

    def _moved_diagnostic(self, said: Diagnostic) -> Diagnostic:
        span = None if said.span is None else self._moved(said.span)
        labels = tuple(Label(self._moved(label.span), label.message) for label in said.labels)
        return Diagnostic(
            said.code, said.summary, span, said.label, labels, said.reason, said.help, (), said.severity, said.origin
        )


def align(source: str, scalar: Scalar, value: str) -> list[int]:
    """For each byte of the value the byte of the source that it came from, and one for its end. An escape gives all its bytes
    the place of its backslash; folded line breaks map to the break."""
    places: list[int] = []
    at = scalar.start
    last = max(scalar.end - 1, scalar.start)
    if scalar.style in ("|", ">"):
        at = min(source.find("\n", at) + 1 or at, last)
    for character in value:
        if "\x80" <= character < "\xc0" and places and source[at] != character:
            places.append(places[-1])  # The rest of a character that one escape stood for.
            continue
        while at < last and source[at] != character and not _stands_for(source, at, character, scalar.style):
            at += 1
        places.append(min(at, last))
        at = min(at + _width(source, at, scalar.style), last)
    return [*places, scalar.end - (1 if scalar.style in ("'", '"') else 0)]


def _stands_for(source: str, at: int, character: str, style: str) -> bool:
    """Whether the byte at `at` begins what became `character`, without being equal to it."""
    if style == '"' and source[at] == "\\" and source[at + 1 : at + 2] not in ("\n", "\r"):
        return True
    return character in " \n" and source[at] in "\r\n"


def _width(source: str, at: int, style: str) -> int:
    """How many bytes of the source to leave behind for one byte of the value."""
    if style == '"' and source[at] == "\\":
        return _ESCAPES.get(source[at + 1 : at + 2], 2)
    return 2 if style == "'" and source[at : at + 2] == "''" else 1


def name_in(text: Text, start: int, end: int, diagnostics: Diagnostics) -> Name:
    """The name that bytes `start` to `end` spell: `web`, `pc{i}`, `pc[i]`, `GigabitEthernet0/0/1`, or any in double quotes."""
    span = text.span(start, end)
    if end - start >= 2 and text.value[start] == text.value[end - 1] == '"':
        return Name(span, name_parts(text, start + 1, end - 1, diagnostics))
    family = _FAMILY.fullmatch(text.value, start, end)
    if family is None:
        return Name(span, name_parts(text, start, end, diagnostics))
    return Name(span, (_utf8(family[1]), text.expression(family.start(2), family.end(2), diagnostics)))


def name_parts(text: Text, start: int, end: int, diagnostics: Diagnostics) -> tuple[str | Expression, ...]:
    """A text with `{EXPRESSION}` in it, as in a string of `.net`. A backslash makes plain the `{`, `[`, `"` or backslash
    behind it."""
    parts: list[str | Expression] = []
    written = ""
    value = text.value
    at = start
    while at < end:
        if value[at] == "\\" and value[at + 1 : at + 2] in _ESCAPED:
            written += value[at + 1]
            at += 2
        elif value[at] != "{":
            written += value[at]
            at += 1
        else:
            close = closing_brace(value, at, end)
            if close is None:
                _report_open_brace(text, at, diagnostics)
                break
            if written:
                parts.append(_utf8(written))
                written = ""
            parts.append(text.expression(at + 1, close, diagnostics))
            at = close + 1
    if written or not parts:
        parts.append(_utf8(written))
    return tuple(parts)


def closing_brace(value: str, start: int, end: int) -> int | None:
    """Where the brace that opens at `start` closes, strings and inner braces passed over."""
    depth = 0
    quoted = False
    at = start
    while at < end:
        character = value[at]
        if quoted:
            at += character == "\\"
            quoted = character != '"'
        elif character == '"':
            quoted = True
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return None


def _report_open_brace(text: Text, at: int, diagnostics: Diagnostics) -> None:
    span = text.span(at, at + 1)
    fix = Fix(span, "\\{", "make it a plain brace")
    help = "close it with `}`, or write `\\{` for a brace that is only text"
    diagnostics.error("E0158", "this `{` is never closed", span, "opens here", help=help, fixes=(fix,))


def split_endpoint(value: str, start: int, end: int) -> int | None:
    """Where the colon between node and port stands: the last one outside quotes and brackets."""
    depth = 0
    quoted = False
    found = None
    at = start
    while at < end:
        character = value[at]
        if quoted:
            at += character == "\\"
            quoted = character != '"'
        elif character == '"':
            quoted = True
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == ":" and depth == 0:
            found = at
        at += 1
    return found


def strip(value: str, start: int, end: int) -> tuple[int, int]:
    """The bounds without the blanks at both ends."""
    while start < end and value[start].isspace():
        start += 1
    while end > start and value[end - 1].isspace():
        end -= 1
    return start, end


def _utf8(written: str) -> str:
    return written.encode("latin-1").decode("utf-8", "replace")


def plain_name(name: Name, *, string: bool = False) -> str:
    """A name as it stands in YAML, `pc{i}`; the opposite of `name_in`, and with `string` of `name_parts`."""
    shown = "".join(
        part.translate(_BRACES) if isinstance(part, str) else f"{{{expression_text(part)}}}" for part in name.parts
    )
    if not string and (shown.startswith('"') or _FAMILY.fullmatch(shown)):
        shown = shown.replace("[", "\\[").replace('"', '\\"')
    return shown
