"""Matches: the ends that mean an endpoint, found by what the endpoint is instead of by asking every end.

Enters: ends taken apart to their members. Leaves: sets of ends. Called by `verdicts.py`. A policy of a thousand rules between a
thousand segments has two thousand ends, and two thousand endpoints would ask each of them.
"""

from __future__ import annotations

from collections import defaultdict

from msgspec import Struct, field

from ...addresses import Address, Interface
from ...walk import Members
from .endpoints import Endpoint


def _ends() -> defaultdict[object, set[str]]:
    return defaultdict(set)


class Matches(Struct):
    """The ends that hold a node, a segment, an address or a prefix, by its id or value. `lengths`: those of the prefixes, by family."""

    members: defaultdict[object, set[str]] = field(default_factory=_ends)
    lengths: dict[int, set[int]] = field(default_factory=dict)

    def add(self, end: str, members: Members) -> None:
        for member in (*members.nodes, *members.segments, *members.addresses, *members.prefixes):
            self.members[member].add(end)
        for prefix in members.prefixes:
            self.lengths.setdefault(prefix.family, set()).add(prefix.length)

    def of(self, endpoint: Endpoint, sent_to: Address) -> frozenset[str]:
        """By its node, its segments or an address of it. A borrowed address is not its node's."""
        found = self._holding(endpoint.address) | self._holding(sent_to)
        for member in (*endpoint.segments, *(() if endpoint.borrowed else (endpoint.node,))):
            found |= self.members.get(member, set())
        return frozenset(found)

    def _holding(self, address: Address) -> set[str]:
        found = set(self.members.get(address, ()))
        for length in self.lengths.get(address.family, ()):
            found |= self.members.get(Interface(address, length).prefix, set())
        return found
