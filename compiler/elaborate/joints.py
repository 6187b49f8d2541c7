"""What joins nodes: segments, links, groups and zones.

Enters: `segment`, `link`, `group` and `zone` statements of files. Leaves: their records in the lab. Links make the ports
that no node declared. Members of groups and zones are resolved after all elements are declared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..addresses import Prefix
from ..diagnostics import Label
from ..ir.lab import Group, GroupId, Link, LinkId, NodeId, Port, PortId, Segment, SegmentId, Zone, ZoneId
from ..source import Origin
from ..syntax import tree
from . import operators
from .blocks import header
from .evaluate import compile_expression
from .fields import Attribute, compile_attributes
from .names import compile_element_name, compile_was
from .scopes import Scope
from .state import LINK_COST, State
from .targets import ENDS, Many, compile_many, compile_one
from .types import Type
from .values import POISON, Frame, Run

MTU = Attribute(Type("int"), range(68, 65536))
SEGMENT = {"mtu": MTU, "vlan": Attribute(Type("int")), "split": Attribute(Type("bool"))}
LINK = {"mtu": MTU, "rate": Attribute(Type("rate"))}


def _compile_prefixes(expressions: Sequence[tree.Expression], scope: Scope) -> Callable[[Frame], tuple[Prefix, ...]]:
    compiled = [(compile_expression(item, scope), item.span) for item in expressions]
    state = scope.state

    def prefixes(frame: Frame) -> tuple[Prefix, ...]:
        found: list[Prefix] = []
        for compute, span in compiled:
            value = compute(frame)
            for item in value if type(value) is list else [value]:
                prefix = operators.prefix_of(state, frame, span, item)
                if prefix is not POISON:
                    found.append(prefix)
        return tuple(dict.fromkeys(found))

    return prefixes


def compile_segment(statement: tree.SegmentDecl, scope: Scope) -> Run:
    state, name_of = scope.state, compile_element_name(statement.name, scope, "segment")
    prefixes_of, was = _compile_prefixes(statement.prefixes, scope), compile_was(statement.was, scope)
    attributes = compile_attributes(statement.body, scope, "a segment", SEGMENT)
    span, at = header(statement), statement.name.span

    def declare(frame: Frame) -> None:
        name = name_of(frame)
        if name is None or not state.once(frame, f"segment/{name}", at, f"the segment `{name}`"):
            return
        state.spend(1, frame, span)
        segment_id = SegmentId(f"segment/{name}")
        segment = Segment(segment_id, name, Origin(span, frame[0]), prefixes_of(frame))
        state.lab.segments[segment_id] = segment
        segment.was = was(frame) if was is not None else None
        for key, value in (attributes(frame) if attributes is not None else {}).items():
            setattr(segment, key, value)

    return declare


# --- Links -------------------------------------------------------------------------------------------------


def compile_link(statement: tree.LinkDecl, scope: Scope) -> Run:
    """`link a:p -- b:q`: runs after all nodes have their ports, and makes those that are missing."""
    state = scope.state
    name_of = compile_element_name(statement.name, scope, "link") if statement.name is not None else None
    left, right = (_compile_end(end, scope) for end in statement.ends)
    prefixes_of = _compile_prefixes(statement.prefixes, scope) if statement.prefixes else None
    attributes = compile_attributes(statement.body, scope, "a link", LINK)
    was, span, links = compile_was(statement.was, scope), header(statement), state.lab.links

    def join(frame: Frame) -> None:
        first, second = left(frame), right(frame)
        if first is None or second is None:
            state.lost_families.update(
                end.port.parts[0] for end in statement.ends if isinstance(end.port.parts[0], str)
            )
            return
        name = name_of(frame) if name_of is not None else f"{_end(first)}--{_end(second)}"
        if name is None:
            return
        link_id = LinkId(f"link/{name}")
        if link_id in links:
            _twice(scope, frame, links[link_id], statement)
            return
        origin = Origin(span, frame[0])
        state.spend(LINK_COST, frame, span)
        ends = (_port(scope, first, link_id, origin), _port(scope, second, link_id, origin))
        link = links[link_id] = Link(link_id, name, ends, origin)
        if prefixes_of is not None:
            link.prefixes = prefixes_of(frame)
        if was is not None:
            link.was = was(frame)
        if attributes is not None:
            for key, value in attributes(frame).items():
                setattr(link, key, value)

    return join


End = tuple[NodeId, str]  # the node and the port's name


def _end(end: End) -> str:
    return f"{end[0][5:]}:{end[1]}"


def _compile_end(end: tree.Endpoint, scope: Scope) -> Callable[[Frame], End | None]:
    node_of = compile_one(end.node, scope, "node")
    port_of = compile_element_name(end.port, scope, "port", loose=True)

    def compute(frame: Frame) -> End | None:
        node, port = node_of(frame), port_of(frame)
        return None if node is None or port is None else (NodeId(node), port)

    return compute


def _port(scope: Scope, end: End, link: LinkId, origin: Origin) -> PortId:
    """The port of a link's end, made where no node declared it."""
    lab = scope.state.lab
    node_id, name = end
    port_id = PortId(f"port/{node_id[5:]}/{name}")
    port = lab.ports.get(port_id)
    if port is None:
        node = lab.nodes[node_id]
        lab.ports[port_id] = Port(port_id, node.id, name, origin, link=link)
        node.ports.append(port_id)
    elif port.link is None:
        port.link = link
    return port_id


