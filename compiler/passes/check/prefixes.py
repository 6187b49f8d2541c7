"""Prefixes that overlap where one routing domain would see both.

Two networks may have the same prefix, as long as no router knows both: a node that forwards joins the broadcast domains of its
ports into one routing area, except across its own address translation, which is there to keep them apart.
Overlaps are found by one sweep over each area's prefixes in sorted order.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ...addresses import BITS, Interface, Prefix
from ...ir.lab import Node, Port, SegmentId
from ...ir.unions import Unions
from ...source import Origin
from .design import Design, called, there

_LINK_LOCAL = Prefix.parse("fe80::/10")

_Holding = tuple[int, int, SegmentId, str, Origin]  # value, length, domain, what holds the prefix, where it is said


def check(design: Design) -> None:
    stated = list(_stated(design))
    if len(stated) > 1:
        areas = routing_areas(design)
        holdings: dict[tuple[str, int], list[_Holding]] = {}
        for prefix, domain, name, origin in stated:
            holding = (prefix.value, prefix.length, domain, name, origin)
            holdings.setdefault((areas.find(domain), prefix.family), []).append(holding)
        for (_, family), held in holdings.items():
            _sweep(family, held, design)
    for node in design.lab.nodes.values():
        if len(node.ports) > 1 and (not node.forwards or node.nat or node.napt):
            _on_one_node(node, design)


def routing_areas(design: Design) -> Unions:
    """Domains between which packets are forwarded with their addresses as they are."""
    areas = Unions()
    for node in design.lab.nodes.values():
        if node.forwards:
            sides: dict[bool, SegmentId] = {}
            for port in map(design.lab.ports.__getitem__, node.ports):
                for domain in design.domains_of(port):
                    areas.join(sides.setdefault(_is_translated(node, port), domain), domain)
    return areas


def _is_translated(node: Node, port: Port) -> bool:
    """Whether what comes in by this port leaves by others with another address."""
    if not node.napt and not node.nat:
        return False
    sources = [source for rule in node.napt for source in rule.sources]
    inside = [rule.inside for rule in node.nat if rule.inside is not None]
    prefixes = [interface.prefix for interface in port.addresses]
    return any(source.overlaps(prefix) for source in sources for prefix in prefixes) or any(
        prefix.holds(address) for address in inside for prefix in prefixes
    )


def _stated(design: Design) -> Iterator[tuple[Prefix, SegmentId, str, Origin]]:
    """What segments, links and ports state. What was drawn from the pool overlaps nothing: it kept clear of all this."""
    lab = design.lab
    for segment in lab.segments.values():
        for prefix in segment.prefixes if segment.link is None else lab.links[segment.link].prefixes:
            yield prefix, segment.domain or segment.id, segment.name, segment.origin
    seen: set[tuple[SegmentId, Prefix]] = set()
    for port in lab.ports.values():
        for wanted in port.wanted:
            if isinstance(wanted, Interface) and port.attachments and not _LINK_LOCAL.holds(wanted.address):
                prefix, domain = wanted.prefix, design.domains_of(port)[-1]
                if (domain, prefix) not in seen and not _is_known(port, prefix, design):
                    seen.add((domain, prefix))
                    yield prefix, domain, called(port), port.origin


def _is_known(port: Port, prefix: Prefix, design: Design) -> bool:
    """Whether the port's own segment states a prefix of that family: then `stations` compares the two. A host's own is none."""
    segment = design.lab.segments[port.attachments[-1].segment]
    stated = segment.prefixes if segment.link is None else design.lab.links[segment.link].prefixes
    return prefix.length == BITS[prefix.family] or any(other.family == prefix.family for other in stated)


def _sweep(family: int, held: list[_Holding], design: Design) -> None:
    """In sorted order everything that a prefix contains follows it, so those around the current one are a stack."""
    held.sort(key=lambda holding: (holding[0], holding[1], holding[4].span.start, holding[2], holding[3]))
    around: list[_Holding] = []
    for holding in held:
        value = holding[0]
        while around and around[-1][0] + (1 << (BITS[family] - around[-1][1])) <= value:
            around.pop()
        other = next((outer for outer in reversed(around) if outer[2] != holding[2]), None)
        if other is not None:
            _overlap(family, other, holding, design)
        elif around and around[-1][1] != holding[1]:
            _nested(family, around[-1], holding, design)
        around.append(holding)


def _overlap(family: int, outer: _Holding, inner: _Holding, design: Design) -> None:
    first, second = sorted((outer, inner), key=lambda holding: (holding[4].span.start, holding[3]))
    prefix, other = Prefix(family, second[0], second[1]), Prefix(family, first[0], first[1])
    design.say(
        "E0510",
        f"{second[3]} and {first[3]} are both {prefix}" if prefix == other else f"{prefix} and {other} overlap",
        second[4],
        f"{second[3]} is another broadcast domain than {first[3]}",
        mark=prefix,
        labels=[there(first[4], f"{other} is stated here", other)],
        reason="routers know both, and could send a packet to the wrong one",
        help="give one of them another prefix, or translate addresses (`nat`, `napt`) between them",
    )


def _nested(family: int, outer: _Holding, inner: _Holding, design: Design) -> None:
    """Two lengths of one prefix in one broadcast domain: the stations disagree on who is a neighbour."""
    prefix, other = Prefix(family, inner[0], inner[1]), Prefix(family, outer[0], outer[1])
    design.say(
        "E0510",
        f"{prefix} and {other} overlap",
        inner[4],
        "both are in one broadcast domain",
        mark=prefix,
        labels=[there(outer[4], f"{other} is stated here", other)],
        reason="the stations of the wider one look for those of the narrower one without a router, and the other way through one",
        help="use one length",
    )


def _on_one_node(node: Node, design: Design) -> None:
    """A node that translates, or does not forward, still has one table of routes: two ports with one prefix are too many."""
    found = sorted(interface.prefix for name in node.ports for interface in design.lab.ports[name].addresses)
    if not any(one.holds(other) for one, other in pairwise(found)):
        return  # sorted, what a prefix contains follows it at once
    held: dict[int, list[_Holding]] = {4: [], 6: []}
    for port in map(design.lab.ports.__getitem__, node.ports):
        domain = next(iter(design.domains_of(port)), None)
        for interface in port.addresses if domain is not None else ():
            family, value, length = interface.prefix
            if not _LINK_LOCAL.holds(interface.address):
                held[family].append((value, length, domain or port.attachments[0].segment, called(port), port.origin))
    for family, holdings in held.items():
        if len(holdings) > 1:
            _sweep(family, holdings, design)
