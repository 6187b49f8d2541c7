"""Lookups over a lab: who has an address on a segment, where a node sends a packet, what it translates.

Enters: a lab after the pass `addresses`. Leaves: answers, each made when first asked for and kept. Called by `way.py`
and by the passes that need one hop only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct, field

from ..addresses import BITS, Address, Prefix
from ..ir.lab import Lab, Node, NodeId, Port, PortId, SegmentId

_NOBODY = Address(0, 0)


class Hop(Struct, frozen=True):
    """The next step of a packet: out by `port`, to whoever has the address `to` there (None: the destination itself)."""

    port: PortId
    to: Address | None


class _Table(Struct):
    """A routing table for longest-prefix match: by family and length, the hops of each prefix's value."""

    by_length: dict[tuple[int, int], dict[int, list[Hop]]] = field(default_factory=dict)
    lengths: dict[int, list[int]] = field(default_factory=dict)

    def hops(self, address: Address) -> list[Hop]:
        family, value = address
        for length in self.lengths.get(family, ()):
            shift = BITS[family] - length
            found = self.by_length[family, length].get(value >> shift << shift)
            if found is not None:
                return found
        return []


class Network:
    """The lab as a packet sees it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self._tables: dict[NodeId, _Table] = {}

    def domains_of(self, port: Port) -> list[SegmentId]:
        """The broadcast domains that a port stands in."""
        return [self.lab.segments[each.segment].domain or each.segment for each in port.attachments]

    def holder(self, port: PortId, address: Address) -> PortId | None:
        """Who answers for an address when `port` asks its segments (ARP, ND)."""
        for domain in self.domains_of(self.lab.ports[port]):
            found = self._holders.get((domain, address))
            if found is not None and found != port:
                return found
        return None

    def hops(self, node: NodeId, destination: Address) -> list[Hop]:
        """Where a node sends a packet: the longest prefix, the lowest metric; several hops of equal cost. Empty: nowhere."""
        table = self._tables.get(node)
        if table is None:
            table = self._tables[node] = self._table(self.lab.nodes[node])
        return table.hops(destination)

    @cached_property
    def owners(self) -> dict[Address, list[PortId]]:
        """The ports that have an address; several where one prefix lives in separate networks."""
        owners: dict[Address, list[PortId]] = defaultdict(list)
        for port in self.lab.ports.values():
            for interface in port.addresses:
                owners[interface.address].append(port.id)
        return owners

    @cached_property
    def outsides(self) -> dict[Address, list[tuple[NodeId, Address]]]:
        """By inside address: the nodes that translate it one to one, and what others see."""
        outsides: dict[Address, list[tuple[NodeId, Address]]] = defaultdict(list)
        for node in self.lab.nodes.values():
            for rule in node.nat:
                if rule.inside is not None:
                    outsides[rule.inside].append((node.id, rule.outside))
        return outsides

    @cached_property
    def translated(self) -> frozenset[Address]:
        """All addresses that are seen in place of others."""
        nodes = self.lab.nodes.values()
        return frozenset(r.outside for node in nodes for r in node.nat) | {r.to for node in nodes for r in node.napt}

    @cached_property
    def bridged(self) -> dict[SegmentId, list[tuple[NodeId, SegmentId]]]:
        """By segment: the bridging nodes on it and the segments that they lead on to."""
        bridged: dict[SegmentId, list[tuple[NodeId, SegmentId]]] = defaultdict(list)
        for _, node in sorted(self.lab.nodes.items()):
            if node.bridges:
                segments = sorted({a.segment for port in node.ports for a in self.lab.ports[port].attachments})
                for segment in segments:
                    bridged[segment].extend((node.id, other) for other in segments if other != segment)
        return bridged

    @cached_property
    def _holders(self) -> dict[tuple[SegmentId, Address], PortId]:
        holders: dict[tuple[SegmentId, Address], PortId] = {}
        for node in self.lab.nodes.values():
            translated = {rule.outside for rule in node.nat} | {rule.to for rule in node.napt}
            for port in (self.lab.ports[each] for each in node.ports):
                for address in _answers(port, translated):
                    for domain in self.domains_of(port):
                        holders.setdefault((domain, address), port.id)
        return holders

    def _table(self, node: Node) -> _Table:
        table = _Table()
        metrics: dict[Prefix, int] = {}
        for prefix, metric, hop in self._entries(node):
            known = metrics.get(prefix)
            if known is not None and known < metric:
                continue
            entries = table.by_length.setdefault((prefix.family, prefix.length), {})
            hops = entries.setdefault(prefix.value, [])
            if known is not None and metric < known:
                hops.clear()
            metrics[prefix] = metric
            if hop is not None:
                hops.append(hop)
        for entries in table.by_length.values():
            for hops in entries.values():
                hops.sort(key=lambda hop: (hop.to or _NOBODY, hop.port))
        for family, length in sorted(table.by_length, reverse=True):
            table.lengths.setdefault(family, []).append(length)
        return table

    def _entries(self, node: Node) -> Iterator[tuple[Prefix, int, Hop | None]]:
        """Connected prefixes (metric -1: better than any route), then static routes; a hop of None is a black hole."""
        connected: list[tuple[Prefix, PortId]] = []
        for port in (self.lab.ports[each] for each in node.ports):
            for interface in port.addresses:
                connected.append((interface.prefix, port.id))
                yield interface.prefix, -1, Hop(port.id, None)
        for route in node.routes:
            if route.blackhole and route.prefix is not None:
                yield route.prefix, route.metric, None
            for via in sorted(route.via):
                out = max((c for c in connected if c[0].holds(via)), key=lambda c: c[0].length, default=None)
                if out is not None:
                    yield route.prefix or Prefix(via.family, 0, 0), route.metric, Hop(out[1], via)


def _answers(port: Port, translated: set[Address]) -> Iterator[Address]:
    prefixes = []
    for interface in port.addresses:
        yield interface.address
        prefixes.append(interface.prefix)
    for address in sorted(translated):
        if any(prefix.holds(address) for prefix in prefixes):
            yield address


def enforces(node: Node) -> bool:
    """Whether a node can carry out a policy: a firewall by its kind, or any node on the way with a rule set of its own."""
    if any(kind.split(".", 1)[0] == "firewall" for kind in node.kinds or (node.kind,)):
        return True
    return any(config.loader == "nft" and config.name != "nat" for config in node.configs)


def filters_its_own(node: Node) -> bool:
    """Whether a node filters what is sent to itself, as far as its rule sets tell."""
    return any("hook input" in config.text for config in node.configs if config.loader == "nft")


def outer_ports(node: Node, address: Address, network: Network) -> list[PortId]:
    """The ports behind which a translated address is seen: those whose prefixes hold it, else those of the default route."""
    ports = [network.lab.ports[port] for port in node.ports]
    near = [port.id for port in ports if any(interface.prefix.holds(address) for interface in port.addresses)]
    if near:
        return near
    return sorted({hop.port for hop in network.hops(node.id, address)})