def _twice(scope: Scope, frame: Frame, first: Link, statement: tree.LinkDecl) -> None:
    scope.state.error(
        frame,
        "E0302",
        f"the link `{first.name}` is declared twice",
        statement.name.span if statement.name is not None else header(statement),
        "again here",
        labels=(Label(first.origin.span, "first declared here"),),
    )


# --- Groups and zones --------------------------------------------------------------------------------------


def compile_group(statement: tree.GroupDecl, scope: Scope) -> Run:
    """Members are nodes, and the nodes of other groups."""
    state, name_of = scope.state, compile_element_name(statement.name, scope, "group")
    members = [compile_many(member, scope, ("node", "group")) for member in statement.members]
    span, at = header(statement), statement.name.span

    def declare(frame: Frame) -> None:
        name = name_of(frame)
        if name is None or not state.once(frame, f"group/{name}", at, f"the group `{name}`"):
            return
        group_id = GroupId(f"group/{name}")
        state.lab.groups[group_id] = Group(group_id, name, (), Origin(span, frame[0]))
        state.unresolved[group_id] = lambda: _resolve_group(scope, group_id, members, frame)

    return declare


def _resolve_group(scope: Scope, group_id: GroupId, members: list[Many], frame: Frame) -> None:
    state = scope.state
    group = state.lab.groups[group_id]
    state.unresolved[group_id] = lambda: _circle(scope, frame, group)
    try:
        ids = [item for member in members for item in member(frame) or ()]
        group.members = tuple(dict.fromkeys(node for item in ids for node in _nodes_of(scope, item)))
    finally:  # also where groups nest past Python's depth, which is no circle
        del state.unresolved[group_id]


def _nodes_of(scope: Scope, item: str) -> tuple[NodeId, ...]:
    return scope.state.members(GroupId(item)) if item.startswith("group/") else (NodeId(item),)


def _circle(scope: Scope, frame: Frame, element: Group | Zone) -> None:
    scope.state.error(
        frame,
        "E0315",
        f"`{element.name}` is a member of itself",
        element.origin.span,
        help="take it out of its own members",
    )


def compile_zone(statement: tree.ZoneDecl, scope: Scope) -> Run:
    """Members stay as they are named: ids, and prefixes and addresses as text."""
    state, name_of = scope.state, compile_element_name(statement.name, scope, "zone")
    members = [_compile_member(member, scope, statement.name.plain) for member in statement.members]
    was, span, at = compile_was(statement.was, scope), header(statement), statement.name.span

    def declare(frame: Frame) -> None:
        name = name_of(frame)
        if name is None or not state.once(frame, f"zone/{name}", at, f"the zone `{name}`"):
            return
        zone_id = ZoneId(f"zone/{name}")
        zone = Zone(zone_id, name, (), Origin(span, frame[0]), was(frame) if was is not None else None)
        state.lab.zones[zone_id] = zone

        def resolve() -> None:
            del state.unresolved[zone_id]
            found = [item for member in members for item in member(frame) or ()]
            zone.members = tuple(dict.fromkeys(found))

        state.unresolved[zone_id] = resolve

    return declare


def _compile_member(member: tree.Expression, scope: Scope, zone: str | None) -> Many:
    """`zone dmz = dmz` means the segment of that name."""
    itself = isinstance(member, tree.Reference) and member.name == zone
    sorts = ENDS[1:] if itself else ENDS
    return compile_many(member, scope, sorts, addresses=True, prefixes=True)


def check_zones(state: State) -> None:
    """Report zones that hold themselves through others."""
    zones = state.lab.zones
    done: set[ZoneId] = set()
    for start in zones:
        trail: list[ZoneId] = []
        at: list[tuple[ZoneId, int]] = [(start, 0)]
        while at:
            zone_id, position = at.pop()
            inner = [ZoneId(member) for member in zones[zone_id].members if member in zones]
            if position == 0:
                trail.append(zone_id)
            if position == len(inner) or zone_id in done:
                done.add(trail.pop())
                continue
            at.append((zone_id, position + 1))
            if inner[position] in trail:
                _zone_circle(state, zones[inner[position]])
            elif inner[position] not in done:
                at.append((inner[position], 0))


def _zone_circle(state: State, zone: Zone) -> None:
    state.error(
        [zone.origin.parent],
        "E0315",
        f"`{zone.name}` is a member of itself",
        zone.origin.span,
        help="take it out of its own members",
    )
