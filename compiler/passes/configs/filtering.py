"""What the default rule set `policy` of a firewall is made from: the lab's policies, as addresses and ports.

Enters: a firewall and the lab. Leaves: plain records for stdlib/templates/policy.nft.j2. Called by the pass `configs`.

A rule's target may be the outside address of a translation. The filter sees packets after it, so such an address is
matched as the destination that the sender used (`ct original`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...addresses import BITS, Address, Prefix
from ...ir.lab import Lab, Node, Rule
from ...quantities import Service
from ...walk import members_of
from .record import Record
from .translation import without_nested

_FAMILIES = {4: ("ip", "icmp"), 6: ("ip6", "icmpv6")}
_LONGEST_COMMENT = 127  # bytes, NFTNL_UDATA_COMMENT_MAXLEN
EVERYTHING = ""


class Line(Record, frozen=True):
    """One line of the rule set: `match` may be empty, `verdict` is accept or drop, `comment` names the policy's rule."""

    match: str
    verdict: str
    comment: str


class Spoofed(Record, frozen=True):
    """Packets from a connected prefix that come in by another port than those where it lives."""

    table: str
    prefix: Prefix
    interfaces: tuple[str, ...]


def lines(lab: Lab) -> list[Line]:
    """All rules of all policies, by the policies' names and in their own order."""
    translated = {rule.outside for node in lab.nodes.values() for rule in node.nat}
    return [
        line
        for _, policy in sorted(lab.policies.items())
        for number, rule in enumerate(policy.rules, 1)
        for line in _lines(rule, f"{policy.id}/{number}"[:_LONGEST_COMMENT], translated, lab)
    ]


def otherwise(lab: Lab) -> str:
    """What becomes of the rest: it is dropped as soon as one policy says so."""
    return "drop" if any(policy.otherwise == "deny" for policy in lab.policies.values()) else "accept"


def spoofed(node: Node, lab: Lab) -> list[Spoofed]:
    homes: dict[Prefix, set[str]] = {}
    for port in (lab.ports[each] for each in node.ports):
        for interface in port.addresses:
            homes.setdefault(interface.prefix, set()).add(port.interface or port.name)
    return [
        Spoofed(_FAMILIES[prefix.family][0], prefix, tuple(sorted(interfaces)))
        for prefix, interfaces in sorted(homes.items())
    ]


def _lines(rule: Rule, comment: str, translated: set[Address], lab: Lab) -> Iterator[Line]:
    verdict = "accept" if rule.action == "allow" else "drop"
    sources = _prefixes(rule.sources, lab)
    targets = _prefixes(rule.targets, lab)
    for family, (table, icmp) in _FAMILIES.items():
        senders = [prefix for prefix in sources if prefix.family == family]
        receivers = [prefix for prefix in targets if prefix.family == family]
        outsides = [p for p in receivers if p.length == BITS[family] and p.network in translated]
        receivers = [prefix for prefix in receivers if prefix not in outsides]
        for field, destinations in ((f"{table} daddr", receivers), (f"ct original {table} daddr", outsides)):
            if senders and destinations:
                ends = f"{table} saddr {_set(senders)} {field} {_set(destinations)}"
                for service in _services(rule.services, icmp):
                    yield Line(f"{ends} {service}".rstrip(), verdict, comment)


def _prefixes(ends: Iterable[str], lab: Lab) -> list[Prefix]:
    found: list[Prefix] = []
    for end in ends:
        members = members_of(end, lab)
        found += members.prefixes
        found += [_single(address) for address in members.addresses]
        found += [prefix for segment in members.segments for prefix in lab.segments[segment].prefixes]
        for node in members.nodes:
            ports = (lab.ports[port] for port in lab.nodes[node].ports)
            found += [_single(interface.address) for port in ports for interface in port.addresses]
    return without_nested(found)


def _single(address: Address) -> Prefix:
    return Prefix(address.family, address.value, BITS[address.family])


def _set(prefixes: list[Prefix]) -> str:
    texts = [str(prefix.network) if prefix.length == BITS[prefix.family] else str(prefix) for prefix in prefixes]
    return texts[0] if len(texts) == 1 else "{ " + ", ".join(texts) + " }"


def _services(services: tuple[Service, ...], icmp: str) -> Iterator[str]:
    if not services or any(service.protocol == "any" for service in services):
        yield EVERYTHING
        return
    if any(service.protocol == "icmp" for service in services):
        yield f"{icmp} type echo-request"
    for protocol in ("tcp", "udp"):
        ports = _ranges(service for service in services if service.protocol == protocol)
        if ports:
            yield f"{protocol} dport {ports[0] if len(ports) == 1 else '{ ' + ', '.join(ports) + ' }'}"


def _ranges(services: Iterable[Service]) -> list[str]:
    """Joined where they touch: sets of nftables hold no overlapping intervals."""
    joined: list[tuple[int, int]] = []
    for _, first, last in sorted(services):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return [str(first) if first == last else f"{first}-{last}" for first, last in joined]
