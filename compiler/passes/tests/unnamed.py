"""Unnamed ends: `otherwise deny` means them as well, and a rule that is too wide opens the way to them first.

Enters: one policy and the pairs of those that it speaks of. Leaves: the ordered pairs of classes with an end that no
statement names, where a firewall stands between. Called by `denies.py`.

Nobody asked that a lab without firewalls keeps its segments apart, so pairs that pass none are left out without a word. Two
unnamed ends are a pair only where a firewall of the policy stands between: one that an end which the policy names meets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from ...ir.lab import NodeId
from ...walk import enforces
from .classes import Class, thinned
from .endpoints import Endpoint
from .one_policy import OTHERWISE, OnePolicy

MOST = 500  # pairs of one family: from named to unnamed ends, back, and among the unnamed
_Pair = tuple[Class, Class]


def unnamed_pairs(one: OnePolicy, named: Iterable[_Pair]) -> Iterator[_Pair]:
    if one.policy.otherwise != "deny" or not any(enforces(node) for node in one.lab.nodes.values()):
        return
    unnamed = _most_likely_first(one)
    firewalls: set[NodeId] = set()
    for pair in _mixed(one.classes, unnamed):
        if between := _between(one, pair):
            firewalls |= between
            yield pair
    for pair in named:
        firewalls |= _between(one, pair)
    for pair in _among(unnamed):
        if not firewalls.isdisjoint(_between(one, pair)):
            yield pair
    _tell_of_themselves(one, firewalls)


def _tell_of_themselves(one: OnePolicy, firewalls: set[NodeId]) -> None:
    """Where nothing may reach a firewall, no control would show that a packet could: its own input is not tried."""
    named = {each.one.node for each in one.classes if each.one.enforces}
    for node in sorted(firewalls - named):
        name = one.lab.nodes[node].name
        one.note(
            {OTHERWISE},
            f"{name} itself is not tried: no statement names it; with `… -> {name} allow …` the rest is denied and tried",
        )


def _most_likely_first(one: OnePolicy) -> list[Class]:
    """Where they are too many to try all pairs, those that a prefix of a rule set holds come first."""
    prefixes = {prefix for constants in one.constants.values() for prefix in constants.prefixes}

    def unlikely(each: Class) -> bool:
        return not any(prefix.holds(each.one.address) for prefix in prefixes)

    return sorted(one.unnamed, key=unlikely)


def _mixed(named: Sequence[Class], unnamed: Sequence[Class]) -> Iterator[_Pair]:
    for some, others in _by_family(named, unnamed):
        pairs = list(islice(thinned(some, others, MOST), MOST))
        yield from pairs
        yield from ((other, each) for each, other in pairs)


def _among(unnamed: Sequence[Class]) -> Iterator[_Pair]:
    for some, others in _by_family(unnamed, unnamed):
        yield from islice(thinned(some, others, MOST), MOST)


def _by_family(left: Sequence[Class], right: Sequence[Class]) -> Iterator[tuple[list[Class], list[Class]]]:
    for family in (4, 6):
        one, other = ([each for each in side if each.one.family == family] for side in (left, right))
        if one and other:
            yield one, other


def _ways_out(one: OnePolicy, leased: Endpoint) -> set[NodeId]:
    """Where a client's routes are not known yet: the firewalls that lead out of its segment, if nothing else does."""
    ports = {port for segment in leased.segments for port in one.lab.segments[segment].ports}
    nodes = [one.lab.nodes[one.lab.ports[port].node] for port in sorted(ports)]
    leading = [node for node in nodes if (node.forwards or node.bridges) and node.id != leased.node]
    return {node.id for node in leading} if all(enforces(node) for node in leading) else set()


def _between(one: OnePolicy, pair: _Pair) -> set[NodeId]:
    """The firewalls on the way, or the one that the packets are handed to; none where both share a segment."""
    source, target = (each.one for each in pair)
    if source.node == target.node:
        return set()
    sent = one.talk.pairs(source, target)[0]
    if one.talk.share_segment(sent):
        return set()
    if source.leased:
        return _ways_out(one, source)
    if one.talk.reaches(sent):
        return set(one.talk.firewalls(sent))
    handed = one.talk.handed_to(sent)
    return {handed.node} if handed else set()
