"""A first assignment by METIS: fast, and a good start for Mt-KaHyPar's cycles.

Enters: `Units` and a seed. Leaves: a host for each unit, by one weight and without claims. Called by `heuristic`.

METIS cuts graphs. A net of two is an edge; a net of more is a star around a vertex without weight, which cuts a third fewer
joins than a clique (measured). It knows no hosts, so its parts are given to the hosts that their units are allowed and
cabled to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .weights import weights_of

if TYPE_CHECKING:
    from ..problem import Indices, Numbers
    from .units import Units


def metis(units: Units, seed: int, *, recursive: bool = False) -> Indices:
    """The same answer for the same seed on every machine. `recursive`: by halves, else all parts at once."""
    import pymetis

    weight, bound = weights_of(units)
    start, neighbours, edge_weight, vertices = _graph(units)
    slack = max(1, int(1000 * (bound.sum() / max(1, weight.sum()) - 1)))
    _, part = pymetis.part_graph(
        units.hosts,
        pymetis.CSRAdjacency(start, neighbours),
        vweights=[*weight.tolist(), *([0] * (vertices - units.count))],
        eweights=edge_weight.tolist(),
        tpwgts=(bound / bound.sum()).tolist(),
        options=pymetis.Options(seed=seed, ufactor=slack),
        recursive=recursive,
    )
    return _given(units, np.array(part[: units.count], np.int64), weight)


def _graph(units: Units) -> tuple[Indices, Indices, Numbers, int]:
    """Edges of both directions in rows."""
    joins = units.joins
    sizes = np.diff(joins.start)
    row = np.repeat(np.arange(joins.count), sizes)
    pair = np.flatnonzero(sizes == 2)
    first = joins.start[pair]
    many = np.flatnonzero(sizes > 2)
    centre = np.zeros(joins.count, np.int64)
    centre[many] = units.count + np.arange(len(many))
    rays = np.flatnonzero(sizes[row] > 2)
    left = np.concatenate([joins.pins[first], joins.pins[rays]]).astype(np.int64)
    right = np.concatenate([joins.pins[first + 1], centre[row[rays]]]).astype(np.int64)
    price = np.concatenate([joins.weight[pair], joins.weight[row[rays]]])
    return (*_rows(left, right, price, units.count + len(many)), units.count + len(many))


def _rows(left: Numbers, right: Numbers, price: Numbers, vertices: int) -> tuple[Indices, Indices, Numbers]:
    """Edges between the same two are one, with the sum of their prices."""
    keys, index = np.unique(np.concatenate([left * vertices + right, right * vertices + left]), return_inverse=True)
    total = np.bincount(index, np.concatenate([price, price]), len(keys)).astype(np.int64)
    start = np.concatenate([[0], np.cumsum(np.bincount(keys // vertices, minlength=vertices))])
    return start.astype(np.int32), (keys % vertices).astype(np.int32), total


def _given(units: Units, part: Numbers, weight: Numbers) -> Indices:
    """Parts for hosts: a matching by the weight that a host would turn away, and by the nets anchored there."""
    if len(units.allowed) == 1 and units.allowed.all() and not len(units.joins.anchors) and not units.fees.any():
        return part.astype(np.int32)
    from scipy.optimize import linear_sum_assignment

    hosts = units.hosts
    refused = np.zeros((hosts, hosts))
    for kind, flags in enumerate(units.allowed):
        mass = np.bincount(part, (weight + 1) * (units.kind == kind), hosts)
        refused += np.outer(mass, ~flags)
    cost = refused / max(1, weight.sum()) * max(1, int(units.joins.weight.sum()))
    for tariff, fees in enumerate(units.fees):
        cost += np.outer(np.bincount(part[units.tariff == tariff], minlength=hosts), fees)
    cost = cost - _anchored(units, part)
    rooms = units.capacity / np.maximum(units.capacity.max(axis=0, initial=1), 1)
    unlike = np.abs(rooms[:, None, :] - rooms[None, :, :]).max(axis=2, initial=0)
    cost += unlike * (1 + np.abs(cost).max())
    hosts_of: Indices = linear_sum_assignment(cost)[1].astype(np.int32)
    return hosts_of[part]


def _anchored(units: Units, part: Numbers) -> Numbers:
    """Parts × hosts: the weight of the nets of the part that are anchored at the host."""
    joins, found = units.joins, np.zeros((units.hosts, units.hosts), np.int64)
    for net in np.flatnonzero(np.diff(joins.anchor_start)).tolist():
        pins = joins.pins[joins.start[net] : joins.start[net + 1]]
        anchors = joins.anchors[joins.anchor_start[net] : joins.anchor_start[net + 1]]
        for one in np.unique(part[pins]).tolist():
            found[one, anchors] += joins.weight[net]
    return found
