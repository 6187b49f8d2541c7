"""Candidates: boards with the units that found no place on them, and which of two is better.

Enters: `Units` and assignments from wherever. Leaves: candidates, repaired and refined. Called by `heuristic.py` and `cycles.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .board import Board
from .refine import refine
from .repair import repaired

if TYPE_CHECKING:
    from ..problem import Indices
    from .units import Units

Candidate = tuple[Board, list[int]]
ROUNDS = 600_000  # pins that rounds of refinement may look at


def settled(units: Units, start: Indices) -> Candidate:
    """Repaired, and refined if that went well."""
    return refined(*repaired(units, start))


def refined(board: Board, left: list[int]) -> Candidate:
    if not left and board.sound():
        refine(board, rounds=max(2, min(8, ROUNDS // max(1, len(board.units.joins.pins)))))
    return board, left


def rank(candidate: Candidate) -> tuple[int, bool, int]:
    """The fewest without a place, then no claim broken, then the cost."""
    board, left = candidate
    return len(left), not left and not board.sound(), 0 if left else board.cost()
