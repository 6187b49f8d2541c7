"""A plan as packets see it: nodes with ports, routes and rule sets, and the broadcast domains between them.

Enters: the things of one side. Leaves: a `World`, which answers lookups, each made when first asked for. Called by `touched.py` and
`send.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from msgspec import Struct, field

from ...addresses import BITS, Address, Interface, Prefix
from ...ir.unions import Unions
from ..nft import Rules, parse
from ..nft.rules import Chain
from .facts import Thing, base_of


class Hop(Struct, frozen=True):
    """Out by a port, to whoever has the address `to` there; None: to the destination itself."""

    port: str
    to: Address | None


class Port(Struct):
    id: str
    node: str
    interface: str
    segments: tuple[str, ...]
    interfaces: tuple[Interface, ...]
    mtu: int
    rate: int | None
    dhcp: bool = False


class Node(Struct):
    """What is None is found when it is first asked for; `bases`: by hook, the chains that a packet meets there, in order."""

    id: str
    forward: bool = False
    bridge: bool = False
    backend: str = ""
    device: str | None = None
    ports: list[str] = field(default_factory=list)
    routes: list[Thing] = field(default_factory=list)
    texts: list[Thing] = field(default_factory=list)  # rule sets
    files: list[Thing] = field(default_factory=list)
    rules: list[tuple[Thing, Rules]] | None = None
    table: dict[tuple[int, int], dict[int, list[Hop]]] | None = None
    own: frozenset[Address] | None = None
    wild: str | None = None
    bases: dict[str, list[tuple[Thing, Rules, str, Chain]]] = field(default_factory=dict)

    @property
    def is_gear(self) -> bool:
        """Whether it is real gear, of which a plan says where it is cabled and not what it does."""
        return self.backend == "device"


class World:
    def __init__(self, things: Iterable[Thing]) -> None:
        self.nodes: dict[str, Node] = {}
        self.things: dict[str, Thing] = {}  # ports and segments
        self.ports: dict[str, Port] = {}
        self.on: dict[str, list[str]] = defaultdict(list)  # segment → ports
        self.logical: list[Thing] = []
        self.parts: dict[str, list[str]] = defaultdict(list)  # of segments that lie on several hosts
        self._holders: dict[str, dict[Address, list[str]]] = {}
        for thing in things:
            self._add(thing)

    def _add(self, thing: Thing) -> None:
        spec, kind = thing.spec, thing.kind
        if kind == "port":
            self.things[thing.id] = thing
            self._node(spec.node).ports.append(thing.id)
            for on in spec.segments:
                self.on[on.segment].append(thing.id)
            if spec.over or len(spec.segments) > 1 or any(on.tag is not None for on in spec.segments):
                self.logical.append(thing)
        elif kind == "node":
            node = self._node(thing.id)
            node.forward, node.bridge, node.backend, node.device = spec.forward, spec.bridge, thing.backend, spec.device
        elif kind == "segment":
            self.things[thing.id] = thing
        elif kind == "tunnel":
            self.parts[base_of(thing.id, thing.host)].append(f"segment/{short(thing.id)}")
        elif kind == "route":
            self._node(spec.node).routes.append(thing)
        elif kind in ("ruleset", "file"):
            node = self._node(spec.node)
            (node.texts if kind == "ruleset" else node.files).append(thing)

    def _node(self, name: str) -> Node:
        found = self.nodes.get(name)
        if found is None:
            found = self.nodes[name] = Node(name)
        return found

    def port(self, name: str) -> Port:
        found = self.ports.get(name)
        if found is None:
            spec = self.things[name].spec
            interfaces = tuple(map(Interface.parse, spec.addresses))
            segments = tuple(on.segment for on in spec.segments)
            found = Port(name, spec.node, spec.interface, segments, interfaces, spec.mtu, spec.rate, spec.dhcp)
            self.ports[name] = found
        return found

    def is_cable(self, segment: str) -> bool:
        return segment in self.things and self.things[segment].spec.direct

    def mtu(self, segment: str) -> int:
        thing = self.things.get(segment)
        return thing.spec.mtu if thing is not None else 0

    # --- Broadcast domains ---------------------------------------------------------------------------------

    @cached_property
    def _domains(self) -> Unions:
        """Segments that may hear each other. Tags are not looked at, so one may be too wide, never too narrow."""
        joined = Unions()
        for parts in self.parts.values():
            for part in parts[1:]:
                joined.join(parts[0], part)
        for node in self.nodes.values():
            if node.bridge:
                segments = [on.segment for port in node.ports for on in self.things[port].spec.segments]
                for segment in segments[1:]:
                    joined.join(segments[0], segment)
        for thing in self.logical:
            below = [on.segment for on in thing.spec.segments] + self._below(thing)
            for segment in below[1:]:
                joined.join(below[0], segment)
        return joined

    def _below(self, thing: Thing) -> list[str]:
        ports = (self.things[each] for each in self.nodes[thing.spec.node].ports)
        return [on.segment for port in ports if port.spec.interface in thing.spec.over for on in port.spec.segments]

    def domain(self, segment: str) -> str:
        return self._domains.find(segment)

    @cached_property
    def members(self) -> dict[str, list[str]]:
        """The segments of each domain of several."""
        found: dict[str, list[str]] = defaultdict(list)
        for segment in self.on:
            found[self.domain(segment)].append(segment)
        return found

    @cached_property
    def crossed(self) -> dict[str, list[Node]]:
        """By domain: the bridging nodes in it."""
        found: dict[str, list[Node]] = defaultdict(list)
        for node in self.nodes.values():
            if node.bridge:
                domains = {self.domain(on.segment) for port in node.ports for on in self.things[port].spec.segments}
                for domain in domains:
                    found[domain].append(node)
        return found

    @cached_property
    def murky(self) -> frozenset[str]:
        """Domains with tags or logical ports, of which it is not known here who hears whom."""
        return frozenset(self.domain(on.segment) for thing in self.logical for on in thing.spec.segments)

    def holders(self, segment: str, address: Address) -> list[str]:
        """The ports in a segment's domain that answer for an address; Linux answers for those of all its ports (arp_ignore)."""
        domain = self.domain(segment)
        known = self._holders.get(domain)
        if known is None:
            known = self._holders[domain] = self._answering(domain, segment)
        return known.get(address, [])

    def _answering(self, domain: str, segment: str) -> dict[Address, list[str]]:
        exact: dict[Address, list[str]] = defaultdict(list)
        others: dict[Address, list[str]] = defaultdict(list)
        for member in self.members.get(domain, [segment]):
            for name in self.on[member]:
                port = self.port(name)
                for interface in port.interfaces:
                    exact[interface.address].append(name)
                for address in self.addresses(port.node):
                    if address.family == 4:
                        others[address].append(name)
        return {**others, **exact}

    # --- Nodes ---------------------------------------------------------------------------------------------

    def addresses(self, node: str) -> frozenset[Address]:
        found = self.nodes[node]
        if found.own is None:
            ports = map(self.port, found.ports)
            found.own = frozenset(interface.address for port in ports for interface in port.interfaces)
        return found.own

    def rules(self, node: Node) -> list[tuple[Thing, Rules]]:
        if node.rules is None:
            node.rules = [(thing, parse(thing.spec.text)) for thing in sorted(node.texts, key=lambda each: each.id)]
        return node.rules

    def bases(self, node: Node, hook: str) -> list[tuple[Thing, Rules, str, Chain]]:
        found = node.bases.get(hook)
        if found is None:
            chains = [(t, rules, *base) for t, rules in self.rules(node) for base in rules.bases(hook)]
            found = node.bases[hook] = sorted(chains, key=lambda each: each[3].priority)
        return found

    def wild(self, node: Node) -> str:
        """Why it may do with packets what cannot be said here; empty: it does not."""
        if node.wild is None:
            node.wild = self._wild(node)
        return node.wild

    def _wild(self, node: Node) -> str:
        for thing, rules in self.rules(node):
            if rules.alters:
                return f"{thing.spec.template or thing.id} on {short(node.id)} holds rules that labc cannot follow"
        if node.is_gear and (node.forward or node.bridge):
            return f"{short(node.id)} is real gear: labc cannot see what it does with packets"
        if node.files and node.forward and node.backend != "netns":
            return f"{short(node.id)} is configured by files that labc cannot see through"
        return ""

    def hops(self, node: Node, target: Address) -> list[Hop]:
        """The longest prefix, the lowest metric; several of equal cost. Empty: nowhere."""
        if node.table is None:
            node.table = self._table(node)
        family, value = target
        for (of, length), entries in node.table.items():
            if of == family:
                shift = BITS[family] - length
                found = entries.get(value >> shift << shift)
                if found is not None:
                    return found
        return []

    def _table(self, node: Node) -> dict[tuple[int, int], dict[int, list[Hop]]]:
        metrics: dict[Prefix, int] = {}
        table: dict[tuple[int, int], dict[int, list[Hop]]] = {}
        for prefix, metric, hop in self._entries(node):
            known = metrics.get(prefix)
            if known is not None and known < metric:
                continue
            hops = table.setdefault((prefix.family, prefix.length), {}).setdefault(prefix.value, [])
            if known is not None and metric < known:
                hops.clear()
            metrics[prefix] = metric
            if hop is not None and hop not in hops:
                hops.append(hop)
        return dict(sorted(table.items(), key=lambda item: -item[0][1]))

    def _entries(self, node: Node) -> Iterator[tuple[Prefix, int, Hop | None]]:
        connected: list[tuple[Prefix, str]] = []
        for port in map(self.port, node.ports):
            for interface in port.interfaces:
                connected.append((interface.prefix, port.id))
                yield interface.prefix, -1, Hop(port.id, None)
        for route in node.routes:
            prefix = Interface.parse(route.spec.prefix).prefix
            if not route.spec.via:
                yield prefix, route.spec.metric, None
            for via in map(Address.parse, route.spec.via):
                out = max(
                    (each for each in connected if each[0].holds(via)), key=lambda each: each[0].length, default=None
                )
                if out is not None:
                    yield prefix, route.spec.metric, Hop(out[1], via)

    def stand(self, segment: str, interface: Interface, lender: str) -> str:
        """Put a probe beside a node, at an address of its own and with the node's routes. Gives the id of its port."""
        name = f"beside/{segment}/{interface.address}"
        if name not in self.nodes:
            near = self.nodes[lender]
            node = self.nodes[name] = Node(name, ports=[f"port/{name}"], routes=near.routes)
            mtu = self.mtu(segment)
            self.ports[node.ports[0]] = Port(node.ports[0], name, "beside", (segment,), (interface,), mtu, None)
            self.on[segment].append(node.ports[0])
            self._holders.pop(self.domain(segment), None)
        return f"port/{name}"


def short(identity: str) -> str:
    """`web` of `node/web`."""
    return identity.partition("/")[2]
