"""Expressions become closures: compiled once for each place in the text, run once for each turn of a loop.

Enters: an `Expression` and the `Scope` where it stands. Leaves: a function from a frame to a value, or to POISON after a
mistake was reported. All that lowers statements calls `compile_expression`. What an expression may be is split by subject:
operators, lists and calls here, names in `references`, strings in `texts`; each adds its own to COMPILERS.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..source import Span
from ..syntax import tree
from . import operators
from .functions import FUNCTIONS
from .scopes import Scope
from .state import State, suggest
from .values import POISON, Evaluate, Frame, describe

COMPILERS: dict[type, Callable[[Any, Scope], Evaluate]] = {}  # Any: each takes the record of its key


def compile_expression(expression: tree.Expression, scope: Scope) -> Evaluate:
    """The closure of an expression."""
    return COMPILERS[type(expression)](expression, scope)


def constant(value: object) -> Evaluate:
    return lambda _: value


def _literal(expression: tree.Literal, _: Scope) -> Evaluate:
    return constant(expression.value)


# --- Operators ---------------------------------------------------------------------------------------------


def _binary(expression: tree.Binary, scope: Scope) -> Evaluate:
    state, operator = scope.state, expression.operator
    left, right = compile_expression(expression.left, scope), compile_expression(expression.right, scope)
    if operator in ("and", "or"):
        return _logic(expression, scope, left, right)
    quick = _QUICK.get(operator)
    slow = operators.BINARY[operator]

    def binary(frame: Frame) -> object:
        a, b = left(frame), right(frame)
        if a is POISON or b is POISON:
            return POISON
        return slow(state, frame, expression, a, b)

    if quick is None:
        return binary

    def quick_binary(frame: Frame) -> object:
        a, b = left(frame), right(frame)
        if type(a) is int and type(b) is int and -_SMALL < a < _SMALL and -_SMALL < b < _SMALL:
            return quick(a, b)
        if a is POISON or b is POISON:
            return POISON
        return slow(state, frame, expression, a, b)

    return quick_binary


_SMALL = 1 << 60  # products of two smaller ints stay within the bound of operators
_QUICK: dict[str, Callable[[int, int], object]] = {
    "+": int.__add__,
    "-": int.__sub__,
    "*": int.__mul__,
    "==": int.__eq__,
    "!=": int.__ne__,
    "<": int.__lt__,
    "<=": int.__le__,
    ">": int.__gt__,
    ">=": int.__ge__,
}


def _logic(expression: tree.Binary, scope: Scope, left: Evaluate, right: Evaluate) -> Evaluate:
    """`and`, `or`: the right side counts only where the left one does not decide."""
    state, decides = scope.state, expression.operator == "or"

    def logic(frame: Frame) -> object:
        first = as_bool(state, frame, left(frame), expression.left.span)
        if first is POISON or first is decides:
            return first
        return as_bool(state, frame, right(frame), expression.right.span)

    return logic


def as_bool(state: State, frame: Frame, value: object, span: Span) -> object:
    """A bool as it is; anything else is reported."""
    if value is True or value is False or value is POISON:
        return value
    return state.error(
        frame,
        "E0303",
        f"expected a bool, found {describe(value)}",
        span,
        help='compare it with something: `x > 0`, `x != ""`',
    )


def _unary(expression: tree.Unary, scope: Scope) -> Evaluate:
    state, span = scope.state, expression.operand.span
    inner = compile_expression(expression.operand, scope)
    if expression.operator == "not":

        def negate(frame: Frame) -> object:
            value = as_bool(state, frame, inner(frame), span)
            return value if value is POISON else not value

        return negate
    return lambda frame: operators.minus(state, frame, span, inner(frame))


def _range(expression: tree.Range, scope: Scope) -> Evaluate:
    low, high = compile_expression(expression.low, scope), compile_expression(expression.high, scope)

    def bounds(frame: Frame) -> object:
        first, last = low(frame), high(frame)
        if type(first) is int and type(last) is int:
            return range(first, last + 1)
        return operators.bounds(scope.state, frame, expression, first, last)

    return bounds


def _subnet(expression: tree.Subnet, scope: Scope) -> Evaluate:
    prefix, length, index = (
        compile_expression(part, scope) for part in (expression.prefix, expression.length, expression.index)
    )

    def subnet(frame: Frame) -> object:
        return operators.subnet(scope.state, frame, expression, prefix(frame), length(frame), index(frame))

    return subnet


def _conditional(expression: tree.Conditional, scope: Scope) -> Evaluate:
    test, then, otherwise = (
        compile_expression(part, scope) for part in (expression.test, expression.then, expression.otherwise)
    )

    def conditional(frame: Frame) -> object:
        value = as_bool(scope.state, frame, test(frame), expression.test.span)
        if value is POISON:
            return POISON
        return then(frame) if value else otherwise(frame)

    return conditional


# --- Lists, maps, calls ------------------------------------------------------------------------------------


def _list(expression: tree.ListOf, scope: Scope) -> Evaluate:
    items = [compile_expression(item, scope) for item in expression.items]

    def build(frame: Frame) -> object:
        values = [item(frame) for item in items]
        return POISON if POISON in values else values

    return build


def _map(expression: tree.MapOf, scope: Scope) -> Evaluate:
    items = [(key, compile_expression(value, scope)) for key, value in expression.items]

    def build(frame: Frame) -> object:
        values = {key: value(frame) for key, value in items}
        return POISON if POISON in values.values() else values

    return build


def _comprehension(expression: tree.Comprehension, scope: Scope) -> Evaluate:
    state, names = scope.state, expression.names
    iterable = compile_expression(expression.iterable, scope)
    inner = Scope(scope.module, scope)
    for name in names:
        inner.add(name)
    item = compile_expression(expression.item, inner)
    condition = compile_expression(expression.condition, inner) if expression.condition is not None else None
    depth, span = scope.depth, expression.iterable.span

    def comprehend(frame: Frame) -> object:
        values = iterable(frame)
        turns = POISON if values is POISON else operators.turns(state, frame, span, values, len(names))
        if turns is POISON:
            return POISON
        base, made = frame[:depth], []
        for turn in turns:
            state.spend(1, frame, span)
            local = [*base, *turn]
            if condition is not None:
                keep = as_bool(state, local, condition(local), condition_span)
                if keep is POISON:
                    return POISON
                if not keep:
                    continue
            made.append(item(local))
        return POISON if POISON in made else made

    condition_span = expression.condition.span if expression.condition is not None else span
    return comprehend


def _call(expression: tree.Call, scope: Scope) -> Evaluate:
    state, name = scope.state, expression.function
    function = FUNCTIONS.get(name)
    arguments = [compile_expression(argument, scope) for argument in expression.arguments]
    keywords = [(key, compile_expression(value, scope)) for key, value in expression.keywords]

    def call(frame: Frame) -> object:
        if function is None:
            return state.error(
                frame, "E0318", f"unknown function `{name}`", expression.span, help=lambda: suggest(name, FUNCTIONS)
            )
        values = [argument(frame) for argument in arguments]
        named = {key: value(frame) for key, value in keywords}
        if POISON in values or POISON in named.values():
            return POISON
        return function(state, frame, expression, values, named)

    return call


COMPILERS |= {
    tree.Literal: _literal,
    tree.Binary: _binary,
    tree.Unary: _unary,
    tree.Range: _range,
    tree.Subnet: _subnet,
    tree.Conditional: _conditional,
    tree.ListOf: _list,
    tree.MapOf: _map,
    tree.Comprehension: _comprehension,
    tree.Call: _call,
}
