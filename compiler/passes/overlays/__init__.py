"""Overlays: which segments cross hosts, the VNI of each, and what MTU is left inside.

Enters: a lab whose nodes have hosts. Leaves: `Segment.hosts`, `Segment.vni`, `Segment.room`, `Port.fabric_vlan`, and no cable that is `direct` between
two hosts. Called by the pipeline. Without a site nothing crosses anything.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostics, Label
from ...ir.lab import Host, HostId, Lab, Segment
from ...site.hosts import Underlay, underlay_of
from ..manager import register
from .mtu import fit_mtus
from .vlans import assign_vlans
from .vnis import assign_vnis


@register(
    reads=("nodes", "ports", "links", "segments", "site", "held"),
    writes=("segments.hosts", "segments.vni", "segments.room", "segments.direct", "ports.fabric_vlan"),
)
def overlays(lab: Lab, diagnostics: Diagnostics) -> Lab:
    """A segment with `web` on h1 and `db` on h2 is carried by both and has a VNI."""
    if not lab.site.hosts:
        return lab
    for segment in lab.segments.values():
        segment.hosts = tuple(sorted(set(_places(segment, lab))))
        segment.direct = segment.direct and len(segment.hosts) == 1 and not _has_gear(segment, lab)
    assign_vlans(lab, diagnostics)
    crossing = [segment for segment in lab.segments.values() if len(segment.hosts) > 1]
    if crossing and _have_underlay(crossing, lab, diagnostics) and assign_vnis(crossing, lab, diagnostics):
        fit_mtus(crossing, lab, diagnostics)
    return lab


def _places(segment: Segment, lab: Lab) -> Iterator[str]:
    for name in segment.ports:
        port = lab.ports[name]
        node = lab.nodes[port.node]
        if place := port.entry if node.device else node.host:
            yield place


def _has_gear(segment: Segment, lab: Lab) -> bool:
    return any(lab.nodes[lab.ports[name].node].device is not None for name in segment.ports)


def _have_underlay(crossing: list[Segment], lab: Lab, diagnostics: Diagnostics) -> bool:
    """Whether every host between which something must be carried has an address to carry it to."""
    sound = True
    for name in sorted({host for segment in crossing for host in segment.hosts}):
        host = lab.site.hosts[HostId(f"host/{name}")]
        if underlay_of(host) is None:
            sound = False
            _no_underlay(host, next(each for each in crossing if name in each.hosts), diagnostics)
    return sound and _have_one_family(crossing, lab, diagnostics)


def _have_one_family(crossing: list[Segment], lab: Lab, diagnostics: Diagnostics) -> bool:
    """Whether each segment's hosts reach each other: the ends of a tunnel are of one family. One segment tells for all."""
    for segment in crossing:
        ends = {host.id: underlay for host in _hosts(segment, lab) if (underlay := underlay_of(host)) is not None}
        by_family = {end.address.family: name for name, end in reversed(ends.items())}
        if len(by_family) > 1:
            hosts = [lab.site.hosts[name] for name in sorted(by_family.values())]
            _two_families(segment, hosts, [ends[host.id] for host in hosts], diagnostics)
            return False
    return True


def _hosts(segment: Segment, lab: Lab) -> list[Host]:
    return [lab.site.hosts[HostId(f"host/{name}")] for name in segment.hosts]


def _two_families(segment: Segment, hosts: list[Host], ends: list[Underlay], diagnostics: Diagnostics) -> None:
    said = [f"{end.address} of {host.name} is IPv{end.address.family}" for host, end in zip(hosts, ends, strict=True)]
    names = " and ".join(host.name for host in hosts)
    diagnostics.error(
        "E0815",
        f"segment {segment.name} cannot cross between {names}: their addresses are of two families",
        segment.origin.span,
        f"this segment is on {' and on '.join(segment.hosts)}",
        labels=tuple(
            Label(host.nics[end.nic].origin.span, text) for host, end, text in zip(hosts, ends, said, strict=True)
        ),
        reason="it travels in VXLAN (RFC 7348), from address to address, both of one family",
        help=f"give {names} addresses of one family, or keep the segment on hosts of one: `together`, or `on`",
        origin=segment.origin,
    )


def _no_underlay(host: Host, segment: Segment, diagnostics: Diagnostics) -> None:
    others = ", ".join(each for each in segment.hosts if each != host.name)
    diagnostics.error(
        "E0812",
        f"nothing can be carried to {host.name}: none of its NICs has an address",
        host.origin.span,
        "this host",
        labels=(Label(segment.origin.span, f"this segment is on {host.name} and on {others}"),),
        reason="segments that cross hosts travel in VXLAN (RFC 7348), from address to address",
        help="give the NIC that faces the other hosts its address: `nic eth0 { address = 192.0.2.1/24 }`",
        origin=host.origin,
    )
