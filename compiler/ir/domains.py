"""Domains: the segments of each broadcast domain, the ports in it that speak IP, and their prefixes.

Enters: a lab after the pass `segments`. Leaves: `Domain`s. Called by the passes `addresses` and `check`.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct, field

from ..addresses import Interface, Prefix
from .lab import Lab, Port, PortId, Segment, SegmentId


class Domain(Struct):
    """One broadcast domain. `id` is its least segment's."""

    id: SegmentId
    segments: list[Segment] = field(default_factory=list)

    def ports(self, lab: Lab) -> list[Port]:
        """Every port of it, each once."""
        if len(self.segments) == 1:
            names = self.segments[0].ports
        else:
            names = sorted({port for segment in self.segments for port in segment.ports})
        return [lab.ports[name] for name in names]


def domains_of(lab: Lab) -> dict[SegmentId, Domain]:
    """Every domain by its id; segments in the order of their ids."""
    found: dict[SegmentId, Domain] = {}
    for segment in sorted(lab.segments.values(), key=lambda segment: segment.id):
        name = segment.domain or segment.id
        if name not in found:
            found[name] = Domain(name)
        found[name].segments.append(segment)
    return found


def domains_on(port: Port, lab: Lab) -> list[SegmentId]:
    """The broadcast domains that a port stands in, each once."""
    attachments = port.attachments
    if len(attachments) == 1:  # nearly all, and this is asked of each many times
        name = attachments[0].segment
        return [lab.segments[name].domain or name]
    return list(dict.fromkeys(lab.segments[each.segment].domain or each.segment for each in attachments))


def carried_ports(lab: Lab) -> set[PortId]:
    """Ports that logical ones stand on: addresses belong to what stands on them, unless they state some."""
    return {over for port in lab.ports.values() for over in port.over if port.form != "svi"}


def speaks_ip(port: Port, lab: Lab) -> bool:
    """Whether a port has addresses by its nature: those of a bridge have none, but its SVIs do."""
    return port.form in ("svi", "loopback") or not lab.nodes[port.node].bridges


def stated_prefixes(ports: Iterable[Port]) -> set[Prefix]:
    """The prefixes of what ports state with a length. A host's own (/32, /128) tells nothing about its segment."""
    return {
        wanted.prefix
        for port in ports
        if port.wanted
        for wanted in port.wanted
        if isinstance(wanted, Interface) and wanted.length < (32 if wanted.address.family == 4 else 128)
    }
