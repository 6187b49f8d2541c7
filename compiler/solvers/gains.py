"""What each unit would save elsewhere, for all units in one sweep of arrays: which moves are worth a closer look.

Enters: `Units` and a host for each unit. Leaves: `Gains`. Called by `refine` and `repair`.

Only hosts that a unit's nets touch already are listed: elsewhere a move saves nothing. Nets on more than WIDE hosts are
left out, since one more or less of so many says little and they would fill the memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

if TYPE_CHECKING:
    from .problem import Indices, Numbers
    from .units import Units

WIDE = 64


class Gains(Struct):
    """Row i: moving `unit[i]` to `host[i]`, another than its own, saves `gain[i]` of the cut (joins and fees)."""

    unit: Numbers
    host: Numbers
    gain: Numbers


def gains_of(units: Units, where: Indices) -> Gains:
    """Every unit has a host."""
    keys, counts, width = _touched(units, where)
    net = units.joins.nets.astype(np.int64)
    unit = np.repeat(np.arange(units.count), np.diff(units.joins.unit_start))
    weight = units.joins.weight[net]
    alone = counts[np.searchsorted(keys, net * width + where[unit])] == 1
    # Leaving saves the nets where the unit is alone; coming costs the nets that are not there yet.
    base = np.bincount(unit, weight * alone - weight, units.count).astype(np.int64)
    first, last = np.searchsorted(keys, net * width), np.searchsorted(keys, (net + 1) * width)
    narrow = last - first <= WIDE
    found = _sums(unit[narrow], weight[narrow], first[narrow], last[narrow], keys, width)
    row, host, near = found
    elsewhere = host != where[row]
    row, host, near = row[elsewhere], host[elsewhere], near[elsewhere]
    fees = units.fees[units.tariff[row], where[row]] - units.fees[units.tariff[row], host]
    return Gains(row, host, base[row] + near + fees)


def hold_of(units: Units, where: Indices) -> Numbers:
    """How strongly each unit is held: the least that leaving its host costs."""
    hold = np.full(units.count, np.iinfo(np.int64).max // 2)
    gains = gains_of(units, where)
    np.minimum.at(hold, gains.unit, -gains.gain)
    return hold


def _touched(units: Units, where: Indices) -> tuple[Numbers, Numbers, int]:
    """Sorted keys net × width + host, and how many pins stand there; an anchor is a pin."""
    joins, width = units.joins, max(1, units.hosts)
    lines = np.arange(joins.count)
    pins = np.repeat(lines, np.diff(joins.start)) * width + where[joins.pins]
    anchors = np.repeat(lines, np.diff(joins.anchor_start)) * width + joins.anchors
    keys, counts = np.unique(np.concatenate([pins, anchors]), return_counts=True)
    return keys, counts, width


def _sums(
    unit: Numbers, weight: Numbers, first: Numbers, last: Numbers, keys: Numbers, width: int
) -> tuple[Numbers, Numbers, Numbers]:
    """For each unit and host the weight of the unit's nets there."""
    length = last - first
    offset = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
    host = keys[np.repeat(first, length) + offset] % width
    pairs, index = np.unique(np.repeat(unit, length) * width + host, return_inverse=True)
    total = np.bincount(index, np.repeat(weight, length), len(pairs)).astype(np.int64)
    return pairs // width, pairs % width, total
