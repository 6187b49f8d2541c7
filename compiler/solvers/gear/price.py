"""What a choice for each port costs, and the binding that it makes.

Enters: the options, a device for each node and a choice for each port. Leaves: a `Binding`. Used by every search of `bind.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from .options import Choice, Options
from .records import NOWHERE, Binding, Decided, Entry, Lead, Limits, Nogood, Price, Request, ToSocket

Chosen = Sequence[Sequence[Choice]]


def moved_device(request: Request, node: int, device: int) -> bool:
    return request.held is not None and request.held.devices[node] not in (NOWHERE, device)


def moved_socket(request: Request, node: int, port: int, socket: int) -> bool:
    return request.held is not None and request.held.sockets[node][port] not in (NOWHERE, socket)


def entry_of(request: Request, chosen: Chosen) -> Entry:
    homes = tuple(tuple(sorted({choice.way.host for choice in ports} - {NOWHERE})) for ports in chosen)
    anchors = tuple(
        tuple(sorted({chosen[node][port].way.host for node, port in wire.ports} - {NOWHERE})) for wire in request.wires
    )
    return Entry(homes, anchors)


def price_of(options: Options, devices: Sequence[int], chosen: Chosen, entry: Entry) -> Price:
    request = options.request
    every = [(node, port, choice) for node, ports in enumerate(chosen) for port, choice in enumerate(ports)]
    return Price(
        moves=sum(moved_device(request, node, device) for node, device in enumerate(devices))
        + sum(moved_socket(request, node, port, choice.socket) for node, port, choice in every),
        joins=sum(max(len(hosts) - wire.virtual, 0) for hosts, wire in zip(entry.anchors, request.wires, strict=True)),
        worth=sum(request.site.devices[device].worth for device in devices),
        hops=sum(choice.way.hops for _, _, choice in every),
        order=sum(devices) + sum(options.rank[choice.socket] for _, _, choice in every),
    )


def binding_of(options: Options, devices: Sequence[int], chosen: Chosen, way: Decided, proven: bool) -> Binding:
    entry = entry_of(options.request, chosen)
    return Binding(
        tuple(devices),
        tuple(tuple(choice.socket for choice in ports) for ports in chosen),
        _paths(options, chosen),
        tuple(tuple(choice.way.host for choice in ports) for ports in chosen),
        entry,
        price_of(options, devices, chosen, entry),
        way,
        proven,
    )


def _paths(options: Options, chosen: Chosen) -> tuple[tuple[tuple[Lead, ...], ...], ...]:
    """Each lane's members are given out in order: one to a wire and end, whichever of its ports come by."""
    given: dict[int, dict[object, int]] = {}

    def path(node: int, port: int, choice: Choice) -> tuple[Lead, ...]:
        if choice.way.hops == 0:
            return ()
        leads = [options.fabric.leads[ToSocket(choice.socket)]]
        for index in choice.way.lanes:
            lane = options.fabric.lanes[index]
            uses = given.setdefault(lane.cables, {})
            member = uses.setdefault((options.wire[node, port], choice.way.end), len(uses)) if lane.single else 0
            leads += lane.members[member]
        return tuple(leads)

    return tuple(
        tuple(path(node, port, choice) for port, choice in enumerate(ports)) for node, ports in enumerate(chosen)
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
