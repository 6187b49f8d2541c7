"""The same units with some of the hosts only.

Enters: `Units` and the numbers of hosts, sorted. Leaves: `Units` whose host i is the i-th of these, or None where that
cannot be. Called by `strategies`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import structs

from .joins import rows_of
from .units import Alone, Limit, Never, Same

if TYPE_CHECKING:
    from ..problem import Numbers
    from .joins import Joins
    from .units import Rule, Units


def on_hosts(units: Units, hosts: Numbers) -> Units | None:
    if not units.allowed[:, hosts].any(axis=1).all():
        return None
    rules = tuple(_restricted(rule, hosts) for rule in units.rules)
    if any(isinstance(rule, Never) for rule in rules):
        return None
    return structs.replace(
        units,
        rooms=units.rooms[hosts],
        capacity=units.capacity[hosts],
        allowed=units.allowed[:, hosts],
        fees=units.fees[:, hosts],
        waste=units.waste[:, hosts],
        joins=_joins(units.joins, hosts, units.hosts, units.count),
        rules=rules,
        wishes=tuple((_restricted(rule, hosts), price) for rule, price in units.wishes),
        kept=None,
        stay=np.zeros((0, 3), np.int64),
    )


def _restricted(rule: Rule, hosts: Numbers) -> Rule:
    match rule:
        case Limit() if rule.low and set(rule.domains.tolist()) - {-1} != set(rule.domains[hosts].tolist()) - {-1}:
            return Never(rule.units)
        case Limit() | Same():
            return structs.replace(rule, domains=rule.domains[hosts])
        case Alone() | Never():
            return rule


def _joins(joins: Joins, hosts: Numbers, width: int, count: int) -> Joins:
    """Gear at other hosts joins them whatever is placed."""
    name = np.full(width, -1, np.int64)
    name[hosts] = np.arange(len(hosts))
    lines = np.arange(joins.count)
    line = np.repeat(lines, np.diff(joins.anchor_start))
    here = name[joins.anchors] >= 0
    elsewhere = int(joins.weight[line[~here]].sum())
    row = np.repeat(lines, np.diff(joins.start))
    part = rows_of(row, joins.pins.astype(np.int64), line[here], name[joins.anchors[here]], joins.weight, count)
    return structs.replace(part, base=joins.base + elsewhere)
