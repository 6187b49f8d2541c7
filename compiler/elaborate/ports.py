"""Ports of nodes: physical and logical, their segments, addresses, VLANs.

Enters: `port`, `bond`, `svi` and `loopback` statements of nodes and kinds. Leaves: `Port`s in the lab. A port of a kind
that a nearer level declares again is refined: what the later one says wins. `nodes` puts these into its Place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..addresses import Address, Interface, Mac, Prefix
from ..diagnostics import Label
from ..ir.lab import Attachment, Node, NodeId, Port, PortId, SegmentId
from ..source import Origin, Span
from ..syntax import tree
from . import operators
from .blocks import header
from .evaluate import compile_expression
from .fields import Attribute, compile_attributes
from .names import compile_element_name, compile_was
from .scopes import Scope
from .state import PORT_COST, State, suggest
from .targets import compile_one
from .types import Type
from .values import POISON, Frame, Run, describe, shown

PORT = {"mtu": Attribute(Type("int"), range(68, 65536)), "rate": Attribute(Type("rate"))}
Part = Callable[[Frame, dict[str, Any]], None]


def compile_port(statement: tree.PortDecl, scope: Scope) -> Run:
    """Declares or refines a port of the node in the frame."""
    state, span = scope.state, header(statement)
    name_of = compile_element_name(statement.name, scope, "port", loose=True)
    parts = _parts(statement, scope)
    ports, form = state.lab.ports, "subinterface" if statement.form == "port" and statement.over else statement.form

    def declare(frame: Frame) -> None:
        name = name_of(frame)
        if name is None:
            return
        node: Node = frame[1]
        port_id = PortId(f"port/{node.name}/{name}")
        said: dict[str, Any] = {}
        for part in parts:
            part(frame, said)
        origin = Origin(span, frame[0])
        port = ports.get(port_id)
        if port is None:
            state.spend(PORT_COST, frame, span)
            ports[port_id] = Port(port_id, node.id, name, origin, form, **said)
            node.ports.append(port_id)
        else:
            _refine(scope, frame, port, form, origin, said, statement.name.span)

    return declare


def level_of(origin: Origin) -> Origin | None:
    """The use of a kind within which an origin lies; None for the node's own body."""
    at: Origin | None = origin
    while at is not None and not at.note.startswith("in kind "):
        at = at.parent
    return at


def _refine(
    scope: Scope, frame: Frame, port: Port, form: str, origin: Origin, said: dict[str, Any], span: Span
) -> None:
    """Let a nearer level change what a kind says of a port."""
    if level_of(port.origin) is level_of(origin):
        scope.state.error(
            frame,
            "E0302",
            f"the port `{port.name}` is declared twice",
            span,
            "again here",
            labels=(Label(port.origin.span, "first declared here"),),
        )
        return
    port.origin = origin
    port.form = form
    for key, value in said.items():
        setattr(port, key, value)


def _parts(statement: tree.PortDecl, scope: Scope) -> list[Part]:
    """One function for each thing that the statement says."""
    parts: list[Part] = []
    if statement.attachments:
        parts.append(_attachments(statement, scope))
    if statement.at:
        parts.append(_addresses(statement, scope))
    if statement.over:
        parts.append(_over(statement, scope))
    if statement.vlan is not None:
        parts.append(_vlan(statement.vlan, scope))
    if statement.mac is not None:
        parts.append(_mac(statement.mac, scope))
    if statement.was is not None:
        parts.append(_was(statement.was, scope))
    if statement.body:
        parts.append(_attributes(statement, scope))
    return parts


def _attributes(statement: tree.PortDecl, scope: Scope) -> Part:
    attributes = compile_attributes(statement.body, scope, "a port", PORT)

    def fill(frame: Frame, said: dict[str, Any]) -> None:
        if attributes is not None:
            said.update(attributes(frame))

    return fill


def _was(name: tree.Name, scope: Scope) -> Part:
    was = compile_was(name, scope)

    def fill(frame: Frame, said: dict[str, Any]) -> None:
        said["was"] = was(frame) if was is not None else None

    return fill


def _attachments(statement: tree.PortDecl, scope: Scope) -> Part:
    compiled = [(compile_one(item.segment, scope, "segment"), item) for item in statement.attachments]
    if len(compiled) == 1 and not compiled[0][1].tagged:
        segment_of = compiled[0][0]

        def one(frame: Frame, said: dict[str, Any]) -> None:
            segment = segment_of(frame)
            if segment is not None:
                said["attachments"] = [Attachment(SegmentId(segment))]

        return one

    def several(frame: Frame, said: dict[str, Any]) -> None:
        found = [(segment, item) for segment_of, item in compiled if (segment := segment_of(frame)) is not None]
        said["attachments"] = [_attached(scope, frame, segment, item) for segment, item in found]

    return several


