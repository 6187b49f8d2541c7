"""What becomes of one packet, and of the answer to it.

Enters: a world, a port, a packet. Leaves: `Fate`s: one where the way is certain, several where routes of equal cost or a murky domain leave
it open. Called by `judge.py`.

The order at a node is Linux's: prerouting (translation of the destination), is it mine?, input or routing and forward, postrouting
(translation of the source); what a node sends itself starts at output. What a filter has let through once, it lets through as
`established` on the way back, where the node has seen the way there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from ...addresses import Address
from ..nft import Packet, Ruling
from .world import Hop, Node, World, short

_LONGEST = 32
Result = Literal["allowed", "denied", "unreachable"]


class Seen(Struct, frozen=True):
    """What a node remembers of a connection: its packet as it came and as it went on."""

    node: str
    came: tuple[Address, Address]
    went: tuple[Address, Address]


class Fate(Struct, frozen=True):
    """`arrived`: the packet itself, whatever becomes of the answer. `guessed`: what the result depends on that labc cannot say, each with the packet that came to it; equal on both sides where
    text and packet are. `wild`: why nothing can be said. `mtu`, `rate`: the least on the way."""

    result: Result
    arrived: bool = False
    guessed: frozenset[tuple[str, ...]] = frozenset()
    wild: str = ""
    mtu: int = 0
    rate: int | None = None


class _Way(Struct):
    """How far a packet has come."""

    steps: tuple[str, ...] = ()
    seen: tuple[Seen, ...] = ()
    guessed: frozenset[tuple[str, ...]] = frozenset()
    wild: str = ""
    mtu: int = 1 << 30
    rate: int | None = None

    def end(self, result: Result, *, arrived: bool = False) -> Fate:
        return Fate(result, arrived, self.guessed, self.wild, self.mtu, self.rate)


def send(
    world: World, port: str, packet: Packet, goal: str, *, answered: bool = True, handed: str | None = None
) -> frozenset[Fate]:
    """`goal`: the node that has to get it. Not `answered`: it is enough that the packet arrives. `handed`: the port of a neighbour that is
    given the packet, whatever the sender's routes say."""
    fates: set[Fate] = set()
    source = world.port(port).node
    first = world.port(handed).node if handed else source
    for way, end, arrived in _travel(world, first, handed, packet, _Way(), ()):
        if end != "allowed" or arrived is None:
            fates.add(way.end(end))
        elif way.steps[-1] != goal:
            fates.add(way.end("unreachable"))
        elif not answered:
            fates.add(way.end("allowed", arrived=True))
        else:
            fates |= set(_answers(world, packet, arrived, way, source, goal))
    return frozenset(fates)


def _answers(world: World, sent: Packet, arrived: Packet, way: _Way, source: str, goal: str) -> Iterator[Fate]:
    kind = {"echo-request": "echo-reply"}.get(arrived.kind or "", arrived.kind)
    answer = replace(
        arrived, source=arrived.target, target=arrived.source, sport=arrived.dport, dport=arrived.sport, kind=kind, entered=None,
        leaving=None, original=None, opener=None,
    )  # fmt: skip
    begun = _Way((), (), way.guessed, way.wild, way.mtu, way.rate)
    for back, end, came in _travel(world, goal, None, answer, begun, way.seen):
        right = came is not None and came.source == sent.target and back.steps[-1] == source
        yield back.end("allowed" if right else "denied" if end == "allowed" else end, arrived=True)


_Step = tuple[_Way, Result, "Packet | None"]


def _travel(
    world: World, name: str, entered: str | None, packet: Packet, way: _Way, seen: tuple[Seen, ...]
) -> Iterator[_Step]:
    """A packet at a node, made there or come in by a port. `seen`: of an answer, what nodes remember of its connection."""
    node = world.nodes[name]
    loops = len(way.steps) >= _LONGEST
    way = replace(way, steps=(*way.steps, name), wild=way.wild or world.wild(node))
    if loops:
        yield way, "unreachable", None
        return
    if node.is_gear:
        way = _guess(way, f"the real gear {short(name)}", node.device or "", packet)
    known = _remembered(name, packet, seen)
    came = packet
    state = "established" if known else "new" if not seen and packet.state == "new" else _stray(packet)
    packet = replace(
        packet, state=state, entered=world.port(entered).interface if entered else None, leaving=None,
        original=known.came[1] if known else packet.target, opener=known.came[0] if known else packet.source,
    )  # fmt: skip
    if known:
        packet = replace(packet, target=known.came[0])
    if not entered:
        packet = _routed(world, node, packet)
    way, packet, dropped = _hook(world, node, "prerouting" if entered else "output", packet, way, translate=not known)
    if dropped:
        yield way, "denied", None
        return
    if packet.target in world.addresses(name):
        if entered:
            way, packet, dropped = _hook(world, node, "input", replace(packet, leaving=None), way, translate=not known)
        if known:
            packet = replace(packet, source=known.came[1])
        memory = Seen(name, (came.source, came.target), (packet.source, packet.target))
        yield replace(way, seen=(*way.seen, memory)), "denied" if dropped else "allowed", None if dropped else packet
        return
    if entered and not node.forward:
        yield way, "unreachable", None
        return
    yield from _onward(world, node, entered, came, packet, way, seen, known)


