"""Endpoints: everything in a lab that can send or receive a test's packets, one for each address of a port.

Enters: a lab after the pass `addresses`. Leaves: `Endpoint`s. Called by `policies.py` and `scripts.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from ...addresses import Address
from ...ir.lab import Lab, Node, NodeId, Port, PortId, Segment, SegmentId
from ...walk import Network, enforces

_TRIED = 256  # addresses looked at for a free one


class Endpoint(Struct, frozen=True):
    """An address on a port.

    `aliases`: what others see of it behind a one-to-one translation. `borrowed`: an address that no node has; a probe
    beside stands there, with the routes of `node`. `foreign`: one that lies in no prefix of the segment either, so that no route leads
    anywhere from there. `leased`: given by DHCP when the lab runs; `address` is then only the network that it will come from.
    """

    node: NodeId
    port: PortId
    address: Address
    segments: frozenset[SegmentId]
    place: str
    name: str
    aliases: tuple[Address, ...] = ()
    forwards: bool = False
    enforces: bool = False
    borrowed: bool = False
    foreign: bool = False
    leased: bool = False

    @property
    def family(self) -> int:
        return self.address.family

    @property
    def order(self) -> tuple[int, int, str]:
        """IPv4 before IPv6, `pc2` before `pc10`."""
        return (self.address.family, len(self.name), self.name)


def endpoints_of(node: Node, network: Network) -> list[Endpoint]:
    ports = [network.lab.ports[port] for port in node.ports]
    several = sum(bool(port.addresses or port.dhcp) for port in ports) > 1
    found: list[Endpoint] = []
    for port in ports:
        name = f"{node.name}:{port.name}" if several else node.name
        found.extend(_of_port(port, node, name, network))
    return found


def _of_port(port: Port, node: Node, name: str, network: Network) -> Iterator[Endpoint]:
    segments = frozenset(attachment.segment for attachment in port.attachments)
    seen: set[int] = set()
    for address in _usable(port):
        label = name if address.family not in seen else f"{name}:{address}"
        seen.add(address.family)
        aliases = tuple(sorted({outside for _, outside in network.outsides.get(address, ())}))
        yield Endpoint(node.id, port.id, address, segments, node.probe, label, aliases, node.forwards, enforces(node))
    if port.dhcp and not seen:
        for network_address in _leased_from(port, network.lab):
            yield Endpoint(
                node.id,
                port.id,
                network_address,
                segments,
                node.probe,
                name,
                (),
                node.forwards,
                enforces(node),
                leased=True,
            )


def _usable(port: Port) -> list[Address]:
    """Link-local addresses mean nothing beyond their link; IPv4's are kept for labs that use nothing else."""
    return [interface.address for interface in port.addresses if interface.address.value >> 118 != 0xFE80 >> 6]


def _leased_from(port: Port, lab: Lab) -> Iterator[Address]:
    for attachment in port.attachments:
        for prefix in lab.segments[attachment.segment].prefixes:
            if prefix.family == 4:  # labc's dhcp service is DHCP for IPv4 (RFC 2131)
                yield prefix.network
                return


def borrowed(address: Address, segment: Segment, lenders: Iterable[Endpoint]) -> Endpoint:
    """An endpoint at a free address of a segment. It borrows the routes of a host rather than of a router."""
    lender = min(lenders, key=lambda endpoint: (endpoint.forwards, endpoint.order))
    name = f"{segment.name}:{address}"
    return Endpoint(lender.node, lender.port, address, lender.segments, "beside", name, borrowed=True)


def is_free(address: Address, segment: Segment, network: Network) -> bool:
    """Whether a probe may stand at an address: usable in a prefix of the segment, and nobody's, translated ones included.
    Nobody can stand beside a cable that joins two ports without a bridge."""
    if segment.direct or address in network.owners or address in network.translated:
        return False
    return any(prefix.family == address.family and address.value in prefix.hosts for prefix in segment.prefixes)


def free_address(family: int, segment: Segment, network: Network) -> Address | None:
    """The highest free address of a segment: people number from below."""
    for prefix in segment.prefixes:
        if prefix.family == family:
            for value in reversed(prefix.hosts[-_TRIED:]):
                if is_free(Address(family, value), segment, network):
                    return Address(family, value)
    return None
