"""Problems for the tests of the solvers, small enough for brute force."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Sequence

import numpy as np
from hypothesis import strategies as st

from labc.compiler.solvers.problem import Allow, Apart, Balance, Claim, Exclusive, Nets, Problem, Together


def problem(
    demand: Sequence[Sequence[int]], capacity: Sequence[Sequence[int]], claims: Iterable[Claim] = ()
) -> Problem:
    """No segments: they never make a placement impossible."""
    rows = np.array(demand, dtype=np.int64).reshape(len(demand), -1)
    room = np.array(capacity, dtype=np.int64).reshape(len(capacity), -1)
    start, none = np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32)
    return Problem(
        tuple(f"n{i:04}" for i in range(len(rows))),
        tuple(f"h{i:02}" for i in range(len(room))),
        ("cpu", "memory", "disk")[: room.shape[1]],
        rows,
        room,
        Nets(start, none, np.zeros(0, dtype=np.int64), start, none),
        tuple(claims),
    )


def allow(nodes: Sequence[int], hosts: Collection[int], of: int) -> Allow:
    return Allow(tuple(nodes), np.array([host in hosts for host in range(of)], dtype=np.bool_))


def each(hosts: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """Every host is a domain of its own."""
    return np.arange(hosts, dtype=np.int32)


@st.composite
def crowded(draw: st.DrawFn, nodes: int = 5, hosts: int = 3) -> Problem:
    """A problem that fits about as often as not."""
    many, few = draw(st.integers(1, nodes)), draw(st.integers(1, hosts))
    demand = draw(st.lists(st.tuples(*[st.integers(0, 4)] * 2), min_size=many, max_size=many))
    capacity = draw(st.lists(st.tuples(*[st.integers(2, 7)] * 2), min_size=few, max_size=few))
    return problem(demand, capacity, draw(st.lists(_claims(many, few), max_size=5)))


@st.composite
def _claims(draw: st.DrawFn, nodes: int, hosts: int) -> Claim:
    about = tuple(sorted(draw(st.sets(st.integers(0, nodes - 1), min_size=1, max_size=4))))
    domains = np.array(draw(st.lists(st.integers(-1, 1), min_size=hosts, max_size=hosts)), dtype=np.int32)
    domains = draw(st.sampled_from([domains, each(hosts)]))
    flags = np.array(draw(st.lists(st.booleans(), min_size=hosts, max_size=hosts)), dtype=np.bool_)
    made: list[Claim] = [
        Allow(about, flags),
        Together(about, domains),
        Apart(about, domains),
        Balance(about, domains),
        Exclusive(about),
    ]
    return made[draw(st.integers(0, len(made) - 1))]


def fits(problem: Problem, nodes: Collection[int] | None = None, claims: Collection[int] | None = None) -> bool:
    """Brute force: whether the sizes of `nodes` and these claims (all when None) can be met."""
    sized = range(len(problem.nodes)) if nodes is None else nodes
    asked = [problem.claims[i] for i in (range(len(problem.claims)) if claims is None else claims)]
    options = itertools.product(range(len(problem.hosts)), repeat=len(problem.nodes))
    return any(_room(problem, sized, at) and all(holds(claim, at) for claim in asked) for at in options)


def _room(problem: Problem, sized: Iterable[int], at: Sequence[int]) -> bool:
    used = np.zeros_like(problem.capacity)
    for node in sized:
        used[at[node]] += problem.demand[node]
    return bool((used <= problem.capacity).all())


def holds(claim: Claim, at: Sequence[int]) -> bool:
    if isinstance(claim, Allow):
        return all(claim.hosts[at[node]] for node in claim.nodes)
    if isinstance(claim, Exclusive):
        owned = {at[node] for node in claim.nodes}
        return all(host not in owned or node in claim.nodes for node, host in enumerate(at))
    domains = [int(claim.domains[at[node]]) for node in claim.nodes]
    if -1 in domains:
        return False
    if isinstance(claim, Together):
        return len(set(domains)) == 1
    counts = [domains.count(domain) for domain in set(claim.domains.tolist()) - {-1}]
    return max(counts) <= 1 if isinstance(claim, Apart) else max(counts) - min(counts) <= 1
