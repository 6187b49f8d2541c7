"""Services: those that nodes serve, and those that rules and flows name.

Enters: `serve` statements; expressions such as `tcp/80`, `http` or a list of them. Leaves: `Serving`s of nodes, `Service`s.
`nodes`, `policies` and `scripts` call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..diagnostics import Label
from ..ir.lab import Node, Serving
from ..quantities import Service
from ..source import Origin, Span
from ..syntax import tree
from .blocks import header
from .evaluate import compile_expression
from .fields import ONLY_SETTINGS, compile_settings
from .kinds import ServiceKind
from .ports import level_of
from .references import CONSTANTS
from .scopes import Scope
from .state import State, suggest
from .values import POISON, Frame, Run, describe, shown


def listens_of(state: State, frame: Frame, value: Any, span: Span) -> list[Service]:
    """Services from a value: one or a list of them; anything else is reported."""
    if value is POISON:
        return []
    if type(value) is Service:
        return [value]
    if type(value) is list:
        return [service for item in value for service in listens_of(state, frame, item, span)]
    state.error(
        frame,
        "E0303",
        f"expected a service, found {describe(value)}",
        span,
        shown(value),
        help="write `tcp/80`, `udp/53`, `icmp` or a service's name",
    )
    return []


Named = Callable[[Frame], tuple[list[Service], str | None]]


def compile_service(expression: tree.Expression, scope: Scope) -> Named:
    """The services that an expression means, and the service's name where it is one."""
    written = _dotted(expression)
    if written is not None and not _is_variable(written.names[0], scope):
        kind = scope.module.service(written)
        if kind is not None:
            found = list(kind.listens)
            name = kind.name
            return lambda _: (found, name)
        if written.names[0] not in CONSTANTS:
            return _unknown(written, scope)
    compute, span = compile_expression(expression, scope), expression.span
    return lambda frame: (listens_of(scope.state, frame, compute(frame), span), None)


def _dotted(expression: tree.Expression) -> tree.Dotted | None:
    if isinstance(expression, tree.Reference):
        return tree.Dotted(expression.span, (expression.name,))
    if isinstance(expression, tree.Attribute) and isinstance(expression.base, tree.Reference):
        return tree.Dotted(expression.span, (expression.base.name, expression.name))
    return None


def _is_variable(name: str, scope: Scope) -> bool:
    return scope.slot(name) is not None or scope.module.cell(name) is not None


def _unknown(written: tree.Dotted, scope: Scope) -> Named:
    def unknown(frame: Frame) -> tuple[list[Service], str | None]:
        refuse_service(scope, frame, written)
        return [], None

    return unknown


def refuse_service(scope: Scope, frame: Frame | None, written: tree.Dotted) -> None:
    if scope.module.lost(written):
        return

    def near() -> str:
        close = suggest(str(written), [*scope.module.service_names(), "icmp", "any"])
        return close or "write `tcp/80`, `udp/53`, or declare it: `service NAME on tcp/…`"

    scope.state.error(frame, "E0314", f"unknown service `{written}`", written.span, help=near)


# --- Serving -----------------------------------------------------------------------------------------------


def compile_serve(statement: tree.Serve, scope: Scope) -> Run:
    """`serve http on tcp/8080 { page = "hello" }`."""
    kind = scope.module.service(statement.service)
    if kind is None:
        return lambda frame: refuse_service(scope, frame, statement.service)
    listens = [(compile_expression(item, scope), item.span) for item in statement.listens]
    settings = compile_settings(statement.body, scope, ONLY_SETTINGS) if statement.body else None
    span, state = header(statement), scope.state

    def serve(frame: Frame) -> None:
        origin = Origin(span, frame[0])
        stated = [service for compute, at in listens for service in listens_of(state, frame, compute(frame), at)]
        if statement.listens and not stated:
            return
        set_here = settings(frame) if settings is not None else {}
        full = kind.fields.frame([origin.parent, frame[1]], set_here, (), statement.service.span)
        serving = Serving(kind.name, tuple(stated) or kind.listens, kind.fields.values(full), origin)
        _add(scope, frame, serving, statement.service.span)

    return serve


def _add(scope: Scope, frame: Frame, serving: Serving, span: Span) -> None:
    """Add a service to the node; a nearer level replaces what its kind serves."""
    node: Node = frame[1]
    places = scope.state.table(node, "services")
    at = places.setdefault(serving.name, len(node.services))
    if at == len(node.services):
        node.services.append(serving)
    elif level_of(node.services[at].origin) is level_of(serving.origin):
        _twice(scope, frame, node.services[at], serving.name, span)
    else:
        node.services[at] = serving


def _twice(scope: Scope, frame: Frame, other: Serving, name: str, span: Span) -> None:
    scope.state.error(
        frame,
        "E0302",
        f"the service `{name}` is served twice",
        span,
        "again here",
        labels=(Label(other.origin.span, "first here"),),
        help=f"one `serve` can listen in several places: `serve {name} on tcp/80, tcp/8080`",
    )


def listens_at(node: Node, kind: ServiceKind) -> tuple[Service, ...]:
    """Where a node serves a service; its usual places where it does not."""
    for serving in node.services:
        if serving.name == kind.name:
            return serving.listens
    return kind.listens
