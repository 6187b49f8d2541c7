"""The one entry to placement: chooses the way by the problem's size alone, so that every machine goes the same way.

Enters: a `Problem`. Leaves: an `Answer`. Called by the pass `placement`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..cost import cost_of
from ..problem import Answer, DoesNotFitError, MissingSolverError
from .screen import screen
from .units import units_of

if TYPE_CHECKING:
    from ..problem import Indices, Path, Problem
    from .board import Board
    from .units import Units

SMALL = 60  # units up to which an optimum is sought
POLISHED = 150  # units up to which the exact solver tries to better a heuristic's answer
POLISH = 3.0  # its deterministic time then


def place(problem: Problem) -> Answer:
    """Every node on a host, no capacity exceeded, all claims held, at little cost.

    Raises DoesNotFitError, and MissingSolverError when a library of the extra `placement` is needed and absent.
    """
    if not problem.hosts and problem.nodes:
        raise DoesNotFitError(proven=True)
    units = units_of(problem)
    screen(units)
    try:
        hosts, path, proven = _solve(units)
    except ImportError as absent:
        raise MissingSolverError((absent.name or "numpy").partition(".")[0]) from absent
    answer = hosts[units.unit].astype(np.int32)
    return Answer(answer, path, proven, cost_of(problem, answer))


def _solve(units: Units) -> tuple[Indices, Path, bool]:
    if (units.allowed.sum(axis=1) == 1).all():
        return _only(units), "only", True
    if units.count <= SMALL:
        # With a lock too: the fewest moves are then proven.
        from .exact import exact

        hosts, proven = exact(units, _start(units))
        return hosts, "exact", proven
    return _large(units)


def _only(units: Units) -> Indices:
    """Every unit has but one host."""
    from .board import Board

    board = Board(units)
    hosts: Indices = units.allowed.argmax(axis=1)[units.kind].astype(np.int32)
    board.put_all(np.arange(units.count, dtype=np.int32), hosts)
    if (board.free < 0).any() or not board.sound():
        raise DoesNotFitError(proven=True)
    return hosts


def _start(units: Units) -> Indices | None:
    """A heuristic's answer, where it finds one."""
    from .strategies import by_strategy

    if units.kept is not None:
        from .kept import beside

        if (hosts := beside(units, units.kept)) is not None:
            return hosts
    board, left, _ = by_strategy(units)
    return None if left or not board.sound() else board.hosts()


def _large(units: Units) -> tuple[Indices, Path, bool]:
    if units.kept is not None:
        return _beside_lock(units, units.kept)
    from .strategies import by_strategy

    board, left, path = by_strategy(units)
    if not left and board.sound():
        return _polished(units, board.hosts(), path)
    return _tight(board, left), "tight", False


def _beside_lock(units: Units, kept: Indices) -> tuple[Indices, Path, bool]:
    from .kept import beside, with_few_moves

    hosts = beside(units, kept)
    if hosts is not None:
        return hosts, "kept", False
    board, left = with_few_moves(units, kept)
    if left or not board.sound():
        return _tight(board, left), "tight", False
    return _polished(units, board.hosts(), "kept")


def _tight(board: Board, left: list[int]) -> Indices:
    from .board import Board
    from .refine import refine
    from .tight import tight

    units = board.units
    hosts = tight(board, left)
    again = Board(units)
    again.put_all(np.arange(units.count, dtype=np.int32), hosts)
    refine(again, None if units.kept is None else hosts != units.kept)
    return again.hosts()


def _polished(units: Units, hosts: Indices, path: Path) -> tuple[Indices, Path, bool]:
    if units.count > POLISHED:
        return hosts, path, False
    from .exact import exact

    better, proven = exact(units, hosts, POLISH)
    return better, "exact" if proven or (better != hosts).any() else path, proven
