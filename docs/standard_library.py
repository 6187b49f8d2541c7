"""docs/standard-library.md: the kinds and services of the standard library, each with its story, fields, ports and a lab.

Enters: the modules of stdlib/ as the compiler reads them, and docs/labs/, which holds a lab for each kind and service. Leaves: the page.
Called by `build.py`. What the page says stands in the modules: the comment before a kind, a service or a field is its story.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from labc.compiler.diagnostics import Diagnostics
from labc.compiler.elaborate.imports import STANDARD
from labc.compiler.elaborate.kinds import NODE_FIELDS
from labc.compiler.elaborate.reader import standard_library
from labc.compiler.source import Source
from labc.compiler.syntax import read, tree
from labc.compiler.syntax.expression_text import expression_text, type_text
from labc.compiler.syntax.spell import spell_statement

LABS = Path(__file__).resolve().parent / "labs"

_HEAD = """\
# The standard library

What a lab has without writing it: kinds of nodes, and services that every node can serve. All of it is written in the language
itself, in `stdlib/`, and `make docs` makes this page from there. Kinds and services of your own are written [in the same way](kinds.md).
Every lab on this page is compiled by the tests of this project.

## Kinds

A lab imports a module, and names its kinds by it: `import std.linux`, then `node pc: linux.host`.
"""

_NODE = """\
### Every node

Every kind extends the built-in kind `node`. Its fields say what the compiler and the runtime must know about a node. A node sets one in its body
(`forward = true`), a kind for all its nodes.
"""

_NODE_STORIES = {
    "forward": "it routes packets between its ports",
    "bridge": "its ports are one broadcast domain",
    "physical": "it is real gear",
    "probe": "where tests stand",
    "backend": "which backend makes it",
}

_SERVICES = """\
## Services

A node serves a service when its body says `serve NAME`. `serve NAME { FIELD = VALUE }` sets fields, `serve NAME on tcp/8080` moves it to other ports.
No import is needed. Rules and tests know the names too: in a rule, `inside -> web allow http`, the name means the ports that stand here; in a test,
`expect pc -> web http`, the port where the node serves it.
"""

_FIELDS = ("| field | type | default | meaning |", "|---|---|---|---|")


class Declared(NamedTuple):
    """A kind or service with the file that it stands in."""

    module: str
    file: tree.File
    statement: tree.KindDecl | tree.ServiceDecl


def page() -> str:
    """Raises FileNotFoundError for a kind or service without a lab, KeyError for a field of `node` without a story."""
    parts = [_HEAD]
    for name in kinds():
        parts += _kind(name)
    parts += [_NODE, *_node_fields(), "", _SERVICES]
    for name in services():
        parts += _service(name)
    return "\n".join(parts)


@cache
def kinds() -> Mapping[str, Declared]:
    """`linux.host` and the others, as modules declare them."""
    return {
        f"{module.partition('.')[2]}.{statement.name.plain}": Declared(module, file, statement)
        for module, file, statement in _declared(tree.KindDecl)
    }


@cache
def services() -> Mapping[str, Declared]:
    """`http` and the others."""
    return {str(each.statement.name.plain): each for each in _declared(tree.ServiceDecl)}


def _declared(form: type[tree.KindDecl | tree.ServiceDecl]) -> Iterator[Declared]:
    for module in STANDARD:
        path = module.replace(".", "/") + ".net"
        data = standard_library(path)
        assert data is not None
        file = read(Source(path, data), Diagnostics())
        yield from (Declared(module, file, each) for each in file.body if isinstance(each, form))


def _kind(name: str) -> Iterator[str]:
    each = kinds()[name]
    chain = list(_chain(name))
    body = [statement for ancestor in chain for statement in ancestor.statement.body]
    said = [spell_statement(statement) for statement in body if isinstance(statement, tree.Assign)]
    ports = [f"`{spell_statement(port)}`" for port in body if isinstance(port, tree.PortDecl)]
    yield from (f"### {name}", "", _story(each.file, each.statement), "")
    yield f"- Module: `import {each.module}`."
    yield "- Extends: " + ", ".join([*(f"`{ancestor}`" for ancestor in _bases(name)), "[`node`](#every-node)"]) + "."
    yield "- Fields: those of [every node](#every-node)" + (f", with `{'`, `'.join(said)}`." if said else ".")
    yield f"- Ports: {', '.join(ports) or 'none of its own; a node declares as many as it wants, under names of its own'}."
    yield from (f"- Configuration: `{spell_statement(s)}`." for s in body if isinstance(s, tree.ConfigDecl))
    fields = [row for ancestor in chain for row in _fields(ancestor)]
    yield from ("", *_FIELDS, *fields) if fields else ()
    yield from _lab(name)


def _chain(name: str) -> Iterator[Declared]:
    return (kinds()[each] for each in (name, *_bases(name)))


def _bases(name: str) -> Iterator[str]:
    """`host` in the module `linux` is `linux.host`."""
    statement = kinds()[name].statement
    if isinstance(statement, tree.KindDecl) and statement.base is not None and str(statement.base) != "node":
        base = str(statement.base)
        base = base if base in kinds() else f"{name.partition('.')[0]}.{base}"
        yield base
        yield from _bases(base)


def _service(name: str) -> Iterator[str]:
    each = services()[name]
    assert isinstance(each.statement, tree.ServiceDecl)
    yield from (f"### {name}", "", _story(each.file, each.statement), "")
    ports = " and ".join(f"`{expression_text(port)}`" for port in each.statement.listens)
    fields = list(_fields(each))
    yield f"Listens on {ports}." + ("" if fields else " It has no fields.")
    yield from ("", *_FIELDS, *fields) if fields else ()
    yield from _lab(name)


def _fields(each: Declared) -> Iterator[str]:
    for field in each.statement.body:
        if isinstance(field, tree.Field):
            assert field.type is not None
            within = f" in {expression_text(field.within)}" if field.within is not None else ""
            default = f"`{expression_text(field.default)}`" if field.default is not None else "must be set"
            yield _row(f"`{field.name.plain}`", f"`{type_text(field.type)}{within}`", default, _story(each.file, field))


def _node_fields() -> Iterator[str]:
    yield from _FIELDS
    for name, (kind, value) in NODE_FIELDS.items():
        type_ = " | ".join(f'"{choice}"' for choice in kind.choices) or kind.name
        default = str(value).lower() if isinstance(value, bool) else f'"{value}"'
        yield _row(f"`{name}`", f"`{type_}`", f"`{default}`", _NODE_STORIES[name])


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _lab(name: str) -> Iterable[str]:
    return ("", "```net", (LABS / f"{name}.net").read_text().rstrip(), "```", "")


def _story(file: tree.File, statement: tree.Statement) -> str:
    """The comment behind it on its line, else those right above it."""
    own = {_line(file, each): each for each in file.comments if each.own_line}
    behind = {_line(file, each): each for each in file.comments if not each.own_line}
    line = _line(file, statement)
    found = [behind[line]] if line in behind else []
    while not found or found[0].own_line:
        line -= 1
        if line not in own:
            break
        found.insert(0, own[line])
    return " ".join(each.span.shown.lstrip("#").strip() for each in found)


def _line(file: tree.File, each: tree.Comment | tree.Statement) -> int:
    return file.source.position(each.span.start).line
