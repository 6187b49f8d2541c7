"""Classes: endpoints that neither a statement of a policy nor a rendered rule tells apart, with one that stands for all of them.

Enters: all endpoints and one policy. Leaves: `Class`es, those of which the policy speaks apart from the rest. Called by
`policies.py`. So a segment of a thousand clients is tested by one of them, while a node that a rule names is always itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from msgspec import Struct, field

from ...ir.lab import Lab, Policy
from .apart import Apart
from .endpoints import Endpoint
from .verdicts import Matching

MOST = 64  # pairs taken of two sets that a policy treats alike, so that a campus does not explode
T = TypeVar("T")


class Class(Struct):
    """`sources`, `targets`: the ends that match its members as senders and as receivers. `named`: a statement means this
    very node, not only a set in which it is."""

    sources: frozenset[str]
    targets: frozenset[str]
    named: bool
    members: list[Endpoint] = field(default_factory=list)

    @property
    def one(self) -> Endpoint:
        """Who stands for all."""
        return self.members[0]

    @property
    def bucket(self) -> tuple[int, frozenset[str], frozenset[str]]:
        """What the policy sees of it; classes of one bucket differ only by where they are."""
        return (self.one.family, self.sources, self.targets)


def classes_of(
    endpoints: Iterable[Endpoint], policy: Policy, matching: Matching, lab: Lab, apart: Apart
) -> tuple[list[Class], list[Class]]:
    """The classes that a policy speaks of, and those that it does not, in a fixed order.

    With `otherwise deny` it speaks of every zone too.
    """
    ends = frozenset(ends_of(policy, lab))
    found: dict[tuple[object, ...], Class] = {}
    for endpoint in endpoints:
        key, made = _classify(endpoint, ends, matching)
        found.setdefault((*key, apart.statements(endpoint)), made).members.append(endpoint)
    for each in found.values():
        each.members.sort(key=lambda endpoint: endpoint.order)
    classes = sorted(found.values(), key=lambda each: each.one.order)
    meant = [each for each in classes if each.sources or each.targets]
    rest = [each for each in classes if not (each.sources or each.targets)]
    return list(_without_transit(meant)), [each for each in rest if each.one.segments and not each.one.forwards]


def ends_of(policy: Policy, lab: Lab) -> list[str]:
    stated = {end for rule in policy.rules for end in (*rule.sources, *rule.targets)}
    return sorted(stated | set(lab.zones) if policy.otherwise == "deny" else stated)


def _classify(endpoint: Endpoint, ends: frozenset[str], matching: Matching) -> tuple[tuple[object, ...], Class]:
    sources = matching.sources_of(endpoint) & ends
    sent_to = (endpoint.address, *endpoint.aliases)
    targets = frozenset[str]().union(*(matching.targets_of(endpoint, address) for address in sent_to)) & ends
    named = any(matching.names(end, endpoint) for end in targets)
    place = (endpoint.family, endpoint.segments, endpoint.forwards, endpoint.enforces, endpoint.leased)
    # What is translated, or a firewall itself, is tested for itself.
    alone = endpoint.port if endpoint.aliases or endpoint.enforces else None
    return (sources, targets, named, alone, *place), Class(sources, targets, named)


def _without_transit(classes: list[Class]) -> Iterator[Class]:
    """Routers stand for a segment only where it has no host, firewalls never: what they send passes no firewall."""
    hosts = {(each.one.family, segment) for each in classes if not each.one.forwards for segment in each.one.segments}
    for each in classes:
        crowded = any((each.one.family, segment) in hosts for segment in each.one.segments)
        if each.named or not each.one.forwards or not (crowded or each.one.enforces or not each.one.segments):
            yield each


def thinned(left: Sequence[T], right: Sequence[T], most: int = MOST) -> Iterator[tuple[T, T]]:
    """All pairs, or where these are more than `most`, so many that each member of both sides is met, none twice."""
    if len(left) * len(right) <= most:
        yield from ((one, other) for one in left for other in right)
        return
    turns = max(len(left), len(right))
    met: dict[tuple[int, int], None] = {}
    for shift in range(1, 1 + max(1, most // turns)):
        met.update(dict.fromkeys((turn % len(left), (turn + shift) % len(right)) for turn in range(turns)))
    yield from ((left[one], right[other]) for one, other in met)
