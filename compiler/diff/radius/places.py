"""Where packets start and end: the addresses of nodes, classed by what can tell them apart, and what may stand beside them.

Enters: both worlds. Leaves: `Place`s. Called by `radius.py`. Of a thousand clients on one segment one is walked, unless a constant of a
rule set or a route lies between their addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from ...addresses import BITS, Address, Interface, Prefix
from ..nft import Rules
from .facts import Thing
from .shots import address_cuts, piece
from .touched import Differs
from .world import Node, World

_BESIDE = 12  # pieces of a segment without a node that are looked at
Cuts = dict[int, list[int]]


class Place(Struct, frozen=True):
    """An address on a port. `members`: the nodes that it stands for. `segment`: of an address that no node has, where it lies.
    `sides`: on which of both worlds it is there. `other`: of a place that stands for several, a second one, for packets among themselves.
    `was`, `was_on`: its address and its port on the old side, where the new one has another in its stead."""

    node: str
    port: str
    address: Address
    members: tuple[str, ...]
    sides: tuple[bool, bool]
    segment: str | None = None
    other: Place | None = None
    was: Address | None = None
    was_on: str = ""

    def on(self, side: int) -> str:
        """The port that it is on."""
        return self.was_on if side == 0 and self.was_on else self.port

    def at(self, side: int) -> Address:
        """Where it is on the old side (0) or the new one."""
        return self.was if side == 0 and self.was is not None else self.address


def cuts_of(worlds: Iterable[World], rules: Iterable[Rules]) -> Cuts:
    """Where anything that looks at addresses may begin to answer otherwise."""
    found = list(rules)
    cuts = {family: set(values) for family, values in address_cuts(found).items()}
    for each in found:
        for hook in ("prerouting", "output", "postrouting"):
            for act, _ in each.translations(hook):
                if act.address is not None:
                    cuts[act.address.family] |= {act.address.value, act.address.value + 1}
    for world in worlds:
        for node in world.nodes.values():
            for route in node.routes:
                prefix = Interface.parse(route.spec.prefix).prefix
                cuts[prefix.family] |= {prefix.value, prefix.value + prefix.size}
                for via in map(Address.parse, route.spec.via):
                    cuts[via.family] |= {via.value, via.value + 1}
    return {family: sorted(values) for family, values in cuts.items()}


def are_alike(was: Thing | None, now: Thing | None, cuts: Cuts) -> bool:
    """Whether two records of a port differ in addresses that nothing tells apart: no rule, no route, no next hop, and of one prefix."""
    if was is None or now is None or not was.kind == now.kind == "port":
        return False
    if replace(was.spec, addresses=()) != replace(now.spec, addresses=()):
        return False
    if len(was.spec.addresses) != len(now.spec.addresses):
        return False
    sides = (map(Interface.parse, each.spec.addresses) for each in (was, now))
    return all(
        one.prefix == other.prefix and piece(one.address, cuts) == piece(other.address, cuts)
        for one, other in zip(*sides, strict=True)
    )


def places_of(old: World, new: World, differs: Differs, cuts: Cuts) -> list[Place]:
    classes: dict[object, list[Place]] = {}
    for name in sorted(old.nodes.keys() | new.nodes.keys(), key=lambda name: (len(name), name)):
        for key, place in _of_node(name, old, new, differs, cuts):
            classes.setdefault(key, []).append(place)
    return [_joined(alike) for alike in classes.values()]


def _joined(alike: list[Place]) -> Place:
    if len(alike) == 1:
        return alike[0]
    members = tuple(dict.fromkeys(place.node for place in alike))
    second = next((each for each in alike if each.node != alike[0].node), None)
    other = replace(second, members=(*members[1:], members[0])) if second is not None else None
    return replace(alike[0], members=members, other=other)


def _of_node(name: str, old: World, new: World, differs: Differs, cuts: Cuts) -> Iterator[tuple[object, Place]]:
    nodes = [(world, world.nodes[name]) for world in (old, new) if name in world.nodes]
    alone = name in differs.nodes or any(node.forward or node.texts or len(node.ports) > 1 for _, node in nodes)
    for was, now in _paired(_held(old, name), _held(new, name)):
        port, address = now or was or ("", Address(4, 0))
        place = Place(name, port, address, (name,), (was is not None, now is not None))
        if was is not None and was != (port, address):
            place = replace(place, was=was[1], was_on=was[0])
        key = (port, address) if alone else (piece(address, cuts), *(_key(world, node) for world, node in nodes))
        yield key, place


_Held = tuple[str, Address]  # a port, and an address on it


def _held(world: World, name: str) -> list[_Held]:
    node = world.nodes.get(name)
    found = []
    for port in map(world.port, sorted(node.ports) if node else ()):
        usable = (each for each in port.interfaces if each.address.value >> 118 != 0xFE80 >> 6)
        found += [(port.id, each.address) for each in usable if not _is_translated(each, port.interfaces)]
    return found


def _paired(old: list[_Held], new: list[_Held]) -> Iterator[tuple[_Held | None, _Held | None]]:
    """Those that stay; addresses that are on another port; ports with another address; then the rest."""
    sameness: tuple[Callable[[_Held], object], ...] = (
        lambda each: each,
        lambda each: each[1],
        lambda each: (each[0], each[1].family),
    )
    for same in sameness:
        for now in list(new):
            was = next((each for each in old if same(each) == same(now)), None)
            if was is not None:
                old.remove(was)
                new.remove(now)
                yield was, now
    yield from ((each, None) for each in old)
    yield from ((None, each) for each in new)


def _is_translated(interface: Interface, beside: Iterable[Interface]) -> bool:
    """Addresses for which a translating node answers stand in a plan as single ones, in a prefix that the port has anyway."""
    length = BITS[interface.address.family]
    return interface.length == length and any(
        each.length < length and each.prefix.holds(interface.address) for each in beside
    )


def _key(world: World, node: Node) -> object:
    """What else tells a host with one port from another."""
    port = world.port(node.ports[0])
    routes = tuple(sorted((route.spec.prefix, route.spec.via, route.spec.metric) for route in node.routes))
    return port.segments, port.mtu, port.rate, tuple(each.prefix for each in port.interfaces), routes


def beside(old: World, new: World, places: Iterable[Place], cuts: Cuts) -> list[Place]:
    """For each piece of a segment's prefixes in which no host is, an address that a probe may stand at, with the routes of a neighbour."""
    hosts = {
        (segment, piece(place.at(side), cuts))
        for place in places
        if not _forwards(place, old, new)
        for side, world in enumerate((old, new))
        if place.on(side) in world.things
        for segment in world.port(place.on(side)).segments
    }
    taken = {address for world in (old, new) for name in world.nodes for address in world.addresses(name)}
    found = []
    for segment in sorted(old.on.keys() & new.on.keys()):
        if any(world.is_cable(segment) for world in (old, new)):
            continue  # nobody can stand beside it
        for prefix in sorted(_prefixes(old, segment) & _prefixes(new, segment)):
            there = {number for where, number in hosts if where == segment}
            for address in _free(prefix, cuts, there, taken):
                place = _stand(old, new, segment, Interface(address, prefix.length))
                if place is not None:
                    found.append(place)
    return found


