"""The YAML spelling: text to the same syntax tree that `.net` gives.

Enters: the `Source` of a `.yaml` file. Leaves: a `File`, whole for what was sound; every mistake is a diagnostic. Called by
`syntax.read` for files that end in `.yaml` or `.yml`. docs/yaml.md is its reference, `yaml_model.py` its schema,
`yaml_out.py` the way back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..diagnostics import Diagnostics
from ..source import Source, Span
from .tree import Comment, File, Import, ImportItem, LabHeader, Statement
from .yaml_lab import DECLARATIONS, listed, loops
from .yaml_nodes import Mapping, Node, Scalar, children, read_document
from .yaml_site import SITE
from .yaml_tests import TESTS
from .yaml_text import UnreadableError
from .yaml_walk import Table, Walk

_PATH = re.compile(r"/|\.(?:net|ya?ml)$")
_COMMENT = re.compile(rb"#[^\n]*")


def read_yaml(source: Source, diagnostics: Diagnostics) -> File:
    """The tree of a YAML file."""
    root = read_document(source, diagnostics)
    if root is None:
        return File(source, ())
    walk = Walk(source, diagnostics)
    _, body = walk.parts(root, "a lab", (), FILE)
    return File(source, body, tuple(_comments(source, root)))


def _lab(walk: Walk, key: Scalar, value: Node) -> Iterable[Statement]:
    return [LabHeader(walk.span(key, value), walk.name(value, "the lab's name"))]


def _import(walk: Walk, _key: Scalar, item: Node) -> Statement:
    return Import(walk.span(item), (_import_item(walk, item),))


def _import_item(walk: Walk, item: Node) -> ImportItem:
    """`std.linux` and `site.net` say by themselves which of the two they are; a mapping says it."""
    span = walk.span(item)
    if isinstance(item, Scalar):
        target = walk.text(item, "an import")
        if not says_path(target) and walk.dotted(item) is None:
            raise UnreadableError
        return ImportItem(span, "path" if says_path(target) else "module", target)
    has, _ = walk.parts(item, "an import", ("module", "path", "git", "at", "as"), {})
    texts = {name: walk.text(node, f"`{name}`") for name, node in has.items()}
    if "module" in has and walk.dotted(has["module"]) is None:
        raise UnreadableError
    if "as" in has:
        walk.word(has["as"], "the name of a module")
    form = next((form for form in ("git", "path", "module") if form in has), None)
    if form is None:
        walk.wrong_shape(item, "an import has one of `module`, `path` and `git`", "this has none")
        raise UnreadableError
    if form == "git":
        return ImportItem(span, form, texts["git"], texts.get("at"), texts.get("path"), texts.get("as"))
    return ImportItem(span, form, texts[form], alias=texts.get("as"))


def says_path(target: str) -> bool:
    """Whether an import is a path by its look: it has a `/` or the ending of a lab."""
    return _PATH.search(target) is not None


def _comments(source: Source, root: Mapping) -> Iterable[Comment]:
    """Every `#` that stands outside scalars, at the start of a line or behind a blank."""
    inside = _scalar_spans(root) if b"#" in source.data else []
    at = 0
    for found in _COMMENT.finditer(source.data):
        start = found.start()
        if start < at:
            continue
        while inside and inside[-1][1] <= start:
            inside.pop()
        if inside and inside[-1][0] <= start:
            continue
        if start and source.data[start - 1 : start] not in (b" ", b"\t", b"\n"):
            continue
        line = source.data.rfind(b"\n", 0, start) + 1
        end = start + len(found[0].rstrip())
        yield Comment(Span(source, start, end), not source.data[line:start].strip())
        at = found.end()


def _scalar_spans(root: Node) -> list[tuple[int, int]]:
    """The scalars' places, last first. An aliased node is visited once."""
    seen: set[int] = set()
    stack: list[Node] = [root]
    spans = []
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Scalar):
            spans.append((node.start, node.end))
        stack.extend(children(node))
    return sorted(spans, reverse=True)


FILE: Table = {"lab": _lab, "import": listed(_import), **loops({**SITE, **DECLARATIONS, **TESTS})}
