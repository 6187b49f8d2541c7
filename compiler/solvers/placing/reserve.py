"""Hosts set aside for `Exclusive` before anything else is placed: a partition would spread such units over hosts in use.

Enters: `Units`. Leaves: `Units` in which the claim is said by the hosts that each unit is allowed. Called by `heuristic`.

Each claim gets one host where one carries all of its units, else as few as they fill in turn; hosts that others need the
least go first. A choice that leaves no placement is no proof of anything: `tight` starts from all hosts again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import structs

from .units import Alone

if TYPE_CHECKING:
    from ..problem import Flags, Numbers
    from .units import Units


def reserved(units: Units) -> Units:
    """The same units where no such claim exists, or where no host can be set aside."""
    rules = [rule for rule in units.rules if isinstance(rule, Alone)]
    members = [unit for rule in rules for unit in rule.units]
    if not rules or len(set(members)) < len(members):
        return units
    open_, home = np.ones(units.hosts, bool), np.full(units.count, -1, np.int64)
    order = _least_wanted(units)
    for rule in rules:
        if not _settle(units, rule, order, open_, home):
            return units
        open_[home[list(rule.units)]] = False
    return _said_by_hosts(units, open_, home)


def _settle(units: Units, rule: Alone, order: Numbers, open_: Flags, home: Numbers) -> bool:
    size = (units.demand / np.maximum(units.demand.sum(axis=0), 1)).max(axis=1, initial=0)
    line = sorted(rule.units, key=lambda unit: (-size[unit], unit))
    total = units.demand[line].sum(axis=0)
    may = open_ & units.allowed[units.kind[line]].all(axis=0)
    for host in order[may[order]].tolist():
        if (total <= units.capacity[host]).all():
            home[line] = host
            return True
    return _in_turn(units, line, order[open_[order]].tolist(), home)


def _in_turn(units: Units, line: list[int], hosts: list[int], home: Numbers) -> bool:
    room = units.capacity.copy()
    for unit in line:
        allowed = units.allowed[units.kind[unit]]
        host = next((host for host in hosts if allowed[host] and (room[host] >= units.demand[unit]).all()), None)
        if host is None:
            return False
        home[unit] = host
        room[host] -= units.demand[unit]
    return True


def _least_wanted(units: Units) -> Numbers:
    """By how many units have little other choice; then the smallest hosts."""
    count = np.bincount(units.kind, minlength=len(units.allowed))
    choices = units.allowed.sum(axis=1)
    want = (units.allowed * (count * (choices < units.hosts) / np.maximum(choices, 1))[:, None]).sum(axis=0)
    room = (units.capacity / np.maximum(units.capacity.max(axis=0, initial=1), 1)).sum(axis=1)
    return np.lexsort((np.arange(units.hosts), room.round(6), want.round(6)))


def _said_by_hosts(units: Units, open_: Flags, home: Numbers) -> Units:
    """Strangers keep off; who is of a claim has the one host."""
    own = home >= 0
    kind = np.where(own, len(units.allowed) + home, units.kind)
    return structs.replace(
        units,
        kind=kind.astype(np.int32),
        allowed=np.concatenate([units.allowed & open_, np.eye(units.hosts, dtype=bool)]),
        rules=tuple(rule for rule in units.rules if not isinstance(rule, Alone)),
    )
