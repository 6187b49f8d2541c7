"""One weight for many resources: partitioners know only one.

Enters: `Units`. Leaves: a weight for each unit and a bound for each host. Called by `partition_metis` and `partition_kahypar`.

A resource counts the more the scarcer it is; what the single weight then gets wrong, `repair` mends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .problem import Numbers
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
    return (weight := (weight * scale).astype(np.int64)), _enough(bound, int(weight.sum()))


def _enough(bound: Numbers, weight: int) -> Numbers:
    """Partitioners refuse bounds that are less than the whole weight; where hosts were set aside they may be. Repair then tells."""
    short = weight - int(bound.sum())
    if short <= 0:
        return bound
    return bound + -(-short // len(bound))
