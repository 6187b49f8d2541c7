"""The one entry to placement: chooses the way by the problem's size alone, so that every machine goes the same way.

Enters: a `Problem`. Leaves: an `Answer`. Called by the pass `placement`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .cost import cost_of
from .problem import Answer, DoesNotFitError, MissingSolverError
from .units import units_of

if TYPE_CHECKING:
    from .problem import Indices, Path, Problem
    from .units import Units

SMALL = 60  # units up to which an optimum is sought


def place(problem: Problem) -> Answer:
    """Every node on a host, no capacity exceeded, all claims held, at little cost.

    Raises DoesNotFitError, and MissingSolverError when a library of the extra `placement` is needed and absent.
    """
    if not problem.hosts and problem.nodes:
        raise DoesNotFitError(proven=True)
    units = units_of(problem)
    try:
        hosts, path, proven = _solve(units)
    except ImportError as absent:
        raise MissingSolverError((absent.name or "numpy").partition(".")[0]) from absent
    answer = hosts[units.unit].astype(np.int32)
    return Answer(answer, path, proven, cost_of(problem, answer))


def _solve(units: Units) -> tuple[Indices, Path, bool]:
    if not units.count:
        return np.zeros(0, np.int32), "only", True
    from .exact import exact

    hosts, proven = exact(units, None)
    return hosts, "exact", proven
