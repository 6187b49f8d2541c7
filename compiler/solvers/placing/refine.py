"""Refinement: units move, or change places, as long as that lowers the cost; nothing that holds is broken.

Enters: a `Board` without a fault. Leaves: the same board, cheaper. Called by `heuristic` and `kept`.

Gains are worked out for all units at once, then tried from the greatest down, each worked out anew on the board as it is
by then. A unit whose best host is full looks for one there that would like its place.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from ..problem import UNPLACED
from .gains import Gains, gains_of
from .grant import grant

if TYPE_CHECKING:
    from ..problem import Flags
    from .board import Board

Partners = dict[tuple[int, int], list[tuple[int, int]]]

ROUNDS = 8
PARTNERS = 6
NEVER = -(1 << 60)
ANYWHERE = -1


def refine(board: Board, movable: Flags | None = None, rounds: int = ROUNDS) -> None:
    """`movable`: units that may leave their host; all of them when None."""
    for _ in range(rounds):
        gains = _of_movable(gains_of(board.units, board.hosts()), movable)
        if not _round(board, gains):
            break
    grant(board, movable)


def _of_movable(gains: Gains, movable: Flags | None) -> Gains:
    if movable is None:
        return gains
    some = movable[gains.unit]
    return Gains(gains.unit[some], gains.host[some], gains.gain[some], np.where(movable, gains.anywhere, NEVER))


def _round(board: Board, gains: Gains) -> int:
    """How many improvements were made."""
    wanted = np.flatnonzero(gains.gain > 0)
    order = wanted[np.lexsort((gains.host[wanted], gains.unit[wanted], -gains.gain[wanted]))]
    units = list(dict.fromkeys(gains.unit[order].tolist()))
    blocked = [unit for unit in units if not move(board, unit)]
    changed = len(units) - len(blocked)
    return changed + (_swaps(board, gains, blocked) if blocked else 0)


def move(board: Board, unit: int) -> bool:
    """To the cheapest host that is open to it, if that is cheaper than where it stands."""
    host = board.where[unit]
    board.take(unit)
    prices = board.prices(unit)
    flags = board.fits(unit) & board.permits(unit) & (prices < prices[host])
    target, _ = board.cheapest(unit, prices, flags)
    board.put(unit, host if target == UNPLACED else target)
    return target != UNPLACED


def _swaps(board: Board, gains: Gains, blocked: list[int]) -> int:
    wishes: dict[int, list[tuple[int, int]]] = defaultdict(list)
    asked = set(blocked)
    for unit, host, gain in zip(gains.unit.tolist(), gains.host.tolist(), gains.gain.tolist(), strict=True):
        if unit in asked and gain > 0:
            wishes[unit].append((-gain, host))
    partners = _partners(board, gains)
    return sum(
        any(_swap(board, unit, host, -loss, partners) for loss, host in sorted(wishes[unit])) for unit in blocked
    )


def _partners(board: Board, gains: Gains) -> Partners:
    """By (own host, wanted host): the units that lose the least by such a move, best first; ANYWHERE stands for hosts that
    their nets do not touch."""
    where = board.hosts()
    found: Partners = defaultdict(list)
    for unit in np.argsort(-gains.anywhere, kind="stable").tolist():
        line = found[int(where[unit]), ANYWHERE]
        if len(line) < PARTNERS and gains.anywhere[unit] > NEVER:
            line.append((unit, int(gains.anywhere[unit])))
    order = np.lexsort((gains.unit, -gains.gain))
    columns = (where[gains.unit[order]], gains.host[order], gains.unit[order], gains.gain[order])
    for own, wanted, unit, gain in zip(*(column.tolist() for column in columns), strict=True):
        line = found[own, wanted]
        if len(line) < PARTNERS:
            line.append((unit, gain))
    return found


def _swap(board: Board, unit: int, host: int, gain: int, partners: Partners) -> bool:
    """Nets that both are in make an exchange dearer than both moves, never cheaper."""
    own = board.where[unit]
    return own != host and any(
        exchange(board, unit, other)
        for other, loss in (*partners.get((host, own), ()), *partners.get((host, ANYWHERE), ()))
        if gain + loss > 0 and board.where[other] == host
    )


def exchange(board: Board, unit: int, other: int) -> bool:
    """Both change places if both may and it is cheaper."""
    here, there = board.where[unit], board.where[other]
    demand = board.units.demand
    change = demand[unit] - demand[other]
    if (board.free[there] < change).any() or (board.free[here] < -change).any():
        return False
    if board.saving(unit, there) + board.saving(other, here) <= 0:
        return False
    board.take(unit)
    before = board.prices(unit)
    board.take(other)
    old = int(before[here]) + int(board.prices(other)[there])
    price = int(board.prices(unit)[there])
    if board.permits(unit)[there]:
        board.put(unit, there)
        if board.permits(other)[here] and price + int(board.prices(other)[here]) < old:
            board.put(other, here)
            return True
        board.take(unit)
    board.put(other, there)
    board.put(unit, here)
    return False
