"""Which pairs can fare differently at all: those of which the way, there or back, meets something that differs.

Enters: the old world, and what differs. Leaves: for a packet's start and goal, whether, and the nodes met. Called by `radius.py`.

Filters are not looked at: every way that translations may lead to is gone. Where nothing on a way differs, each step of it is the
same on both sides, hence the way, hence the fate of every packet on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from ...addresses import Address
from .facts import Thing
from .world import Hop, Node, World, short

_MANY = 4096  # steps of one search


class Differs(Struct):
    """`nodes`: that behave otherwise, or are on one side only. `addresses`: that came, went, or are elsewhere. `segments`: of which the
    inside differs: what bridges them, how much they carry. `blind`: nodes of which files differ that labc cannot see through."""

    nodes: set[str] = field(default_factory=set)
    addresses: set[Address] = field(default_factory=set)
    segments: set[str] = field(default_factory=set)
    blind: dict[str, Thing] = field(default_factory=dict)
    leases: bool = False


def differs_of(pairs: Iterable[tuple[Thing | None, Thing | None]], old: World, new: World) -> Differs:
    found = Differs()
    for pair in pairs:
        for thing, world in zip(pair, (old, new), strict=True):
            if thing is not None:
                _mark(thing, world, found)
    return found


def _mark(thing: Thing, world: World, found: Differs) -> None:
    if thing.kind in ("segment", "tunnel"):
        found.segments.add(f"segment/{short(thing.id)}")
    elif thing.kind == "attachment":
        found.segments.update(on.segment for on in thing.spec.segments)
    elif thing.kind == "service":
        found.leases = True
    elif thing.kind == "file":
        found.blind[thing.spec.node] = thing
    else:
        found.nodes.add(thing.id if thing.kind == "node" else thing.spec.node)
    if thing.kind == "port":
        port = world.port(thing.id)
        found.addresses |= {interface.address for interface in port.interfaces}
        if world.nodes[port.node].bridge or thing.spec.over or len(port.segments) > 1:
            found.segments.update(port.segments)
    elif thing.kind == "node" and (thing.spec.bridge or world.nodes[thing.id].bridge):
        found.segments.update(on for port in world.nodes[thing.id].ports for on in world.port(port).segments)
    elif thing.kind == "ruleset" and world.nodes[thing.spec.node].bridge:
        found.segments.update(on for port in world.nodes[thing.spec.node].ports for on in world.port(port).segments)


class Met(Struct):
    """What a search met. `differing`: something that differs; `wild`: why a way cannot be known."""

    nodes: set[str] = field(default_factory=set)
    differing: bool = False
    wild: str = ""


def doors(world: World, port: str) -> list[str]:
    """The ports, on a sender's segment, of what forwards and filters: a firewall must hold by itself, so tests hand it packets that
    today's routes would not bring there."""
    found = []
    for segment in world.port(port).segments:
        for name in world.on.get(segment, ()):
            node = world.nodes[world.port(name).node]
            if node.forward and node.texts and node.id != world.port(port).node:
                found.append(name)
    return found


class Touched:
    """Searches of one world."""

    def __init__(self, world: World, differs: Differs) -> None:
        self.world = world
        self.differs = differs
        self.domains = {world.domain(segment) for segment in differs.segments}

    def pair(self, port: str, source: Address, target: Address) -> Met:
        """All ways there, also by a firewall that is handed the packet, and from wherever they end all ways back."""
        met, sources = Met(), {source}
        ends = list(self._search(self.world.port(port).node, target, sources, set(), met))
        for door in doors(self.world, port):
            ends += self._search(self.world.port(door).node, target, sources, set(), met)
        for node, _ in ends:
            for one in sorted(sources):
                list(self._search(node, one, set(), sources, met))
        return met

    def _search(
        self, start: str, target: Address, sources: set[Address], back: set[Address], met: Met
    ) -> Iterator[tuple[str, Address]]:
        """Gives the nodes where a packet may end. `sources` grows by what it may be translated to; `back`: what answers may be
        translated back to."""
        waiting, known = [(start, False, target)], set[tuple[str, Address]]()
        while waiting and len(known) < _MANY:
            name, entered, address = waiting.pop()
            if (name, address) in known:
                continue
            known.add((name, address))
            node = self.world.nodes[name]
            met.nodes.add(name)
            met.differing = met.differing or name in self.differs.nodes
            met.wild = met.wild or self.world.wild(node)
            for one in self._targets(node, address, back):
                if one in self.world.addresses(name):
                    yield name, one
                elif not entered or node.forward:
                    for hop in self.world.hops(node, one):
                        sources.update(self._leaving(node, hop))
                        waiting.extend((other, True, one) for other in self._across(name, hop, one, met))

    def _targets(self, node: Node, target: Address, back: set[Address]) -> set[Address]:
        found = {target}
        if node.texts:
            for _, rules in self.world.rules(node):
                for hook in ("prerouting", "output"):
                    found |= {act.address for act, _ in rules.translations(hook, target) if act.address is not None}
            if target in back:
                found |= back
        return found

    def _leaving(self, node: Node, hop: Hop) -> Iterator[Address]:
        if node.texts:
            for _, rules in self.world.rules(node):
                for act, _ in rules.translations("postrouting"):
                    if act.address is not None:
                        yield act.address
                    else:
                        yield from (interface.address for interface in self.world.port(hop.port).interfaces)

    def _across(self, name: str, hop: Hop, target: Address, met: Met) -> Iterator[str]:
        wanted = hop.to or target
        if wanted in self.differs.addresses:
            met.differing = True
        for segment in self.world.port(hop.port).segments:
            if self.world.domain(segment) in self.domains:
                met.differing = True
            for holder in self.world.holders(segment, wanted):
                other = self.world.port(holder).node
                if other != name:
                    yield other
