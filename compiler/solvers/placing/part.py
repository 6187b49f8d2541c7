"""Some units as a problem of their own, while all others stay where they stand.

Enters: `Units`, the hosts of those that stay, and the units in question. Leaves: `Units`. Called by `kept` and `tight`.

The others leave less room, and their pins become anchors of the nets. Those in a rule with one in question come along, each
allowed its own host only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import structs

from ..problem import UNPLACED
from .joins import Joins, rows_of
from .units import Alone

if TYPE_CHECKING:
    from ..problem import Flags, Indices, Numbers
    from .units import Rule, Units


def bystanders(units: Units, where: Indices, free: Numbers) -> Numbers:
    """Placed units that stand in a rule with one in question; all of them where a rule is about strangers."""
    rules = [*units.rules, *(rule for rule, _ in units.wishes)]
    asked = np.zeros(units.count, bool)
    asked[free] = True
    found = np.zeros(units.count, bool)
    for rule in rules:
        if isinstance(rule, Alone):
            found[:] = True
        elif asked[list(rule.units)].any():
            found[list(rule.units)] = True
    return np.flatnonzero(found & ~asked & (where != UNPLACED))


def part_of(units: Units, where: Indices, free: Numbers, fixed: Numbers) -> Units:
    """Units `free` and, after them, `fixed`; every other placed unit is part of the surroundings."""
    members = np.concatenate([free, fixed]).astype(np.int64)
    number = np.full(units.count, -1, np.int64)
    number[members] = np.arange(len(members))
    others = np.flatnonzero((where != UNPLACED) & (number < 0))
    room = units.capacity.copy()
    np.subtract.at(room, where[others], units.demand[others])
    kind, allowed = _allowed(units, where, free, fixed)
    none = np.zeros(0, np.int32)
    return structs.replace(
        units,
        unit=none,
        size=units.size[members],
        demand=units.demand[members],
        capacity=room,
        kind=kind,
        allowed=allowed,
        tariff=units.tariff[members],
        joins=_joins(units, where, number, len(members)),
        rules=tuple(part for rule in units.rules if (part := _renamed(rule, number)) is not None),
        wishes=tuple((part, price) for rule, price in units.wishes if (part := _renamed(rule, number)) is not None),
        kept=None,
        stay=np.zeros((0, 3), np.int64),
    )


def _allowed(units: Units, where: Indices, free: Numbers, fixed: Numbers) -> tuple[Indices, Flags]:
    """A row a host for those that are fixed, after the rows of all."""
    own = np.eye(units.hosts, dtype=bool)
    kind = np.concatenate([units.kind[free], len(units.allowed) + where[fixed]])
    return kind.astype(np.int32), np.concatenate([units.allowed, own]) if len(fixed) else units.allowed


def _joins(units: Units, where: Indices, number: Numbers, count: int) -> Joins:
    joins = units.joins
    line = np.repeat(np.arange(joins.count), np.diff(joins.start))
    own = number[joins.pins]
    live = np.zeros(joins.count, bool)
    live[line[own >= 0]] = True
    names = np.cumsum(live) - 1
    inside = own >= 0
    outside = live[line] & ~inside & (where[joins.pins] != UNPLACED)
    anchor_line = np.repeat(np.arange(joins.count), np.diff(joins.anchor_start))
    anchored = live[anchor_line]
    return rows_of(
        names[line[inside]],
        own[inside],
        names[np.concatenate([line[outside], anchor_line[anchored]])],
        np.concatenate([where[joins.pins[outside]], joins.anchors[anchored]]),
        joins.weight[live],
        count,
    )


def _renamed(rule: Rule, number: Numbers) -> Rule | None:
    """Members that are nowhere and not in question do not exist: there are none."""
    own = number[list(rule.units)]
    return structs.replace(rule, units=tuple(own.tolist())) if len(own) and (own >= 0).all() else None
