"""Foreign senders: addresses that a rule set means and that lie in no segment of the lab, such as a provider's or a partner's.

Enters: one policy and the prefixes of rendered configurations. Leaves: `deny` cases from probes that stand with such an address on
each segment of the firewall and hand it their packets: from there its bearer would come. Called by `policies.py`. To the policy
they are what that segment is, so a rule that lets them do more is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from ...addresses import Address, Prefix
from ...ir.lab import Node, SegmentId
from ...walk import enforces
from .controls import Controls
from .denies import FEWEST_PORTS, deny_case, shots_of, unenforceable
from .endpoints import Endpoint, borrowed
from .one_policy import OnePolicy
from .talk import packet

MOST = 8  # addresses of one firewall
MOST_PORTS = 2 * FEWEST_PORTS
# What no packet from elsewhere bears: this host and network, loopback, link-local, multicast and beyond (RFC 6890).
_NOBODYS = tuple(
    map(Prefix.parse, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/8", "fe80::/10", "ff00::/8"))
)


def prove_foreign(one: OnePolicy, controls: Controls) -> None:
    for identity, constants in sorted(one.constants.items()):
        node = one.lab.nodes[identity]
        if enforces(node) and node.forwards:
            found = (_foreign(prefix, one) for prefix in sorted(constants.prefixes))
            addresses = list(dict.fromkeys(address for address in found if address is not None))
            for sender in _senders(one, node, addresses[:MOST]):
                _prove(one, sender, controls)


def _prove(one: OnePolicy, sender: Endpoint, controls: Controls) -> None:
    for other in one.classes:
        if other.one.family != sender.family or other.one.leased or not sender.segments.isdisjoint(other.one.segments):
            continue
        pair = one.talk.pairs(sender, other.one)[0]
        if one.talk.handed_to(pair) is None or unenforceable(one, pair, named=other.named):
            continue
        denied = one.denied(pair, shots_of(one, pair, MOST_PORTS))
        if denied:
            packets = [packet(shot, pair.sent_to) for shot, _ in denied]
            deny_case(one, pair, packets, {statement for _, statement in denied}, controls)


def _senders(one: OnePolicy, node: Node, addresses: Iterable[Address]) -> Iterator[Endpoint]:
    """On each segment of a firewall, beside a node that stands there."""
    ports = [one.lab.ports[port] for port in node.ports]
    segments: list[SegmentId] = sorted({each.segment for port in ports for each in port.attachments})
    for address in addresses:
        for segment in (one.lab.segments[each] for each in segments if not one.lab.segments[each].direct):
            able = [
                each
                for each in one.endpoints
                if segment.id in each.segments and each.node != node.id and not each.leased
            ]
            near = [each for each in able if each.family == address.family]
            if near:
                yield replace(borrowed(address, segment, near), foreign=True)


def _foreign(prefix: Prefix, one: OnePolicy) -> Address | None:
    """An address of the prefix that no segment has: of one that is wider than the segments in it, one between or beside them."""
    if not prefix.length or any(prefix.overlaps(each) for each in _NOBODYS):
        return None
    network = one.talk.network
    own = [each for segment in one.lab.segments.values() for each in segment.prefixes if prefix.overlaps(each)]
    if any(each.holds(prefix) for each in own):
        return None
    edges = (value for each in own for value in (each.network.value - 1, each.last.value + 1))
    for value in (prefix.hosts.start, *edges, prefix.hosts.stop - 1):
        address = Address(prefix.family, max(value, 0))
        if value in prefix.hosts and not any(each.holds(address) for each in own):
            return None if address in network.owners or address in network.translated else address
    return None
