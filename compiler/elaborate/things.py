"""Things that a test cuts, stops and looks at: ports, links, nodes and their services, by id.

Enters: the target of a step. Leaves: its id, or None after a report. `scripts` and `checks` call.
"""

from __future__ import annotations

from collections.abc import Callable

from ..ir.lab import NodeId, PortId
from ..syntax import tree
from .scopes import Scope
from .state import suggest
from .targets import compile_many, compile_one
from .texts import compile_name
from .values import Frame

Thing = Callable[[Frame], str | None]


def compile_thing(target: tree.Expression, scope: Scope) -> Thing:
    """A port `edge:srv`, a service `web.http`, a link or a node."""
    if isinstance(target, tree.Endpoint):
        return _compile_port(target, scope)
    if isinstance(target, tree.Attribute):
        return _compile_served(target, scope)
    found = compile_many(target, scope, ("node", "link"))

    def thing(frame: Frame) -> str | None:
        ids = found(frame)
        if ids is None or len(ids) == 1:
            return ids[0] if ids else None
        scope.state.error(
            frame, "E0303", f"expected one thing, found {len(ids)}", target.span, help="go through them with `for`"
        )
        return None

    return thing


def _compile_port(target: tree.Endpoint, scope: Scope) -> Thing:
    node_of, name_of = compile_one(target.node, scope, "node"), compile_name(target.port, scope)
    lab = scope.state.lab

    def port(frame: Frame) -> str | None:
        node, name = node_of(frame), name_of(frame)
        if node is None or name is None:
            return None
        port_id = PortId(f"port/{node[5:]}/{name}")
        if port_id in lab.ports:
            return port_id
        if scope.state.is_lost(name):
            return None

        def near() -> str:
            return suggest(name, (port.split("/", 2)[2] for port in lab.nodes[NodeId(node)].ports))

        scope.state.error(frame, "E0326", f"`{node[5:]}` has no port `{name}`", target.port.span, help=near)
        return None

    return port


def _compile_served(target: tree.Attribute, scope: Scope) -> Thing:
    node_of, lab = compile_one(target.base, scope, "node"), scope.state.lab

    def served(frame: Frame) -> str | None:
        node = node_of(frame)
        if node is None:
            return None
        names = [serving.name for serving in lab.nodes[NodeId(node)].services]
        if target.name in names:
            return f"service/{node[5:]}/{target.name}"
        if scope.state.is_lost(target.name):
            return None
        scope.state.error(
            frame,
            "E0332",
            f"`{node[5:]}` does not serve `{target.name}`",
            target.span,
            help=lambda: suggest(target.name, names),
        )
        return None

    return served