def _forwards(place: Place, old: World, new: World) -> bool:
    return any(place.node in world.nodes and world.nodes[place.node].forward for world in (old, new))


def _prefixes(world: World, segment: str) -> set[Prefix]:
    found = {interface.prefix for port in world.on[segment] for interface in world.port(port).interfaces}
    return {prefix for prefix in found if prefix.length < BITS[prefix.family] - 1}


def _free(prefix: Prefix, cuts: Cuts, hosts: set[int], taken: set[Address]) -> Iterator[Address]:
    """The highest free address of each piece within a prefix."""
    edges = [cut for cut in cuts[prefix.family] if prefix.value < cut < prefix.value + prefix.size]
    bounds = [prefix.value, *edges, prefix.value + prefix.size]
    for low, high in list(pairwise(bounds))[:_BESIDE]:
        if piece(Address(prefix.family, low), cuts) in hosts:
            continue
        for value in range(high - 1, max(low, high - 8) - 1, -1):
            address = Address(prefix.family, value)
            if value in prefix.hosts and address not in taken:
                yield address
                break


def _stand(old: World, new: World, segment: str, interface: Interface) -> Place | None:
    """Beside a host rather than a router, the same on both sides."""
    lenders = sorted(
        (world.nodes[node].forward, len(node), node)
        for world in (old, new)
        for node in (world.port(port).node for port in world.on[segment])
        if node in old.nodes and node in new.nodes and not node.startswith("beside/")
    )
    if not lenders:
        return None
    lender = lenders[0][2]
    for world in (old, new):
        port = world.stand(segment, interface, lender)
    return Place(port.partition("/")[2], port, interface.address, (lender,), (True, True), segment)
