"""How long it takes to say why a lab does not fit, as a minimal set of demands, against five seconds.

Attributes: 3,000 nodes on 40 hosts. Packing: 20 big nodes on 19 places, amid 600 small ones. Both kinds of affinity. A conflict that is not
proven, not minimal or not the one that was built in counts as not answered.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np

from labc.compiler.solvers.conflict import conflict_of
from labc.compiler.solvers.problem import Allow, Apart, Claim, Nets, Problem, Together

from .result import Result

SECONDS = 5
HOSTS = 40
OWN = np.arange(HOSTS, dtype=np.int32)


def attributes() -> Iterator[Result]:
    """Every node needs kvm, which half of the hosts have; and then something else."""
    kvm = [_allow(node, range(20)) for node in range(3000)]
    yield _measured("a node that needs kvm and isdn", _lab([*kvm, _allow(77, [30])]), 0, 2)
    spread = Apart(tuple(range(0, 105, 5)), OWN)
    yield _measured("21 nodes apart on the 20 hosts with kvm", _lab([*kvm, spread]), 0, 22)
    pinned: list[Claim] = [_allow(77, [3]), _allow(90, [4]), Together((77, 78), OWN), Together((78, 90), OWN)]
    yield _measured("a chain of together between two pins", _lab([*kvm, *pinned]), 0, 4)
    mixed: list[Claim] = [Together((1, 2, 3), OWN), Apart((3, 4), OWN), Together((4, 5, 1), OWN)]
    yield _measured("together and apart that contradict", _lab([*kvm, *mixed]), 0, 3)
    twelve: list[Claim] = [Apart(tuple(range(12)), OWN), *(_allow(node, range(11)) for node in range(12))]
    yield _measured("12 nodes apart on 11 hosts", _lab([*kvm, *twelve]), 0, 13)


def packing() -> Iterator[Result]:
    big = [[9000, 40 << 30, 1 << 30]] * 20
    yield _measured("20 big nodes on 19 hosts", _packed(big), 20, 0)
    sides = [[13000, 8 << 30, 1 << 30]] * 10 + [[8000, 44 << 30, 1 << 30]] * 10
    yield _measured("20 nodes big in one resource or another", _packed(sides), 20, 0)
    pairs = [[5500, 20 << 30, 1 << 30]] * 39
    yield _measured("39 nodes of which a host takes two", _packed(pairs), 39, 0)


def _measured(what: str, problem: Problem, nodes: int, claims: int) -> Result:
    name = f"conflict: {what}"
    start = time.perf_counter()
    found = conflict_of(problem)
    took = time.perf_counter() - start
    if (
        found is None
        or not found.proven
        or not found.minimal
        or (len(found.nodes), len(found.claims)) != (nodes, claims)
    ):
        return Result.missing(name, f"no minimal conflict of {nodes} sizes and {claims} claims", f"<= {SECONDS} s")
    return Result.at_most(name, took, "s", f"{SECONDS} seconds", SECONDS, 1)


def _lab(claims: Sequence[Claim]) -> Problem:
    return _problem(_small(3000), [[24000, 64 << 30, 500 << 30]] * HOSTS, claims)


def _packed(big: list[list[int]]) -> Problem:
    return _problem(big + _small(600), [[16000, 64 << 30, 900 << 30]] * 19, ())


def _small(count: int) -> list[list[int]]:
    """Many sizes, as labs have that were written by hand."""
    rng = np.random.default_rng(3)
    return [[int(rng.integers(1, 5)) * 50, int(rng.integers(1, 6)) * (64 << 20), 1 << 30] for _ in range(count)]


def _allow(node: int, hosts: Sequence[int]) -> Allow:
    return Allow((node,), np.isin(OWN, hosts))


def _problem(demand: list[list[int]], capacity: list[list[int]], claims: Sequence[Claim]) -> Problem:
    start, none = np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32)
    return Problem(
        tuple(f"n{i:04}" for i in range(len(demand))),
        tuple(f"h{i:02}" for i in range(len(capacity))),
        ("cpu", "memory", "disk"),
        np.array(demand, dtype=np.int64),
        np.array(capacity, dtype=np.int64),
        Nets(start, none, np.zeros(0, dtype=np.int64), start, none),
        tuple(claims),
    )


BENCHES = (attributes, packing)
