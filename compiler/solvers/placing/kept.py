"""Placement beside a lock: who has a host keeps it, new ones come to the cheapest places that are left.

Enters: `Units` with kept hosts. Leaves: a host for each unit. Called by `place`.

While all may stay, only the new units are looked at, as a problem of their own: ten of 10,000 take milliseconds. When not
all may, as few as can be found leave: first those that stand where they may not, then those that must make way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import structs

from ..problem import UNPLACED
from .part import bystanders, part_of
from .refine import refine
from .repair import repaired
from .units import Alone
from .watch import watch_of

if TYPE_CHECKING:
    from ..problem import Indices, Numbers
    from .board import Board
    from .units import Units


def beside(units: Units, kept: Indices) -> Indices | None:
    """Every kept unit at its host, the new ones placed; None when that cannot be, or was not found."""
    if not _sound(units, kept):
        return None
    new = np.flatnonzero(kept == UNPLACED)
    fixed = bystanders(units, kept, new)
    if units.strategy == "pack":
        packed = _placed(_in_use(part_of(units, kept, new, fixed), kept), kept, new, fixed)
        if packed is not None:
            return packed
    return _placed(part_of(units, kept, new, fixed), kept, new, fixed)


def _in_use(part: Units, kept: Indices) -> Units:
    """Only hosts that carry something already."""
    used = np.isin(np.arange(part.hosts), kept)
    return structs.replace(part, allowed=part.allowed & used)


def _placed(part: Units, kept: Indices, new: Numbers, fixed: Numbers) -> Indices | None:
    start = np.concatenate([np.full(len(new), UNPLACED), kept[fixed]]).astype(np.int32)
    anchored = np.arange(len(new), len(start), dtype=np.int32)
    board, left = repaired(part, start, anchored)
    if left or not board.sound():
        return None
    refine(board)
    hosts = kept.copy()
    hosts[new] = board.hosts()[: len(new)]
    return hosts


def with_few_moves(units: Units, kept: Indices) -> tuple[Board, list[int]]:
    """Some kept units leave. The board, and the units that found no place even so."""
    first = np.flatnonzero(kept != UNPLACED).astype(np.int32)
    board, left = repaired(units, kept, first)
    if not left and board.sound():
        refine(board, board.hosts() != kept)
    return board, left


def _sound(units: Units, kept: Indices) -> bool:
    """Whether those that are kept break nothing where they stand."""
    here = np.flatnonzero(kept != UNPLACED)
    room = units.capacity.copy()
    np.subtract.at(room, kept[here], units.demand[here])
    if (room < 0).any() or not units.allowed[units.kind[here], kept[here]].all():
        return False
    return all(_upheld(units, kept, index) for index in range(len(units.rules)))


def _upheld(units: Units, kept: Indices, index: int) -> bool:
    rule = units.rules[index]
    watch = watch_of(rule, units.hosts)
    for unit in range(units.count) if isinstance(rule, Alone) else rule.units:
        host = int(kept[unit])
        if host == UNPLACED:
            continue
        if not watch.allows(unit)[host]:
            return False
        watch.come(unit, host)
    return True
