"""Proofs without any solver that few demands do not fit: one node without a host, nodes kept apart with too few hosts between them.

Enters: a `Shape`, the demands to look at. Leaves: demands that certainly do not fit together (not yet minimal), or None.
Called by `conflict` before CP-SAT, as Emulab's `assign` and Kubernetes' scheduler look first; `sums.py` goes on with sums.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..problem import Apart, Exclusive, MissingSolverError, Together
from .demands import Demands, Shape, domains_of

if TYPE_CHECKING:
    from ..problem import Flags


def few(shape: Shape, within: Demands, hosts: Flags) -> Demands | None:
    """The first demands of `within` that cannot be met, of one node or one claim. `hosts`: what `eligible` says."""
    for search in (_homeless, _crowded, _alone, _heavy):
        found = search(shape, within, hosts)
        if found is not None:
            return found
    return None


def eligible(shape: Shape, within: Demands) -> Flags:
    """nodes × hosts: where each node may run by its Allow claims and its own size, were it alone."""
    problem = shape.problem
    allows = [claim for claim in within.claims if claim in shape.flag_of]
    asking = sorted(within.nodes.union(*(problem.claims[claim].nodes for claim in allows)))
    hosts = np.ones((len(problem.nodes), len(problem.hosts)), dtype=np.bool_)
    masks: dict[tuple[bytes, frozenset[bytes]], Flags] = {}
    for node in asking:
        size = shape.sizes[node] if node in within.nodes else b""
        claims = [claim for claim in shape.of_node[node] if claim in within.claims and claim in shape.flag_of]
        key = (size, frozenset(shape.flag_of[claim] for claim in claims))
        if key not in masks:
            fits = (problem.demand[node] <= problem.capacity).all(axis=1) if size else shape.everywhere
            masks[key] = fits & shape.hosts_for(claims)
        hosts[node] = masks[key]
    return hosts


def asked(shape: Shape, within: Demands, nodes: list[int]) -> Demands:
    return Demands(frozenset(nodes) & within.nodes, shape.allows(nodes) & within.claims)


def _homeless(shape: Shape, within: Demands, hosts: Flags) -> Demands | None:
    """A node that may run nowhere."""
    for node in np.flatnonzero(~hosts.any(axis=1)).tolist():
        found = asked(shape, within, [node])
        if len(found):
            return found
    return None


def _crowded(shape: Shape, within: Demands, hosts: Flags) -> Demands | None:
    """An `Apart` whose nodes have too few domains between them: a matching, and the tree of those that it leaves out."""
    for index in sorted(within.claims):
        claim = shape.problem.claims[index]
        if isinstance(claim, Apart):
            places = [group for _, group in domains_of(claim)]
            open_to = np.array([[hosts[node][group].any() for group in places] for node in claim.nodes], dtype=np.bool_)
            short = hall(open_to.reshape(len(claim.nodes), len(places)))
            if short:
                nodes = [claim.nodes[row] for row in short]
                return asked(shape, within, nodes).more(Demands(frozenset(), frozenset({index})))
    return None


def _alone(shape: Shape, within: Demands, hosts: Flags) -> Demands | None:
    """`Exclusive` claims that share no node need a host each, and so does one node of none of them."""
    claims, nodes = loners(shape, within, hosts)
    short = hall(hosts[nodes]) if claims else []
    if not short:
        return None
    part = Demands(frozenset(), frozenset(claims[row] for row in short if row < len(claims)))
    return asked(shape, within, [nodes[row] for row in short]).more(part)


def loners(shape: Shape, within: Demands, hosts: Flags) -> tuple[list[int], list[int]]:
    """`Exclusive` claims that share no node, and nodes of which no two may share a host for them: the pickiest of each claim, and
    of the nodes that are in none, where there are such."""
    claims = disjoint(shape, within)
    inside = {node for claim in claims for node in shape.problem.claims[claim].nodes}
    others = [node for node in range(len(shape.problem.nodes)) if node not in inside]
    sets = [*(shape.problem.claims[claim].nodes for claim in claims), *([others] if claims and others else [])]
    return claims, [min(nodes, key=lambda node: (hosts[node].sum(), node)) for nodes in sets]


def disjoint(shape: Shape, within: Demands) -> list[int]:
    """Exclusive claims that share no node, in order."""
    seen: set[int] = set()
    found = []
    for index in sorted(within.claims):
        claim = shape.problem.claims[index]
        if isinstance(claim, Exclusive) and claim.nodes and seen.isdisjoint(claim.nodes):
            seen.update(claim.nodes)
            found.append(index)
    return found


def _heavy(shape: Shape, within: Demands, hosts: Flags) -> Demands | None:
    """A `Together` for which no domain has a host for each of its nodes and room for all."""
    problem = shape.problem
    for index in sorted(within.claims):
        claim = problem.claims[index]
        if isinstance(claim, Together) and claim.nodes:
            wanted = problem.demand[[node for node in claim.nodes if node in within.nodes]].sum(axis=0)
            open_to = hosts[list(claim.nodes)]
            if not any(
                open_to[:, group].any(axis=1).all() and (wanted <= problem.capacity[group].sum(axis=0)).all()
                for _, group in domains_of(claim)
            ):
                return asked(shape, within, list(claim.nodes)).more(Demands(frozenset(), frozenset({index})))
    return None


def hall(open_to: Flags) -> list[int]:
    """Rows that have fewer columns between them than they are (a Hall violator), [] when all rows can be matched.

    The rows that an unmatched one reaches by alternating paths (König 1931, Hall 1935).
    """
    try:
        from scipy.sparse import csr_matrix
        from scipy.sparse.csgraph import maximum_bipartite_matching
    except ImportError as missing:
        raise MissingSolverError("scipy") from missing
    if not open_to.size:
        return [0] if open_to.shape[0] else []
    column_of = maximum_bipartite_matching(csr_matrix(open_to), perm_type="column")
    free = np.flatnonzero(column_of < 0)
    if not free.size:
        return []
    row_of = {int(column): row for row, column in enumerate(column_of.tolist()) if column >= 0}
    reached, queue = {int(free[0])}, [int(free[0])]
    while queue:
        for column in np.flatnonzero(open_to[queue.pop()]).tolist():
            if row_of[column] not in reached:
                reached.add(row_of[column])
                queue.append(row_of[column])
    return sorted(reached)
