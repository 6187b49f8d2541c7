"""Parameters: values from `-p NAME=TEXT` or from the lab's defaults, typed and within their ranges.

Enters: a `param` statement and the texts given. Leaves: a variable whose value is recorded in `lab.parameters`.
Called by `imports` for each `param` of each file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..diagnostics import Diagnostics, Label
from ..source import Source, Span
from ..syntax import tree
from .evaluate import compile_expression
from .scopes import Lazy, Scope
from .types import Type, fitted, type_of, within, written_type
from .values import POISON, Frame, text_of

if TYPE_CHECKING:
    from .imports import Library, Module


def parameter(library: Library, module: Module, statement: tree.Param) -> Lazy:
    """The variable of a parameter."""
    name = statement.name.plain or ""

    def compute(frame: Frame) -> Any:
        value = _value(library, module, statement, module.prefix + name, frame)
        if value is not POISON:
            library.state.lab.parameters[module.prefix + name] = plain(value)
        return value

    return Lazy(library.state, name, statement.name.span, compute, module.frame)


def _value(library: Library, module: Module, statement: tree.Param, name: str, frame: Frame) -> Any:
    state, scope = library.state, Scope(module)
    default = POISON
    if statement.default is not None:
        default = compile_expression(statement.default, scope)(frame)
    kind = written_type(state, statement.type) if statement.type is not None else type_of(default)
    span = statement.name.span
    labels: tuple[Label, ...] = ()
    if name in library.parameters:
        value = _given(library, kind, name, statement, frame)
        labels = (Label(span, "declared here"),)
        span = _source_of(name, library.parameters[name])[1]
    elif statement.default is not None:
        value, span = default, statement.default.span
    else:
        return state.error(
            frame,
            "E0313",
            f"the parameter `{name}` has no value",
            span,
            "has no default",
            help=f"give it one: -p {name}=…",
        )
    allowed = compile_expression(statement.within, scope)(frame) if statement.within is not None else POISON

    def checked(value: Any, span: Span, labels: tuple[Label, ...]) -> Any:
        value = fitted(state, frame, kind, value, span, f"the parameter `{name}`", labels)
        return within(state, frame, value, allowed, span, f"the parameter `{name}`", labels)

    found = checked(value, span, labels)
    if found is POISON and labels and statement.default is not None:
        # A wrong value from outside was told; the rest of the lab is looked at as it stands.
        return checked(default, statement.default.span, ())
    return found


def _source_of(name: str, text: str) -> tuple[Source, Span]:
    source = Source(f"-p {name}", text.encode("utf-8", "surrogateescape"))
    return source, Span(source, 0, len(source.data))


def _given(library: Library, kind: Type, name: str, statement: tree.Param, frame: Frame) -> Any:
    """The value of a text from the command line: as it is for strings, else an expression."""
    from ..syntax.parse import parse_expression

    text = library.parameters[name]
    if kind.name == "string" or kind.choices:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    source, span = _source_of(name, text)
    said = Diagnostics()
    expression = parse_expression(source, 0, len(source.data), said)
    if isinstance(expression, tree.Reference):  # a bare word
        return expression.name
    if said.failed:
        return library.state.error(
            frame,
            "E0303",
            f"the parameter `{name}`: {_short(text)!r} is not {_article(kind)}",
            span,
            labels=(Label(statement.name.span, "declared here"),),
        )
    from .imports import Module

    alone = Module(library.state, source.path, name, tree.File(source, ()), None)
    return compile_expression(expression, Scope(alone))(frame)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _article(kind: Type) -> str:
    return f"an {kind}" if str(kind)[:1] in "aeio" else f"a {kind}"


def plain(value: Any) -> Any:
    """A value as JSON has it: texts, ints, bools, lists and maps of them."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value if type(value) in (bool, int, float, str) else text_of(value)
