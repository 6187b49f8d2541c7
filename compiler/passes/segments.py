"""Segments: links → L2 segments, and which of them are one broadcast domain.

Enters: a lab whose ports are attached as the text says. Leaves: a segment for each link, every port entered in
`Segment.ports`, `Segment.domain`, `Segment.direct`. Called by the pipeline.

A domain is a set of segments whose stations hear each other's broadcasts. It runs on through bridging nodes, per VLAN,
and through bonds; it ends at every other node. The names joined below are segments, and `segment/uplink#10` for the
frames that are tagged 10 on the wire of `segment/uplink`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..diagnostics import Diagnostics, Label
from ..ir.lab import Attachment, Lab, Link, Node, Port, PortId, Segment, SegmentId
from ..ir.unions import Unions
from .manager import register

_BESIDE = "beside"


@register(reads=("nodes", "ports", "links", "segments"), writes=("segments", "ports.attachments", "links.segment"))
def segments(lab: Lab, diagnostics: Diagnostics) -> Lab:
    """`link a:p -- sw:1` and `link sw:2 -- b:p` leave two segments and, when `sw` bridges, one domain."""
    for link in lab.links.values():
        _lay(link, lab, diagnostics)
    wires = _wires(lab)
    for port in _parents_first(lab):
        _attach_logical(port, lab)
    _enter_ports(lab)
    _name_domains(lab, _domains(lab, wires))
    for segment in lab.segments.values():
        segment.direct = _is_direct(segment, lab)
    return lab


# --- Links -------------------------------------------------------------------------------------------------


def _lay(link: Link, lab: Lab, diagnostics: Diagnostics) -> None:
    """Gives a link its segment and puts both its ends on it."""
    name = SegmentId(f"segment/{link.name}")
    if name in lab.segments:
        _name_taken(link, lab.segments[name], diagnostics)
        return
    lab.segments[name] = Segment(name, link.name, link.origin, link.prefixes, mtu=link.mtu, link=link.id, was=link.was)
    link.segment = name
    for end in dict.fromkeys(link.ends):
        lab.ports[end].attachments.append(Attachment(name))


def _name_taken(link: Link, segment: Segment, diagnostics: Diagnostics) -> None:
    diagnostics.error(
        "E0401",
        f"the name `{link.name}` is taken by a segment",
        link.origin.span,
        "this link needs a segment of its own name",
        labels=(Label(segment.origin.span, "the segment stands here"),),
        reason="a link is a segment with two ports, and is called by its name in policies and tests",
        help="give the link another name",
        origin=link.origin,
    )


# --- Which wires are one wire, tags and all ----------------------------------------------------------------


def _wires(lab: Lab) -> Unions:
    """Joins the wires over which every frame runs on unchanged: the members of a bond, and both sides of a
    bridge that knows no VLANs."""
    wires = Unions()
    for node in lab.nodes.values():
        if node.bridges and _passes_tags(node, lab):
            _join_all(wires, (wire for port in _physical(node, lab) for wire in _wire_of(port)))
    for port in lab.ports.values():
        if port.form == "bond":
            _join_all(
                wires, (wire for member in port.over if member in lab.ports for wire in _wire_of(lab.ports[member]))
            )
    return wires


def _passes_tags(node: Node, lab: Lab) -> bool:
    """A switch of which no port names a VLAN carries tags through without reading them."""
    return not any(
        attachment.tag is not None or lab.segments[attachment.segment].vlan is not None
        for port in _physical(node, lab)
        for attachment in port.attachments
    )


def _physical(node: Node, lab: Lab) -> Iterator[Port]:
    return (port for port in map(lab.ports.__getitem__, node.ports) if port.form in ("port", "bond"))


def _wire_of(port: Port) -> Iterator[str]:
    """The segments on which the port's own frames travel; for a port of a link, the link's and no other."""
    if port.link is not None and port.attachments:
        yield port.attachments[-1].segment  # `_lay` appended it
        return
    for attachment in port.attachments:
        if attachment.tag is None or port.form == "subinterface":
            yield attachment.segment


def _join_all(unions: Unions, names: Iterable[str]) -> None:
    first: str | None = None
    for name in names:
        if first is None:
            first = name
        else:
            unions.join(first, name)


# --- Logical ports -----------------------------------------------------------------------------------------


def _parents_first(lab: Lab) -> list[Port]:
    """Logical ports after those that they stand on. Ports that stand on each other in a circle are left out; `check` tells."""
    logical = {port.id: port for port in lab.ports.values() if port.over}
    waits = {port.id: {over for over in port.over if over in logical} for port in logical.values()}
    carried: dict[PortId, list[PortId]] = {}
    for name, overs in waits.items():
        for over in overs:
            carried.setdefault(over, []).append(name)
    order = [port for port in logical.values() if not waits[port.id]]
    for port in order:  # grows while it is walked
        for above in carried.get(port.id, ()):
            waits[above].discard(port.id)
            if not waits[above]:
                order.append(logical[above])
    return order


def _attach_logical(port: Port, lab: Lab) -> None:
    """A bond without a segment stands on its members' wire, a sub-interface on its tag of its parent's."""
    if port.attachments:
        return
    parents = [lab.ports[over] for over in port.over if over in lab.ports]
    if port.form == "bond":
        wire = min((wire for parent in parents for wire in _wire_of(parent)), default=None)
        if wire is not None:
            port.attachments.append(Attachment(SegmentId(wire)))
    elif port.vlan is not None and parents:
        _attach_subinterface(port, parents[0], lab)


def _attach_subinterface(port: Port, parent: Port, lab: Lab) -> None:
    for attachment in parent.attachments:
        if attachment.tag == port.vlan:
            port.attachments.append(Attachment(attachment.segment, port.vlan))
            return
    wire = next(_wire_of(parent), None)
    if wire is None:
        return
    name = SegmentId(_tagged(wire, port.vlan))
    if name not in lab.segments:
        lab.segments[name] = Segment(name, name.removeprefix("segment/"), port.origin, vlan=port.vlan)
    port.attachments.append(Attachment(name, port.vlan))


def _tagged(wire: str, tag: int | None) -> str:
    return wire if tag is None else f"{wire}#{tag}"


# --- Domains -----------------------------------------------------------------------------------------------


def _domains(lab: Lab, wires: Unions) -> Unions:
    domains = Unions()
    for segment in lab.segments.values():
        if (root := wires.find(segment.id)) != segment.id:
            domains.join(segment.id, root)
        wire, hash_sign, tag = segment.id.rpartition("#")
        if hash_sign and wires.find(wire) != wire:
            domains.join(segment.id, f"{wires.find(wire)}#{tag}")
    for port in lab.ports.values():
        if port.link is not None and len(port.attachments) > 1:
            _join_link_to_vlans(port, domains, wires)
        elif port.form == "subinterface":
            _join_subinterface(port, lab, domains, wires)
    for node in lab.nodes.values():
        if node.bridges:
            _join_vlans(node, lab, domains)
    return domains


def _join_link_to_vlans(port: Port, domains: Unions, wires: Unions) -> None:
    """`port trunk tagged red` on a link: what is tagged so on the cable is `red`."""
    *stated, link = port.attachments
    for attachment in stated:
        domains.join(_tagged(wires.find(link.segment), attachment.tag), attachment.segment)


def _join_subinterface(port: Port, lab: Lab, domains: Unions, wires: Unions) -> None:
    if not port.over or port.over[0] not in lab.ports:
        return
    for wire in _wire_of(lab.ports[port.over[0]]):
        for attachment in port.attachments:
            domains.join(_tagged(wires.find(wire), port.vlan), attachment.segment)


def _join_vlans(node: Node, lab: Lab, domains: Unions) -> None:
    """Within a bridging node all attachments of one VLAN are one domain; those that name none are its default VLAN."""
    by_vlan: dict[int | None, str] = {}
    for name in node.ports:
        port = lab.ports[name]
        stated = port.attachments[:-1] if port.link is not None and len(port.attachments) > 1 else port.attachments
        for attachment in stated if port.form in ("port", "bond") else ():
            vlan = attachment.tag if attachment.tag is not None else lab.segments[attachment.segment].vlan
            domains.join(by_vlan.setdefault(vlan, attachment.segment), attachment.segment)


def _name_domains(lab: Lab, domains: Unions) -> None:
    """A domain is called by its least segment. `Unions` may have found a tagged wire that is no segment of the lab."""
    least: dict[str, SegmentId] = {}
    roots = [(domains.find(segment.id), segment) for segment in lab.segments.values()]
    for root, segment in roots:
        if root not in least or segment.id < least[root]:
            least[root] = segment.id
    for root, segment in roots:
        segment.domain = least[root]


# --- Ports -------------------------------------------------------------------------------------------------


def _enter_ports(lab: Lab) -> None:
    for segment in lab.segments.values():
        segment.ports = []
    for port in lab.ports.values():
        for attachment in port.attachments:
            lab.segments[attachment.segment].ports.append(port.id)
    for segment in lab.segments.values():
        segment.ports = sorted(set(segment.ports))


def _is_direct(segment: Segment, lab: Lab) -> bool:
    """A cable between two ports, without a bridge between them. Only links: a third port on a declared segment must not
    tear apart the first two. A probe that stands beside a node needs a bridge to stand on."""
    if segment.link is None or segment.split or len(segment.ports) != 2:
        return False
    ends = [lab.ports[port] for port in segment.ports]
    return all(len(end.attachments) == 1 and lab.nodes[end.node].probe != _BESIDE for end in ends)
