"""Placement of labs too large for a proof: partitions as starts, repair, cycles, refinement; the cheapest answer is taken.

Enters: `Units`. Leaves: a `Board`, the units that found no place on it, and the path. Called by `place`.

What is done is counted in work that depends on the problem alone, never in seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .board import SCALE, Board
from .problem import JOIN, UNPLACED
from .refine import refine
from .repair import repaired

if TYPE_CHECKING:
    from .problem import Flags, Indices, Path
    from .units import Units

QUALITY_PINS = 100_000  # more pins, or more hosts, than these would take Mt-KaHyPar too long
QUALITY_HOSTS = 128
PARTITIONED = 4  # units a host below which there is nothing to partition
SEEDS = 4
SEEDED = 120_000  # of the work of METIS: pins
# Work in millionths of a second, fitted to measurements: one for each unit and pin, and so many for each join.
WORK = 1_300_000
WORK_PER_JOIN = 40


def heuristic(units: Units) -> tuple[Board, list[int], Path]:
    """The cheapest of some boards."""
    if units.count <= PARTITIONED * units.hosts:
        return *settled(units, np.full(units.count, UNPLACED, np.int32)), "fast"
    from .partition_metis import metis

    seeds = max(1, min(SEEDS, SEEDED // max(1, len(units.joins.pins))))
    start = min((repaired(units, metis(units, seed)) for seed in range(1, seeds + 1)), key=_rank)
    if len(units.joins.pins) > QUALITY_PINS or units.hosts > QUALITY_HOSTS:
        return *_refined(*start), "fast"
    cycled = settled(units, _cycled(units, start[0]))
    return *min(_refined(*start), cycled, key=_rank), "quality"


def settled(units: Units, start: Indices) -> tuple[Board, list[int]]:
    return _refined(*repaired(units, start))


def _refined(board: Board, left: list[int]) -> tuple[Board, list[int]]:
    if not left and board.sound():
        refine(board)
    return board, left


def _rank(candidate: tuple[Board, list[int]]) -> tuple[int, bool, int]:
    board, left = candidate
    return len(left), not left and not board.sound(), 0 if left else board.cost()


def _cycled(units: Units, start: Board) -> Indices:
    """Cycles of Mt-KaHyPar until nothing changes or the work is done; who is bound by a claim keeps his host meanwhile."""
    from .partition_kahypar import Partitioner

    partitioner = Partitioner(units)
    hosts = _anywhere(start)
    fixed = np.where(_bound(units, start), hosts, UNPLACED).astype(np.int32)
    work = 0
    while work < WORK:
        work += units.count + len(units.joins.pins) + WORK_PER_JOIN * int(_joins(start))
        after = partitioner.improve(hosts, fixed)
        if (after == hosts).all():
            break
        hosts = after
    return hosts


def _joins(board: Board) -> int:
    placed = UNPLACED not in board.where
    return board.cost() // SCALE // JOIN if placed else board.units.joins.count


def _anywhere(board: Board) -> Indices:
    """A partitioner wants a host for every unit."""
    hosts = board.hosts()
    first = board.units.allowed[board.units.kind].argmax(axis=1)
    return np.where(hosts == UNPLACED, first, hosts).astype(np.int32)


def _bound(units: Units, board: Board) -> Flags:
    flags: Flags = units.allowed.sum(axis=1)[units.kind] < units.hosts
    flags[list(board.bound)] = True
    return flags
