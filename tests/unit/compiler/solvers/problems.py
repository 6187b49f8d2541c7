"""Problems for the tests of the solvers: written by hand, drawn by hypothesis, and solved by trying everything."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import strategies as st

from labc.compiler.solvers.cost import cost_of, violations
from labc.compiler.solvers.problem import (
    UNPLACED,
    Allow,
    Apart,
    Balance,
    Claim,
    Cost,
    Exclusive,
    Nets,
    Problem,
    Strategy,
    Together,
    Wish,
)

Net = tuple[tuple[int, ...], tuple[int, ...]]  # nodes, and hosts that real gear anchors it to


def nets(rows: list[Net], weights: list[int] | None = None) -> Nets:
    def starts(sizes: list[int]) -> np.ndarray:
        return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)

    return Nets(
        start=starts([len(pins) for pins, _ in rows]),
        pins=np.array([pin for pins, _ in rows for pin in pins], np.int32),
        weight=np.array(weights or [10] * len(rows), np.int64),
        anchor_start=starts([len(anchors) for _, anchors in rows]),
        anchors=np.array([anchor for _, anchors in rows for anchor in anchors], np.int32),
    )


def problem(
    demand: list[list[int]],
    capacity: list[list[int]],
    rows: list[Net] | None = None,
    *,
    claims: tuple[Claim, ...] = (),
    wishes: tuple[Wish, ...] = (),
    kept: list[int] | None = None,
    strategy: Strategy = "",
) -> Problem:
    resources = len((demand or capacity)[0]) if demand or capacity else 1
    return Problem(
        nodes=tuple(f"n{i:06}" for i in range(len(demand))),
        hosts=tuple(f"h{i:04}" for i in range(len(capacity))),
        resources=("cpu", "memory", "disk")[:resources],
        demand=np.array(demand, np.int64).reshape(len(demand), resources),
        capacity=np.array(capacity, np.int64).reshape(len(capacity), resources),
        nets=nets(rows or []),
        claims=claims,
        wishes=wishes,
        kept=None if kept is None else np.array(kept, np.int32),
        strategy=strategy,
    )


def own(hosts: int) -> np.ndarray:
    """The domains of plain `together` and `apart`: each host its own."""
    return np.arange(hosts, dtype=np.int32)


def flags(*values: int) -> np.ndarray:
    return np.array(values, bool)


def best_of_all(asked: Problem) -> Cost | None:
    """The least cost of every assignment that breaks nothing; None when there is none."""
    found = None
    for choice in product(range(len(asked.hosts)), repeat=len(asked.nodes)):
        hosts = np.array(choice, np.int32)
        if not violations(asked, hosts):
            cost = cost_of(asked, hosts)
            found = cost if found is None else min(found, cost)
    return found


@st.composite
def claims_of(draw: st.DrawFn, nodes: int, hosts: int) -> Claim:
    members = tuple(draw(st.lists(st.integers(0, nodes - 1), min_size=1, max_size=4, unique=True)))
    domains = np.array(
        draw(st.one_of(st.just(list(range(hosts))), st.lists(st.integers(-1, 2), min_size=hosts, max_size=hosts))),
        np.int32,
    )
    match draw(st.sampled_from(["allow", "together", "apart", "balance", "exclusive"])):
        case "allow":
            return Allow(members, np.array(draw(st.lists(st.booleans(), min_size=hosts, max_size=hosts)), bool))
        case "together":
            return Together(members, domains)
        case "apart":
            return Apart(members[:hosts], domains)
        case "balance":
            return Balance(members, domains)
        case _:
            return Exclusive(members)


@st.composite
def small_problems(draw: st.DrawFn, *, most_nodes: int = 6, most_hosts: int = 3) -> Problem:
    """Any problem, feasible or not, small enough for trying everything."""
    nodes, hosts = draw(st.integers(1, most_nodes)), draw(st.integers(1, most_hosts))
    resources = draw(st.integers(1, 2))
    sizes = st.lists(st.integers(0, 4), min_size=resources, max_size=resources)
    rooms = st.lists(st.sampled_from([0, 4, 6, 8, 2**62]), min_size=resources, max_size=resources)
    pins = st.lists(st.integers(0, nodes - 1), max_size=4).map(tuple)
    gear = st.lists(st.integers(0, hosts - 1), max_size=2).map(tuple)
    claims = draw(st.lists(claims_of(nodes, hosts), max_size=3))
    wished = draw(st.lists(st.tuples(claims_of(nodes, hosts), st.integers(1, 3)), max_size=2))
    kept = st.lists(st.integers(UNPLACED, hosts - 1), min_size=nodes, max_size=nodes)
    return problem(
        draw(st.lists(sizes, min_size=nodes, max_size=nodes)),
        draw(st.lists(rooms, min_size=hosts, max_size=hosts)),
        draw(st.lists(st.tuples(pins, gear), max_size=6)),
        claims=tuple(claims),
        wishes=tuple(Wish(claim, weight) for claim, weight in wished),
        kept=draw(st.one_of(st.none(), kept)),
        strategy=draw(st.sampled_from(["", "", "pack", "spread"])),
    )


@st.composite
def large_problems(draw: st.DrawFn) -> Problem:
    """Problems beyond the exact solver, with some room, under a few claims and wishes, some with a lock."""
    nodes, hosts = draw(st.integers(61, 120)), draw(st.integers(2, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    demand = rng.integers(0, 6, (nodes, 2))
    room = (demand.sum(axis=0) / draw(st.sampled_from([0.3, 0.6, 0.85])) / hosts).astype(int) + 6
    rows: list[Net] = [(tuple(rng.choice(nodes, int(rng.integers(1, 5)), False).tolist()), ()) for _ in range(nodes)]
    rows += [((int(rng.integers(nodes)),), (int(rng.integers(hosts)),)) for _ in range(draw(st.integers(0, 5)))]
    kept = rng.integers(UNPLACED, hosts, nodes).tolist() if draw(st.booleans()) else None
    return problem(
        demand.tolist(),
        [room.tolist()] * hosts,
        rows,
        claims=tuple(draw(st.lists(claims_of(nodes, hosts), max_size=4))),
        wishes=tuple(Wish(claim, 2) for claim in draw(st.lists(claims_of(nodes, hosts), max_size=2))),
        kept=kept,
        strategy=draw(st.sampled_from(["", "", "pack", "spread"])),
    )
