"""Edges: beside the last address that a rule means stands one that it does not mean. What one may, the other may not.

Enters: one policy and the prefixes of rendered configurations. Leaves: `deny` cases from and to probes that stand at free
addresses on both sides of each prefix's edges. Called by `policies.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ...addresses import Address, Prefix
from ...ir.lab import SegmentId
from .classes import Class
from .constants import edges_of
from .controls import Controls
from .denies import deny_case, unenforceable
from .endpoints import Endpoint, borrowed, is_free
from .one_policy import OnePolicy
from .talk import packet
from .verdicts import Shot

MOST_EDGES = 24  # addresses tried on one segment


def prove_edges(one: OnePolicy, controls: Controls) -> None:
    for segment, stranger, prefixes in _strangers(one):
        across = [
            each for each in one.classes if segment in each.one.segments and _divided(each.one, stranger, prefixes)
        ]
        for other in one.classes:
            if segment not in other.one.segments and other.one.family == stranger.family and not other.one.leased:
                _prove(one, other, across, other.one, stranger, controls, outward=False)
                _prove(one, other, across, stranger, other.one, controls, outward=True)


def _divided(one: Endpoint, other: Endpoint, prefixes: set[Prefix]) -> bool:
    """Whether the edge of a prefix runs between two addresses."""
    return any(prefix.holds(one.address) != prefix.holds(other.address) for prefix in prefixes)


def _prove(
    one: OnePolicy,
    other: Class,
    across: list[Class],
    source: Endpoint,
    target: Endpoint,
    controls: Controls,
    *,
    outward: bool,
) -> None:
    """What those across the edge may say to `other` (outward) or hear from it, and the stranger may not."""
    ends = [(each.one, other.one) if outward else (other.one, each.one) for each in across]
    may = {shot for sender, receiver in ends for shot in _may(one, sender, receiver)}
    if not may:
        return
    pair = one.talk.pairs(source, target)[0]
    denied = one.denied(pair, sorted(may))
    enforceable = one.talk.reaches(pair) and not unenforceable(one, pair, named=other.named and outward)
    if denied and enforceable:
        packets = [packet(shot, pair.sent_to) for shot, _ in denied]
        deny_case(one, pair, packets, {statement for _, statement in denied}, controls)


def _may(one: OnePolicy, source: Endpoint, target: Endpoint) -> list[Shot]:
    return one.may(one.talk.pairs(source, target)[0]) if source.node != target.node else []


def _strangers(one: OnePolicy) -> Iterator[tuple[SegmentId, Endpoint, set[Prefix]]]:
    """Free addresses at edges, by segment, each with the prefixes at whose edge it lies."""
    edges = edges_of({prefix for constants in one.constants.values() for prefix in constants.prefixes})
    lenders: dict[SegmentId, list[Endpoint]] = defaultdict(list)
    for endpoint in one.endpoints:
        for segment in endpoint.segments:
            lenders[segment].append(endpoint)
    for segment in sorted(lenders):
        for address in _free(edges, segment, one)[:MOST_EDGES]:
            able = [lender for lender in lenders[segment] if lender.family == address.family and not lender.leased]
            if able:
                yield segment, borrowed(address, one.lab.segments[segment], able), edges[address]


def _free(edges: dict[Address, set[Prefix]], segment: SegmentId, one: OnePolicy) -> list[Address]:
    return sorted(address for address in edges if is_free(address, one.lab.segments[segment], one.talk.network))
