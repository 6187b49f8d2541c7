"""`pack` and `spread` for labs too large for a proof: fewer hosts are offered, or less of each.

Enters: `Units` with a strategy. Leaves: as `heuristic`. Called by `place`.

`pack`: the largest hosts, as many as the sums need, then one more until the lab fits. `spread`: of each host as much as an
even fill takes, then a little more until it fits; afterwards the fullest host gives to the emptiest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import structs

from .board import Board
from .candidates import rank
from .heuristic import heuristic
from .level import level
from .restrict import on_hosts
from .screen import rivals

if TYPE_CHECKING:
    from ..problem import Numbers, Path
    from .units import Units

FILLS = (1.005, 1.02, 1.05, 1.1, 1.2, 1.5)
LOOSE = 1.5  # hosts for each one needed, from which on fewer are tried
TRIES = 8  # numbers of hosts that `pack` tries before it takes all


def by_strategy(units: Units) -> tuple[Board, list[int], Path]:
    match units.strategy:
        case "pack":
            return _packed(units)
        case "spread":
            return _spread(units)
        case _:
            return _loose(units)


def _loose(units: Units) -> tuple[Board, list[int], Path]:
    """Partitioners use all hosts that they are given. Where half of them would do, fewer may cut less."""
    anywhere = heuristic(units)
    if LOOSE * _fewest(units) > units.hosts:
        return anywhere
    return min(anywhere, _packed(units), key=lambda found: rank(found[:2]))


def _packed(units: Units) -> tuple[Board, list[int], Path]:
    order, first = _largest_first(units), _fewest(units)
    for count in range(first, min(first + TRIES, units.hosts)):
        hosts = np.sort(order[:count])
        part = on_hosts(units, hosts)
        if part is None or (part.capacity.sum(axis=0) < units.demand.sum(axis=0)).any():
            continue
        board, left, path = heuristic(part)
        if not left and board.sound():
            whole = Board(units)
            whole.put_all(np.arange(units.count, dtype=np.int32), hosts[board.hosts()].astype(np.int32))
            return whole, [], path
    return heuristic(units)


def _largest_first(units: Units) -> Numbers:
    """Hosts without which some unit has none, then those with most room for what is asked."""
    needed = np.zeros(units.hosts, bool)
    for flags in units.allowed:
        needed |= flags & (flags.sum() == 1)
    share = units.capacity / np.maximum(units.demand.sum(axis=0), 1)
    open_to = units.allowed[units.kind].mean(axis=0) if len(units.allowed) > 1 else np.ones(units.hosts)
    return np.lexsort((np.arange(units.hosts), -share.min(axis=1, initial=1) * open_to, ~needed))


def _fewest(units: Units) -> int:
    """No fewer hosts carry the sum of any resource, even the largest for each; nor those that single units need; nor than units of
    which no two share one."""
    rooms = -np.sort(-units.capacity, axis=0)
    short = (np.cumsum(rooms, axis=0) < units.demand.sum(axis=0)).sum(axis=0)
    alone = {int(flags.argmax()) for flags in units.allowed if flags.sum() == 1}
    return max(1, int(short.max(initial=0)) + 1, len(alone), *map(len, rivals(units)))


def _spread(units: Units) -> tuple[Board, list[int], Path]:
    total, rooms = units.demand.sum(axis=0), units.rooms.astype(float)
    even = float((total / np.maximum(rooms.sum(axis=0), 1)).max(initial=0))
    for fill in FILLS:
        capacity = np.minimum(units.capacity, np.ceil(rooms * min(1.0, even * fill)).astype(np.int64))
        board, left, path = heuristic(structs.replace(units, capacity=capacity))
        if not left and board.sound():
            break
    else:
        board, left, path = heuristic(units)
        if left or not board.sound():
            return board, left, path
    whole = Board(units)
    whole.put_all(np.arange(units.count, dtype=np.int32), board.hosts())
    level(whole)
    return whole, [], path
