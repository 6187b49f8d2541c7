"""Names in expressions: variables, elements of the lab, families of elements, names of modules, ports.

Enters: references, attributes, indexes and endpoints of the tree, with their scope. Leaves: closures, as in `evaluate`,
which finds them in COMPILERS. `targets` reports unknown names through it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain
from typing import TYPE_CHECKING

from ..quantities import Service
from ..source import Span
from ..syntax import tree
from . import operators
from .evaluate import COMPILERS, compile_expression
from .scopes import Scope, reader_of
from .state import DECLARE, suggest
from .texts import compile_name
from .types import TYPE_NAMES
from .values import POISON, Element, Endpoint, Evaluate, Frame, describe, text_of

if TYPE_CHECKING:
    from .imports import Module

Names = Callable[[], Iterable[str]]
CONSTANTS = {"any": Service("any"), "icmp": Service("icmp")}


def _reference(expression: tree.Reference, scope: Scope) -> Evaluate:
    """A variable of a block, of the file, of an opened module; else an element of the lab."""
    name, span, state = expression.name, expression.span, scope.state
    slot = scope.slot(name)
    if slot is not None:
        return reader_of(slot)
    cell = scope.module.cell(name)
    if cell is not None:
        return lambda _: cell.get()

    def element(frame: Frame) -> object:
        if state.phase == DECLARE:
            state.undecided.append((scope, name, span, frame))
            return POISON
        if state.exists(name):
            return Element(name)
        if name in CONSTANTS:
            return CONSTANTS[name]
        return unknown_name(scope, frame, name, span, scope.visible)

    return element


def unknown_name(scope: Scope, frame: Frame, name: str, span: Span, variables: Names) -> object:
    """Report a name that is neither a variable nor an element. `variables`: all that could be meant, listed only for a
    suggestion, as most mistakes get none."""
    state = scope.state
    if state.is_lost(name, span) or scope.module.incomplete:
        return POISON
    if name in scope.module.aliases:
        return state.error(
            frame, "E0303", f"`{name}` is a module, not a value", span, help=f"name a thing of it: `{name}.…`"
        )

    def near() -> str:
        if name == "default":
            return "the default route is `gateway NODE`, or a route to 0.0.0.0/0 or ::/0"
        known = suggest(name, chain(variables(), state.names(("node", "segment", "zone", "group", "link", "host"))))
        in_yaml = _in_yaml(span)
        if in_yaml and name in TYPE_NAMES:
            return f"a type stands behind `type`: `{{type: {name}}}`; what stands alone is the default"
        return known or (f"if a text is meant, put it in quotes of its own: '\"{name}\"'" if in_yaml else "")

    return state.error(
        frame, "E0301", f"unknown name `{name}`", span, "neither a variable nor an element of the lab", help=near
    )


def _in_yaml(span: Span) -> bool:
    """Where YAML's own quotes do not make a text."""
    return span.source.path.endswith((".yaml", ".yml"))


def too_early(scope: Scope, name: str, span: Span, frame: Frame) -> None:
    """Decide what a name was that stood where elements were still being declared."""
    state = scope.state
    if name.endswith("[*]") or state.exists(name):
        quoted = f"'\"{name}\"'" if _in_yaml(span) else f'"{name}"'
        state.error(
            frame,
            "E0316",
            "what is declared cannot depend on elements",
            span,
            f"`{name}` is an element of the lab" if not name.endswith("[*]") else "a set of elements",
            reason="names, loops and conditions decide which elements there are, so they can use only values",
            help="use a `param` or a `let` with a number"
            + ("" if name.endswith("[*]") else f"; if a text is meant, put it in quotes: {quoted}"),
        )
    else:
        unknown_name(scope, frame, name, span, scope.visible)


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


def _member(expression: tree.Attribute, scope: Scope, module: Module) -> Evaluate:
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
        return unknown_name(scope, frame, name, span, module.variables)

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
        return unknown_name(scope, frame, name, span, list)

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
    if found or state.is_lost(base, span):
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


COMPILERS |= {
    tree.Reference: _reference,
    tree.Attribute: _attribute,
    tree.Index: _index,
    tree.Endpoint: _endpoint,
}
