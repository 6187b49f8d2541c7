"""The problem as the solvers see it: nodes that must stand together are one unit, and claims are rules of few kinds.

Enters: a `Problem`. Leaves: `Units`. Called by `place`.

A unit is allowed the hosts that all its nodes are allowed. Units with equal sets of hosts share a row of flags, since a
row for each of 100,000 units and 1,000 hosts would take 100 MB. `Apart` and `Balance` are both limits of how many may
stand in a domain: numbers that sum to n differ by one at most when each is n ÷ domains, rounded down or up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from ..problem import JOIN, UNPLACED, Allow, Apart, Balance, DoesNotFitError, Exclusive, Strategy, Together
from .joins import Joins, contracted
from .rows import allowed_rows, fee_rows

if TYPE_CHECKING:
    from ..problem import Claim, Flags, Indices, Numbers, Problem


class Limit(Struct, frozen=True):
    """In every domain stand at least `low` and at most `high` of the units, `size[i]` nodes each."""

    units: tuple[int, ...]
    size: tuple[int, ...]
    domains: Indices
    low: int
    high: int


class Same(Struct, frozen=True):
    """The units stand in one domain."""

    units: tuple[int, ...]
    domains: Indices


class Alone(Struct, frozen=True):
    """The units' hosts carry no other unit."""

    units: tuple[int, ...]


class Never(Struct, frozen=True):
    """A wish that no placement meets."""

    units: tuple[int, ...] = ()


Rule = Limit | Same | Alone | Never


class Units(Struct):
    """`unit`: of each node. `allowed[kind[u]]`: flags of the hosts of unit u. `fees[tariff[u]]`: what u costs at each
    host by wishes, `waste[tariff[u]]`: how many of its nodes are wasted there. `rooms`: the hosts' capacities as stated,
    `capacity`: as far as they matter.
    `kept`: the host of most of the unit's locked nodes. `stay`: rows (unit, host, nodes locked there)."""

    unit: Indices
    size: Numbers
    demand: Numbers
    rooms: Numbers
    capacity: Numbers
    kind: Indices
    allowed: Flags
    tariff: Indices
    fees: Numbers
    waste: Numbers
    joins: Joins
    rules: tuple[Rule, ...]
    wishes: tuple[tuple[Rule, int], ...]
    kept: Indices | None
    stay: Numbers
    strategy: Strategy

    @property
    def count(self) -> int:
        return len(self.size)

    @property
    def hosts(self) -> int:
        return len(self.capacity)


def units_of(problem: Problem) -> Units:
    """Raises DoesNotFitError, proven, where a claim contradicts itself."""
    unit = _contracted(problem)
    count = int(unit.max()) + 1 if len(unit) else 0
    demand = np.zeros((count, len(problem.resources)), np.int64)
    np.add.at(demand, unit, problem.demand)
    size = np.bincount(unit, minlength=count).astype(np.int64)
    kind, allowed = allowed_rows(problem, unit, count)
    tariff, fees, waste = fee_rows(problem, unit, count)
    stay = _stay(problem, unit)
    return Units(
        unit=unit,
        size=size,
        demand=demand,
        rooms=problem.capacity,
        # No more than all of the demand: sums of capacities stay far from 64 bits.
        capacity=np.minimum(problem.capacity, demand.sum(axis=0)),
        kind=kind,
        allowed=allowed,
        tariff=tariff,
        fees=fees,
        waste=waste,
        joins=contracted(problem.nets, unit, count),
        rules=_rules(problem, unit, size),
        wishes=_wishes(problem, unit, size),
        kept=None if problem.kept is None else _majority(stay, count),
        stay=stay,
        strategy=problem.strategy,
    )


def _contracted(problem: Problem) -> Indices:
    """For each node the unit it is of; units are numbered by their first node."""
    leader = list(range(len(problem.nodes)))

    def find(node: int) -> int:
        while leader[node] != node:
            leader[node] = leader[leader[node]]
            node = leader[node]
        return node

    for claim in problem.claims:
        if isinstance(claim, Together) and claim.nodes and _own(claim.domains):
            first = find(claim.nodes[0])
            for node in claim.nodes[1:]:
                other = find(node)
                first, other = min(first, other), max(first, other)
                leader[other] = first
    roots = np.fromiter((find(node) for node in leader), np.int64, len(leader))
    return np.unique(roots, return_inverse=True)[1].astype(np.int32)


def _own(domains: Indices) -> bool:
    """Whether each host that has a domain has it for itself."""
    named = domains[domains >= 0]
    return len(np.unique(named)) == len(named)


def _rules(problem: Problem, unit: Indices, whole: Numbers) -> tuple[Rule, ...]:
    found = [rule for claim in problem.claims if (rule := _rule(claim, unit, whole)) is not None]
    if any(isinstance(rule, Never) for rule in found):
        raise DoesNotFitError(proven=True)
    return tuple(found)


def _wishes(problem: Problem, unit: Indices, whole: Numbers) -> tuple[tuple[Rule, int], ...]:
    found = ((_rule(wish.claim, unit, whole), wish.weight * JOIN) for wish in problem.wishes)
    return tuple((rule, price) for rule, price in found if rule is not None)


def _rule(claim: Claim, unit: Indices, whole: Numbers) -> Rule | None:
    """None for what is said otherwise: by the hosts that a unit is allowed, or by being one unit."""
    if isinstance(claim, Allow) or not claim.nodes:
        return None
    units, sizes = np.unique(unit[list(dict.fromkeys(claim.nodes))], return_counts=True)
    members, size = tuple(units.tolist()), tuple(sizes.tolist())
    match claim:
        case Exclusive():
            return Alone(members) if (sizes == whole[units]).all() else Never(members)
        case Together():
            return Same(members, claim.domains)
        case Apart():
            return Limit(members, size, claim.domains, 0, 1) if max(size) == 1 else Never(members)
        case Balance():
            return _balance(members, size, claim.domains)


def _balance(members: tuple[int, ...], size: tuple[int, ...], domains: Indices) -> Rule:
    count = len(np.unique(domains[domains >= 0]))
    return Limit(members, size, domains, sum(size) // count, -(-sum(size) // count)) if count else Never(members)


def _stay(problem: Problem, unit: Indices) -> Numbers:
    if problem.kept is None:
        return np.zeros((0, 3), np.int64)
    locked = problem.kept != UNPLACED
    pairs = np.stack([unit[locked], problem.kept[locked]], axis=1).astype(np.int64)
    rows, counts = np.unique(pairs.reshape(-1, 2), axis=0, return_counts=True)
    return np.column_stack([rows, counts]).astype(np.int64)


def _majority(stay: Numbers, count: int) -> Indices:
    kept = np.full(count, UNPLACED, np.int32)
    order = np.lexsort((-stay[:, 1], stay[:, 2]))
    kept[stay[order, 0]] = stay[order, 1]
    return kept
