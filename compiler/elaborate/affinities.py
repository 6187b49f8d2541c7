"""Where nodes stand towards each other and to hosts: together, apart, balance, exclusive, on, and the lab's strategy.

Enters: these statements, hard ones and those behind `prefers`. Leaves: `Affinity`s and the strategy of the lab.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ir.lab import Affinity, Node
from ..source import Origin
from ..syntax import tree
from .blocks import header
from .demands import compile_weight
from .evaluate import compile_expression
from .scopes import Scope
from .state import State, suggest
from .targets import compile_list
from .texts import compile_name
from .values import POISON, Element, Frame, Run, describe, shown

_STRATEGIES = ("pack", "spread")
_ONE_STRATEGY = "a lab has one strategy: keep one of the two lines"


def compile_placing(statement: tree.Placing, scope: Scope) -> Run:
    """`place pack`: once a lab, whichever file says it."""
    name_of, state, at = compile_name(statement.strategy, scope), scope.state, statement.strategy.span

    def placing(frame: Frame) -> None:
        word = name_of(frame)
        if word is None:
            return
        if word not in _STRATEGIES:
            help = suggest(word, _STRATEGIES) or "`place pack` fills few hosts, `place spread` all of them evenly"
            state.error(frame, "E0304", f"hosts can be filled by `pack` or `spread`, not `{word}`", at, help=help)
        elif state.once(frame, "strategy", at, "how hosts are filled", _ONE_STRATEGY):
            state.lab.strategy = word

    return placing


def compile_affinity(statement: tree.Affinity, scope: Scope) -> Run:
    """In a node's body: the node and those named. At the top of a file: those named."""
    if statement.form == "on":
        return _compile_on(statement, scope)
    members = compile_list(statement.targets, scope, ("node", "group"))
    weight_of = _compile_softness(statement, scope)
    fewest = 1 if statement.form == "exclusive" else 2
    state, span = scope.state, header(statement)

    def affinity(frame: Frame) -> None:
        own = (frame[1].id,) if isinstance(frame[1], Node) else ()
        found = members(frame)
        named = tuple(node for each in found for node in _nodes_of(scope, each))
        ids = tuple(dict.fromkeys((*own, *named)))
        weight = weight_of(frame)
        if len(ids) >= fewest:
            state.lab.affinities.append(Affinity(statement.form, ids, Origin(span, frame[0]), statement.by, weight))
        elif found and len(ids) == 1 and _names_one(statement, found):
            _of_one(statement, Origin(span, frame[0]), state)

    return affinity


def _names_one(statement: tree.Affinity, found: tuple[str, ...]) -> bool:
    """Whether one node is named, alone or again and again. A group or a set, `pc[*]`, may have one member today and more tomorrow."""
    target, *others = statement.targets
    index = target.index if isinstance(target, tree.Index) else target
    return (
        isinstance(index, tree.Reference | tree.Literal)
        and all(other.span.shown == target.span.shown for other in others)
        and not any(each.startswith("group/") for each in found)
    )


def _of_one(statement: tree.Affinity, origin: Origin, state: State) -> None:
    form = statement.form
    state.diagnostics.warning(
        "W0363",
        f"`{form}` of one node asks nothing",
        origin.span,
        "one node is named, however often",
        help=f"name at least two: `{form} NODE, NODE`; in a node's body, one other than the node itself",
        origin=origin,
    )


def _compile_softness(statement: tree.Affinity, scope: Scope) -> Callable[[Frame], int | None]:
    """The weight of a soft one; None of a hard one."""
    return compile_weight(statement.weight, scope) if statement.soft else lambda _: None


def _nodes_of(scope: Scope, found: str) -> tuple[str, ...]:
    return scope.state.members(found) if found.startswith("group/") else (found,)  # type: ignore[arg-type]


def _compile_on(statement: tree.Affinity, scope: Scope) -> Run:
    """`on h1, h2`: the names of hosts, of which it is one."""
    weight_of = _compile_softness(statement, scope)
    compiled = [_compile_host(target, scope) for target in statement.targets]
    state, span = scope.state, header(statement)

    def on(frame: Frame) -> None:
        names = dict.fromkeys(name for host in compiled if (name := host(frame)) is not None)
        weight = weight_of(frame)
        if names:
            node: Node = frame[1]
            state.lab.affinities.append(Affinity("on", (node.id, *names), Origin(span, frame[0]), None, weight))

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
