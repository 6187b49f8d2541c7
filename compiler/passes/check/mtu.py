"""MTU: one size across a broadcast domain, none below what IP needs, none above the port underneath."""

from __future__ import annotations

from ...ir.domains import Domain
from ...ir.lab import Port
from ...source import Origin
from .design import Design, called, there

_LEAST = 68  # RFC 791
_LEAST_IPV6 = 1280  # RFC 8200
_MOST = 65535


def check(design: Design) -> None:
    for domain in design.domains.values():
        _across(domain, design)
    for port in design.lab.ports.values():
        if port.mtu is not None:
            _in_range(port, design)
        elif port.form == "port":
            _from_segment(port, design)
        for over in port.over:
            _fits(port, design.lab.ports.get(over), design)


def _across(domain: Domain, design: Design) -> None:
    """Everyone in a domain must take what anyone in it may send; the first that says a size says it for all."""
    if len(domain.segments) == 1 and domain.segments[0].mtu is None and not _any_says(domain, design):
        return
    said: list[tuple[int, str, Origin]] = [
        (segment.mtu, segment.name, segment.origin) for segment in domain.segments if segment.mtu is not None
    ]
    ports = [port for port in domain.ports(design.lab) if port.form != "svi"]
    said += [
        (port.mtu, called(port), port.origin) for port in ports if port.mtu is not None and port.form != "loopback"
    ]
    for size, name, origin in said[1:]:
        if size != said[0][0]:
            _differs((size, name, origin), said[0], design)


def _any_says(domain: Domain, design: Design) -> bool:
    ports = design.lab.ports
    return any(ports[name].mtu is not None for name in domain.segments[0].ports)


def _differs(here: tuple[int, str, Origin], first: tuple[int, str, Origin], design: Design) -> None:
    if here[2] is first[2]:
        return
    design.say(
        "E0409",
        f"the MTU of {here[1]} is {here[0]}, that of {first[1]} is {first[0]}",
        here[2],
        "both are one broadcast domain",
        mark=here[0],
        labels=[there(first[2], f"{first[0]} is said here", first[0])],
        reason="nothing fragments inside a segment: the larger packets would vanish without a word",
        help=f"say the same at both places, or say it once, at the segment: `mtu = {min(here[0], first[0])}`",
    )


def _in_range(port: Port, design: Design) -> None:
    if port.mtu is not None:
        _range(port.mtu, port, port.origin, design)


def _range(size: int, port: Port, origin: Origin, design: Design) -> None:
    has_ipv6 = any(interface.address.family == 6 for interface in port.addresses)
    least = _LEAST_IPV6 if has_ipv6 else _LEAST
    if least <= size <= _MOST:
        return
    design.say(
        "E0410",
        f"an MTU of {size} is no MTU",
        origin,
        f"it lies between {least} and {_MOST}",
        mark=size,
        reason=f"{'IPv6 (RFC 8200)' if has_ipv6 else 'IPv4 (RFC 791)'} needs {least} bytes",
    )


def _from_segment(port: Port, design: Design) -> None:
    """A port takes its MTU from its segment, whose block is where a wrong one stands."""
    for each in port.attachments[:1]:
        segment = design.lab.segments[each.segment]
        if segment.mtu is not None:
            _range(segment.mtu, port, segment.origin, design)


def _fits(port: Port, under: Port | None, design: Design) -> None:
    if under is None or port.mtu is None or under.mtu is None or port.mtu <= under.mtu:
        return
    design.say(
        "E0411",
        f"{called(port)} sends packets of {port.mtu} bytes over {called(under)}, which takes {under.mtu}",
        port.origin,
        "larger than the port underneath",
        mark=port.mtu,
        labels=[there(under.origin, f"{under.mtu} is said here", under.mtu)],
        help=f"`mtu = {under.mtu}`, or raise that of {called(under)}",
    )
