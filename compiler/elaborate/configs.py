"""Templates of nodes: found and read here, rendered by the pass `configs`.

Enters: `config "TEMPLATE" to "PATH"` statements. Leaves: `Config`s with the template's text. A path is relative to the
file that says it. A node's own rule set replaces that of its kind; so does a file with the same path.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from ..diagnostics import Label
from ..ir.lab import Config, Node
from ..source import Origin, Span
from ..syntax import tree
from .blocks import header
from .evaluate import compile_expression
from .ports import level_of
from .scopes import Scope
from .values import POISON, SECRET_MARK, Frame, Run, describe


def compile_config(statement: tree.ConfigDecl, scope: Scope) -> Run:
    template_of = _compile_text(statement.template, scope)
    path_of = _compile_text(statement.path, scope) if statement.path is not None else None
    span, at, folder = header(statement), statement.template.span, posixpath.dirname(scope.module.path)

    def config(frame: Frame) -> None:
        template = template_of(frame)
        path = path_of(frame) if path_of is not None else ""
        if template is None or path is None:
            return
        found = posixpath.normpath(posixpath.join(folder, template))
        source = _read(scope, frame, found, at)
        if source is None:
            return
        loader = "nft" if found.endswith((".nft", ".nft.j2")) else "file"
        base = posixpath.basename(found).removesuffix(".j2")
        if loader == "file":
            path = path or f"/etc/{base}"
        name = base if loader == "nft" else path.lstrip("/")
        _add(scope, frame, Config(name, loader, path, found, source, Origin(span, frame[0])), at)

    return config


def _compile_text(expression: tree.Expression, scope: Scope) -> Callable[[Frame], str | None]:
    compute, span, state = compile_expression(expression, scope), expression.span, scope.state

    def text(frame: Frame) -> str | None:
        value = compute(frame)
        if type(value) is str and SECRET_MARK not in value:
            return value
        if value is not POISON:
            state.error(frame, "E0303", f"expected a path, found {describe(value)}", span, help="write it in quotes")
        return None

    return text


def _read(scope: Scope, frame: Frame, path: str, span: Span) -> str | None:
    """The text of a template, read once."""
    state = scope.state
    if state.refuse_outside(scope.module.path, path, frame, span):
        return None
    if path not in state.templates:
        data = state.reader.read(path)
        state.templates[path] = None if data is None else data.decode("utf-8", "replace")
    text = state.templates[path]
    if text is None:
        state.error(
            frame,
            "E0206",
            f"there is no template `{path}`",
            span,
            "cannot be read",
            help="paths are relative to the file that names them",
        )
    return text


def _slot(config: Config) -> str:
    return "rule set" if config.loader == "nft" else config.path


def _add(scope: Scope, frame: Frame, config: Config, span: Span) -> None:
    """Add a configuration to the node. All those of one slot are of one level, the nearest that said any."""
    node: Node = frame[1]
    table = scope.state.table(node, "configs")
    level = level_of(config.origin)
    first = table.setdefault((level, config.name), config)
    if first is not config:
        _twice(scope, frame, first, config.name, span)
        return
    if table.setdefault(_slot(config), level) is not level:
        table[_slot(config)] = level
        node.configs = [other for other in node.configs if _slot(other) != _slot(config)]
    node.configs.append(config)


def _twice(scope: Scope, frame: Frame, other: Config, name: str, span: Span) -> None:
    scope.state.error(
        frame,
        "E0302",
        f"the configuration `{name}` is made twice",
        span,
        labels=(Label(other.origin.span, "first here"),),
        help='name another path: `config "TEMPLATE" to "PATH"`',
    )
