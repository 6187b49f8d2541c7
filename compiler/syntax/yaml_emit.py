"""Structures as readable YAML text.

Enters: `Map`s, lists of `Item`s and scalars, with the comments that stand before them. Leaves: text. Called by `yaml_out.py`.

Short mappings and lists without anything nested stand on one line, `{on: dmz, at: 10.0.0.1}`; all else in blocks. A scalar
is plain wherever every reader of YAML, 1.1 or 1.2, takes it for the same text.
"""

from __future__ import annotations

import re

from msgspec import Struct, field

WIDTH = 100

# Letters first, and nothing that YAML gives a meaning to: ` #`, `: `, brackets, quotes.
_PLAIN = re.compile(
    r"(?![-?:] |[-?:]$)[A-Za-z0-9_./(\\-](?:[^\x00-\x1f\x7f-\x9f:#\u2028\u2029\ufeff]|:(?=[^\s,\[\]{}]|$)|(?<=\S)#)*"
)
_FLOW = re.compile(r"[,\[\]{}?]")
_OTHER = re.compile(  # What some reader takes for null, a boolean, a number or a date.
    r"(?:null|~|y|n|yes|no|true|false|on|off|[-+]?[.\d][\d_.:eE+-]*|0[xob][\da-fA-F_]+|\.(?:inf|nan)|\d{4}-\d\d?-\d\d?.*|=|<<)",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")


class Text(Struct, frozen=True):
    """A scalar. `text`: it must stay a text for every reader, so `10` and `yes` are quoted; else it is an expression."""

    value: str
    text: bool = False


class Pair(Struct):
    key: str
    value: Value
    comments: tuple[str, ...] = ()


class Item(Struct):
    value: Value
    comments: tuple[str, ...] = ()


class Map(Struct):
    pairs: list[Pair] = field(default_factory=list)


class List(Struct):
    items: list[Item] = field(default_factory=list)


Value = Text | Map | List | None


def emit(document: Map, after: tuple[str, ...] = ()) -> str:
    """The text of a document; sections of more than one line stand apart. `after`: comments at the end."""
    lines: list[str] = []
    for pair in document.pairs:
        made = pair_lines(pair, 0, blocks=True)
        if lines and (len(made) > 1 or lines[-1].startswith((" ", "-"))):
            lines.append("")
        lines += made
    if after and lines:
        lines.append("")
    return "".join(f"{line}\n" for line in [*lines, *after])


def pair_lines(pair: Pair, indent: int, *, blocks: bool = False) -> list[str]:
    """The lines of a key and its value. `blocks`: mappings stand in blocks, short or not."""
    blanks = " " * indent
    lines = [f"{blanks}{comment}" for comment in pair.comments]
    head = f"{blanks}{scalar(Text(pair.key, text=True), key=True)}:"
    if pair.value is None:
        return [*lines, head]
    inline = None if blocks and isinstance(pair.value, Map) else _inline(pair.value)
    if inline is not None and len(head) + 1 + len(inline) <= WIDTH:
        return [*lines, f"{head} {inline}"]
    return [*lines, head, *_block(pair.value, indent + 2)]


def _block(value: Value, indent: int) -> list[str]:
    if isinstance(value, Map):
        return [line for pair in value.pairs for line in pair_lines(pair, indent)]
    if isinstance(value, List):
        return [line for item in value.items for line in _item(item, indent)]
    return [" " * indent + scalar(value)] if value is not None else []


def _item(item: Item, indent: int) -> list[str]:
    blanks = " " * indent
    lines = [f"{blanks}{comment}" for comment in item.comments]
    alone = isinstance(item.value, Map) and len(item.value.pairs) == 1
    inline = None if alone else _inline(item.value)
    if inline is not None and indent + 2 + len(inline) <= WIDTH:
        return [*lines, f"{blanks}- {inline}"]
    body = _block(item.value, indent + 2)
    first = next((number for number, line in enumerate(body) if not line.lstrip().startswith("#")), 0)
    body[first] = f"{blanks}- {body[first].lstrip()}"
    return [*lines, *body]


def _inline(value: Value) -> str | None:
    """A scalar, a list of scalars, or a mapping of these on one line; None for what holds more, or comments."""
    if isinstance(value, Map):
        parts = [_inline_pair(pair) for pair in value.pairs]
        return None if None in parts else f"{{{', '.join(part for part in parts if part)}}}"
    if isinstance(value, List):
        return _inline_list(value)
    return "" if value is None else scalar(value)


def _inline_pair(pair: Pair) -> str | None:
    if pair.comments or pair.value is None or (isinstance(pair.value, Map) and pair.value.pairs):
        return None
    key = scalar(Text(pair.key, text=True), key=True, flow=True)
    value = scalar(pair.value, flow=True) if isinstance(pair.value, Text) else _inline(pair.value)
    return None if value is None else f"{key}: {value}"


def inline_pair(pair: Pair) -> str:
    """A key and its value as they stand between `{` and `}`."""
    key = scalar(Text(pair.key, text=True), key=True, flow=True)
    return f"{key}: {inline_value(pair.value, flow=True)}".rstrip()


def inline_value(value: Value, *, flow: bool) -> str:
    """A value on one line, whatever it holds; nothing for null."""
    if isinstance(value, Map):
        return f"{{{', '.join(map(inline_pair, value.pairs))}}}"
    if isinstance(value, List):
        return f"[{', '.join(inline_value(item.value, flow=True) for item in value.items)}]"
    return "" if value is None else scalar(value, flow=flow)


def _inline_list(value: List) -> str | None:
    shown: list[str] = []
    for item in value.items:
        if isinstance(item.value, List):
            inner = _inline_list(item.value)
        else:
            inner = scalar(item.value, flow=True) if isinstance(item.value, Text) else None
        if inner is None or item.comments:
            return None
        shown.append(inner)
    return f"[{', '.join(shown)}]"


def scalar(text: Text, *, key: bool = False, flow: bool = False) -> str:
    """A scalar: plain, else in single quotes, else, for control characters, in double ones."""
    value = text.value
    if _CONTROL.search(value):
        return _double(value)
    plain = (
        _PLAIN.fullmatch(value) is not None and not value.endswith((" ", ":")) and not (flow and _FLOW.search(value))
    )
    if plain and text.text and _OTHER.fullmatch(value) and not (key and value == "on"):
        plain = False
    if plain and not text.text and value in ("null", "Null", "NULL", "~"):
        plain = False
    return value if plain else "'" + value.replace("'", "''") + "'"


def _double(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return '"' + _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04X}", escaped) + '"'
