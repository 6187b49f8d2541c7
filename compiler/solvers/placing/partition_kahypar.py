"""Partitions by Mt-KaHyPar's deterministic preset: from nothing, or cycles that better an assignment.

Enters: `Units`, and an assignment with the units that must keep their host. Leaves: a host for each unit. Called by
`cycles` in a child process.

Nets are hyperedges and the sum is the hosts joined (km1). Hosts are blocks with bounds of their own; a host to which real
gear is cabled is a vertex without weight, fixed there. The deterministic preset gives the same answer on any number of
threads; it takes no notice of a seed.
"""

from __future__ import annotations

import os
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ..problem import UNPLACED
from .weights import weights_of

if TYPE_CHECKING:
    from ..problem import Indices
    from .units import Units


THREADS = 4  # more would wait for each other at our sizes, and waiting counts as processor time


@cache
def _library() -> Any:
    """Started once a process, which is a child's: a second start is answered with a warning on the terminal."""
    import mtkahypar

    open_ = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return mtkahypar.initialize(min(open_, THREADS))


class Partitioner:
    """The graph, made once; `fixed` in its methods holds the host of a unit that stays, UNPLACED for others."""

    def __init__(self, units: Units, preset: str = "DETERMINISTIC_QUALITY") -> None:
        import mtkahypar

        weight, bound = weights_of(units)
        self._units = units
        self._light = bool((weight > 0).all())
        self._gear = np.unique(units.joins.anchors)
        context = _library().context_from_preset(getattr(mtkahypar.PresetType, preset))
        context.set_partitioning_parameters(units.hosts, 0.0, mtkahypar.Objective.KM1)
        context.logging = False
        context.set_individual_target_block_weights(bound.tolist())
        self._context = context
        edges = _edges(units, self._gear)
        plain = all(len(edge) == 2 for edge in edges)
        make = _library().create_graph if plain else _library().create_hypergraph
        vertex_weight = weight.tolist() + [0] * len(self._gear)
        self._graph = make(context, len(vertex_weight), len(edges), edges, vertex_weight, units.joins.weight.tolist())

    @property
    def starts(self) -> bool:
        """Whether `partition` may be asked: with fixed vertices that weigh nothing, version 1.7 crashes or hangs on most graphs.
        Cycles do not: none of 3,360 random graphs with fixed, weightless and too heavy vertices."""
        return self._light and not len(self._gear)

    def partition(self) -> Indices:
        """From nothing."""
        return self._hosts(self._graph.partition(self._context))

    def improve(self, hosts: Indices, fixed: Indices, cycles: int = 1) -> Indices:
        """By multilevel cycles over an assignment."""
        self._fix(fixed)
        blocks = hosts.tolist() + self._gear.tolist()
        parts = self._graph.create_partitioned_hypergraph(self._context, self._units.hosts, blocks)
        parts.improve_partition(self._context, cycles)
        return self._hosts(parts)

    def _fix(self, fixed: Indices) -> None:
        self._graph.remove_fixed_vertices()
        blocks = fixed.tolist() + self._gear.tolist()
        if any(block != UNPLACED for block in blocks):
            self._graph.add_fixed_vertices(blocks, self._units.hosts)

    def _hosts(self, parts: Any) -> Indices:
        return np.array(parts.get_partition()[: self._units.count], np.int32)


def _edges(units: Units, gear: Indices) -> list[tuple[int, ...]]:
    joins = units.joins
    pins = joins.pins.tolist()
    anchors = (np.searchsorted(gear, joins.anchors) + units.count).tolist()
    rows = zip(pairwise(joins.start.tolist()), pairwise(joins.anchor_start.tolist()), strict=True)
    return [(*pins[a:b], *anchors[c:d]) for (a, b), (c, d) in rows]
