"""Addresses and MACs on ports: those that no station may have, those that two have, those outside their segment."""

from __future__ import annotations

from ...addresses import BITS, Address, Interface, Mac, Prefix
from ...ir.lab import Port, Segment, SegmentId
from ...source import Origin
from .design import Design, called, in_order, there

_UNUSABLE = tuple(
    (Prefix.parse(prefix), why)
    for prefix, why in (
        ("0.0.0.0/8", "it means this host on this network (RFC 1122)"),
        ("127.0.0.0/8", "it never leaves a node (RFC 1122)"),
        ("224.0.0.0/4", "it names a group of receivers (RFC 1112)"),
        ("240.0.0.0/4", "it is reserved (RFC 1112)"),
        ("::/128", "it means no address (RFC 4291)"),
        ("::1/128", "it never leaves a node (RFC 4291)"),
        ("ff00::/8", "it names a group of receivers (RFC 4291)"),
    )
)
_LINK_LOCAL = Prefix.parse("fe80::/10")
_GROUP = 1 << 40


def check(design: Design) -> None:
    for port in design.lab.ports.values():
        for wanted, interface in zip(port.wanted, port.addresses, strict=False):
            _stated(port, wanted, interface, design)
    for domain, stations in design.stations.items():
        _duplicates(domain, stations, design)
    _macs(design)


# --- One address -------------------------------------------------------------------------------------------


def _stated(port: Port, wanted: Address | Interface, interface: Interface, design: Design) -> None:
    address = interface.address
    if _is_unusable(port, address, design) or port.form == "loopback" or _LINK_LOCAL.holds(address):
        return
    segments = [design.lab.segments[attachment.segment] for attachment in port.attachments]
    around = [prefix for segment in segments for prefix in segment.prefixes if prefix.holds(address)]
    if not around and segments and any(p.family == address.family for s in segments for p in s.prefixes):
        _outside(port, address, segments, design)
    elif not around and not isinstance(wanted, Interface):
        _no_length(port, address, segments, design)
    else:
        lengths = {prefix.length for prefix in around} | {BITS[address.family]}  # a second address may stand alone
        if around and isinstance(wanted, Interface) and wanted.length not in lengths:
            _other_length(port, wanted, max(around, key=lambda prefix: prefix.length), segments, design)
        _ends_of(port, interface, design)


def _is_unusable(port: Port, address: Address, design: Design) -> bool:
    for prefix, why in _UNUSABLE:
        if prefix.holds(address) and not (port.form == "loopback" and address == Address(6, 1)):
            design.say(
                "E0513",
                f"{address} is no address for a port",
                port.origin,
                why,
                mark=address,
                help="give it an address of its segment's prefix",
            )
            return True
    return False


def _outside(port: Port, address: Address, segments: list[Segment], design: Design) -> None:
    prefixes = [prefix for segment in segments for prefix in segment.prefixes if prefix.family == address.family]
    free = _suggested(prefixes[0], design, segments[0].domain, address)
    design.say(
        "E0507",
        f"{address} is outside {' and '.join(map(str, prefixes))}",
        port.origin,
        f"{called(port)} stands on {segments[0].name}",
        mark=address,
        labels=[there(segments[0].origin, f"the prefix of {segments[0].name}", prefixes[0])],
        reason="its neighbours would look for it elsewhere",
        help=f"{f'{free} is free' if free else 'choose one of the prefix'}; or give the segment another prefix as well",
    )


def _suggested(prefix: Prefix, design: Design, domain: SegmentId | None, like: Address | None = None) -> Address | None:
    """A free address: the one with the host part of `like`, most often meant; else the first."""
    taken = design.taken.get(domain, set()) if domain else set()
    hosts = prefix.hosts
    if like is not None and (value := prefix.value + like.value % prefix.size) in hosts and value not in taken:
        return Address(prefix.family, value)
    last = min(hosts.stop, hosts.start + len(taken) + 1)
    return next((Address(prefix.family, value) for value in range(hosts.start, last) if value not in taken), None)


def _no_length(port: Port, address: Address, segments: list[Segment], design: Design) -> None:
    if not segments and not design.is_whole(port.origin, design.node_of(port).origin):
        return
    length = 24 if address.family == 4 else 64
    where = f"{segments[0].name} has no IPv{address.family} prefix" if segments else f"{called(port)} is on no segment"
    design.say(
        "E0509",
        f"the length of {address} is not known",
        port.origin,
        where,
        mark=address,
        labels=[there(segment.origin, "this segment") for segment in segments[:1]],
        reason="an address takes its length from the prefix of its segment",
        help=f"write it with its length, such as `{address}/{length}`, or give the segment a prefix",
    )


