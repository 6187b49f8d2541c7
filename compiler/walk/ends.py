"""What an end of a policy's rule stands for, taken apart to nodes, segments, prefixes and addresses.

Enters: the text of an end as `ir.lab.Rule` holds it. Leaves: `Members`. Called by the passes `configs` and `tests`.
"""

from __future__ import annotations

from msgspec import Struct, field

from ..addresses import Address, Prefix
from ..ir.lab import GroupId, Lab, NodeId, SegmentId, ZoneId


class Members(Struct):
    """All that one end names; each set without repetition, in no order that matters."""

    nodes: set[NodeId] = field(default_factory=set)
    segments: set[SegmentId] = field(default_factory=set)
    prefixes: set[Prefix] = field(default_factory=set)
    addresses: set[Address] = field(default_factory=set)


def members_of(end: str, lab: Lab) -> Members:
    """Zones and groups are followed to what they hold; a zone that holds itself ends there."""
    members = Members()
    seen: set[str] = set()
    waiting = [end]
    while waiting:
        text = waiting.pop()
        if text not in seen:
            seen.add(text)
            waiting.extend(_add(text, members, lab))
    return members


def _add(text: str, members: Members, lab: Lab) -> tuple[str, ...]:
    """Put one end into `members`; what it leads on to is returned."""
    kind, _, _ = text.partition("/")
    if kind == "zone":
        zone = lab.zones.get(ZoneId(text))
        return zone.members if zone else ()
    if kind == "group":
        group = lab.groups.get(GroupId(text))
        return group.members if group else ()
    if kind == "node":
        members.nodes.add(NodeId(text))
    elif kind == "segment":
        members.segments.add(SegmentId(text))
    else:
        _add_addresses(text, members)
    return ()


def _add_addresses(text: str, members: Members) -> None:
    if "/" in text:
        members.prefixes.add(Prefix.parse(text))
    else:
        members.addresses.add(Address.parse(text))
