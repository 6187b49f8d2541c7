"""The way of one packet through a lab, hop by hop, as routes and translation would have it.

Enters: a `Network`, the port where the packet is made, its destination. Leaves: a `Way`. Called by the pass `tests`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from msgspec import Struct

from ..addresses import Address
from ..ir.lab import NodeId, PortId, SegmentId
from .network import Network

_LONGEST = 64  # hops; the TTL of Linux


class Way(Struct, frozen=True):
    """`through`: the nodes passed, in order, source and receiver left out, bridging ones included. `receiver`: the port
    where the packet arrives at its end, None when it gets nowhere; `address`: its destination by then.
    `entered`: the port by which each routing node was entered."""

    through: tuple[NodeId, ...]
    receiver: PortId | None
    address: Address
    entered: tuple[PortId, ...] = ()

    @property
    def arrives(self) -> bool:
        return self.receiver is not None


def walk(network: Network, source: PortId, destination: Address) -> Way:
    """The way of a packet from a node's port. Of several hops of equal cost, the first by which it arrives."""
    return _from(network, source, destination, (), (), entered=False)


def _from(
    network: Network,
    port: PortId,
    destination: Address,
    through: tuple[NodeId, ...],
    doors: tuple[PortId, ...],
    *,
    entered: bool,
) -> Way:
    """A packet at the node of `port`, made there or come in by that port."""
    node = network.lab.nodes[network.lab.ports[port].node]
    destination = next((r.inside for r in node.nat if r.outside == destination and r.inside), destination)
    if any(network.lab.ports[owner].node == node.id for owner in network.owners.get(destination, ())):
        return Way(through, port, destination, doors)
    if entered:
        through, doors = (*through, node.id), (*doors, port)
    lost = Way(through, None, destination, doors)
    if (entered and not node.forwards) or len(through) > _LONGEST or through.count(node.id) > 1:
        return lost
    for hop in network.hops(node.id, destination):
        neighbour = network.holder(hop.port, hop.to or destination)
        if neighbour is not None:
            switches = tuple(_bridges_between(network, hop.port, neighbour))
            way = _from(network, neighbour, destination, through + switches, doors, entered=True)
            if way.arrives:
                return way
            lost = way
    return lost


def _bridges_between(network: Network, start: PortId, end: PortId) -> Iterator[NodeId]:
    """The bridging nodes of the shortest way through a broadcast domain; none when both ports share a segment."""
    goals = {attachment.segment for attachment in network.lab.ports[end].attachments}
    first = [attachment.segment for attachment in network.lab.ports[start].attachments]
    came: dict[SegmentId, tuple[SegmentId, NodeId] | None] = dict.fromkeys(first)
    waiting = deque(first)
    while waiting:
        segment = waiting.popleft()
        if segment in goals:
            yield from reversed([*_back(came, segment)])
            return
        for node, other in network.bridged.get(segment, ()):
            if other not in came:
                came[other] = (segment, node)
                waiting.append(other)


def _back(came: dict[SegmentId, tuple[SegmentId, NodeId] | None], segment: SegmentId) -> Iterator[NodeId]:
    step = came[segment]
    while step is not None:
        segment, node = step
        yield node
        step = came[segment]
