"""What is drawn of a lab: boxes, bars and wires, with the words on them, without any place yet.

Enters: a compiled lab. Leaves: a `Picture`. Called by `__init__.py`; every form writes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeVar

from msgspec import Struct, field

from ..ir.lab import Attachment, GroupId, Lab, Node, NodeId, Port, Segment, SegmentId, ZoneId

T = TypeVar("T", Node, Segment)


class Row(Struct, frozen=True):
    """A port inside its node's box: its name, its addresses and what else is worth a word."""

    port: str
    text: str


class Box(Struct):
    """A node. `up`: the nodes that its default routes lead to, which are drawn above it."""

    id: NodeId
    name: str
    kind: str
    physical: bool
    forwards: bool
    rows: list[Row]
    details: dict[str, object]
    zones: list[str] = field(default_factory=list)
    up: list[NodeId] = field(default_factory=list)


class Bar(Struct):
    """A segment that several ports stand on, drawn as a bus."""

    id: SegmentId
    name: str
    words: list[str]
    physical: bool
    zones: list[str] = field(default_factory=list)


class Wire(Struct, frozen=True):
    """From a node's port to a bar, or (a link) to another node's port.

    `label`: of a link, its prefixes where neither end has an address by which its box says them.
    """

    node: NodeId
    port: str
    to: str
    to_port: str
    words: str
    physical: bool
    tag: int | None = None
    label: str = ""

    @property
    def is_link(self) -> bool:
        return self.to.startswith("node/")


class Picture(Struct):
    """Everything on the drawing, sorted as people count: pc2 before pc10."""

    name: str
    boxes: dict[NodeId, Box]
    bars: dict[SegmentId, Bar]
    wires: list[Wire]
    zones: list[str]


def picture_of(lab: Lab) -> Picture:
    """The picture of a lab."""
    boxes = {node.id: _box(lab, node) for node in _sorted(lab.nodes.values())}
    segments = _ends(lab)
    bars: dict[SegmentId, Bar] = {}
    wires: list[Wire] = []
    for segment in _sorted(lab.segments.values()):
        ends = segments.get(segment.id, [])
        if segment.link is not None and len(ends) == 2:
            wires.append(_link(lab, segment, ends))
            continue
        bars[segment.id] = _bar(lab, segment, ends)
        wires += [_tap(lab, segment, port, attachment) for port, attachment in ends]
    picture = Picture(lab.name, boxes, bars, wires, [])
    _put_zones(lab, picture)
    _put_upwards(lab, boxes)
    return picture


def counting(name: str) -> list[tuple[int, int, str]]:
    """A key that sorts pc2 before pc10."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", name) if part]


def _sorted(things: Iterable[T]) -> list[T]:
    return sorted(things, key=lambda thing: counting(thing.name))


def _ends(lab: Lab) -> dict[SegmentId, list[tuple[Port, Attachment]]]:
    """The ports on each segment, as people count."""
    ends: dict[SegmentId, list[tuple[Port, Attachment]]] = {}
    for port in sorted(lab.ports.values(), key=lambda port: counting(port.id)):
        for attachment in port.attachments:
            ends.setdefault(attachment.segment, []).append((port, attachment))
    return ends


def _box(lab: Lab, node: Node) -> Box:
    ports = [lab.ports[port] for port in node.ports if port in lab.ports]
    rows = [Row(port.name, _port_words(port)) for port in ports]
    return Box(node.id, node.name, node.kind, node.physical, node.forwards or node.bridges, rows, _details(node, ports))


def _port_words(port: Port) -> str:
    words = [str(address) for address in port.addresses]
    if port.dhcp:
        words.append("dhcp")
    if port.vlan is not None:
        words.append(f"vlan {port.vlan}")
    tags = [str(attachment.tag) for attachment in port.attachments if attachment.tag is not None]
    if tags and port.vlan is None:
        words.append(f"tagged {','.join(tags)}")
    return " ".join(words)


def _details(node: Node, ports: list[Port]) -> dict[str, object]:
    """What the HTML page shows of a node beside its drawing."""
    return {
        "name": node.name,
        "kind": node.kind,
        "ports": [
            {
                "name": port.name,
                "addresses": [str(address) for address in port.addresses],
                "mac": str(port.mac) if port.mac else "",
                "mtu": port.mtu,
                "on": [attachment.segment.partition("/")[2] for attachment in port.attachments],
            }
            for port in ports
        ],
        "routes": [
            f"{route.prefix or 'default'} via {', '.join(map(str, route.via))}"
            if route.via
            else f"{route.prefix} blackhole"
            for route in node.routes
            if route.via or route.blackhole
        ],
        "services": [f"{serving.name} on {', '.join(map(str, serving.listens))}" for serving in node.services],
        "configs": [config.template for config in node.configs],
    }


def _bar(lab: Lab, segment: Segment, ends: list[tuple[Port, Attachment]]) -> Bar:
    words = [str(prefix) for prefix in segment.prefixes]
    if segment.vlan is not None:
        words.append(f"vlan {segment.vlan}")
    if segment.mtu is not None:
        words.append(f"mtu {segment.mtu}")
    physical = bool(ends) and all(lab.nodes[port.node].physical for port, _ in ends)
    return Bar(segment.id, segment.name, words, physical)


def _tap(lab: Lab, segment: Segment, port: Port, attachment: Attachment) -> Wire:
    physical = lab.nodes[port.node].physical
    return Wire(port.node, port.name, segment.id, "", _port_words(port), physical, attachment.tag)


def _link(lab: Lab, segment: Segment, ends: list[tuple[Port, Attachment]]) -> Wire:
    (one, _), (other, _) = ends
    words = [str(prefix) for prefix in segment.prefixes] or sorted({str(end.prefix) for end in one.addresses})
    physical = lab.nodes[one.node].physical and lab.nodes[other.node].physical
    label = "" if one.addresses or other.addresses else " ".join(words)
    return Wire(one.node, one.name, other.node, other.name, " ".join(words), physical, label=label)


def _put_zones(lab: Lab, picture: Picture) -> None:
    for zone in sorted(lab.zones.values(), key=lambda zone: counting(zone.name)):
        for member in _members(lab, zone.id, set()):
            place = picture.bars.get(SegmentId(member)) or picture.boxes.get(NodeId(member))
            if place is not None and zone.name not in place.zones:
                place.zones.append(zone.name)
        picture.zones.append(zone.name)


def _members(lab: Lab, member: str, seen: set[str]) -> list[str]:
    """The segments and nodes of a zone, through the groups and zones in it."""
    if member in seen:
        return []
    seen.add(member)
    zone, group = lab.zones.get(ZoneId(member)), lab.groups.get(GroupId(member))
    inner = zone.members if zone else group.members if group else None
    if inner is None:
        return [member]
    return [each for name in inner for each in _members(lab, name, seen)]


def _put_upwards(lab: Lab, boxes: dict[NodeId, Box]) -> None:
    owners = {address.address: port.node for port in lab.ports.values() for address in port.addresses}
    for node in lab.nodes.values():
        for route in node.routes:
            if route.prefix is not None and route.prefix.length != 0:
                continue
            targets = [route.via_node] if route.via_node else [owners.get(via) for via in route.via]
            boxes[node.id].up += [target for target in targets if target is not None and target in boxes]
