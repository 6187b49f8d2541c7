"""MTU: what VXLAN leaves of the underlay's, for the whole broadcast domain of a segment that crosses hosts.

Enters: the segments that cross hosts, with VNIs. Leaves: `Segment.room`. Called by the pass. Where a lab says no MTU its stations are
told the smaller one; where it says one that cannot be kept, that is a mistake: nothing fragments inside a segment.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostics, Label
from ...ir.domains import Domain, domains_of
from ...ir.lab import Host, HostId, Lab, Segment
from ...plan.defaults import MTU, segment_mtu
from ...site.hosts import Underlay, underlay_of
from ...source import Origin
from ...wording import listed

OUTER = {4: 50, 6: 70}  # RFC 7348: the inner Ethernet header 14, VXLAN 8, UDP 8, and IPv4 20 or IPv6 40


def fit_mtus(crossing: list[Segment], lab: Lab, diagnostics: Diagnostics) -> None:
    narrow: list[Segment] = []
    domains = domains_of(lab)
    for name in sorted({segment.domain or segment.id for segment in crossing}):
        domain = domains[name]
        segment, host, room = min(_rooms(domain, lab), key=lambda each: (each[2], each[1].name, each[0].id))
        for each in domain.segments:
            each.room = room
        narrow += [each for each in domain.segments if each.vni is not None and segment_mtu(each, lab) == room < MTU]
        for said, origin in _stated(domain, lab):
            if said > room:
                _too_wide(said, origin, segment, host, room, diagnostics)
    if narrow and not diagnostics.failed:
        _tell(narrow, lab, diagnostics)


def _rooms(domain: Domain, lab: Lab) -> Iterator[tuple[Segment, Host, int]]:
    for segment in domain.segments:
        for name in segment.hosts if segment.vni is not None else ():
            host = lab.site.hosts[HostId(f"host/{name}")]
            if (underlay := underlay_of(host)) is not None:
                yield segment, host, room_of(underlay)


def room_of(underlay: Underlay) -> int:
    """Bytes of an IP packet inside a tunnel over that NIC.

    >>> from labc.compiler.addresses import Address
    >>> room_of(Underlay("eth0", Address.parse("192.0.2.1"), 1500))
    1450
    """
    return underlay.mtu - OUTER[underlay.address.family]


def _stated(domain: Domain, lab: Lab) -> Iterator[tuple[int, Origin]]:
    for segment in domain.segments:
        link = lab.links.get(segment.link) if segment.link else None
        if mtu := segment.mtu or (link.mtu if link else None):
            yield mtu, segment.origin
    for port in domain.ports(lab):
        if port.mtu and port.form != "loopback":
            yield port.mtu, port.origin


def _too_wide(said: int, origin: Origin, segment: Segment, host: Host, room: int, diagnostics: Diagnostics) -> None:
    underlay = underlay_of(host)
    assert underlay is not None  # `_rooms` found the room there
    diagnostics.error(
        "E0813",
        f"an MTU of {said} cannot be kept: between {listed(segment.hosts)} {room} are left",
        origin.span,
        f"{said} is said here",
        labels=(Label(host.nics[underlay.nic].origin.span, f"VXLAN over this NIC leaves {room} of {underlay.mtu}"),),
        reason=f"segment {segment.name} crosses hosts, so its frames travel inside UDP (RFC 7348), and nothing fragments",
        help=f"say `mtu = {room}` here; or give the underlay room: `mtu = {said + OUTER[underlay.address.family]}` at the NICs of {', '.join(segment.hosts)}",
        origin=origin,
    )


def _tell(narrow: list[Segment], lab: Lab, diagnostics: Diagnostics) -> None:
    gear = sorted(
        {lab.ports[port].node.removeprefix("node/") for each in narrow for port in each.ports if lab.ports[port].socket}
    )
    least = min(segment.room or MTU for segment in narrow)
    few = ", ".join(sorted(segment.name for segment in narrow)[:3]) + (", …" if len(narrow) > 3 else "")
    many = len(narrow) != 1
    diagnostics.note(
        "N0814",
        f"{len(narrow)} segment{'s' * many} cross{'es' * (not many)} hosts and carr{'y' if many else 'ies'} {least} bytes instead of {MTU}: {few}",
        narrow[0].origin.span,
        "crosses hosts" if not many else "the first of them",
        reason=f"{listed(gear)}, real gear, must be configured for that" if gear else "",
        help=f"for production's {MTU}, give the hosts' underlay NICs an MTU of {MTU + 50} or more and say so in the site: `mtu = 9000`",
    )
