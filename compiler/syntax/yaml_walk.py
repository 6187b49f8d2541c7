"""Walking YAML nodes: what every section does alike.

Enters: nodes of `yaml_nodes.py`. Leaves: names, expressions, and the statements of a table. Called by the tables of `yaml.py`
(`yaml_lab.py`, `yaml_tests.py`, `yaml_site.py`), which say which key makes which statement.

A table maps a key to its reader, `reader(walk, key, value) -> statements`. `for` and `if` hold the keys of the table in
which they stand. Every mistake is a diagnostic and the walk goes on behind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from msgspec.structs import replace

from ..diagnostics import Diagnostic, Diagnostics, Fix, Label
from ..source import Source, Span
from .tree import (
    Broken,
    Dotted,
    Expression,
    Interpolation,
    ListOf,
    Literal,
    MapOf,
    Name,
    Statement,
    TypeName,
)
from .yaml_nodes import Mapping, Node, Scalar, Sequence
from .yaml_text import Text, UnreadableError, name_in, name_parts

Reader = Callable[["Walk", Scalar, Node], Iterable[Statement]]
Table = dict[str, Reader]
Make = Callable[["Walk", Scalar, Node], Statement]
Parts = dict[str, Node]

WORD = re.compile(r"[A-Za-z_]\w*(?:-[A-Za-z_]\w*)*", re.ASCII)
_LIKE_TEXT = re.compile(r"[^\W\d][^\"]*$")
_FRAGMENTS = {
    "flow": ("flow", "`pc1 -> web tcp/80` or `pc1 -> web udp/5000 from port 53`"),
    "rule": ("rule", "`inside, dmz -> web allow tcp/80 icmp`"),
    "check": ("check", "`outage < 5s`, `stream alive`, `edge:srv up` or `web.http running`"),
    "demand": ("demand", "`kvm`, `cpu = 2` or `isdn >= 1`"),
    "type": ("type", '`int`, `list[string]` or `"a" | "b"`'),
}
_MADE_OF = {Scalar: "a single value", Sequence: "a list", Mapping: "a mapping"}


class Walk:
    """One reading of one file: the source, the bag of diagnostics, and what scalars become."""

    def __init__(self, source: Source, diagnostics: Diagnostics) -> None:
        self.source = source
        self.diagnostics = diagnostics

    # --- Shapes ---

    def span(self, first: Node, last: Node | None = None) -> Span:
        """From the start of one node to the end of another; an alias's value stands elsewhere and is left out."""
        end = first.end if last is None or last.end < first.end else last.end
        return Span(self.source, first.start, end)

    def entries(self, node: Node, known: Collection[str], what: str) -> Iterator[tuple[Scalar, Node]]:
        """The keys of a mapping that are known, each once; merges (`<<`) unfolded. Null is an empty mapping."""
        if isinstance(node, Scalar) and node.null:
            return
        if not isinstance(node, Mapping):
            self.wrong_shape(node, f"{what} is a mapping", f"this is {_MADE_OF[type(node)]}")
            return
        for key, value in self.pairs(node):
            if key.text in known:
                yield key, value
            else:
                self.unknown_key(key, known, what)

    def pairs(self, node: Mapping) -> Iterator[tuple[Scalar, Node]]:
        """All keys of a mapping with their values; the mapping's own before those that `<<` merges in."""
        seen: dict[str, Scalar] = {}
        merged: list[Node] = []
        for key, value in node.items:
            if not isinstance(key, Scalar):
                self.wrong_shape(key, "a key is a text", f"this is {_MADE_OF[type(key)]}")
            elif key.text == "<<" and not key.style:
                merged.extend(value.items if isinstance(value, Sequence) else [value])
            elif key.text in seen:
                self.duplicate(key, seen[key.text])
            else:
                seen[key.text] = key
                yield key, value
        for source in merged:
            yield from self._merged(source, seen)

    def _merged(self, node: Node, seen: dict[str, Scalar]) -> Iterator[tuple[Scalar, Node]]:
        if not isinstance(node, Mapping):
            self.wrong_shape(node, "`<<` merges mappings", f"this is {_MADE_OF[type(node)]}")
            return
        for key, value in self.pairs(node):
            if key.text not in seen:
                seen[key.text] = key
                yield key, value

    def named(self, node: Node, what: str) -> Iterator[tuple[Scalar, Node]]:
        """The things of a section by name: a mapping, or a list of such."""
        if isinstance(node, Scalar) and node.null:
            return
        for part in node.items if isinstance(node, Sequence) else [node]:
            if isinstance(part, Mapping):
                yield from self.pairs(part)
            else:
                self.wrong_shape(part, f"{what} stand by name: `NAME: …`", f"this is {_MADE_OF[type(part)]}")

    def items(self, node: Node | None) -> list[Node]:
        """A list, or the one value that stands where a list may."""
        if node is None or (isinstance(node, Scalar) and node.null):
            return []
        return node.items if isinstance(node, Sequence) else [node]

    def parts(
        self, node: Node, what: str, keys: Collection[str], table: Table, short: str = ""
    ) -> tuple[Parts, tuple[Statement, ...]]:
        """The attributes among `keys`, and the statements of the table. What is no mapping is the attribute `short`."""
        if short and not isinstance(node, Mapping) and not (isinstance(node, Scalar) and node.null):
            return {short: node}, ()
        attributes: Parts = {}
        body: list[Statement] = []
        for key, value in self.entries(node, [*keys, *table], what):
            if key.text in keys:
                attributes[key.text] = value
            else:
                body.extend(self._read(table[key.text], key, value))
        return attributes, tuple(body)

    def _read(self, reader: Reader, key: Scalar, value: Node) -> Iterable[Statement]:
        try:
            return list(reader(self, key, value))
        except UnreadableError:
            return [Broken(self.span(key, value))]

    # --- Values ---

    def text(self, node: Node | None, what: str) -> str:
        """A text as it stands, nothing in it computed."""
        if isinstance(node, Scalar) and not node.null:
            return node.text
        if node is not None:
            self.wrong_shape(node, f"{what} is a text", "this is none")
        return ""

    def word(self, node: Node, what: str) -> str:
        """A name that `.net` writes without quotes: a variable, a label, a field. Raises UnreadableError."""
        text = self.text(node, what)
        if not WORD.fullmatch(text):
            if text:
                self.wrong_shape(
                    node, f"{what} is a plain word", "this is none", "letters, digits and `_`, a letter first"
                )
            raise UnreadableError
        return text

    def choice(self, node: Node | None, words: Collection[str], what: str) -> str:
        """One of a few words; the first one where something else stands."""
        first = next(iter(words))
        if node is None:
            return first
        text = node.text if isinstance(node, Scalar) else ""
        if text in words:
            return text
        listed = " or ".join(f"`{word}`" for word in words)
        self.wrong_shape(node, f"{what} is {listed}", "this is neither", close(text, words))
        return first

    def name(self, node: Node | None, what: str = "a name") -> Name:
        """A name, `pc{i}` with the value of `i` in it."""
        if isinstance(node, Scalar) and not node.null:
            text = Text(self.source, node)
            return name_in(text, 0, len(text.value), self.diagnostics)
        if node is not None:
            self.wrong_shape(node, f"{what} is a text", "this is none")
        return Name(self.whole() if node is None else self.span(node), ("",))

    def optional_name(self, node: Node | None) -> Name | None:
        return None if node is None else self.name(node)

    def string(self, node: Node) -> Expression:
        """A place that holds a text: `{EXPRESSION}` in it is computed, all else stands for itself."""
        span = self.span(node)
        if not isinstance(node, Scalar) or node.null:
            self.wrong_shape(node, "this value is a text", "this is none")
            return Literal(span, "")
        text = Text(self.source, node)
        parts = name_parts(text, 0, len(text.value), self.diagnostics)
        if len(parts) == 1 and isinstance(parts[0], str):
            return Literal(span, parts[0])
        return Interpolation(span, parts)

    def dotted(self, node: Node | None) -> Dotted | None:
        """`firewall.nftables`."""
        if node is None:
            return None
        text = self.text(node, "a kind, service or module")
        names = tuple(text.split("."))
        if text and not all(WORD.fullmatch(name) for name in names):
            self.wrong_shape(
                node, "this is no name of a kind, service or module", "not such a name", "such as `linux.host`"
            )
            return None
        return Dotted(self.span(node), names) if text else None

    def names(self, node: Node | None) -> tuple[str, ...]:
        """Plain words: the variables of a `for`."""
        made = tuple(self.word(item, "a variable") for item in self.items(node))
        if not made:
            raise UnreadableError
        return made

    def value(self, node: Node) -> Expression:
        """A scalar is an expression of `.net`, a list a list of them, a mapping a map of them."""
        if isinstance(node, Scalar):
            return self._scalar_expression(node)
        if isinstance(node, Sequence):
            return ListOf(self.span(node), tuple(self.value(item) for item in node.items))
        return MapOf(self.span(node), tuple((key.text, self.value(value)) for key, value in self.pairs(node)))

    def expression(self, node: Node) -> Expression:
        """As `value`, where a map would mean nothing, so that `.net` has no place for one."""
        if isinstance(node, Mapping):
            self.wrong_shape(node, "a single value stands here", "this is a mapping")
            raise UnreadableError
        return self.value(node)

    def optional(self, node: Node | None) -> Expression | None:
        if node is None or (isinstance(node, Scalar) and node.null):
            return None
        try:
            return self.expression(node)
        except UnreadableError:
            return None

    def optional_value(self, node: Node | None) -> Expression | None:
        """As `optional`, where a map may stand too."""
        if not isinstance(node, Mapping):
            return self.optional(node)
        try:
            return self.value(node)
        except UnreadableError:
            return None

    def expressions(self, node: Node | None) -> tuple[Expression, ...]:
        """One or a list of expressions; those that cannot be read are left out."""
        return tuple(made for item in self.items(node) if (made := self.optional_item(item)) is not None)

    def some(self, node: Node | None, what: str) -> tuple[Expression, ...]:
        """One or more expressions. Raises UnreadableError when none is left."""
        made = self.expressions(node)
        if made:
            return made
        if node is not None and not self.items(node):
            self.diagnostics.error("E0159", f"{what} holds nothing", self.span(node), "empty", help="name at least one")
        raise UnreadableError

    def optional_item(self, node: Node) -> Expression | None:
        try:
            return self.expression(node)
        except UnreadableError:
            return None

    def several(self, node: Node) -> Iterator[tuple[Node, tuple[Expression, ...]]]:
        """`[a, b]` is one group of expressions, `[[a], [b, c]]` are two."""
        if isinstance(node, Sequence) and node.items and all(isinstance(item, Sequence) for item in node.items):
            for item in node.items:
                yield item, self.some(item, "this list")
        else:
            yield node, self.some(node, "this list")

    def type(self, node: Node | None) -> TypeName | None:
        """`int`, `list[string]`, `"a" | "b"`."""
        if node is None:
            return None
        if not isinstance(node, Scalar) or node.null:
            self.wrong_shape(node, "a type is a text", "such as `int` or `list[string]`")
            return None
        try:
            made: TypeName = self.fragment("type", node)
        except UnreadableError:
            return None
        return made

    def fragment(self, kind: str, node: Scalar) -> Any:  # Any: by kind, as in parse.py
        """What a whole scalar spells. Raises UnreadableError."""
        text = Text(self.source, node)
        found = Diagnostics()
        try:
            return text.part(kind, 0, len(text.value), found)
        finally:
            self.diagnostics.extend(_about_fragment(said, kind) for said in found)

    def _scalar_expression(self, node: Scalar) -> Expression:
        if node.null:
            span = Span(self.source, node.start, node.end)
            self.diagnostics.error(
                "E0159", "a value is missing", span, "nothing stands here", help="write one, or remove the key"
            )
            raise UnreadableError
        text = Text(self.source, node)
        found = Diagnostics()
        try:
            return text.expression(0, len(text.value), found)
        finally:
            self.diagnostics.extend(_about_scalar(said, node, self.span(node)) for said in found)

    def made(self, make: Make, key: Scalar, item: Node, span: Span) -> Statement:
        """The statement of an item, or `Broken` in its place."""
        try:
            return make(self, key, item)
        except UnreadableError:
            return Broken(span)

    def whole(self) -> Span:
        return Span(self.source, 0, 0)

    # --- Mistakes ---

    def required(self, parts: Parts, key: str, around: Node, what: str) -> Node:
        """An attribute that must stand; its absence is reported unless the YAML broke off there. Raises UnreadableError."""
        if key in parts:
            return parts[key]
        if not (isinstance(around, Mapping) and around.cut):
            help = f"add `{key}: …`"
            self.diagnostics.error("E0154", f"{what} needs `{key}`", self.span(around), "it is missing here", help=help)
        raise UnreadableError

    def wrong_shape(self, node: Node, summary: str, label: str, help: str = "") -> None:
        self.diagnostics.error("E0152", summary, self.span(node), label, help=help)

    def unknown_key(self, key: Scalar, known: Collection[str], what: str) -> None:
        free = "set" in known
        near = get_close_matches(key.text, known, 1, _SLIP if free else _NEAR)
        help = f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(known)}"
        if free and not near:
            help += f"; labels and fields of other names stand under `set`: `set: {{{key.text}: …}}`"
        fixes = (Fix(self.span(key), near[0], f"write `{near[0]}`"),) if near else ()
        self.diagnostics.error(
            "E0151", f"{what} has no key `{key.text}`", self.span(key), "unknown", help=help, fixes=fixes
        )

    def duplicate(self, key: Scalar, first: Scalar) -> None:
        labels = (Label(self.span(first), "first here"),)
        help = "YAML keeps one value for a key; give it another name, or put both values together"
        self.diagnostics.error(
            "E0153", f"the key `{key.text}` stands twice", self.span(key), "again", labels=labels, help=help
        )