def _onward(
    world: World,
    node: Node,
    entered: str | None,
    came: Packet,
    packet: Packet,
    way: _Way,
    seen: tuple[Seen, ...],
    known: Seen | None,
) -> Iterator[_Step]:
    hops = world.hops(node, packet.target)
    if not hops:
        yield way, "unreachable", None
    for hop in hops:
        port = world.port(hop.port)
        gone, out, dropped = way, replace(packet, leaving=port.interface), False
        if entered:
            gone, out, dropped = _hook(world, node, "forward", out, gone, translate=False)
        if not dropped:
            gone, out, dropped = _hook(world, node, "postrouting", out, gone, translate=not known, hop=hop)
        if dropped:
            yield gone, "denied", None
            continue
        if known:
            out = replace(out, source=known.came[1])
        memory = Seen(node.id, (came.source, came.target), (out.source, out.target))
        gone = replace(gone, seen=(*gone.seen, memory))
        yield from _across(world, hop, packet.target, out, gone, seen)


def _across(
    world: World, hop: Hop, target: Address, packet: Packet, way: _Way, seen: tuple[Seen, ...]
) -> Iterator[_Step]:
    """Over a broadcast domain, to whoever answers for the next address."""
    port = world.port(hop.port)
    found: dict[str, None] = {}
    for segment in port.segments:
        for holder in world.holders(segment, hop.to or target):
            if holder != hop.port and world.port(holder).node != port.node:
                found[holder] = None
    if not found:
        yield way, "unreachable", None
        return
    way = _bridged(world, hop, packet, way)
    state = "new" if seen else packet.state
    sent = replace(packet, state=state, entered=None, leaving=None, original=None, opener=None)
    for holder in found:
        other = world.port(holder)
        least = min(way.mtu, port.mtu or way.mtu, other.mtu or way.mtu)
        rates = [rate for rate in (way.rate, port.rate) if rate is not None]
        on = replace(way, mtu=least, rate=min(rates, default=None))
        yield from _travel(world, other.node, holder, sent, on, seen)


def _bridged(world: World, hop: Hop, packet: Packet, way: _Way) -> _Way:
    """Bridging nodes that filter, and domains with tags, are guesses: equal where they are the same on both sides."""
    guessed = set(way.guessed)
    for segment in world.port(hop.port).segments:
        domain = world.domain(segment)
        for node in world.crossed.get(domain, ()):
            for thing in (*node.texts, *node.files):
                guessed.add((f"{thing.id} of a bridging node", thing.spec.text, *_shown(packet)))
        if domain in world.murky:
            guessed.add((f"{domain}, with VLAN tags or logical ports", "", *_shown(packet)))
    return way if guessed == way.guessed else replace(way, guessed=frozenset(guessed))


def _routed(world: World, node: Node, packet: Packet) -> Packet:
    """What a node sends itself has its way out before any rule sees it."""
    hops = world.hops(node, packet.target)
    return replace(packet, leaving=world.port(hops[0].port).interface) if hops else packet


def _remembered(node: str, packet: Packet, seen: tuple[Seen, ...]) -> Seen | None:
    ends = packet.target, packet.source
    return next((each for each in seen if each.node == node and each.went == ends), None)


def _stray(packet: Packet) -> str:
    """An answer, or a segment, of a connection that a node knows nothing of: TCP's and ICMP's are invalid, UDP's open a new one."""
    return "new" if packet.protocol not in ("tcp", "icmp", "icmpv6") and packet.state == "new" else "invalid"


def _hook(
    world: World, node: Node, hook: str, packet: Packet, way: _Way, *, translate: bool, hop: Hop | None = None
) -> tuple[_Way, Packet, bool]:
    """All base chains of a hook, by priority. True: the packet is dropped."""
    if not node.texts:
        return way, packet, False
    for thing, rules in world.rules(node):
        if rules.murky:
            way = _guess(way, thing.id, thing.spec.text, packet)
    for thing, rules, table, chain in world.bases(node, hook):
        if chain.type == "nat" and not (translate and packet.state == "new"):
            continue
        ruling = rules.run(table, chain, packet)
        if ruling.unclear:
            way = _guess(way, thing.id, thing.spec.text, packet)
        if ruling.verdict == "drop":
            return way, packet, True
        packet = _translated(world, packet, ruling, hop)
    return way, packet, False


def _guess(way: _Way, what: str, text: str, packet: Packet) -> _Way:
    return replace(way, guessed=way.guessed | {(what, text, *_shown(packet))})


def _shown(packet: Packet) -> tuple[str, ...]:
    return tuple(str(getattr(packet, name)) for name in packet.__struct_fields__)


def _translated(world: World, packet: Packet, ruling: Ruling, hop: Hop | None) -> Packet:
    act = ruling.to
    if act is None:
        return packet
    if act.verb == "masquerade" and hop is not None:
        own = [each.address for each in world.port(hop.port).interfaces if each.address.family == packet.source.family]
        return replace(packet, source=own[0]) if own else packet
    if act.address is None or act.address.family != packet.target.family:
        return packet
    if act.verb == "snat":
        return replace(packet, source=act.address)
    return replace(packet, target=act.address, dport=act.port if act.port is not None else packet.dport)