def _other_length(port: Port, wanted: Interface, prefix: Prefix, segments: list[Segment], design: Design) -> None:
    design.say(
        "E0508",
        f"{wanted} has another length than {prefix}",
        port.origin,
        f"the segment's is /{prefix.length}",
        mark=wanted,
        labels=[there(segments[0].origin, "the segment's prefix", prefix)],
        reason="the stations of a segment must agree on who is their neighbour and who is behind a router",
        help=f"write `{wanted.address}`",
    )


def _ends_of(port: Port, interface: Interface, design: Design) -> None:
    prefix = interface.prefix
    address = interface.address
    if address.value in (hosts := prefix.hosts):
        return
    low, high = Address(prefix.family, hosts.start), Address(prefix.family, hosts.stop - 1)
    if address == prefix.network:
        own = "the network's own" if prefix.family == 4 else "the address of all its routers"
        code, what, help = (
            "E0504",
            f"{address} is {own} address of {prefix}",
            f"the first that a port may have is {low}",
        )
    else:
        code, what, help = (
            "E0505",
            f"{address} is the broadcast address of {prefix}",
            f"the last that a port may have is {high}",
        )
    rfc = "RFC 1122" if prefix.family == 4 else "RFC 4291, Subnet-Router anycast"
    design.say(code, what, port.origin, f"a port cannot have it ({rfc})", mark=address, help=help)


# --- Two of one --------------------------------------------------------------------------------------------


def _duplicates(domain: SegmentId, stations: list[tuple[Port, Interface]], design: Design) -> None:
    holders = {interface.address: port for port, interface in stations}
    if len(holders) == len(stations):
        return
    found: dict[Address, Port] = {}
    for port, interface in sorted(stations, key=lambda station: (station[0].origin.span.start, station[0].id)):
        first = found.setdefault(interface.address, port)
        if first is not port:
            _duplicate(first, port, interface.address, domain, design)


def _duplicate(first: Port, port: Port, address: Address, domain: SegmentId, design: Design) -> None:
    segment = design.lab.segments[port.attachments[0].segment]
    free = next((_suggested(prefix, design, domain) for prefix in segment.prefixes if prefix.holds(address)), None)
    labels = [] if first.origin is port.origin else [there(first.origin, f"{called(first)} has it already", address)]
    design.say(
        "E0506",
        f"{called(port)} and {called(first)} both have {address}",
        port.origin,
        f"both are in the broadcast domain of {design.lab.segments[domain].name}",
        mark=address,
        labels=labels,
        reason="which of them answers would change from one packet to the next",
        help=f"{free} is free" if free else "give one of them another address",
    )


def _macs(design: Design) -> None:
    """Equal MACs are a mistake in one broadcast domain; a sub-interface shares its parent's by nature."""
    by_mac: dict[Mac, list[Port]] = {}
    for port in design.lab.ports.values():
        if port.mac is not None and port.form != "subinterface":
            by_mac.setdefault(port.mac, []).append(port)
    for mac, ports in by_mac.items():
        if mac.value & _GROUP or not mac.value:
            _no_mac(ports[0], mac, design)
        if len(ports) > 1:
            _equal_macs(mac, in_order(*ports), design)


def _no_mac(port: Port, mac: Mac, design: Design) -> None:
    good = Mac(mac.value & ~_GROUP | 0x02 << 40)
    design.say(
        "E0512",
        f"{mac} is no MAC for a port",
        port.origin,
        "it names a group of receivers" if mac.value else "it means none",
        mark=mac,
        reason="the lowest bit of a station's first octet is 0 (IEEE 802)",
        help=f"such as {good}",
    )


def _equal_macs(mac: Mac, ports: list[Port], design: Design) -> None:
    first_in: dict[SegmentId, Port] = {}
    for port in ports:
        for domain in design.domains_of(port):
            first = first_in.setdefault(domain, port)
            if first is not port:
                origins: list[Origin] = [] if first.origin is port.origin else [first.origin]
                design.say(
                    "E0511",
                    f"{called(port)} and {called(first)} both have the MAC {mac}",
                    port.origin,
                    f"both are in the broadcast domain of {design.lab.segments[domain].name}",
                    mark=mac,
                    labels=[there(origin, f"{called(first)} has it already", mac) for origin in origins],
                    reason="a bridge would send the frames of both to whoever spoke last",
                    help="leave `mac` out: labc gives every port one of its own",
                )
