"""What arithmetic alone settles: units without any host, demands above all the room that they may use.

Enters: `Units`. Raises DoesNotFitError, proven. Called by `place`, before any solver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..problem import DoesNotFitError

if TYPE_CHECKING:
    from .units import Units


def screen(units: Units) -> None:
    """For each set of hosts that some units are confined to: each fits somewhere in it, and all of them together."""
    inside = np.array([(units.allowed <= flags).all(axis=1) for flags in units.allowed])
    for kind, flags in enumerate(units.allowed):
        members = units.demand[units.kind == kind]
        rooms = units.capacity[flags]
        confined = units.demand[inside[kind][units.kind]].sum(axis=0)
        if len(members) and (not _each_fits(members, rooms) or (confined > rooms.sum(axis=0)).any()):
            raise DoesNotFitError(proven=True)


def _each_fits(demand: np.ndarray, rooms: np.ndarray) -> bool:
    """Distinct demands only: a hundred thousand nodes are of a few sizes."""
    open_ = np.zeros(len(demand), bool)
    for room in np.unique(rooms, axis=0):
        open_ |= (demand <= room).all(axis=1)
    return bool(open_.all())
