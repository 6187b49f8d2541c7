"""Edits by machine: a value changed, an element added, removed or renamed, every other byte left alone.

Enters: a source and changes. Leaves: the new bytes. Called by `labc site probe`, tools and editors (`labc.compiler.syntax.edit`). In
YAML values are set and statements added (`yaml_edit.py`); nothing is removed or renamed there yet.

An element is named by its id: `node/web`, `port/web/eth0`, `segment/dmz`, `param/clients`, `let/spines`, `test/TITLE`;
the file itself is the empty path. `#FIELD` behind it names a value inside: a field that its block sets
(`segment/dmz#mtu`), or a part of its line (`segment/dmz#prefixes`, `param/clients#default`, `port/web/eth0#at`).
Names that are computed are written as in the source: `node/pc{i}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from ..diagnostics import Diagnostics
from ..source import Source, Span
from . import read, tree
from .expression_text import string_text
from .parse import parse
from .tree import File, Name, Statement

_WORDS: dict[str, type[Statement]] = {
    "node": tree.NodeDecl,
    "segment": tree.SegmentDecl,
    "link": tree.LinkDecl,
    "group": tree.GroupDecl,
    "zone": tree.ZoneDecl,
    "policy": tree.PolicyDecl,
    "kind": tree.KindDecl,
    "service": tree.ServiceDecl,
    "param": tree.Param,
    "let": tree.Let,
    "host": tree.HostDecl,
    "device": tree.DeviceDecl,
    "switch": tree.SwitchDecl,
    "pool": tree.Pool,
    "test": tree.TestDecl,
    "lab": tree.LabHeader,
    "site": tree.SiteHeader,
}
_PORTS = (tree.PortDecl, tree.Socket, tree.Nic)


class EditError(ValueError):
    """A change that cannot be made: `path` names nothing in the source, or the result would be no lab."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path or 'the file'}: {message}")
        self.path = path


class SetValue(Struct, frozen=True):
    """The value at `path` becomes `text`: `SetValue("segment/dmz#mtu", "9000")`. A field that its block does not set is added."""

    path: str
    text: str


class Add(Struct, frozen=True):
    """A statement is added at the end of the block of `path`: `Add("node/web", "serve http")`."""

    path: str
    text: str


class Remove(Struct, frozen=True):
    """The element, or the field that its block sets, goes, with its line where nothing else stands on it."""

    path: str


class Rename(Struct, frozen=True):
    """The element is called `name`, where it is declared and wherever this file refers to it."""

    path: str
    name: str


Change = SetValue | Add | Remove | Rename


def edit(source: Source, changes: Sequence[Change]) -> bytes:
    """The source with the changes made, one after the other. Raises EditError."""
    make = _make_in_yaml if source.path.endswith((".yaml", ".yml")) else _make
    for change in changes:
        source = make(source, change)
    return source.data


def _make(source: Source, change: Change) -> Source:
    return _Editing(source, change.path).make(change)


def _make_in_yaml(source: Source, change: Change) -> Source:
    from .yaml_edit import (  # YAML's readers and writers, which .net does not need
        YamlEditError,
        add_statement,
        set_value,
    )

    element, _, field = change.path.partition("#")
    try:
        match change:
            case SetValue(text=text):
                pieces = set_value(source, element, field, text)
            case Add(text=text):
                pieces = add_statement(source, element, text)
            case _:
                raise EditError(
                    change.path,
                    "in YAML only values are set and statements added; `labc fmt --to net` makes a .net file",
                )
    except YamlEditError as error:
        raise EditError(change.path, str(error)) from None
    return _applied(source, change.path, pieces)


def _applied(source: Source, path: str, pieces: list[tuple[int, int, str]]) -> Source:
    """The source with texts put in the places of others, unless that makes mistakes that were not there."""
    data = source.data
    for start, end, text in sorted(pieces, reverse=True):
        data = data[:start] + text.encode() + data[end:]
    made = Source(source.path, data)
    before, found = Diagnostics(), Diagnostics()
    read(source, before)
    read(made, found)
    if len(found) > len(before):
        raise EditError(path, f"the result would be no lab: {found.found[-1].summary}")
    return made


