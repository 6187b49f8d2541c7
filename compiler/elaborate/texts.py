"""Texts with values in them: strings and the names of things.

Enters: an interpolation or a `Name` of the tree, with its scope. Leaves: closures that give the text, or None after a
report. `names` checks what comes out where something is declared.
"""

from __future__ import annotations

from collections.abc import Callable

from ..source import Span
from ..syntax import tree
from . import operators
from .evaluate import COMPILERS, compile_expression, constant
from .scopes import Scope
from .values import POISON, Evaluate, Frame, describe, text_of


def _interpolation(expression: tree.Interpolation, scope: Scope) -> Evaluate:
    build = _text(expression.parts, scope)
    return lambda frame: POISON if (text := build(frame)) is None else text


def compile_name(name: tree.Name, scope: Scope) -> Callable[[Frame], str | None]:
    """The text of a declared or pointed-at name; None after a mistake."""
    plain = name.plain
    if plain is not None:
        return lambda _: plain
    return _text(name.parts, scope)


def _text(parts: tuple[str | tree.Expression, ...], scope: Scope) -> Callable[[Frame], str | None]:
    if len(parts) == 2 and isinstance(parts[0], str) and isinstance(parts[1], tree.Expression):
        return _text_and_value(parts[0], parts[1], scope)
    pieces = [constant(part) if isinstance(part, str) else compile_expression(part, scope) for part in parts]
    spans = [None if isinstance(part, str) else part.span for part in parts]

    def build(frame: Frame) -> str | None:
        texts = [_piece(scope, frame, piece(frame), span) for piece, span in zip(pieces, spans, strict=True)]
        whole = None if None in texts else "".join(texts)  # type: ignore[arg-type]
        return operators.bounded_text(scope.state, frame, next(s for s in spans if s), whole) if whole else whole

    return build


def _text_and_value(text: str, expression: tree.Expression, scope: Scope) -> Callable[[Frame], str | None]:
    """`"pc{i}"`, by far the most common: text, then one expression."""
    value_of, span = compile_expression(expression, scope), expression.span

    def build(frame: Frame) -> str | None:
        value = value_of(frame)
        if type(value) is int:
            return f"{text}{value}"
        rest = _piece(scope, frame, value, span)
        return None if rest is None else operators.bounded_text(scope.state, frame, span, text + rest)

    return build


def _piece(scope: Scope, frame: Frame, value: object, span: Span | None) -> str | None:
    if value is POISON:
        return None
    text = text_of(value)
    if text is None:
        scope.state.error(
            frame,
            "E0303",
            f"{describe(value)} has no text form",
            span,
            "cannot stand in a string",
            help='use `join(list, ", ")`',
        )
    return text


COMPILERS[tree.Interpolation] = _interpolation