def _attached(scope: Scope, frame: Frame, segment: str, item: tree.Attachment) -> Attachment:
    """A tagged attachment takes its VLAN from the segment."""
    if not item.tagged:
        return Attachment(SegmentId(segment))
    vlan = scope.state.lab.segments[SegmentId(segment)].vlan
    if vlan is None:
        scope.state.error(
            frame,
            "E0329",
            f"the segment `{segment.partition('/')[2]}` has no VLAN",
            item.span,
            "tagged with which VLAN?",
            help="give the segment one: `{ vlan = 10 }`",
        )
    return Attachment(SegmentId(segment), vlan)


def _over(statement: tree.PortDecl, scope: Scope) -> Part:
    """Ports that a logical port stands on; they may be declared later in the body, so `nodes` checks them at the end."""
    compiled = [(compile_element_name(name, scope, "port", loose=True), name.span) for name in statement.over]

    def fill(frame: Frame, said: dict[str, Any]) -> None:
        node: Node = frame[1]
        names = [(name, span) for name_of, span in compiled if (name := name_of(frame)) is not None]
        said["over"] = tuple(PortId(f"port/{node.name}/{name}") for name, _ in names)
        scope.state.overs.append((frame, node, names))

    return fill


def check_over(state: State) -> None:
    """Report ports that a logical port stands on and that its node does not have, and take them out."""
    lacking: dict[NodeId, Node] = {}
    for frame, node, names in state.overs:
        for name, span in names:
            if f"port/{node.name}/{name}" not in state.lab.ports:
                lacking[node.id] = node
                if not state.is_lost(name):
                    _refuse_over(state, frame, node, name, span)
    for node in lacking.values():
        for port in (state.lab.ports[each] for each in node.ports):
            port.over = tuple(over for over in port.over if over in state.lab.ports)


def _refuse_over(state: State, frame: Frame, node: Node, name: str, span: Span) -> None:
    def near() -> str:
        return suggest(name, (port.split("/", 2)[2] for port in node.ports))

    state.error(frame, "E0326", f"`{node.name}` has no port `{name}`", span, help=near)


def _vlan(expression: tree.Expression, scope: Scope) -> Part:
    compute, span, state = compile_expression(expression, scope), expression.span, scope.state

    def fill(frame: Frame, said: dict[str, Any]) -> None:
        value = operators.int_of(state, frame, span, compute(frame))
        said["vlan"] = None if value is POISON else value

    return fill


def _mac(expression: tree.Expression, scope: Scope) -> Part:
    compute, span = compile_expression(expression, scope), expression.span

    def fill(frame: Frame, said: dict[str, Any]) -> None:
        value = compute(frame)
        if type(value) is Mac and not value.value >> 40 & 1:
            said["mac"] = value
        elif type(value) is Mac:
            scope.state.error(frame, "E0304", f"{value} is a group address", span, "a port needs an address of its own")
        elif value is not POISON:
            scope.state.error(frame, "E0303", f"expected a MAC address, found {describe(value)}", span)

    return fill


def _addresses(statement: tree.PortDecl, scope: Scope) -> Part:
    """`at 10.0.0.1, 2001:db8::1/64`, `at dhcp`."""
    stated = [item for item in statement.at if not _is_dhcp(item)]
    compiled = [(compile_expression(item, scope), item.span) for item in stated]
    dhcp = len(stated) < len(statement.at)
    state = scope.state

    def fill(frame: Frame, said: dict[str, Any]) -> None:
        found: list[Address | Interface] = []
        for compute, span in compiled:
            value = compute(frame)
            if type(value) is Address or type(value) is Interface:
                found.append(value)
            elif type(value) is Prefix:
                found.append(Interface(value.network, value.length))
            elif type(value) is list:
                found += _listed(scope, frame, value, span)
            elif value is not POISON:
                refuse_address(state, frame, value, span)
        said["wanted"] = tuple(found)
        said["dhcp"] = dhcp

    return fill


def _is_dhcp(expression: tree.Expression) -> bool:
    return isinstance(expression, tree.Reference) and expression.name == "dhcp"


def _listed(scope: Scope, frame: Frame, values: list[Any], span: Span) -> list[Address | Interface]:
    for value in values:
        if type(value) not in (Address, Interface):
            refuse_address(scope.state, frame, value, span)
    return [value for value in values if type(value) in (Address, Interface)]


def refuse_address(state: State, frame: Frame, value: Any, span: Span) -> None:
    state.error(frame, "E0303", f"expected an address, found {describe(value)}", span, shown(value))
