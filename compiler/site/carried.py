"""What a port of real gear carries, and with which ports it may therefore share a wire.

Enters: a lab whose ports are on segments. Leaves: attachments, wires' names. Called by `gear.py`, `gear_held.py` and the passes `overlays` and
`schedule`.

A switch of the fabric hands on frames as they come, tags and all. So ports may be joined there only when all of them carry the very same
segments with the very same tags, or are the two ends of one link; what else is on these segments is joined by the hosts,
which take tags apart. That keeps segments apart: a VLAN of the fabric never carries a segment to a port that is not on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..ir.identity import segment_identity
from ..ir.lab import Attachment, Lab, Node, Port, PortId, SegmentId

Wire = tuple[tuple[SegmentId, int | None], ...]


def carried(port: Port, lab: Lab) -> list[Attachment]:
    """The port's own segments and those of the logical ports that stand on it, by segment. A sub-interface without a segment of its own
    is a tag of the port's wire, not another segment."""
    found = {each.segment: each for each in port.attachments}
    for upper in standing_on(port, lab):
        for each in _brought(upper, lab):
            found.setdefault(each.segment, each)
    return [found[name] for name in sorted(found)]


def standing_on(port: Port, lab: Lab) -> list[Port]:
    """Sub-interfaces, bonds and the like over a port, and over those in turn."""
    found = {port.id: port}
    others = [lab.ports[name] for name in lab.nodes[port.node].ports if lab.ports[name].over]
    for _ in others:
        found |= {other.id: other for other in others if not found.keys().isdisjoint(other.over)}
    return [each for name, each in found.items() if name != port.id]


def _brought(upper: Port, lab: Lab) -> Iterator[Attachment]:
    """What a logical port is on beyond the wires of the ports below it."""
    wires = {each.segment for below in _below(upper, lab) for each in below.attachments}
    for each in upper.attachments:
        if each.segment not in wires and SegmentId(each.segment.partition("#")[0]) not in wires:
            yield Attachment(each.segment, each.tag if each.tag is not None else upper.vlan)


def _below(upper: Port, lab: Lab) -> list[Port]:
    found: dict[PortId, Port] = {}
    open_ids = list(upper.over)
    for name in open_ids:  # grows while it is walked
        if name not in found and name != upper.id:
            found[name] = lab.ports[name]
            open_ids += found[name].over
    return list(found.values())


def wire_of(port: Port, lab: Lab) -> Wire:
    """Equal for ports that may share a wire, () for a port on none: of a link its segment, else all that the port carries."""
    link = lab.links[port.link] if port.link is not None else None
    if link is not None and link.segment is not None:
        return ((link.segment, None),)
    return tuple((each.segment, each.tag) for each in carried(port, lab))


def identity_of(wire: Wire, lab: Lab) -> str:
    """A wire's name; after a rename of its segments (`was`) still the same."""
    names = ((segment_identity(lab.segments[segment], lab), tag) for segment, tag in wire)
    return "+".join(sorted(name if tag is None else f"{name}:{tag}" for name, tag in names))


def bears_tags(port: Port, lab: Lab) -> bool:
    """Whether frames on the port's wire have tags of their own, so that a switch must stack its own on them."""
    own = carried(port, lab)
    wires = {each.segment for each in own}
    return any(each.tag is not None for each in own) or any(
        name.partition("#")[0] in wires for name in lab.segments if "#" in name
    )


def enter_logical(nodes: Iterable[Node], lab: Lab) -> None:
    """Logical ports with segments of their own enter where a port below them does."""
    for node in nodes:
        for upper in (lab.ports[name] for name in node.ports if lab.ports[name].over):
            below = [each.entry for each in _below(upper, lab) if each.path and each.entry]
            upper.entry = min(below, default="") if any(_brought(upper, lab)) else ""
