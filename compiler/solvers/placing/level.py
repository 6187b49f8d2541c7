"""An even fill: the fullest host gives a unit to the emptiest, as long as that brings the two together.

Enters: a `Board` without a fault. Leaves: the same board, more even. Called by `strategies`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..problem import Numbers
    from .board import Board

STEPS = 1_000
EVEN = 2_000  # two thousandths of a host are even enough


def level(board: Board) -> None:
    for _ in range(STEPS):
        full = _fullness(board)
        order = np.lexsort((np.arange(len(full)), full))
        low, high = int(order[0]), int(order[-1])
        if full[high] - full[low] <= EVEN:
            return
        others = [int(host) for host in order[1:-1]]
        if not (
            _give(board, high, low, full) or _relieve(board, high, others, full) or _feed(board, low, others, full)
        ):
            return


def _relieve(board: Board, high: int, others: list[int], full: Numbers) -> bool:
    return any(_give(board, high, other, full) for other in others)


def _feed(board: Board, low: int, others: list[int], full: Numbers) -> bool:
    return any(_give(board, other, low, full) for other in reversed(others))


def _fullness(board: Board) -> Numbers:
    """In millionths: steps smaller than those of `Cost` lead to them."""
    load = board.units.capacity - board.free
    return _share(load, board.units.rooms)


def _share(load: Numbers, rooms: Numbers) -> Numbers:
    share = np.where(rooms > 0, load / np.maximum(rooms, 1), 0).max(axis=-1, initial=0)
    return np.asarray(np.rint(share * 1_000_000), np.int64)


def _give(board: Board, giver: int, taker: int, full: Numbers) -> bool:
    """The unit goes whose going leaves the fuller of the two least full; of equal ones the cheapest."""
    units = board.units
    there = np.array(sorted(board.on[giver]), np.int64)
    if not len(there):
        return False
    load = units.capacity - board.free
    after = np.maximum(
        _share(load[giver] - units.demand[there], units.rooms[giver]),
        _share(load[taker] + units.demand[there], units.rooms[taker]),
    )
    better = there[after < full[giver]][np.argsort(after[after < full[giver]], kind="stable")]
    return any(_moved(board, int(unit), giver, taker) for unit in better[:8])


def _moved(board: Board, unit: int, giver: int, taker: int) -> bool:
    board.take(unit)
    may = bool(board.fits(unit)[taker] and board.permits(unit)[taker])
    board.put(unit, taker if may else giver)
    return may
