"""What a choice of options costs, and the binding that it makes.

Enters: the options and one chosen for each port, with a device for each node. Leaves: a `Binding`. Used by every search of `gear_bind`.
"""

from __future__ import annotations

from collections.abc import Sequence

from .gear import NOWHERE, Binding, Entry, Limits, Nogood, Price, Request, Way
from .gear_options import Option, Options

Chosen = Sequence[Sequence[Option]]


def moved_device(request: Request, node: int, device: int) -> bool:
    return request.held is not None and request.held.devices[node] not in (NOWHERE, device)


def moved_socket(request: Request, node: int, port: int, socket: int) -> bool:
    return request.held is not None and request.held.sockets[node][port] not in (NOWHERE, socket)


def entry_of(request: Request, chosen: Chosen) -> Entry:
    homes = tuple(tuple(sorted({option.host for option in ports} - {NOWHERE})) for ports in chosen)
    anchors = tuple(
        tuple(sorted({chosen[node][port].host for node, port in wire.ports} - {NOWHERE})) for wire in request.wires
    )
    return Entry(homes, anchors)


def price_of(options: Options, devices: Sequence[int], chosen: Chosen, entry: Entry) -> Price:
    request = options.request
    every = [(node, port, option) for node, ports in enumerate(chosen) for port, option in enumerate(ports)]
    return Price(
        moves=sum(moved_device(request, node, device) for node, device in enumerate(devices))
        + sum(moved_socket(request, node, port, option.socket) for node, port, option in every),
        joins=sum(max(len(hosts) - wire.virtual, 0) for hosts, wire in zip(entry.anchors, request.wires, strict=True)),
        worth=sum(request.site.devices[device].worth for device in devices),
        hops=sum(len(option.path) for _, _, option in every),
        order=sum(devices) + sum(options.rank[option.socket] for _, _, option in every),
    )


def binding_of(options: Options, devices: Sequence[int], chosen: Chosen, way: Way, proven: bool) -> Binding:
    entry = entry_of(options.request, chosen)
    return Binding(
        tuple(devices),
        tuple(tuple(option.socket for option in ports) for ports in chosen),
        tuple(tuple(option.path for option in ports) for ports in chosen),
        tuple(tuple(option.host for option in ports) for ports in chosen),
        entry,
        price_of(options, devices, chosen, entry),
        way,
        proven,
    )


def homes_are(homes: Sequence[tuple[int, ...]], limits: Limits) -> bool:
    """Whether the hosts at which nodes enter keep the limits."""
    return (
        tuple(homes) not in limits.seen
        and all(home_is(home, limits, node) for node, home in enumerate(homes))
        and not any(_ruled_out(homes, bad) for bad in limits.nogoods)
    )


def home_is(home: tuple[int, ...], limits: Limits, node: int) -> bool:
    allowed = limits.homes[node] if limits.homes is not None else None
    return allowed is None or not home or not set(home).isdisjoint(allowed)


def _ruled_out(homes: Sequence[tuple[int, ...]], bad: Nogood) -> bool:
    """Homes within those that are known to be too few: () is anywhere, the most there is."""
    pairs = zip(bad.nodes, bad.homes, strict=True)
    return all(not allowed or (homes[node] and set(homes[node]) <= set(allowed)) for node, allowed in pairs)
