"""Rules watched while units come and go: where a unit may stand, and where it would break a rule.

Enters: a rule of `Units`. Leaves: a watch that is told of every arrival and departure. Called by `board`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol

import numpy as np

from .units import Alone, Limit, Never, Same

if TYPE_CHECKING:
    from ..problem import Flags, Indices
    from .units import Rule


class Watch(Protocol):
    """`allows(unit)`: flags of the hosts where the rule still holds when the unit, now nowhere, comes there: no upper bound
    is exceeded. `holds`: whether it holds as the units stand, lower bounds too."""

    def come(self, unit: int, host: int) -> None: ...

    def go(self, unit: int, host: int) -> None: ...

    def allows(self, unit: int) -> Flags: ...

    def holds(self) -> bool: ...


def watch_of(rule: Rule, hosts: int) -> Watch:
    match rule:
        case Limit():
            return LimitWatch(rule)
        case Same():
            return SameWatch(rule)
        case Alone():
            return AloneWatch(rule, hosts)
        case Never():
            return NeverWatch(hosts)


class LimitWatch:
    """How many stand in each domain."""

    def __init__(self, rule: Limit) -> None:
        self.rule = rule
        self._size = dict(zip(rule.units, rule.size, strict=True))
        self._named, index = np.unique(rule.domains, return_inverse=True)
        self._domain = index.astype(np.int32)
        self._real = self._named >= 0
        self.counts = np.zeros(len(self._named), np.int32)

    def come(self, unit: int, host: int) -> None:
        self.counts[self._domain[host]] += self._size[unit]

    def go(self, unit: int, host: int) -> None:
        self.counts[self._domain[host]] -= self._size[unit]

    def allows(self, unit: int) -> Flags:
        """Nobody is kept from a domain by those that lack elsewhere, unless all that are left to come are needed there."""
        size = self._size[unit]
        missing = np.where(self._real, np.maximum(self.rule.low - self.counts, 0), 0)
        left = sum(self.rule.size) - int(self.counts.sum())
        room = self._real & (self.counts + size <= self.rule.high)
        if self.rule.low and left <= missing.sum():
            needed: Flags = room & (missing > 0)
            return needed[self._domain]
        return room[self._domain]

    def holds(self) -> bool:
        counts = self.counts[self._real]
        complete = int(counts.sum()) == sum(self.rule.size)
        return complete and bool((counts <= self.rule.high).all() and (counts >= self.rule.low).all())


class SameWatch:
    """The domains in which units stand; while it is one, the others follow."""

    def __init__(self, rule: Same) -> None:
        self._domains: Indices = rule.domains
        self._count = len(rule.units)
        self._at: Counter[int] = Counter()

    def come(self, unit: int, host: int) -> None:
        self._at[int(self._domains[host])] += 1

    def go(self, unit: int, host: int) -> None:
        domain = int(self._domains[host])
        self._at[domain] -= 1
        if not self._at[domain]:
            del self._at[domain]

    def allows(self, unit: int) -> Flags:
        if not self._at:
            return self._domains >= 0
        if len(self._at) > 1:
            return np.zeros(len(self._domains), bool)
        flags: Flags = (self._domains == next(iter(self._at))) & (self._domains >= 0)
        return flags

    def holds(self) -> bool:
        return len(self._at) == 1 and -1 not in self._at and sum(self._at.values()) == self._count


class AloneWatch:
    """On each host, the rule's own units and the strangers."""

    def __init__(self, rule: Alone, hosts: int) -> None:
        self._own = frozenset(rule.units)
        self.inside = np.zeros(hosts, np.int32)
        self._outside = np.zeros(hosts, np.int32)

    def come(self, unit: int, host: int) -> None:
        (self.inside if unit in self._own else self._outside)[host] += 1

    def go(self, unit: int, host: int) -> None:
        (self.inside if unit in self._own else self._outside)[host] -= 1

    def allows(self, unit: int) -> Flags:
        """A rule that is broken already is not mended by anybody who comes."""
        if ((self.inside > 0) & (self._outside > 0)).any():
            return np.zeros(len(self.inside), bool)
        flags: Flags = (self._outside if unit in self._own else self.inside) == 0
        return flags

    def holds(self) -> bool:
        return not ((self.inside > 0) & (self._outside > 0)).any()


class NeverWatch:
    """A wish that cannot be met."""

    def __init__(self, hosts: int) -> None:
        self._hosts = hosts

    def come(self, unit: int, host: int) -> None:
        """It does not matter."""

    go = come

    def allows(self, unit: int) -> Flags:
        return np.zeros(self._hosts, bool)

    def holds(self) -> bool:
        return False
