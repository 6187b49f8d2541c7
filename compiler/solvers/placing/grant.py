"""Wishes about several units are met where that is worth it; single moves alone would not come to see it.

Enters: a `Board` without a fault. Leaves: the same board, no dearer. Called by `refine`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .units import Same

if TYPE_CHECKING:
    from ..problem import Flags
    from .board import Board


def grant(board: Board, movable: Flags | None) -> None:
    for index, (rule, _) in enumerate(board.units.wishes):
        members = [unit for unit in rule.units if movable is None or movable[unit]]
        if board.wishes[index][0].holds() or len(members) < len(rule.units):
            continue
        if isinstance(rule, Same):
            _gather(board, rule)
        else:
            for unit in members:
                _try(board, [unit], np.ones(board.units.hosts, bool))


def _gather(board: Board, rule: Same) -> None:
    """All into the domain where most stand already, or the next."""
    at = [int(rule.domains[board.where[unit]]) for unit in rule.units]
    for domain in sorted(set(at) - {-1}, key=lambda domain: (-at.count(domain), domain)):
        if _try(board, list(rule.units), rule.domains == domain):
            return


def _try(board: Board, members: list[int], flags: Flags) -> bool:
    """Moves the members to the cheapest of the hosts, and back again unless the whole is cheaper then."""
    before = [board.where[unit] for unit in members]
    old = _taken(board, members)
    new, placed = 0, list[int]()
    for unit in members:
        prices = board.prices(unit)
        host, price = board.cheapest(unit, prices, flags & board.fits(unit) & board.permits(unit))
        if host < 0:
            break
        board.put(unit, host)
        placed.append(unit)
        new += price
    if len(placed) == len(members) and new < old:
        return True
    for unit in reversed(placed):
        board.take(unit)
    for unit, host in zip(members, before, strict=True):
        board.put(unit, host)
    return False


def _taken(board: Board, members: list[int]) -> int:
    """The members leave one by one; what they cost, each beside those that are still there."""
    cost = 0
    for unit in members:
        host = board.where[unit]
        board.take(unit)
        cost += int(board.prices(unit)[host])
    return cost
