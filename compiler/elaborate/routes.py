"""Gateways, routes and address translation of nodes.

Enters: `gateway`, `route`, `nat` and `napt` statements of a node's body. Leaves: `Route`, `NatRule`, `NaptRule`.
`nodes` puts these into its Place. Next hops stated as nodes become addresses in the pass `addresses`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..addresses import Address, Interface
from ..ir.lab import NaptRule, NatRule, Node, NodeId, Route
from ..source import Origin, Span
from ..syntax import tree
from . import operators
from .blocks import header
from .evaluate import compile_expression
from .ports import level_of, refuse_address
from .scopes import Scope
from .targets import ENDS, compile_list, compile_many
from .types import within
from .values import POISON, Frame, Run

_METRIC = range(2**32)

# A next hop: an address, or a node whose address is found later.
Hops = Callable[[Frame], list[Address | NodeId]]


def _compile_hops(expression: tree.Expression, scope: Scope) -> Hops:
    targets = compile_many(expression, scope, ("node",), addresses=True)

    def hops(frame: Frame) -> list[Address | NodeId]:
        return [NodeId(found) if found.startswith("node/") else Address.parse(found) for found in targets(frame) or ()]

    return hops


def compile_gateway(statement: tree.Gateway, scope: Scope) -> Run:
    """One default route for each node named, one for all addresses named."""
    compiled = [_compile_hops(expression, scope) for expression in statement.via]
    span = header(statement)

    def gateway(frame: Frame) -> None:
        node: Node = frame[1]
        origin = Origin(span, frame[0])
        found = [hop for hops in compiled for hop in hops(frame)]
        _nearer_wins(scope.state.table(node, "gateways"), node, origin)
        _add_routes(node, None, found, 0, origin)

    return gateway


def _nearer_wins(table: dict[str, Origin | None], node: Node, origin: Origin) -> None:
    """A gateway of the node replaces that of its kind."""
    level = level_of(origin)
    if table.setdefault("level", level) is not level:
        table["level"] = level
        node.routes = [route for route in node.routes if route.prefix is not None]


def _add_routes(node: Node, prefix: Any, hops: list[Address | NodeId], metric: int, origin: Origin) -> None:
    addresses = tuple(hop for hop in hops if isinstance(hop, Address))
    if addresses:
        node.routes.append(Route(prefix, origin, None, addresses, metric))
    for hop in hops:
        if not isinstance(hop, Address):
            node.routes.append(Route(prefix, origin, hop, (), metric))


def compile_route(statement: tree.RouteDecl, scope: Scope) -> Run:
    state, span = scope.state, header(statement)
    prefix_of, at = compile_expression(statement.prefix, scope), statement.prefix.span
    hops_of = _compile_hops(statement.via, scope) if statement.via is not None else None
    metric_of = _compile_metric(statement.metric, scope)

    def route(frame: Frame) -> None:
        prefix = operators.prefix_of(state, frame, at, prefix_of(frame))
        metric = metric_of(frame)
        hops = hops_of(frame) if hops_of is not None else []
        if prefix is POISON or metric is None:
            return
        node, origin = frame[1], Origin(span, frame[0])
        if hops_of is None:
            node.routes.append(Route(prefix, origin, metric=metric, blackhole=True))
        else:
            _add_routes(node, prefix, hops, metric, origin)

    return route


def _compile_metric(expression: tree.Expression | None, scope: Scope) -> Callable[[Frame], int | None]:
    if expression is None:
        return lambda _: 0
    compute, span, state = compile_expression(expression, scope), expression.span, scope.state

    def metric(frame: Frame) -> int | None:
        value = operators.int_of(state, frame, span, compute(frame))
        value = within(state, frame, value, _METRIC, span, "the metric")
        return None if value is POISON else int(value)

    return metric


# --- Translation -------------------------------------------------------------------------------------------


def _compile_address(expression: tree.Expression, scope: Scope) -> Callable[[Frame], Address | None]:
    compute, span, state = compile_expression(expression, scope), expression.span, scope.state

    def address(frame: Frame) -> Address | None:
        value = compute(frame)
        if type(value) is Address:
            return value
        if type(value) is Interface:
            _no_length(scope, frame, value, span)
            return None
        if value is not POISON:
            refuse_address(state, frame, value, span)
        return None

    return address


def _no_length(scope: Scope, frame: Frame, value: Interface, span: Span) -> None:
    scope.state.error(
        frame, "E0303", "expected an address, found one with a length", span, help=f"write `{value.address}`"
    )


def compile_nat(statement: tree.Nat, scope: Scope) -> Run:
    outside_of, span = _compile_address(statement.outside, scope), header(statement)
    inside_of, at = compile_many(statement.inside, scope, ("node",), addresses=True), statement.inside.span

    def nat(frame: Frame) -> None:
        outside, inside = outside_of(frame), inside_of(frame)
        if outside is None or inside is None:
            return
        if len(inside) != 1:
            scope.state.error(frame, "E0303", f"one address translates to one, not to {len(inside)}", at)
            return
        origin, found = Origin(span, frame[0]), inside[0]
        if found.startswith("node/"):
            frame[1].nat.append(NatRule(outside, NodeId(found), origin))
        else:
            frame[1].nat.append(NatRule(outside, None, origin, Address.parse(found)))

    return nat


def compile_napt(statement: tree.Napt, scope: Scope) -> Run:
    sources = compile_list(statement.sources, scope, ENDS, addresses=True, prefixes=True)
    to, span = _compile_address(statement.to, scope), header(statement)

    def napt(frame: Frame) -> None:
        address, ids = to(frame), sources(frame)
        if address is not None and ids:
            frame[1].napt.append(NaptRule(address, ids, Origin(span, frame[0])))

    return napt