class _Editing:
    """One change of one source."""

    def __init__(self, source: Source, path: str) -> None:
        self.source = source
        self.file: File = parse(source, Diagnostics())
        self.path = path
        self.element_path, _, self.field = path.partition("#")

    def make(self, change: Change) -> Source:
        match change:
            case SetValue(text=text):
                pieces = [self._set(text)]
            case Add(text=text):
                pieces = [self._add(text)]
            case Remove():
                pieces = [self._remove()]
            case Rename(name=name):
                pieces = self._rename(name)
        return _applied(self.source, self.path, pieces)

    # --- Finding

    def _element(self) -> Statement:
        for statement in _declared(self.file.body):
            if self.element_path in _ids(statement):
                return statement
        owner, _, name = self.element_path.removeprefix("port/").rpartition("/")
        for statement in _declared(self.file.body):
            for port in _declared(getattr(statement, "body", ())):
                if isinstance(port, _PORTS) and self.element_path in _port_ids(statement, port):
                    return port
        raise EditError(self.path, f"there is no such element (`{name or owner}`)")

    def _assignment(self, element: Statement) -> tree.Assign | None:
        for statement in _declared(getattr(element, "body", ())):
            if isinstance(statement, tree.Assign) and _text(statement.name) == self.field:
                return statement
        return None

    def _part(self, element: Statement) -> Span | None:
        """A part of the element's line, by the name of its place in the tree."""
        if self.field in ("span", "body", "rules") or self.field not in element.__struct_fields__:
            return None
        spans = list(_outer_spans(getattr(element, self.field)))
        return spans[0].to(spans[-1]) if spans else None

    # --- Changing

    def _set(self, text: str) -> tuple[int, int, str]:
        element = self._element()
        if not self.field:
            raise EditError(self.path, "say which value: ELEMENT#FIELD")
        assignment = self._assignment(element)
        span = assignment.value.span if assignment is not None else self._part(element)
        if span is None:
            return self._into_block(element, f"{self.field} = {text}")
        return span.start, span.end, text

    def _add(self, text: str) -> tuple[int, int, str]:
        if self.path:
            return self._into_block(self._element(), text)
        end = len(self.source.data)
        before = "" if not end or self.source.data.endswith(b"\n") else "\n"
        return end, end, f"{before}{text}\n"

    def _into_block(self, element: Statement, text: str) -> tuple[int, int, str]:
        """At the end of the element's block; where it has none, one is made."""
        source, start, end = element.span
        if source.text[end - 1] != "}" or not self._has_block(element):
            return end, end, f" {{ {text} }}"
        brace = end - 1
        indent = self._indent(start)
        line_start = source.text.rfind("\n", 0, brace) + 1
        if source.text[line_start:brace].strip(" \t") or line_start <= start:
            inside = source.text[source.text.rfind("{", start, brace) + 1 : brace]
            behind = brace - (len(inside) - len(inside.rstrip(" \t")) if inside.strip() else 0)
            return behind, brace, f"{'; ' if inside.strip() else ' '}{text} "
        return line_start, line_start, "".join(f"{indent}  {line}\n" for line in text.splitlines())

    def _has_block(self, element: Statement) -> bool:
        """Whether the last brace of the element is its block's, and not that of a map in its line."""
        return not isinstance(element, tree.Param | tree.Field | tree.Let)

    def _remove(self) -> tuple[int, int, str]:
        element = self._element()
        if self.field:
            assignment = self._assignment(element)
            if assignment is None:
                raise EditError(self.path, "the block sets no such field")
            element = assignment
        return (*self._whole_line(element.span), "")

    def _whole_line(self, span: Span) -> tuple[int, int]:
        """A statement with its line where it is alone there, else with the `;` beside it."""
        text, (_, start, end) = self.source.text, span
        line_start = text.rfind("\n", 0, start) + 1
        line_end = text.find("\n", end)
        line_end = len(text) if line_end < 0 else line_end
        if not text[line_start:start].strip() and not text[end:line_end].strip():
            return line_start, min(line_end + 1, len(text))
        behind = re.compile(r"[ \t]*;[ \t]*").match(text, end)
        if behind:
            return start, behind.end()
        before = re.search(r"[ \t]*;[ \t]*$", text[line_start:start])
        return (line_start + before.start() if before else start), end

    def _indent(self, offset: int) -> str:
        line = self.source.text.rfind("\n", 0, offset) + 1
        matched = re.match(r"[ \t]*", self.source.text[line:offset])
        return matched[0] if matched else ""

    def _rename(self, name: str) -> list[tuple[int, int, str]]:
        element = self._element()
        declared: Name | None = getattr(element, "name", None)
        if declared is None or declared.plain is None:
            raise EditError(self.path, "this has no name that could be changed")
        written = name if re.fullmatch(r"[A-Za-z_]\w*(?:-[A-Za-z_]\w*)*", name, re.ASCII) else string_text((name,))
        spans = {declared.span, *self._references(element, declared.plain)}
        return [(span.start, span.end, written) for span in spans]

    def _references(self, element: Statement, name: str) -> Iterator[Span]:
        """Where this file refers to the element: a name of an expression, or of a port behind its node's name."""
        if isinstance(element, _PORTS):
            owner = self.element_path.split("/")[1]
            for node in _walk(self.file.body):
                if isinstance(node, tree.Endpoint) and node.port.plain == name and node.node.span.shown == owner:
                    yield node.port.span
            return
        for node in _walk(self.file.body):
            if isinstance(node, tree.Reference) and node.name == name:
                yield node.span


