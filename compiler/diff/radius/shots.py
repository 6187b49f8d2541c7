"""Which packets tell all others apart: one for each piece into which the constants of the rule sets cut ports and addresses.

Enters: parsed rule sets. Leaves: `Shot`s, and cuts of addresses. Called by `judge.py` and `places.py`. A rule cannot tell two packets apart
between which none of its constants lies.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from msgspec import Struct

from ...addresses import Address
from ...quantities import Service
from ..nft import Rules
from ..nft.values import Numbers

EPHEMERAL = 49152  # RFC 6335: the first of the dynamic ports
_LAST = 65535
_SERVICE = re.compile(r"\b(?:(tcp|udp)/(\d+)(?:\.\.(\d+))?|(icmp))\b")
OTHER = "any other"


class Shot(Struct, frozen=True):
    """A kind of packet. `other`: a protocol that is neither TCP, UDP nor ICMP. `state`: `invalid` claims a connection that nobody opened."""

    protocol: str
    dport: int = 0
    sport: int = 0
    state: str = "new"


def shots(rules: Iterable[Rules], services: Iterable[Service]) -> list[Shot]:
    """Source ports other than an ephemeral one are tried where a rule looks at them."""
    sides: dict[str, set[int]] = {"dport": set(), "sport": set()}
    for each in rules:
        for match in each.matches():
            if match.field in sides and isinstance(match.value, Numbers):
                sides[match.field].update(edge for low, high in match.value.intervals for edge in (low, high + 1))
    for service in services:
        if service.protocol in ("tcp", "udp"):
            sides["dport"] |= {service.first, service.last + 1}
    senders = sorted({EPHEMERAL, *(_pieces(sides["sport"]) if sides["sport"] else ())})
    found = [Shot("icmp"), Shot("other")]
    for protocol in ("tcp", "udp"):
        found += [Shot(protocol, port, sender) for port in _pieces(sides["dport"]) for sender in senders]
    found += [Shot("tcp", port, EPHEMERAL, "invalid") for port in _pieces(sides["dport"])]
    return found


def _pieces(cuts: Iterable[int]) -> list[int]:
    """The first port of each piece; of the piece at 0 the port 1."""
    return sorted({max(cut, 1) for cut in (0, *cuts) if cut <= _LAST})


def label(shot: Shot, services: Iterable[Service]) -> str:
    """The narrowest service that names a packet."""
    if shot.protocol == "icmp":
        return "icmp"
    named = [s for s in services if s.protocol == shot.protocol and s.first <= shot.dport <= s.last]
    return str(min(named, key=lambda s: (s.last - s.first, s.first))) if named else OTHER


def services_in(text: str) -> Iterator[Service]:
    """The services that the words of a policy name."""
    for protocol, first, last, _ in _SERVICE.findall(text):
        if protocol:
            yield Service(protocol, int(first), int(last or first))


def address_cuts(rules: Iterable[Rules]) -> dict[int, list[int]]:
    """Where constants cut each family's addresses, ascending."""
    found: dict[int, set[int]] = {4: set(), 6: set()}
    for each in rules:
        for match in each.matches():
            if match.field in ("source", "target", "original", "opener") and isinstance(match.value, Numbers):
                found[match.family] |= {edge for low, high in match.value.intervals for edge in (low, high + 1)}
    return {family: sorted(cuts) for family, cuts in found.items()}


def piece(address: Address, cuts: dict[int, list[int]]) -> int:
    """In which piece between cuts an address lies."""
    return bisect_right(cuts[address.family], address.value)
