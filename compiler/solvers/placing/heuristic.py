"""Placement of labs too large for a proof: partitions as starts, repair, refinement; the cheapest board is taken.

Enters: `Units`. Leaves: a `Board`, the units that found no place on it, and the path. Called by `place`.

What is done depends on the problem alone, never on seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..problem import UNPLACED
from .board import Board
from .candidates import rank, refined, settled
from .repair import repaired
from .reserve import reserved
from .weights import weights_of

if TYPE_CHECKING:
    from ..problem import Path
    from .candidates import Candidate
    from .units import Units

QUALITY_PINS = 100_000  # more pins, or more hosts, than these would take Mt-KaHyPar too long
QUALITY_HOSTS = 128
QUALITY_UNITS = 61  # fewer are proven by the exact solver, to which METIS's start is as good
PARTITIONED = 4  # units a host below which there is nothing to partition
SEEDS = 4
SEEDED = 240_000  # pins that METIS may see in all


def heuristic(units: Units) -> tuple[Board, list[int], Path]:
    """The cheapest of some boards."""
    board, left, path = _without_strangers(reserved(units))
    whole = Board(units)
    hosts = board.hosts()
    placed = np.flatnonzero(hosts != UNPLACED)
    whole.put_all(placed.astype(np.int32), hosts[placed])
    return whole, left, path


def _without_strangers(units: Units) -> tuple[Board, list[int], Path]:
    if units.hosts == 1 or units.count <= PARTITIONED * units.hosts:
        return *settled(units, np.full(units.count, UNPLACED, np.int32)), "fast"
    from .partition_metis import metis

    seeds = max(1, min(SEEDS, SEEDED // max(1, len(units.joins.pins))))
    starts = sorted((repaired(units, metis(units, seed)) for seed in range(1, seeds + 1)), key=rank)
    if not quality(units):
        return *refined(*starts[0]), "fast"
    return _cycled(units, starts)


def quality(units: Units) -> bool:
    """Whether Mt-KaHyPar is worth its time, and knows what to do with this.

    With fixed vertices it does not always end while a unit is heavier than what a host may take.
    """
    if units.count < QUALITY_UNITS or len(units.joins.pins) > QUALITY_PINS or units.hosts > QUALITY_HOSTS:
        return False
    weight, bound = weights_of(units)
    free = units.allowed.all() and not units.rules and not len(units.joins.anchors)
    return bool(free) or int(weight.max()) <= int(bound.min())


def _cycled(units: Units, starts: list[Candidate]) -> tuple[Board, list[int], Path]:
    """The first start is refined meanwhile, and stands where Mt-KaHyPar gives nothing."""
    from .cycles import cycling

    with cycling(units, starts) as found:
        first = refined(*starts[0])
        hosts = found()
    if hosts is None:
        return *first, "fast"
    board, placed = Board(units), np.flatnonzero(hosts != UNPLACED).astype(np.int32)
    board.put_all(placed, hosts[placed])
    return *min(first, (board, np.flatnonzero(hosts == UNPLACED).tolist()), key=rank), "quality"
