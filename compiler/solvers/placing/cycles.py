"""The quality path: Mt-KaHyPar's cycles over several starts, as many as a budget of work allows.

Enters: `Units` and repaired boards to start from, the best first. Leaves: the hosts of the best candidate found, or None.
Called by `heuristic.py`.

A cycle over METIS's answer takes a fraction of a partition from nothing and ends lower (10,000 nodes of degree 4 on 40 hosts:
METIS 8,140 joins, deterministic preset 8,140, four cycles over METIS 7,960, highest preset 7,980). Where cycles are cheap
because little is cut, the partition from nothing is a second start: it wins on geometric graphs.

Units that a claim binds keep their host meanwhile: Mt-KaHyPar knows fixed vertices, not sets of hosts.

All of it runs in a child process: Mt-KaHyPar 1.7 crashes, or does not end, on some graphs that its interface allows.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from ..problem import JOIN, UNPLACED
from .board import SCALE
from .candidates import rank, settled
from .forked import beside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..problem import Flags, Indices
    from .board import Board
    from .candidates import Candidate
    from .partition_kahypar import Partitioner
    from .units import Units

# Work in millionths of a second of one processor, fitted to measurements on the graphs of bench/graphs.py.
WORK = 2_000_000
A_PIN, A_JOIN, A_JOIN_OF_MANY = 1, 90, 300
FROM_NOTHING = (12, 2.5)  # for each unit and pin; times a cycle
SETTLING = 4  # for each unit and pin


SECONDS = 30  # of processor time of all threads; the budget is spent in five or fewer


class _Budget(Struct):
    left: float

    def take(self, work: float) -> bool:
        """Whether there is as much left; it then is less."""
        if work > self.left:
            return False
        self.left -= work
        return True


@contextmanager
def cycling(units: Units, starts: list[Candidate]) -> Iterator[Callable[[], Indices | None]]:
    """Gives what waits for the best candidate's hosts, UNPLACED for units without a place; None when the library gave none.

    Raises ImportError: here, since the child cannot say that a package is absent.
    """
    import mtkahypar  # noqa: F401

    def best() -> bytes:
        return min(_candidates(units, starts), key=rank)[0].hosts().tobytes()

    with beside(best, SECONDS) as answer:

        def hosts() -> Indices | None:
            found = answer()
            return None if found is None else np.frombuffer(found, np.int32)

        yield hosts


def _candidates(units: Units, starts: list[Candidate]) -> Iterator[Candidate]:
    """Candidates from the best start, from nothing, and from the other starts, while the budget lasts."""
    from .partition_kahypar import Partitioner

    partitioner, budget = Partitioner(units), _Budget(WORK)
    size = units.count + len(units.joins.pins)
    cycle = _cycle(units, starts[0][0])
    yield _bettered(units, partitioner, starts[0][0], budget)
    work = size * (FROM_NOTHING[0] + SETTLING) + cycle * FROM_NOTHING[1]
    if partitioner.starts and (_fixed(units, starts[0][0]) == UNPLACED).all() and budget.take(work):
        board, _ = settled(units, partitioner.partition())
        yield _bettered(units, partitioner, board, budget)
    for board, _ in starts[1:]:
        if budget.take(size * SETTLING + cycle):
            yield _bettered(units, partitioner, board, budget)


def _bettered(units: Units, partitioner: Partitioner, start: Board, budget: _Budget) -> Candidate:
    """Cycles until nothing changes or the budget is spent."""
    hosts, fixed = _anywhere(start), _fixed(units, start)
    while budget.take(_cycle(units, start)):
        after = partitioner.improve(hosts, fixed)
        if (after == hosts).all():
            break
        hosts = after
    return settled(units, hosts)


def _cycle(units: Units, board: Board) -> float:
    """The work of a cycle: by the joins, since the border between hosts is what it looks at."""
    joins = units.joins
    touched = board.cost() // SCALE // JOIN if UNPLACED not in board.where else joins.count
    plain = len(joins.pins) <= 2 * joins.count
    return A_PIN * (units.count + len(joins.pins)) + (A_JOIN if plain else A_JOIN_OF_MANY) * touched


def _anywhere(board: Board) -> Indices:
    """A partitioner wants a host for every unit."""
    hosts = board.hosts()
    first = board.units.allowed[board.units.kind].argmax(axis=1)
    return np.where(hosts == UNPLACED, first, hosts).astype(np.int32)


def _fixed(units: Units, board: Board) -> Indices:
    """The hosts of the units that a claim binds."""
    bound: Flags = units.allowed.sum(axis=1)[units.kind] < units.hosts
    bound[list(board.bound)] = True
    return np.where(bound, _anywhere(board), UNPLACED).astype(np.int32)
