"""Apart: which endpoints of a segment the rendered rule sets treat alike, whatever the policy says.

Enters: the constants of all configurations. Leaves: for an endpoint, the statements that mean it and not its whole segment. Called
by `classes.py`: two hosts of which one stands in a rule are not tested by one of them. Hosts that stand in the same statements are
alike, so that a set of a thousand addresses makes no thousand classes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from ...addresses import BITS, Address, Interface, Prefix
from ...ir.lab import Lab
from .constants import Constants
from .endpoints import Endpoint


class Apart:
    """Statements by the prefixes in them."""

    def __init__(self, constants: Iterable[Constants], lab: Lab) -> None:
        self._lab = lab
        self._meaning: dict[Prefix, set[int]] = defaultdict(set)
        number = 0
        for each in constants:
            for prefixes in each.together:
                number += 1
                for prefix in prefixes:
                    self._meaning[prefix].add(number)
        self._lengths = {
            family: sorted({prefix.length for prefix in self._meaning if prefix.family == family}) for family in BITS
        }

    def statements(self, endpoint: Endpoint) -> frozenset[int]:
        """Numbers that mean nothing but whether two endpoints are meant by the same."""
        found: set[int] = set()
        for address in (endpoint.address, *endpoint.aliases):
            whole = self._length_of_segment(endpoint, address)
            for length in self._lengths[address.family]:
                if length > whole:
                    found |= self._meaning.get(Interface(address, length).prefix, set())
        return frozenset(found)

    def _length_of_segment(self, endpoint: Endpoint, address: Address) -> int:
        prefixes = (prefix for segment in endpoint.segments for prefix in self._lab.segments[segment].prefixes)
        return max(
            (each.length for each in prefixes if each.family == address.family and each.holds(address)), default=-1
        )
