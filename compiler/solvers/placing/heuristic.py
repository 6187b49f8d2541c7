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

if TYPE_CHECKING:
    from ..problem import Path
    from .units import Units

QUALITY_PINS = 100_000  # more pins, or more hosts, than these would take Mt-KaHyPar too long
QUALITY_HOSTS = 128
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
    if len(units.joins.pins) > QUALITY_PINS or units.hosts > QUALITY_HOSTS:
        return *refined(*starts[0]), "fast"
    from .cycles import cycled

    return *min((refined(*starts[0]), *cycled(units, starts)), key=rank), "quality"