_NEAR, _SLIP = 0.6, 0.75  # likeness (difflib); where names are free `rack` is no slip of `reach`
_LONE_BRACE = re.compile(r"\{(?![A-Za-z_(][^{}\"\\:]*\})")  # what no expression follows


def close(word: str, known: Collection[str]) -> str:
    """`did you mean` for a word that is nearly one of the known."""
    near = get_close_matches(word, known, 1)
    return f"did you mean `{near[0]}`?" if near else ""


def _about_scalar(said: Diagnostic, node: Scalar, span: Span) -> Diagnostic:
    """What is no expression was most often meant as a text, which YAML's own quotes do not say."""
    if said.summary.startswith("the file ends"):  # It is the scalar that ends.
        said = replace(said, summary="the expression ends too early")
    if said.severity != "error" or not _LIKE_TEXT.match(node.text):
        return said
    quoted = "'" + _net_string(node.text).replace("'", "''") + "'"
    hint = (
        f"if a text is meant, put it in quotes of its own: {quoted}"
        if len(quoted) < 60
        else "a text stands in quotes of its own: '\"…\"'"
    )
    fix = Fix(span, quoted, "make it a text")
    return replace(said, help=f"{said.help}; {hint}" if said.help else hint, fixes=(*said.fixes, fix))


def _about_fragment(said: Diagnostic, kind: str) -> Diagnostic:
    """The parser speaks of statements where a fragment is wanted."""
    if said.code not in ("E0101", "E0102", "E0103"):
        return said
    shape = _FRAGMENTS[kind]
    return replace(
        said,
        code="E0152",
        summary=f"this is no {shape[0]}",
        label="not expected here",
        help=f"such as {shape[1]}",
        fixes=(),
    )


def _net_string(text: str) -> str:
    """Braces around a name or an expression stay: they mean the same in the text."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    escaped = _LONE_BRACE.sub(r"\\{", escaped)
    return f'"{escaped}"'
