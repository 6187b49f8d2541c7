"""Repair: an assignment that only a partitioner made is brought within every capacity and claim.

Enters: `Units` and a host for each unit, which may be wrong or UNPLACED. Leaves: a `Board`, and the units that found no
place. Called by `heuristic` and `kept`.

Who stands where it may stays. Of an overfull host those leave that are held there the least; they come to the cheapest
host that is open, those with the least choice first. Where none is open, others make way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..problem import UNPLACED
from .board import Board
from .gains import hold_of

if TYPE_CHECKING:
    from ..problem import Flags, Indices, Numbers
    from .units import Units

CANDIDATES = 12  # hosts on which others are asked to make way
EVICTED = 24  # units of such a host that are asked


def repaired(units: Units, hosts: Indices, first: Indices | None = None) -> tuple[Board, list[int]]:
    """`first`: units that keep their place before others, such as those that the lock holds."""
    board = Board(units)
    queue = _seat(board, hosts, np.zeros(0, np.int32) if first is None else first)
    queue += _unsettled(board)
    return board, find_places(board, queue)


def find_places(board: Board, queue: list[int]) -> list[int]:
    """Places the units, others making way where needed. Leaves: those that found no place."""
    left = [unit for unit in _hardest_first(board, queue) if not _place(board, unit)]
    return [unit for unit in left if not _place(board, unit) and not make_way(board, unit)]


def _seat(board: Board, hosts: Indices, first: Indices) -> list[int]:
    """All come to their host if a claim does not forbid it, room or not; then those of a narrow choice, then the overfull
    hosts are emptied as far as needed. Leaves: those without a place."""
    units = board.units
    placed = hosts != UNPLACED
    welcome = placed & units.allowed[units.kind, np.where(placed, hosts, 0)]
    ruled, narrow = _ruled(board), _narrow(board)
    at_once = welcome & ~ruled
    board.put_all(np.flatnonzero(at_once).astype(np.int32), hosts[at_once])
    for unit in [*first[ruled[first]].tolist(), *np.flatnonzero(ruled).tolist()]:
        if welcome[unit] and board.where[unit] == UNPLACED and board.permits(unit)[hosts[unit]]:
            board.put(unit, int(hosts[unit]))
    nowhere = [unit for unit, host in enumerate(board.where) if host == UNPLACED]
    queue = [unit for unit in nowhere if not narrow[unit]]
    queue += _narrow_ones(board, [unit for unit in nowhere if narrow[unit]])
    rank = narrow.astype(np.int64)
    rank[first] += 2
    return queue + _emptied(board, rank)


def _narrow_ones(board: Board, queue: list[int]) -> list[int]:
    """They take the room that only others of a wide choice fill. Leaves: those that find none even so."""
    narrow = np.flatnonzero(_narrow(board))
    units, where = board.units, np.array(board.where, np.int64)
    room, left = units.capacity.copy(), []
    there = narrow[where[narrow] != UNPLACED]
    np.subtract.at(room, where[there], units.demand[there])
    for unit in _hardest_first(board, queue):
        flags = board.permits(unit) & (room >= units.demand[unit]).all(axis=1)
        host, _ = board.cheapest(unit, board.prices(unit), flags)
        if host == UNPLACED:
            left.append(unit)
        else:
            board.put(unit, host)
            room[host] -= units.demand[unit]
    return left


def _emptied(board: Board, rank: Numbers) -> list[int]:
    """Of overfull hosts those go that are of the least rank, and among these those that are held the least."""
    crowded = np.flatnonzero((board.free < 0).any(axis=1)).tolist()
    if not crowded:
        return []
    where = board.hosts()
    hold = hold_of(board.units, np.where(where == UNPLACED, 0, where))
    return [unit for host in crowded for unit in _leaving(board, host, rank, hold)]


def _leaving(board: Board, host: int, rank: Numbers, hold: Numbers) -> list[int]:
    left, demand = [], board.units.demand
    for unit in sorted(board.on[host], key=lambda unit: (rank[unit], hold[unit], unit)):
        over = board.free[host] < 0
        if not over.any():
            break
        if (demand[unit][over] > 0).any():
            board.take(unit)
            left.append(unit)
    for unit in reversed(list(left)):
        if (board.free[host] >= demand[unit]).all() and board.permits(unit)[host]:
            board.put(unit, host)
            left.remove(unit)
    return left


def _ruled(board: Board) -> Flags:
    """Units that some rule binds; all of them where a rule is about strangers."""
    flags: Flags = np.zeros(board.units.count, bool)
    flags[:] = board.has_strangers
    flags[list(board.bound)] = True
    return flags


def _narrow(board: Board) -> Flags:
    """Units that are not free to go anywhere."""
    flags: Flags = board.units.allowed.sum(axis=1)[board.units.kind] < board.units.hosts
    flags[list(board.bound)] = True
    return flags


def _unsettled(board: Board) -> list[int]:
    """Units of rules whose lower bounds do not hold are taken up again."""
    queue = [unit for unit in board.broken() if board.where[unit] != UNPLACED]
    for unit in queue:
        board.take(unit)
    return queue


def _hardest_first(board: Board, queue: list[int]) -> list[int]:
    units = board.units
    choice = units.allowed.sum(axis=1)
    share = (units.demand / np.maximum(units.capacity.max(axis=0, initial=1), 1)).max(axis=1, initial=0)
    return sorted(queue, key=lambda unit: (unit not in board.bound, int(choice[units.kind[unit]]), -share[unit], unit))


def _place(board: Board, unit: int) -> bool:
    host, _ = board.best(unit)
    if host != UNPLACED:
        board.put(unit, host)
    return host != UNPLACED


def make_way(board: Board, unit: int) -> bool:
    """Places the unit on a host from which others can move on; undone where they cannot."""
    flags = board.permits(unit)
    hosts = np.flatnonzero(flags)
    lack = np.maximum(board.units.demand[unit] - board.free[hosts], 0)
    short = (lack / np.maximum(board.units.capacity[hosts], 1)).max(axis=1, initial=0)
    order = hosts[np.lexsort((hosts, short))][:CANDIDATES]
    return any(_evict_for(board, unit, int(host)) for host in order)


def _evict_for(board: Board, unit: int, host: int) -> bool:
    need = board.units.demand[unit]
    moved: list[int] = []
    for other in _movable(board, host, need):
        if (board.free[host] >= need).all():
            break
        board.take(other)
        flags = board.fits(other) & board.permits(other)
        flags[host] = False
        target, _ = board.cheapest(other, board.prices(other), flags)
        if target == UNPLACED:
            board.put(other, host)
        else:
            board.put(other, target)
            moved.append(other)
    if (board.free[host] >= need).all() and board.permits(unit)[host]:
        board.put(unit, host)
        return True
    for other in reversed(moved):
        board.take(other)
        board.put(other, host)
    return False


def _movable(board: Board, host: int, need: Numbers) -> list[int]:
    """Those on the host whose leaving helps: the ones that cover most of what is missing, and the smallest of these."""
    units = board.units
    there = np.array(sorted(board.on[host]), np.int64)
    lack = np.maximum(need - board.free[host], 0)
    covers = np.minimum(units.demand[there], lack) / np.maximum(lack, 1)
    size = (units.demand[there] / np.maximum(units.capacity[host], 1)).sum(axis=1)
    order = np.lexsort((there, size, -covers.sum(axis=1).round(6)))
    found: list[int] = there[order][:EVICTED].tolist()
    return found
