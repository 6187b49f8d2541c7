"""Talk: which address a sender must use, which way its packet goes, and how ends and packets stand in a plan.

Enters: endpoints. Leaves: `Pair`s with their ways, and JSON as docs/plan.md states it. Called by all parts of this pass.
"""

from __future__ import annotations

from msgspec import Struct, field

from ...addresses import Address
from ...ir.lab import Node, NodeId, Port, PortId, Serving
from ...plan.ids import interface_of, service_id
from ...quantities import Service
from ...walk import Network, Way, enforces, filters_its_own, outer_ports, walk
from .endpoints import Endpoint
from .verdicts import Pair, Shot

Json = dict[str, object]


class Talk(Struct):
    """Answers about pairs of endpoints, each way walked once."""

    network: Network
    _ways: dict[tuple[PortId, Address], Way] = field(default_factory=dict)

    def way(self, pair: Pair) -> Way:
        """A packet to a borrowed address goes the way of one to its lender."""
        key = (pair.source.port, self._goal(pair))
        found = self._ways.get(key)
        if found is None:
            found = self._ways[key] = walk(self.network, *key)
        return found

    def _goal(self, pair: Pair) -> Address:
        if not pair.target.borrowed:
            return pair.sent_to
        lent = self.network.lab.ports[pair.target.port].addresses
        return next((each.address for each in lent if each.address.family == pair.sent_to.family), pair.sent_to)

    def reaches(self, pair: Pair) -> bool:
        """Whether the packet comes to the receiver; with one prefix in two networks, an address may lead to another node."""
        way = self.way(pair)
        return way.receiver is not None and self.network.lab.ports[way.receiver].node == pair.target.node

    def share_segment(self, pair: Pair) -> bool:
        return not pair.source.segments.isdisjoint(pair.target.segments)

    def pairs(self, source: Endpoint, target: Endpoint) -> list[Pair]:
        """Every address by which the sender can reach the receiver, the one to use first; its own when none leads there."""
        own = Pair(source, target, target.address)
        if self.share_segment(own):
            return [own]
        hidden = [Pair(source, target, alias) for alias in target.aliases]
        reached = [pair for pair in hidden if self.reaches(pair)]
        if not self.reaches(own):
            return reached or [own]
        outer = [pair for pair in reached if self._from_outside(pair)]
        return [*outer, own, *(pair for pair in reached if pair not in outer)]

    def firewalls(self, pair: Pair) -> list[NodeId]:
        """The nodes that can enforce a policy between the two: on the way, who takes the packet for its own there, and the
        receiver itself when it filters."""
        nodes = self.network.lab.nodes
        way = self.way(pair)
        ended = () if way.receiver is None else (self.network.lab.ports[way.receiver].node,)
        met = [*way.through, *(node for node in ended if node != pair.target.node)]
        found = [node for node in met if enforces(nodes[node])]
        if pair.target.enforces and filters_its_own(nodes[pair.target.node]):
            found.append(pair.target.node)
        return found

    def handed_to(self, pair: Pair) -> Port | None:
        """The firewall's port on the sender's segment, where the sender's own routes lead its packets nowhere, or it has none.

        What a provider happens to drop today he may carry tomorrow: a firewall must hold by itself, so it is handed the packets.
        """
        routed = self.reaches(pair) and not pair.source.foreign
        if routed or self.share_segment(pair) or pair.source.leased:
            return None
        lab = self.network.lab
        near = sorted(port for segment in pair.source.segments for port in lab.segments[segment].ports)
        for port in (lab.ports[each] for each in near):
            node = lab.nodes[port.node]
            if node.forwards and enforces(node) and self._leads(port, pair):
                return port
        return None

    def _leads(self, port: Port, pair: Pair) -> bool:
        receiver = walk(self.network, port.id, self._goal(pair)).receiver
        return receiver is not None and self.network.lab.ports[receiver].node == pair.target.node

    def _from_outside(self, pair: Pair) -> bool:
        """Whether the packet comes to the translating node by a port behind which the translated address is seen."""
        entered = self.way(pair).entered
        for node_id, outside in self.network.outsides.get(pair.target.address, ()):
            if outside == pair.sent_to:
                outer = outer_ports(self.network.lab.nodes[node_id], outside, self.network)
                return not set(entered).isdisjoint(outer)
        return False

    def answering(self, endpoint: Endpoint, shot: Shot) -> tuple[str | None, str | None]:
        """The id and the name of the lab's own service that answers such a packet, if there is one."""
        node = self.network.lab.nodes[endpoint.node]
        serving = None if endpoint.borrowed else serving_at(node, shot)
        return (service_id(serving, node), serving.name) if serving else (None, None)

    def sender(self, endpoint: Endpoint) -> Json:
        return self._end(endpoint, endpoint.port)

    def receiver(self, pair: Pair) -> Json:
        return self._end(pair.target, self.arrival(pair))

    def arrival(self, pair: Pair) -> PortId:
        """The port where the packet comes in: a router has its address on one port and may be reached by another."""
        arrived = self.way(pair).receiver
        if arrived is None or pair.target.borrowed or self.network.lab.ports[arrived].node != pair.target.node:
            return pair.target.port
        return arrived

    def _end(self, endpoint: Endpoint, port_id: PortId) -> Json:
        port = self.network.lab.ports[port_id]
        return {
            "node": endpoint.node,
            "port": port.id,
            "interface": interface_of(port),
            "address": "" if endpoint.leased else str(endpoint.address),
            "place": endpoint.place,
        }


def serving_at(node: Node, shot: Shot) -> Serving | None:
    return next((serving for serving in node.services for s in serving.listens if _listens(s, shot)), None)


def _listens(listens: Service, shot: Shot) -> bool:
    protocol, first, last = listens
    return protocol == shot.protocol and first <= shot.port <= last


def packet(shot: Shot, sent_to: Address, source_port: int = 0, *, leased: bool = False, flags: str = "") -> Json:
    said: Json = {
        "protocol": shot.protocol,
        "source_port": source_port,
        "port": shot.port,
        "address": "" if leased else str(sent_to),
    }
    return {**said, "flags": flags} if flags else said
