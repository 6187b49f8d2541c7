"""What a placement costs, and what it breaks: the judge of every solver, written to be read, not to be fast.

Enters: a problem and a host for each node. Leaves: its `Cost`, and a sentence for each capacity or claim that does not
hold. Called by `place` for the answer, and by tests for all answers.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from .problem import JOIN, UNPLACED, Allow, Apart, Balance, Cost, Exclusive, Together

if TYPE_CHECKING:
    from .problem import Claim, Flags, Indices, Numbers, Problem


def cost_of(problem: Problem, hosts: Indices) -> Cost:
    """The cost of an answer that places every node."""
    even = _imbalance(problem, hosts)
    strategies = {"": 0, "pack": len(np.unique(hosts)), "spread": even}
    return Cost(
        moves=0 if problem.kept is None else int(((problem.kept != UNPLACED) & (problem.kept != hosts)).sum()),
        strategy=strategies[problem.strategy],
        cut=joins_of(problem, hosts) + _unmet(problem, hosts),
        waste=_waste(problem, hosts),
        imbalance=even,
    )


def violations(problem: Problem, hosts: Indices) -> list[str]:
    """What of the capacities and claims does not hold, a sentence each."""
    if (hosts < 0).any() or (hosts >= len(problem.hosts)).any():
        return ["a node has no host"]
    over = used(problem, hosts) > problem.capacity
    found = [f"{problem.hosts[host]} has too little {problem.resources[r]}" for host, r in np.argwhere(over)]
    return found + [f"{type(claim).__name__} does not hold" for claim in problem.claims if broken(claim, hosts)]


def used(problem: Problem, hosts: Indices) -> Numbers:
    """Hosts × resources: what the nodes there take."""
    load = np.zeros_like(problem.capacity)
    np.add.at(load, hosts, problem.demand)
    return load


def joins_of(problem: Problem, hosts: Indices) -> int:
    """The nets' part of the cut: for each net the hosts it touches less one, times its weight."""
    nets, width = problem.nets, max(1, len(problem.hosts))
    count = len(nets.weight)
    if not count:
        return 0
    rows = np.repeat(np.arange(count), np.diff(nets.start)) * width + hosts[nets.pins]
    anchored = np.repeat(np.arange(count), np.diff(nets.anchor_start)) * width + nets.anchors
    touched = np.bincount(np.unique(np.concatenate([rows, anchored])) // width, minlength=count)
    return int((np.maximum(touched - 1, 0) * nets.weight).sum())


def broken(claim: Claim, hosts: Indices) -> int:
    """Zero when the claim holds; of an `Allow` the nodes that it does not hold for, else one."""
    nodes = list(claim.nodes)
    at = hosts[nodes]
    match claim:
        case Allow():
            return int((~claim.hosts[at]).sum())
        case Exclusive():
            others = np.ones(len(hosts), bool)
            others[nodes] = False
            return int(np.isin(hosts[others], at).any())
        case Together() | Apart() | Balance():
            return int(not _domains_hold(claim, claim.domains[at]))


def _domains_hold(claim: Together | Apart | Balance, at: Indices) -> bool:
    if (at < 0).any():
        return False
    counts = Counter(at.tolist())
    match claim:
        case Together():
            return len(counts) <= 1
        case Apart():
            return all(count == 1 for count in counts.values())
        case Balance():
            sizes = [counts[domain] for domain in set(claim.domains.tolist()) - {-1}]
            return not sizes or max(sizes) - min(sizes) <= 1


def _unmet(problem: Problem, hosts: Indices) -> int:
    return sum(wish.weight * JOIN * broken(wish.claim, hosts) for wish in problem.wishes)


def _waste(problem: Problem, hosts: Indices) -> int:
    singled = np.zeros(len(problem.hosts), bool)
    entitled: Flags = np.zeros(len(problem.nodes), bool)
    for claim in problem.claims:
        if isinstance(claim, Allow) and not claim.hosts.all():
            singled |= claim.hosts
            nodes = list(claim.nodes)
            entitled[nodes] |= claim.hosts[hosts[nodes]]
    return int((singled[hosts] & ~entitled).sum())


def _imbalance(problem: Problem, hosts: Indices) -> int:
    """With Python's own numbers: a thousand times some bytes outgrows 64 bits."""
    full = [
        max((taken * 1000 // room for taken, room in zip(row, rooms, strict=True) if room), default=0)
        for row, rooms in zip(used(problem, hosts).tolist(), problem.capacity.tolist(), strict=True)
    ]
    return max(full) - min(full) if full else 0
