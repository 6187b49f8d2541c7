"""Cables: who is plugged into whom, and what no plug can do.

Enters: a site. Leaves: `Cables` for passes, and diagnostics. Called by `checks.py`.

A cable may be stated at one of its ends or at both. A port or NIC takes one cable, unless it is a trunk: then what is cabled to it
hangs behind a switch that the site does not list, and is told apart by VLANs.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..diagnostics import Diagnostic
from ..ir.lab import Device, DeviceId, Host, HostId, Nic, Site, Socket
from ..ir.unions import Unions
from ..source import Origin
from .said import place, said

End = tuple[str, str]  # the id of a host, device or switch; the name of its NIC or port
Cable = tuple[End, End, Origin]


def cables_of(site: Site) -> list[Cable]:
    """Each statement of a cable: the port where it stands, the other end, and where it is said. In order of the text."""
    found = [
        ((device.id, socket.name), far, socket.origin)
        for device in site.devices.values()
        for socket in device.sockets.values()
        if (far := far_end(site, socket)) is not None
    ]
    return sorted(found, key=lambda cable: place(cable[2]))


def far_end(site: Site, socket: Socket) -> End | None:
    """Where a port's cable leads; a host comes before a device of the same name."""
    if socket.cable is None:
        return None
    return end_of(site, *socket.cable)


def end_of(site: Site, owner: str, port: str) -> End:
    host = HostId(f"host/{owner}")
    return (host if host in site.hosts else DeviceId(f"device/{owner}"), port)


def tagged_ends(site: Site) -> frozenset[End]:
    """NICs and ports of switches where frames of the fabric bear its VLANs: trunks with a trunk at the other end, or with several cables.
    A device at the other end knows nothing of the fabric's VLANs."""
    neighbours = _neighbours(site)
    plugs = {
        end
        for end in neighbours
        if _is_trunk(site, end) and (end[0] in site.hosts or site.devices[DeviceId(end[0])].form == "switch")
    }
    return frozenset(end for end, others in neighbours.items() if end in plugs and (len(others) > 1 or others <= plugs))


def _neighbours(site: Site) -> dict[End, set[End]]:
    found: dict[End, set[End]] = {}
    for near, far, _ in cables_of(site):
        found.setdefault(near, set()).add(far)
        found.setdefault(far, set()).add(near)
    return found


def port_at(site: Site, end: End) -> Nic | Socket | None:
    host: Host | None = site.hosts.get(HostId(end[0]))
    device: Device | None = site.devices.get(DeviceId(end[0]))
    if host is not None:
        return host.nics.get(end[1])
    return device.sockets.get(end[1]) if device is not None else None


def check(site: Site) -> Iterator[Diagnostic]:
    cables = cables_of(site)
    for near, far, origin in cables:
        if near == far:
            label = "leads back to itself"
            yield said("E0355", f"the cable of {_name(near)} ends where it begins", origin, label)
    yield from _double(site, [cable for cable in cables if cable[0] != cable[1]])
    yield from _unplugged(site, cables)


def _double(site: Site, cables: list[Cable]) -> Iterator[Diagnostic]:
    """Two cables in one hole; the same cable said at both ends is one."""
    plugged: dict[End, tuple[End, Origin]] = {}
    for near, far, origin in cables:
        for end, other in ((near, far), (far, near)):
            first = plugged.setdefault(end, (other, origin))
            if first[0] != other and not _is_trunk(site, end):
                yield said(
                    "E0354",
                    f"{_name(end)} is cabled twice: to {_name(first[0])} and to {_name(other)}",
                    origin,
                    "the second cable",
                    other=(first[1], "the first cable"),
                    reason="one socket takes one plug",
                    help="say `trunk = true` of it where a switch between them tells them apart by VLANs",
                )
                break


def _is_trunk(site: Site, end: End) -> bool:
    port = port_at(site, end)
    return port is not None and port.fields.get("trunk") is True


def _unplugged(site: Site, cables: list[Cable]) -> Iterator[Diagnostic]:
    """Gear that no cable joins to a host, directly or through other gear: no node of a lab can reach it."""
    joined = Unions()
    for near, far, _ in cables:
        joined.join(near[0], far[0])
    reached = {joined.find(host) for host in site.hosts}
    for device in site.devices.values():
        if device.form == "device" and joined.find(device.id) not in reached:
            nothing = not any(device.id in (near[0], far[0]) for near, far, _ in cables)
            yield said(
                "W0356",
                f"`{device.name}` is cabled to nothing" if nothing else f"no cable of `{device.name}` leads to a host",
                device.origin,
                "no lab can use it",
                help="say where its ports lead: `port NAME cable HOST:NIC`",
                severity="warning",
            )


def _name(end: End) -> str:
    return f"`{end[0].partition('/')[2]}:{end[1]}`"
