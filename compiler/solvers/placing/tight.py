"""Places for units that greedy repair left over: CP-SAT moves the units of some hosts, then of more, then of all.

Enters: a `Board` and the units without a place. Leaves: a host for each unit. Called by `place`.

The units of the hosts in question may go to any of these; what stands elsewhere stays. Each model is small next to the
whole, and most of what it may change it need not: a placement is found where moving one at a time finds none. An answer
that all hosts and all choices took part in and that is "infeasible" is a proof; every other failure is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import structs

from ..problem import UNPLACED, DoesNotFitError
from .board import SCALE, Board
from .joins import Joins
from .part import bystanders, part_of

if TYPE_CHECKING:
    from ..problem import Flags, Indices, Numbers
    from .units import Units

WIDTHS = (4, 8, 16, 32)
CHOICES = 400_000  # pairs of unit and host that a model may hold
ALTERNATIVES = 10  # hosts of a unit where all pairs are too many
BUDGET = 6.0  # deterministic time of a narrow model
LAST_BUDGET = 40.0
CHEAPER = 6.0  # and of the search for a cheaper answer than the first; refinement follows


def tight(board: Board, left: list[int]) -> Indices:
    """Raises DoesNotFitError."""
    units = board.units
    order = _hosts_first(board, left)
    for width in (*(width for width in WIDTHS if width < units.hosts), units.hosts):
        last = width == units.hosts
        found = _solved(board, left, order[:width], LAST_BUDGET if last else BUDGET)
        if found is not None:
            return found
    raise DoesNotFitError(proven=False)


def _hosts_first(board: Board, left: list[int]) -> list[int]:
    """Hosts that are allowed to those without a place and have the most room left, then the others by their room."""
    units = board.units
    free = (np.maximum(board.free, 0) / np.maximum(units.capacity, 1)).sum(axis=1)
    asked = units.allowed[units.kind[left]].mean(axis=0) if left else np.zeros(units.hosts)
    order: list[int] = np.lexsort((np.arange(units.hosts), -free, -asked.round(3))).tolist()
    return order


def _solved(board: Board, left: list[int], hosts: list[int], budget: float) -> Indices | None:
    from .exact import Run
    from .model import Model

    units, whole = board.units, len(hosts) == board.units.hosts
    free = sorted({unit for host in hosts for unit in board.on[host]} | set(left))
    where = board.hosts()
    fixed: list[int] = [] if whole else bystanders(units, where, np.array(free, np.int64)).tolist()
    part = part_of(units, where, np.array(free, np.int64), np.array(fixed, np.int64))
    part = _priced(part, board, [*free, *fixed])
    options, complete = _options(part, board, free, fixed, hosts)
    if not all(options):
        return None
    model = Model(part, options)
    run = Run(model, _allowed_start(where[[*free, *fixed]], options))
    try:
        run.find(budget)
        run.minimise(model.cut, min(budget, CHEAPER))
    except DoesNotFitError as none:
        if none.proven and whole and complete:
            raise
        return None
    where[[*free, *fixed]] = run.hosts()
    again = Board(units)
    placed = np.flatnonzero(where != UNPLACED)
    again.put_all(placed.astype(np.int32), where[placed])
    return where if again.sound() and not (again.free < 0).any() else None


def _allowed_start(where: Indices, options: list[list[int]]) -> Indices:
    return np.array(
        [host if host != UNPLACED else choices[0] for host, choices in zip(where.tolist(), options, strict=True)],
        np.int32,
    )


def _priced(part: Units, board: Board, members: list[int]) -> Units:
    """The model's costs are those of each unit moving alone: nets as such would make it many times larger."""
    none, nothing = np.zeros(1, np.int64), np.zeros(0, np.int64)
    short = nothing.astype(np.int32)
    return structs.replace(
        part,
        tariff=np.arange(len(members), dtype=np.int32),
        fees=np.array([_prices(board, unit) for unit in members]) // SCALE,
        waste=np.zeros((len(members), part.hosts), np.int64),
        joins=Joins(none, short, nothing, none, short, np.zeros(len(members) + 1, np.int64), short, 0),
        wishes=(),
    )


def _prices(board: Board, unit: int) -> Numbers:
    """As if the unit were nowhere."""
    host = board.where[unit]
    if host == UNPLACED:
        return board.prices(unit)
    board.take(unit)
    prices = board.prices(unit)
    board.put(unit, host)
    return prices


def _options(
    part: Units, board: Board, free: list[int], fixed: list[int], hosts: list[int]
) -> tuple[list[list[int]], bool]:
    """The hosts of each unit, and whether none was left out for want of space."""
    inside: Flags = np.zeros(part.hosts, bool)
    inside[hosts] = True
    few = len(free) * len(hosts) > CHOICES
    options = []
    for index, unit in enumerate(free):
        choices = np.flatnonzero(inside & part.allowed[part.kind[index]])
        if few:
            choices = choices[np.lexsort((choices, part.fees[index, choices]))][:ALTERNATIVES]
            own = board.where[unit]
            choices = np.union1d(choices, [own]) if own != UNPLACED else choices
        options.append(choices.tolist())
    return options + [[board.where[unit]] for unit in fixed], not few
