"""Proofs by sums that demands do not fit: more wanted than there is, more nodes of a size than places of that size.

Enters: a `Shape`, the demands to look at. Leaves: demands that certainly do not fit together (not yet minimal), or None.
Called by `conflict`, and by its search before a question goes to CP-SAT.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from .arithmetic import asked, disjoint, eligible, few
from .demands import Demands, Shape

if TYPE_CHECKING:
    from ..problem import Flags, Numbers

THRESHOLDS = 400  # distinct sizes looked at per resource; a lab's kinds have far fewer


def proven(shape: Shape, within: Demands) -> Demands | None:
    """The first demands of `within` that arithmetic shows not to fit, those of one node first."""
    hosts = eligible(shape, within)
    return few(shape, within, hosts) or many(shape, within, hosts)


def many(shape: Shape, within: Demands, hosts: Flags) -> Demands | None:
    """The first demands of `within` that no sum allows. `hosts`: what `eligible` says."""
    return (
        _overfull(shape, within, hosts)
        or _besides(shape, within)
        or _pigeonhole(shape, within, hosts)
        or _rivals(shape, within, hosts)
    )


def _groups(shape: Shape, within: Demands, hosts: Flags) -> Iterator[tuple[Flags, list[int]]]:
    """Each set of hosts to which some node is bound, the smallest first and all hosts last, with the nodes that cannot leave it."""
    sized = sorted(within.nodes)
    kinds: dict[bytes, list[int]] = {}
    for node in sized:
        kinds.setdefault(hosts[node].tobytes(), []).append(node)
    sets = {key: hosts[nodes[0]] for key, nodes in kinds.items()} | {shape.everywhere.tobytes(): shape.everywhere}
    for area in sorted(sets.values(), key=lambda area: (int(area.sum()), area.tobytes())):
        bound = [node for nodes in kinds.values() if not (hosts[nodes[0]] & ~area).any() for node in nodes]
        if bound:
            yield area, sorted(bound)


def _overfull(shape: Shape, within: Demands, hosts: Flags) -> Demands | None:
    """Nodes that want more of a resource than the hosts which they cannot leave have in all; as few of them as do."""
    problem = shape.problem
    for area, bound in _groups(shape, within, hosts):
        over = problem.demand[bound].sum(axis=0) > problem.capacity[area].sum(axis=0)
        for resource in np.flatnonzero(over).tolist():
            there = int(problem.capacity[area, resource].sum())
            return asked(shape, within, _enough(shape, bound, resource, there))
    return None


def _enough(shape: Shape, nodes: list[int], resource: int, there: int) -> list[int]:
    """The fewest of `nodes` that want more than is there: the greatest ones."""
    wanted = shape.problem.demand[nodes, resource]
    order = np.argsort(-wanted, kind="stable")
    enough = int(np.searchsorted(np.cumsum(wanted[order]), there, side="right"))
    return [nodes[index] for index in order[: enough + 1].tolist()]


def _besides(shape: Shape, within: Demands) -> Demands | None:
    """`Exclusive` claims that share no node take a host each, the smallest at best; the other nodes want more than is left."""
    problem = shape.problem
    claims = disjoint(shape, within)
    inside = {node for claim in claims for node in problem.claims[claim].nodes}
    others = sorted(within.nodes - inside)
    if not claims or not others:
        return None
    left = np.sort(problem.capacity, axis=0)[len(claims) :].sum(axis=0)
    for resource in np.flatnonzero(problem.demand[others].sum(axis=0) > left).tolist():
        return Demands(frozenset(_enough(shape, others, resource, int(left[resource]))), frozenset(claims))
    return None


def _pigeonhole(shape: Shape, within: Demands, hosts: Flags) -> Demands | None:
    """Nodes of at least some size, more of them than the hosts have places of that size."""
    problem = shape.problem
    for area, bound in _groups(shape, within, hosts):
        for resource in range(len(problem.resources)):
            wanted = problem.demand[bound, resource]
            places = _too_few(wanted, problem.capacity[area, resource])
            if places is not None:
                least, room = places
                big = [node for node, size in zip(bound, wanted.tolist(), strict=True) if size >= least]
                return asked(shape, within, big[: room + 1])
    return None


def _too_few(wanted: Numbers, room: Numbers) -> tuple[int, int] | None:
    """A size and how many places of that size there are, fewer than nodes that want as much."""
    sizes, counts = np.unique(wanted[wanted > 0], return_counts=True)
    sizes, counts = sizes[::-1][:THRESHOLDS], counts[::-1].cumsum()[:THRESHOLDS]
    for size, count in zip(sizes.tolist(), counts.tolist(), strict=True):
        places = int((room // size).sum())
        if count > places:
            return size, places
    return None


def _rivals(shape: Shape, within: Demands, hosts: Flags) -> Demands | None:
    """Nodes of which no host carries two, each pair for whatever resource, and more of them than hosts."""
    for area, bound in _groups(shape, within, hosts):
        best = shape.problem.capacity[area].max(axis=0, initial=0)
        rivals = _clique(shape.problem.demand[bound], best)
        if len(rivals) > area.sum():
            return asked(shape, within, [bound[row] for row in rivals[: int(area.sum()) + 1]])
    return None


def _clique(demand: Numbers, room: Numbers) -> list[int]:
    """Rows of which no two fit into `room` together, taken greedily, the greatest first."""
    order = np.argsort(-(demand / room.clip(min=1)).max(axis=1, initial=0), kind="stable")
    chosen: list[int] = []
    open_to = np.ones(len(demand), dtype=np.bool_)
    for row in order.tolist():
        if open_to[row]:
            chosen.append(row)
            open_to &= (demand + demand[row] > room).any(axis=1)
            if not open_to.any():
                break
    return chosen
