"""What each unit would save elsewhere, for all units in one sweep of arrays: which moves are worth a closer look.

Enters: `Units` and a host for each unit. Leaves: `Gains`. Called by `refine` and `repair`.

Only hosts that a unit's nets touch already are listed, and those where its wishes cost the least: elsewhere a move saves
nothing. Nets on more than WIDE hosts are
left out, since one more or less of so many says little and they would fill the memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

if TYPE_CHECKING:
    from ..problem import Indices, Numbers
    from .units import Units

WIDE = 64
LIKED = 8


class Gains(Struct):
    """Row i: moving `unit[i]` to `host[i]`, another than its own, saves `gain[i]` of the cut (joins and fees). `anywhere`: for
    each unit what a move to a host saves at least: one that its nets do not touch and that its wishes like the least."""

    unit: Numbers
    host: Numbers
    gain: Numbers
    anywhere: Numbers


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
    fond, liked = _liked(units, where)
    row, host = np.concatenate([row, fond]), np.concatenate([host, liked])
    near = np.concatenate([near, np.zeros(len(fond), np.int64)])
    fees = units.fees[units.tariff[row], where[row]] - units.fees[units.tariff[row], host]
    anywhere = base + units.fees[units.tariff, where] - units.fees.max(axis=1, initial=0)[units.tariff]
    return Gains(row, host, base[row] + near + fees, anywhere)


def _liked(units: Units, where: Indices) -> tuple[Numbers, Numbers]:
    """For units whose host costs them a fee, some of the hosts where it is least."""
    if not units.fees.any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    least = units.fees.min(axis=1)
    dear = np.flatnonzero(units.fees[units.tariff, where] > least[units.tariff])
    best = [np.flatnonzero(row == low)[:LIKED] for row, low in zip(units.fees, least, strict=True)]
    lines = [best[tariff] for tariff in units.tariff[dear].tolist()]
    count = np.array([len(line) for line in lines], np.int64)
    return np.repeat(dear, count), np.concatenate([np.zeros(0, np.int64), *lines])


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
