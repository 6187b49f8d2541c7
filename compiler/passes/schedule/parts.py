"""Segments as resources: one where a segment is on one host, a part and a tunnel on each where it crosses.

Enters: a segment of a placed lab. Leaves: resources. Called by the pass `schedule`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...ir.lab import HostId, Lab, Resource, Segment
from ...plan.defaults import segment_mtu
from ...plan.ids import interface_of
from ...site.hosts import underlay_of

HOST = "local"  # without a site one host carries all
FABRIC = "netns"  # the backend that makes the segments between nodes
OVERLAY = "overlay"  # the backend that carries segments from host to host, and to real gear
VXLAN_PORT = 4789  # RFC 7348


def parts_of(segment: Segment, lab: Lab) -> Iterator[Resource]:
    """One resource on each host that carries a part; where several do, a tunnel between them on each. What real gear alone is on,
    joined by cables or the patch fabric, no host carries."""
    if not segment.hosts and any(lab.nodes[lab.ports[name].node].device for name in segment.ports):
        return
    hosts = segment.hosts or (_any_host(lab),)
    for host in hosts:
        yield _segment(segment, host, lab)
        if len(hosts) > 1:
            yield _tunnel(segment, host, lab)


def _any_host(lab: Lab) -> str:
    """Of a segment on which nothing stands."""
    return min((host.name for host in lab.site.hosts.values()), default=HOST)


def part_id(segment: Segment, host: str) -> str:
    """`segment/dmz`; of one that crosses hosts `segment/dmz@h1`."""
    return f"{segment.id}@{host}" if len(segment.hosts) > 1 else segment.id


def _segment(segment: Segment, host: str, lab: Lab) -> Resource:
    ends = [lab.ports[port] for port in segment.ports] if segment.direct else []
    spec: dict[str, object] = {
        "direct": segment.direct,
        "mtu": segment_mtu(segment, lab),
        "ends": sorted([port.node, interface_of(port)] for port in ends),
    }
    needs: list[str] = [port.node for port in ends]
    return Resource(part_id(segment, host), "segment", host, FABRIC, spec, needs, segment.origin)


def _tunnel(segment: Segment, host: str, lab: Lab) -> Resource:
    """VXLAN with a static flood list (RFC 7348 without multicast): the address of every other host on the segment."""
    ends = {name: _vtep(name, lab) for name in segment.hosts}
    spec: dict[str, object] = {
        "segment": segment.id,
        "vni": segment.vni,
        "local": ends[host],
        "remotes": sorted(address for name, address in ends.items() if name != host),
        "port": VXLAN_PORT,
        "mtu": segment_mtu(segment, lab),
    }
    identity = f"tunnel/{segment.name}@{host}"
    return Resource(identity, "tunnel", host, OVERLAY, spec, [part_id(segment, host)], segment.origin)


def _vtep(name: str, lab: Lab) -> str:
    underlay = underlay_of(lab.site.hosts[HostId(f"host/{name}")])
    assert underlay is not None  # the pass `overlays` has refused labs without
    return str(underlay.address)
