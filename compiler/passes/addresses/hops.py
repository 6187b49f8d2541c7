"""Next hops and translations: nodes named in routes and NAT become addresses.

Enters: a lab whose ports have their addresses. Leaves: `Route.via`, `NatRule.inside`, `NaptRule.sources`. Called by the pass.
What cannot be found stays empty; `check` says why.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...addresses import BITS, Address, Interface, Prefix
from ...ir.domains import domains_on
from ...ir.lab import Lab, NaptRule, NatRule, Node, NodeId, Port, Route, SegmentId


def resolve_hops(lab: Lab) -> None:
    hops = _Hops(lab)
    for node in lab.nodes.values():
        for route in node.routes:
            if route.via_node is not None:
                route.via = tuple(hops.next_hops(node, route))
        for rule in node.nat:
            if rule.inside_node is not None:
                rule.inside = hops.inside(node, rule)
        for many in node.napt:
            many.sources = tuple(hops.sources(many))


class _Hops:
    """Addresses of nodes by domain, found once for each node that is asked about."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._own: dict[NodeId, dict[SegmentId, list[Port]]] = {}
        self._known: dict[NodeId, dict[SegmentId, list[Interface]]] = {}

    def next_hops(self, node: Node, route: Route) -> Iterator[Address]:
        """The target's address on a segment that both share, one for each family; the least, where several would do."""
        if route.via_node not in self._lab.nodes or route.via_node == node.id:
            return
        theirs = self._by_domain(route.via_node)
        mine = self._ports_by_domain(node)
        found = {
            interface.address
            for domain in mine.keys() & theirs.keys()  # the smaller of the two decides the cost: a hub has many
            for port in mine[domain]
            for interface in theirs[domain]
            if _is_on_link(interface.address, port)
        }
        for family in (4, 6) if route.prefix is None else (route.prefix.family,):
            if of_family := [address for address in found if address.family == family]:
                yield min(of_family)

    def inside(self, node: Node, rule: NatRule) -> Address | None:
        """The node's address on a shared segment, else any of that family."""
        if rule.inside_node not in self._lab.nodes:
            return None
        shared = {domain for port in self._ports(node) for domain in domains_on(port, self._lab)}
        found = [
            (domain not in shared, interface.address)
            for domain, interfaces in self._by_domain(rule.inside_node).items()
            for interface in interfaces
            if interface.address.family == rule.outside.family
        ]
        return min(found)[1] if found else None

    def sources(self, rule: NaptRule) -> list[Prefix]:
        prefixes = {prefix for name in rule.source_ids for prefix in self._prefixes_of(name, set())}
        return sorted(prefix for prefix in prefixes if prefix.family == rule.to.family)

    def _prefixes_of(self, name: str, seen: set[str]) -> Iterator[Prefix]:
        if name in seen:  # a zone may hold itself by way of another; the elaborator has reported it
            return
        seen.add(name)
        lab = self._lab
        if name in lab.segments:
            yield from lab.segments[name].prefixes  # type: ignore[index]
        elif name in lab.nodes:
            for interfaces in self._by_domain(lab.nodes[name].id).values():  # type: ignore[index]
                yield from (_alone(interface.address) for interface in interfaces)
        elif name in lab.zones:
            for member in lab.zones[name].members:  # type: ignore[index]
                yield from self._prefixes_of(member, seen)
        elif name in lab.groups:
            for member in lab.groups[name].members:  # type: ignore[index]
                yield from self._prefixes_of(member, seen)
        elif (prefix := _parsed(name)) is not None:
            yield prefix

    def _by_domain(self, name: NodeId) -> dict[SegmentId, list[Interface]]:
        if name not in self._known:
            found: dict[SegmentId, list[Interface]] = {}
            for port in self._ports(self._lab.nodes[name]):
                for domain in domains_on(port, self._lab) or (
                    SegmentId(""),
                ):  # a loopback's addresses are on no segment
                    found.setdefault(domain, []).extend(port.addresses)
            self._known[name] = found
        return self._known[name]

    def _ports_by_domain(self, node: Node) -> dict[SegmentId, list[Port]]:
        if node.id not in self._own:
            found: dict[SegmentId, list[Port]] = {}
            for port in self._ports(node):
                for domain in domains_on(port, self._lab):
                    found.setdefault(domain, []).append(port)
            self._own[node.id] = found
        return self._own[node.id]

    def _ports(self, node: Node) -> Iterator[Port]:
        return (self._lab.ports[name] for name in node.ports)


def _is_on_link(address: Address, port: Port) -> bool:
    """Whether the kernel would take the next hop: it must lie in a prefix of the port. A DHCP port's is not known yet."""
    if port.dhcp:
        return address.family == 4
    return any(interface.prefix.holds(address) for interface in port.addresses)


def _alone(address: Address) -> Prefix:
    return Prefix(address.family, address.value, BITS[address.family])


def _parsed(text: str) -> Prefix | None:
    try:
        return Interface.parse(text).prefix if "/" in text else _alone(Address.parse(text))
    except ValueError:
        return None
