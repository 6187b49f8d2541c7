"""What nodes ask of the place where they run: needs, preferences, together and apart.

Enters: `needs`, `prefers`, `together`, `apart` and `on` statements. Leaves: `Demand`s of nodes, `Affinity`s of the lab.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ir.lab import Affinity, Demand, Node
from ..source import Origin
from ..syntax import tree
from . import operators
from .blocks import header
from .evaluate import compile_expression
from .scopes import Scope
from .state import State, suggest
from .targets import compile_list
from .types import ANY, fitted, stored, within
from .values import POISON, Element, Frame, Run, describe, shown

_WEIGHTS = range(1, 1001)


def compile_needs(statement: tree.Needs, scope: Scope) -> Run:
    demands = [_compile_demand(demand, scope) for demand in statement.demands]

    def needs(frame: Frame) -> None:
        for demand in demands:
            demand(frame, None)

    return needs


def compile_prefers(statement: tree.Prefers, scope: Scope) -> Run:
    demands = [_compile_demand(demand, scope) for demand in statement.demands]
    weight = compile_expression(statement.weight, scope) if statement.weight is not None else None

    def prefers(frame: Frame) -> None:
        value: Any = 1
        if weight is not None and statement.weight is not None:
            span = statement.weight.span
            value = operators.int_of(scope.state, frame, span, weight(frame))
            value = within(scope.state, frame, value, _WEIGHTS, span, "the weight")
        for demand in demands:
            demand(frame, 1 if value is POISON else value)

    return prefers


def _compile_demand(demand: tree.Demand, scope: Scope) -> Callable[[Frame, int | None], None]:
    compute = compile_expression(demand.value, scope) if demand.value is not None else None
    operator = {"=": "==", None: "=="}.get(demand.operator, demand.operator or "==")

    def add(frame: Frame, weight: int | None) -> None:
        value: Any = True
        if compute is not None and demand.value is not None:
            value = fitted(scope.state, frame, ANY, compute(frame), demand.value.span, f"`{demand.key}`")
        if value is not POISON:
            frame[1].demands.append(Demand(demand.key, operator, stored(value), Origin(demand.span, frame[0]), weight))

    return add


def compile_affinity(statement: tree.Affinity, scope: Scope) -> Run:
    """In a node's body: the node and those named. At the top of a file: those named."""
    if statement.form == "on":
        return _compile_on(statement, scope)
    members = compile_list(statement.targets, scope, ("node", "group"))
    state, span = scope.state, header(statement)

    def affinity(frame: Frame) -> None:
        own = (frame[1].id,) if isinstance(frame[1], Node) else ()
        named = tuple(node for found in members(frame) for node in _nodes_of(scope, found))
        ids = tuple(dict.fromkeys((*own, *named)))
        if len(ids) > 1:
            state.lab.affinities.append(Affinity(statement.form, ids, Origin(span, frame[0])))

    return affinity


def _nodes_of(scope: Scope, found: str) -> tuple[str, ...]:
    return scope.state.members(found) if found.startswith("group/") else (found,)  # type: ignore[arg-type]


def _compile_on(statement: tree.Affinity, scope: Scope) -> Run:
    """`on h1`: the host's name."""
    compiled = [_compile_host(target, scope) for target in statement.targets]
    state, span = scope.state, header(statement)

    def on(frame: Frame) -> None:
        names = [name for host in compiled if (name := host(frame)) is not None]
        if names:
            node: Node = frame[1]
            state.lab.affinities.append(Affinity("on", (node.id, *names), Origin(span, frame[0])))

    return on


def _compile_host(target: tree.Expression, scope: Scope) -> Callable[[Frame], str | None]:
    """The name of a host of the site; None after a report."""
    compute, span, state = _host_of(target, scope), target.span, scope.state

    def host(frame: Frame) -> str | None:
        value = compute(frame)
        name = value.name if type(value) is Element else value
        if type(name) is str and _host_exists(scope, name):
            return name
        if type(name) is str:
            state.error(frame, "E0301", f"no host is called `{name}`", span, help=lambda: _near(state, name))
        elif name is not POISON:
            state.error(frame, "E0303", f"expected a host, found {describe(value)}", span, shown(value))
        return None

    return host


def _host_of(target: tree.Expression, scope: Scope) -> Callable[[Frame], Any]:
    """Hosts have names of their own, which no variable hides: `on h1` needs no look at the lab's elements."""
    if (
        isinstance(target, tree.Reference)
        and scope.slot(target.name) is None
        and scope.module.cell(target.name) is None
    ):
        name = target.name
        return lambda _: name
    return compile_expression(target, scope)


def _near(state: State, name: str) -> str:
    known = state.names(("host",)) or ["local"]
    return suggest(name, known) or "there is " + ", ".join(known)


def _host_exists(scope: Scope, name: str) -> bool:
    hosts = scope.state.lab.site.hosts
    return bool(f"host/{name}" in hosts) if hosts else name == "local"
