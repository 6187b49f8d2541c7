"""What the text states: addresses and prefixes that an assignment must keep clear of.

Enters: a lab. Leaves: `Stated`, asked by `pools.py` and `ports.py` for the part that lies in a prefix.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from ...addresses import Address, Interface, Prefix
from ...ir.lab import Lab, Node


class Stated:
    """Stated addresses, one by one, and stated blocks of them: prefixes of segments, ranges of DHCP servers."""

    def __init__(self, lab: Lab) -> None:
        self.has_ipv6 = False
        singles: dict[int, set[int]] = {4: set(), 6: set()}
        for family, value in _addresses(lab):
            singles[family].add(value)
        self._singles = {family: sorted(values) for family, values in singles.items()}
        blocks = list(_prefixes(lab))
        self.has_ipv6 = any(prefix.family == 6 for prefix in blocks) or any(
            address.family == 6 for port in lab.ports.values() for address in map(_plain, port.wanted)
        )
        blocks += _reserved(lab)
        self._blocks = {
            family: _merged([(p.value, p.value + p.size) for p in blocks if p.family == family]) for family in (4, 6)
        }
        self._leases = [span for node in lab.nodes.values() if node.services for span in _lease_ranges(node)]

    @property
    def has_leases(self) -> bool:
        return bool(self._leases)

    def within(self, prefix: Prefix) -> set[int]:
        """The stated addresses in a prefix, as numbers."""
        values = self._singles[prefix.family]
        if not values:
            return set()
        low, high = prefix.value, prefix.value + prefix.size
        return set(values[bisect_left(values, low) : bisect_left(values, high)])

    def leases_within(self, prefix: Prefix) -> list[tuple[int, int]]:
        """The parts of DHCP servers' ranges in a prefix: first and last."""
        return [(first.value, last.value) for first, last in self._leases if prefix.holds(first) or prefix.holds(last)]

    def blocks_meet(self, prefix: Prefix) -> bool:
        """Whether a stated prefix or address overlaps the given one."""
        low, high = prefix.value, prefix.value + prefix.size
        blocks = self._blocks[prefix.family]
        at = bisect_right(blocks, (low, high))
        if any(start < high and end > low for start, end in blocks[max(0, at - 1) : at + 1]):
            return True
        values = self._singles[prefix.family]
        return bisect_left(values, low) != bisect_left(values, high)


def _plain(wanted: Address | Interface) -> Address:
    return wanted.address if isinstance(wanted, Interface) else wanted


def _addresses(lab: Lab) -> Iterator[Address]:
    for port in lab.ports.values():
        for wanted in port.wanted:
            yield _plain(wanted)
    for node in lab.nodes.values():
        yield from (rule.outside for rule in node.nat)
        yield from (rule.inside for rule in node.nat if rule.inside is not None)
        yield from (rule.to for rule in node.napt)
        yield from (via for route in node.routes for via in route.via)
    yield from _named_in_policies(lab)


def _named_in_policies(lab: Lab) -> Iterator[Address]:
    """An address that a rule, a zone or a test names is somebody's in particular."""
    texts = {end for policy in lab.policies.values() for rule in policy.rules for end in (*rule.sources, *rule.targets)}
    texts.update(member for zone in lab.zones.values() for member in zone.members)
    texts.update(
        end
        for test in lab.tests.values()
        for step in test.steps
        if step.flow is not None
        for end in (*step.flow.sources, *step.flow.targets)
    )
    for text in texts:
        if "/" not in text:
            try:
                yield Address.parse(text)
            except ValueError:
                continue


def _prefixes(lab: Lab) -> Iterator[Prefix]:
    for segment in lab.segments.values():
        yield from segment.prefixes
    for port in lab.ports.values():
        yield from (wanted.prefix for wanted in port.wanted if isinstance(wanted, Interface))


def _reserved(lab: Lab) -> Iterator[Prefix]:
    """What a site's pools keep from labs: nothing drawn lies there. It asks for no family of its own."""
    for pool in lab.site.pools:
        yield from (part for part in pool.reserved if isinstance(part, Prefix))


def _lease_ranges(node: Node) -> Iterator[tuple[Address, Address]]:
    for serving in node.services:
        first, last = serving.fields.get("first"), serving.fields.get("last")
        if isinstance(first, Address) and isinstance(last, Address) and first.family == last.family:
            yield first, last


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
