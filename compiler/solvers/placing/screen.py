"""What arithmetic alone settles: units without any host, demands above all the room that they may use, more units kept
from each other than there are hosts for them.

Enters: `Units`. Raises DoesNotFitError, proven. Called by `place`, before any solver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..problem import DoesNotFitError
from .units import Alone, Limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..problem import Flags
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
    if any(map(_short, rivals(units))):
        raise DoesNotFitError(proven=True)


def rivals(units: Units) -> Iterator[Flags]:
    """Sets of units of which no two share a place: units × places, where each may stand."""
    apart = [rule for rule in units.rules if isinstance(rule, Limit) and rule.high == 1]
    for rule in apart:
        yield _by_place(_open_to(units, list(rule.units)), rule)
    if any(isinstance(rule, Alone) for rule in units.rules):
        yield _open_to(units, _loners(units))


def _by_place(open_to: Flags, rule: Limit) -> Flags:
    """Units × hosts become units × places: a place is open to whom one of its hosts is."""
    named = np.flatnonzero(rule.domains >= 0)
    hosts = named[np.argsort(rule.domains[named], kind="stable")]
    starts = np.flatnonzero(np.diff(rule.domains[hosts], prepend=-1))
    if not len(starts):
        return np.zeros((len(open_to), 0), bool)
    places: Flags = np.logical_or.reduceat(open_to[:, hosts], starts, axis=1)
    return places


def _loners(units: Units) -> list[int]:
    """A unit of each rule that shares none with those before, and one of none of them: the one with the fewest hosts."""
    choices = units.allowed.sum(axis=1)[units.kind]
    seen: set[int] = set()
    found = []
    for rule in units.rules:
        if isinstance(rule, Alone) and seen.isdisjoint(rule.units):
            seen.update(rule.units)
            found.append(min(rule.units, key=lambda unit: (choices[unit], unit)))
    others = [unit for unit in range(units.count) if unit not in seen]
    return [*found, min(others, key=lambda unit: (choices[unit], unit))] if others else found


def _open_to(units: Units, members: list[int]) -> Flags:
    """Members × hosts: where each may stand, were it alone. One more than there are hosts tells as much as all of them."""
    some = members[: units.hosts + 1]
    fits = (units.demand[some][:, None, :] <= units.capacity[None, :, :]).all(axis=2)
    flags: Flags = units.allowed[units.kind[some]] & fits
    return flags


def _short(open_to: Flags) -> bool:
    """Whether they have fewer places between them than they are."""
    if (open_to.sum(axis=1) >= len(open_to)).all():
        return False  # each finds one that the others leave
    from ..conflict.arithmetic import hall  # imports scipy, which most labs' screening does without

    return bool(hall(open_to))


def _each_fits(demand: np.ndarray, rooms: np.ndarray) -> bool:
    """Distinct demands only: a hundred thousand nodes are of a few sizes."""
    open_ = np.zeros(len(demand), bool)
    for room in np.unique(rooms, axis=0):
        open_ |= (demand <= room).all(axis=1)
    return bool(open_.all())
