"""Edges: beside the last address that a rule means stands one that it does not mean. What one may, the other may not.

Enters: one policy and the prefixes of rendered configurations. Leaves: `deny` cases from and to probes that stand at free
addresses on both sides of each prefix's edges. Called by `policies.py`. A free address that a rule set means apart from its
segment is tried in full: a rule about it may let anything through.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator

from ...addresses import Address, Prefix
from ...ir.lab import Segment, SegmentId
from .classes import Class
from .constants import edges_of
from .controls import Controls
from .denies import FEWEST_PORTS, deny_case, shots_of, unenforceable
from .endpoints import Endpoint, borrowed, is_free
from .one_policy import OnePolicy
from .talk import packet
from .verdicts import Shot

MOST_EDGES = 24  # addresses tried on one segment
STATED_PORTS = 2 * FEWEST_PORTS  # tried at and from those that are meant apart


def prove_edges(one: OnePolicy, controls: Controls) -> None:
    standing: dict[SegmentId, list[Class]] = defaultdict(list)
    for each in one.classes:
        for segment in each.one.segments:
            standing[segment].append(each)
    for segment, stranger, prefixes in _strangers(one):
        across = [each for each in standing[segment] if _divided(each.one, stranger, prefixes)]
        fully = _is_stated(stranger.address, one.lab.segments[segment], prefixes)
        if not (across or fully):
            continue
        senders = {end for each in across for end in one.verdicts.may_send(each.one)}
        receivers = {end for each in across for end in one.verdicts.may_receive(each.one)}
        for other in one.classes:
            if segment in other.one.segments or other.one.family != stranger.family or other.one.leased:
                continue
            if fully or not other.sources.isdisjoint(senders):
                _prove(one, other, across, other.one, stranger, controls, outward=False, fully=fully)
            if fully or not other.targets.isdisjoint(receivers):
                _prove(one, other, across, stranger, other.one, controls, outward=True, fully=fully)


def _is_stated(address: Address, segment: Segment, prefixes: set[Prefix]) -> bool:
    """Whether a rule set means an address, alone or with some others, and not its whole segment."""
    return any(each.holds(address) and not any(each.holds(whole) for whole in segment.prefixes) for each in prefixes)


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
    fully: bool,
) -> None:
    """What those across the edge may say to `other` (outward) or hear from it, and the stranger may not. `fully`: whatever
    else is denied as well."""
    ends = [(each.one, other.one) if outward else (other.one, each.one) for each in across]
    tried = {shot for sender, receiver in ends for shot in _may(one, sender, receiver)}
    pair = one.talk.pairs(source, target)[0]
    if fully:
        tried.update(shots_of(one, pair, STATED_PORTS))
    if not tried:
        return
    denied = one.denied(pair, sorted(tried))
    arrives = one.talk.reaches(pair) or one.talk.handed_to(pair) is not None
    if denied and arrives and not unenforceable(one, pair, named=other.named and outward):
        packets = [packet(shot, pair.sent_to) for shot, _ in denied]
        deny_case(one, pair, packets, {statement for _, statement in denied}, controls)


def _may(one: OnePolicy, source: Endpoint, target: Endpoint) -> list[Shot]:
    return one.may(one.talk.pairs(source, target)[0]) if source.node != target.node else []


def _strangers(one: OnePolicy) -> Iterator[tuple[SegmentId, Endpoint, set[Prefix]]]:
    """Free addresses at edges, by segment, each with the prefixes at whose edge it lies."""
    edges = edges_of({prefix for constants in one.constants.values() for prefix in constants.prefixes})
    rising = sorted(edges)
    lenders: dict[SegmentId, list[Endpoint]] = defaultdict(list)
    for endpoint in one.endpoints:
        for segment in endpoint.segments:
            lenders[segment].append(endpoint)
    for segment in sorted(lenders):
        for address in _free(rising, edges, segment, one)[:MOST_EDGES]:
            able = [lender for lender in lenders[segment] if lender.family == address.family and not lender.leased]
            if able:
                yield segment, borrowed(address, one.lab.segments[segment], able), edges[address]


def _free(rising: list[Address], edges: dict[Address, set[Prefix]], name: SegmentId, one: OnePolicy) -> list[Address]:
    """Those first that are meant apart."""
    segment = one.lab.segments[name]
    inside = {
        address
        for prefix in segment.prefixes
        for address in rising[bisect_left(rising, prefix.network) : bisect_right(rising, prefix.last)]
    }
    found = [address for address in inside if is_free(address, segment, one.talk.network)]
    return sorted(found, key=lambda address: (not _is_stated(address, segment, edges[address]), address))
