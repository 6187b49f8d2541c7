"""Matches: the ends that mean an endpoint, found by what the endpoint is instead of by asking every end.

Enters: ends taken apart to their members. Leaves: sets of ends. Called by `verdicts.py`. A policy of a thousand rules between a
thousand segments has two thousand ends, and two thousand endpoints would ask each of them.
"""

from __future__ import annotations

from collections import defaultdict

from msgspec import Struct, field

from ...addresses import BITS, Address
from ...walk import Members
from .endpoints import Endpoint


def _ends() -> defaultdict[object, set[str]]:
    return defaultdict(set)


class Matches(Struct):
    """`members`: the ends that hold a node, a segment or an address, by its id or value. `prefixes`: those that hold a prefix,
    by its family and length, then by its value."""

    members: defaultdict[object, set[str]] = field(default_factory=_ends)
    prefixes: dict[tuple[int, int], defaultdict[object, set[str]]] = field(default_factory=dict)

    def add(self, end: str, members: Members) -> None:
        for member in (*members.nodes, *members.segments, *members.addresses):
            self.members[member].add(end)
        for prefix in members.prefixes:
            self.prefixes.setdefault((prefix.family, prefix.length), _ends())[prefix.value].add(end)

    def of(self, endpoint: Endpoint, sent_to: Address) -> frozenset[str]:
        """By its node, its segments or an address of it. A borrowed address is not its node's."""
        found = self._holding(endpoint.address) | self._holding(sent_to)
        for member in (*endpoint.segments, *(() if endpoint.borrowed else (endpoint.node,))):
            found |= self.members.get(member, set())
        return frozenset(found)

    def _holding(self, address: Address) -> set[str]:
        found = set(self.members.get(address, ()))
        for (family, length), ends in self.prefixes.items():
            if family == address.family:
                shift = BITS[family] - length
                found |= ends.get(address.value >> shift << shift, set())
        return found
