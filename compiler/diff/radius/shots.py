"""Which packets tell all others apart: one for each piece into which the constants of rule sets cut ports and addresses.

Enters: parsed rule sets, and the addresses that a packet may have on its way. Leaves: `Shot`s, and cuts of addresses. Called by `judge.py`
and `places.py`. A rule cannot tell two packets apart between which none of its constants lies.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise

from msgspec import Struct

from ...addresses import Address
from ...quantities import Service
from ..nft import Rules
from ..nft.rules import Match, Rule
from ..nft.values import Numbers

EPHEMERAL = 49152  # RFC 6335: the first of the dynamic ports
OTHER = "any other"
_PORTS = 65536
_SERVICE = re.compile(r"\b(tcp|udp)/(\d+)(?:\.\.(\d+))?\b")
_ADDRESSES = ("source", "target", "original", "opener")


class Shot(Struct, frozen=True):
    """A kind of packet, to the ports from `dport` to `last`. Of the protocol `other`: neither TCP, UDP nor ICMP. `state`: `invalid` claims a
    connection that nobody opened."""

    protocol: str
    dport: int = 0
    last: int = 0
    sport: int = 0
    state: str = "new"

    @property
    def plain(self) -> bool:
        return self.state == "new" and self.sport in (0, EPHEMERAL)


def shots(rules: Iterable[Rules], addresses: Collection[Address]) -> list[Shot]:
    """Of rules that no packet with these addresses fits, the ports do not matter. Source ports other than an ephemeral one are tried where a
    rule looks at them."""
    cuts: dict[str, set[int]] = {"dport": {1, _PORTS}, "sport": set()}
    for match in _matches(rules, addresses):
        if match.field in cuts and isinstance(match.value, Numbers):
            cuts[match.field].update(edge for low, high in match.value.intervals for edge in (low, high + 1))
    pieces = [(low, high - 1) for low, high in pairwise(sorted(cuts["dport"] - {0}))]
    own = pairwise(sorted({1, _PORTS, *cuts["sport"]} - {0}))
    senders = [EPHEMERAL if low <= EPHEMERAL < high else low for low, high in own]
    found = [Shot("icmp"), Shot("other")]
    for protocol in ("tcp", "udp"):
        found += [Shot(protocol, *piece, sender) for piece in pieces for sender in senders]
    return found + [Shot("tcp", *piece, EPHEMERAL, "invalid") for piece in pieces]


def _matches(rules: Iterable[Rules], addresses: Collection[Address]) -> Iterator[Match]:
    for each in rules:
        for rule in each.ported:
            if _may_fit(rule, addresses):
                yield from rule.matches
                yield from (match for match, _ in rule.choices)


def sender_matches(rules: Iterable[Rules], targets: Collection[Address]) -> list[Match]:
    """The matches of a source in rules that a packet to one of these addresses may fit, each once."""
    found: dict[Match, None] = {}
    for each in rules:
        for chain in each.chains.values():
            for rule in chain.rules:
                if _may_fit(rule, targets, ("target", "original")):
                    found.update(dict.fromkeys(match for match in rule.matches if match.field in ("source", "opener")))
    return list(found)


def _may_fit(rule: Rule, addresses: Collection[Address], fields: Collection[str] = _ADDRESSES) -> bool:
    return all(not (match.field in fields and not _is_met(match, addresses)) for match in rule.matches)


def _is_met(match: Match, addresses: Collection[Address]) -> bool:
    value = match.value
    return isinstance(value, Numbers) and any(of == match.family and value.holds(number) for of, number in addresses)


def labels(shot: Shot, services: Iterable[Service]) -> list[str]:
    """The services that a kind of packet may belong to; `any other` where some of its ports are nobody's."""
    if shot.protocol == "icmp":
        return ["icmp"]
    named = [s for s in services if s.protocol == shot.protocol and s.first <= shot.last and s.last >= shot.dport]
    free = shot.dport
    for service in sorted(named, key=lambda service: service.first):
        free = max(free, service.last + 1) if service.first <= free else free
    return [*map(str, named), *([OTHER] if free <= shot.last else [])]


def services_in(text: str) -> Iterator[Service]:
    """The services that the words of a policy name."""
    for protocol, first, last in _SERVICE.findall(text):
        yield Service(protocol, int(first), int(last or first))


def address_cuts(rules: Iterable[Rules]) -> dict[int, list[int]]:
    """Where constants cut each family's addresses, ascending."""
    found: dict[int, set[int]] = {4: set(), 6: set()}
    for each in rules:
        for match in each.matches():
            if match.field in _ADDRESSES and isinstance(match.value, Numbers):
                found[match.family] |= {edge for low, high in match.value.intervals for edge in (low, high + 1)}
    return {family: sorted(cuts) for family, cuts in found.items()}


def piece(address: Address, cuts: dict[int, list[int]]) -> int:
    """In which piece between cuts an address lies."""
    return bisect_right(cuts[address.family], address.value)