def _declared(body: tuple[Statement, ...]) -> Iterator[Statement]:
    """The statements of a body and those inside its loops and conditions."""
    for statement in body:
        match statement:
            case tree.For(body=inner):
                yield from _declared(inner)
            case tree.If(branches=branches, otherwise=otherwise):
                for _, inner in branches:
                    yield from _declared(inner)
                yield from _declared(otherwise or ())
            case _:
                yield statement


def _ids(statement: Statement) -> set[str]:
    for word, kind in _WORDS.items():
        if isinstance(statement, kind):
            title = getattr(statement, "title", None)
            if isinstance(title, tree.Literal):
                return {f"test/{title.value}"}
            name = getattr(statement, "name", None)
            return {f"{word}/{_text(name)}"} if name is not None else _link_ids(statement)
    return set()


def _link_ids(statement: Statement) -> set[str]:
    """A link without a name goes by its ends: `link/a:p--b:q`."""
    if not isinstance(statement, tree.LinkDecl):
        return set()
    left, right = (end.span.shown for end in statement.ends)
    return {f"link/{left}--{right}"}


def _port_ids(owner: Statement, port: Any) -> set[str]:
    name = getattr(owner, "name", None)
    words = ("port", "nic") if isinstance(port, tree.Nic) else ("port",)
    return {f"{word}/{_text(name)}/{_text(port.name)}" for word in words} if name is not None else set()


def _text(name: Name) -> str:
    return name.plain if name.plain is not None else string_text(name.parts)[1:-1]


def _walk(value: Any) -> Iterator[Any]:
    """Every record of a tree."""
    if type(value) in (tuple, list):
        for item in value:
            yield from _walk(item)
    elif isinstance(value, Struct):
        yield value
        for field in value.__struct_fields__:
            if field != "span":
                yield from _walk(getattr(value, field))


def _outer_spans(value: Any) -> Iterator[Span]:
    if type(value) is tuple:
        for item in value:
            yield from _outer_spans(item)
    elif hasattr(value, "span"):
        yield value.span
