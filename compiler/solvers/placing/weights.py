"""One weight for many resources: partitioners know only one.

Enters: `Units`. Leaves: a weight for each unit and a bound for each host. Called by `partition_metis` and `partition_kahypar`.

A resource counts the more the scarcer it is; what the single weight then gets wrong, `repair` mends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..problem import Numbers
    from .units import Units

WHOLE = 10**9
MOST = 2 * 10**9  # partitioners count in 32 bits
SHARPNESS = 4
LEFT_FOR_REPAIR = 0.1  # the part of what is free that partitions leave so that the other resources fit too


def weights_of(units: Units) -> tuple[Numbers, Numbers]:
    """Weights of the units, and the most that a host takes. Neither sum exceeds MOST by more than rounding."""
    total = units.demand.sum(axis=0)
    room = units.capacity.sum(axis=0)
    used = total > 0
    if not used.any():
        return np.ones(units.count, np.int64), np.full(units.hosts, -(-units.count // units.hosts), np.int64)
    share = (total[used] / np.maximum(room[used], 1)) ** SHARPNESS
    share = share / share.sum() / total[used]
    weight = np.rint(units.demand[:, used] @ share * WHOLE).astype(np.int64)
    bound = units.capacity[:, used] @ share * WHOLE
    scale = min(1.0, MOST / max(bound.sum(), 1.0))
    fill = min(1.0, weight.sum() / max(bound.sum(), 1.0))
    bound = np.ceil(bound * scale * (1 - LEFT_FOR_REPAIR * (1 - fill))).astype(np.int64)
    weight = (weight * scale).astype(np.int64)
    # A host without room still has a bound, and all of them together carry everything: partitioners refuse less.
    lack = max(0, int(weight.sum() - bound.sum()))
    return weight, np.maximum(bound, 1) + -(-lack // units.hosts)
