"""Expressions become closures: compiled once for each place in the text, run once for each turn of a loop.

Enters: an `Expression` and the `Scope` where it stands. Leaves: a function from a frame to a value, or to POISON after a
mistake was reported. The statements' files call `compile_expression`, `compile_name` and `compile_string`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..quantities import Service
from ..source import Span
from ..syntax import tree
from . import operators
from .functions import FUNCTIONS
from .scopes import Scope, reader_of
from .state import DECLARE, State, suggest
from .values import POISON, Element, Endpoint, Evaluate, Frame, describe, text_of

CONSTANTS = {"any": Service("any"), "icmp": Service("icmp")}


def compile_expression(expression: tree.Expression, scope: Scope) -> Evaluate:
    """The closure of an expression."""
    return _COMPILERS[type(expression)](expression, scope)


def constant(value: object) -> Evaluate:
    return lambda _: value


def _literal(expression: tree.Literal, _: Scope) -> Evaluate:
    return constant(expression.value)


# --- Names -------------------------------------------------------------------------------------------------


def _reference(expression: tree.Reference, scope: Scope) -> Evaluate:
    """A variable of a block, of the file, of an opened module; else an element of the lab."""
    name, span, state = expression.name, expression.span, scope.state
    slot = scope.slot(name)
    if slot is not None:
        return reader_of(slot)
    cell = scope.module.cell(name)
    if cell is not None:
        return lambda _: cell.get()
    known = scope.visible

    def element(frame: Frame) -> object:
        if state.phase == DECLARE:
            state.undecided.append((scope, name, span, frame))
            return POISON
        if state.exists(name):
            return Element(name)
        if name in CONSTANTS:
            return CONSTANTS[name]
        return unknown_name(scope, frame, name, span, known())

    return element


def unknown_name(scope: Scope, frame: Frame, name: str, span: Span, variables: list[str]) -> object:
    """Report a name that is neither a variable nor an element."""
    state = scope.state
    if state.is_lost(name) or scope.module.incomplete:
        return POISON
    if name in scope.module.aliases:
        return state.error(
            frame, "E0303", f"`{name}` is a module, not a value", span, help=f"name a thing of it: `{name}.…`"
        )

    def near() -> str:
        known = suggest(name, [*variables, *state.names(("node", "segment", "zone", "group", "link", "host"))])
        in_yaml = span.source.path.endswith((".yaml", ".yml"))  # where YAML's own quotes do not make a text
        return known or (f"if a text is meant, put it in quotes of its own: '\"{name}\"'" if in_yaml else "")

    return state.error(
        frame, "E0301", f"unknown name `{name}`", span, "neither a variable nor an element of the lab", help=near
    )


def too_early(scope: Scope, name: str, span: Span, frame: Frame) -> None:
    """Decide what a name was that stood where elements were still being declared."""
    state = scope.state
    if name.endswith("[*]") or state.exists(name):
        state.error(
            frame,
            "E0316",
            "what is declared cannot depend on elements",
            span,
            f"`{name}` is an element of the lab" if not name.endswith("[*]") else "a set of elements",
            reason="names, loops and conditions decide which elements there are, so they can use only values",
            help="use a `param` or a `let` with a number",
        )
    else:
        unknown_name(scope, frame, name, span, scope.visible())


def _attribute(expression: tree.Attribute, scope: Scope) -> Evaluate:
    base = expression.base
    if isinstance(base, tree.Reference) and scope.slot(base.name) is None and scope.module.cell(base.name) is None:
        module = scope.module.aliases.get(base.name)
        if module is not None:
            return _member(expression, scope, module)
    inner = compile_expression(base, scope)
    name, span, state = expression.name, expression.span, scope.state

    def attribute(frame: Frame) -> object:
        value = inner(frame)
        if type(value) is dict:
            if name in value:
                return value[name]
            return state.error(
                frame,
                "E0322",
                f"the map has no key `{name}`",
                span,
                help=lambda: suggest(name, (str(key) for key in value)),
            )
        if value is POISON:
            return POISON
        if type(value) is Element:
            return _element_attribute(scope, value, name, span, frame)
        return state.error(
            frame, "E0322", f"{describe(value)} has no `.{name}`", span, "only maps and elements have names inside"
        )

    return attribute


def _element_attribute(scope: Scope, element: Element, name: str, span: Span, frame: Frame) -> object:
    """`web.name`, or a field of the node."""
    if name == "name":
        return element.name
    state = scope.state
    fields = state.fields_of(element.name)
    if name in fields:
        return fields[name]
    return state.error(
        frame, "E0322", f"`{element.name}` has no field `{name}`", span, help=lambda: suggest(name, ("name", *fields))
    )


def _member(expression: tree.Attribute, scope: Scope, module: Any) -> Evaluate:
    """`site.dmz`: a variable of a module, or an element that it declares."""
    cell = module.cell(expression.name)
    if cell is not None:
        return lambda _: cell.get()
    state, name, span = scope.state, expression.name, expression.span

    def element(frame: Frame) -> object:
        if state.phase == DECLARE:
            state.undecided.append((scope, name, span, frame))
            return POISON
        if state.exists(name):
            return Element(name)
        return unknown_name(scope, frame, name, span, module.variables())

    return element


def _index(expression: tree.Index, scope: Scope) -> Evaluate:
    base = expression.base
    if isinstance(base, tree.Reference) and scope.slot(base.name) is None and scope.module.cell(base.name) is None:
        return _family(base.name, expression, scope)
    inner = compile_expression(base, scope)
    if expression.index is None:
        return _all_items(inner, expression, scope)
    index = compile_expression(expression.index, scope)
    family = _family(base.name, expression, scope) if isinstance(base, tree.Reference) else None

    def item(frame: Frame) -> object:
        value = inner(frame)
        if family is not None and type(value) not in (list, range, dict) and value is not POISON:
            return family(frame)  # `users` is a prefix here: `users[1]` is the element `users1`
        return operators.item(scope.state, frame, expression, value, index(frame))

    return item


def _all_items(inner: Evaluate, expression: tree.Index, scope: Scope) -> Evaluate:
    def items(frame: Frame) -> object:
        value = inner(frame)
        return value if value is POISON else operators.items_of(scope.state, frame, expression.span, value)

    return items


def _family(base: str, expression: tree.Index, scope: Scope) -> Evaluate:
    """`leaf[2]`, `leaf[1..3]`, `leaf[*]` where `leaf` is no variable."""
    state, span = scope.state, expression.span
    index = compile_expression(expression.index, scope) if expression.index is not None else None

    def one(frame: Frame, number: object) -> object:
        name = f"{base}{text_of(number)}"
        if state.phase == DECLARE:
            state.undecided.append((scope, name, span, frame))
            return POISON
        if state.exists(name):
            return Element(name)
        return unknown_name(scope, frame, name, span, [])

    def family(frame: Frame) -> object:
        if index is None:
            return _whole_family(scope, base, span, frame)
        value = index(frame)
        if type(value) is int or type(value) is str:
            return one(frame, value)
        if value is POISON:
            return POISON
        items = operators.items_of(state, frame, span, value)
        return items if items is POISON else [one(frame, number) for number in items]

    return family


def _whole_family(scope: Scope, base: str, span: Span, frame: Frame) -> object:
    state = scope.state
    if state.phase == DECLARE:
        state.undecided.append((scope, f"{base}[*]", span, frame))
        return POISON
    found = state.family(base)
    if found or state.is_lost(base):
        return found
    return state.error(
        frame,
        "E0301",
        f"nothing is called `{base}` and a number",
        span,
        reason=f"`{base}[*]` means all elements whose names are `{base}` and a number, `{base}1`, `{base}2`, …",
        help=lambda: suggest(f"{base}1", state.names(("node", "segment", "zone", "group"))),
    )


def _endpoint(expression: tree.Endpoint, scope: Scope) -> Evaluate:
    node = compile_expression(expression.node, scope)
    port = compile_name(expression.port, scope)

    def endpoint(frame: Frame) -> object:
        value, name = node(frame), port(frame)
        if value is POISON or name is None:
            return POISON
        if type(value) is Element or type(value) is str:
            return Endpoint(text_of(value) or "", name)
        return scope.state.error(
            frame, "E0303", f"a port belongs to one node, not to {describe(value)}", expression.node.span
        )

    return endpoint


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


# --- Texts and names ---------------------------------------------------------------------------------------


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


_COMPILERS: dict[type, Callable[[Any, Scope], Evaluate]] = {
    tree.Literal: _literal,
    tree.Interpolation: _interpolation,
    tree.Reference: _reference,
    tree.Attribute: _attribute,
    tree.Index: _index,
    tree.Endpoint: _endpoint,
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
