"""The board: which unit stands where, what room is left, which hosts each net touches, and what a change would cost.

Enters: `Units`. Leaves: a `Board`, changed by `put` and `take`. Called by the heuristics: `repair`, `refine`, `kept`.

Costs here are `cut * SCALE + waste`: one whole number in the order of `Cost`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..problem import UNPLACED
from .units import Alone
from .watch import Watch, watch_of

if TYPE_CHECKING:
    from ..problem import Flags, Indices, Numbers
    from .units import Units

SCALE = 1 << 20


class Board:
    """`where[u]`: the host of unit u or UNPLACED. `on[h]`: the units there. `free`: hosts × resources. `touched[i]`: of net i the pins on each host."""

    def __init__(self, units: Units) -> None:
        self.units = units
        self.where = [UNPLACED] * units.count
        self.on: list[set[int]] = [set() for _ in range(units.hosts)]
        self.free = units.capacity.copy()
        joins = units.joins
        anchors = joins.anchors.tolist()
        self.touched = [dict.fromkeys(anchors[a:b], 1) for a, b in pairwise(joins.anchor_start.tolist())]
        self.nets = _split(joins.nets, joins.unit_start)
        self._weight = joins.weight.tolist()
        self._price = units.fees * SCALE + units.waste
        self.bound: dict[int, list[Watch]] = {}
        self._alone: list[Watch] = []
        self._wished: dict[int, list[tuple[Watch, int]]] = {}
        self._wished_alone: list[tuple[Watch, int]] = []
        self.wishes: list[tuple[Watch, int]] = []
        self._watch()

    def _watch(self) -> None:
        for rule in self.units.rules:
            watch = watch_of(rule, self.units.hosts)
            if isinstance(rule, Alone):
                self._alone.append(watch)
                continue
            for unit in rule.units:
                self.bound.setdefault(unit, []).append(watch)
        for rule, price in self.units.wishes:
            watch = watch_of(rule, self.units.hosts)
            self.wishes.append((watch, price * SCALE))
            if isinstance(rule, Alone):
                self._wished_alone.append((watch, price * SCALE))
                continue
            for unit in rule.units:
                self._wished.setdefault(unit, []).append((watch, price * SCALE))

    def _watches(self, unit: int) -> list[Watch]:
        wished = [watch for watch, _ in (*self._wished.get(unit, ()), *self._wished_alone)]
        return [*self.bound.get(unit, ()), *self._alone, *wished]

    def put(self, unit: int, host: int) -> None:
        self.where[unit] = host
        self.on[host].add(unit)
        self.free[host] -= self.units.demand[unit]
        for net in self.nets[unit]:
            touched = self.touched[net]
            touched[host] = touched.get(host, 0) + 1
        for watch in self._watches(unit):
            watch.come(unit, host)

    def take(self, unit: int) -> None:
        host = self.where[unit]
        self.where[unit] = UNPLACED
        self.on[host].remove(unit)
        self.free[host] += self.units.demand[unit]
        for net in self.nets[unit]:
            touched = self.touched[net]
            if touched[host] == 1:
                del touched[host]
            else:
                touched[host] -= 1
        for watch in self._watches(unit):
            watch.go(unit, host)

    def put_all(self, units: Indices, hosts: Indices) -> None:
        """Many at once: the room in one sweep."""
        np.subtract.at(self.free, hosts, self.units.demand[units])
        for unit, host in zip(units.tolist(), hosts.tolist(), strict=True):
            self.where[unit] = host
            self.on[host].add(unit)
            for net in self.nets[unit]:
                touched = self.touched[net]
                touched[host] = touched.get(host, 0) + 1
            for watch in self._watches(unit) if self._watched(unit) else ():
                watch.come(unit, host)

    @property
    def has_strangers(self) -> bool:
        """Whether some claim is about those that are not of it."""
        return bool(self._alone)

    def _watched(self, unit: int) -> bool:
        return bool(self._alone or self._wished_alone) or unit in self.bound or unit in self._wished

    def fits(self, unit: int) -> Flags:
        """Hosts with room for the unit."""
        flags: Flags = (self.free >= self.units.demand[unit]).all(axis=1)
        return flags

    def permits(self, unit: int) -> Flags:
        """Hosts that the claims leave to the unit, room aside."""
        flags: Flags = self.units.allowed[self.units.kind[unit]]
        for watch in (*self.bound.get(unit, ()), *self._alone):
            flags = flags & watch.allows(unit)
        return flags

    def prices(self, unit: int) -> Numbers:
        """What the unit, now nowhere, would cost at each host."""
        weight, near, total = self._weight, dict[int, int](), 0
        for net in self.nets[unit]:
            price = weight[net]
            total += price
            for host in self.touched[net]:
                near[host] = near.get(host, 0) + price
        cost: Numbers = self._price[self.units.tariff[unit]] + total * SCALE
        if near:
            hosts = np.fromiter(near, np.int64, len(near))
            cost[hosts] -= np.fromiter(near.values(), np.int64, len(near)) * SCALE
        for watch, fine in (*self._wished.get(unit, ()), *self._wished_alone):
            cost += np.where(watch.allows(unit), 0, fine)
        return cost

    def saving(self, unit: int, host: int) -> int:
        """What a move of the placed unit would save, wishes about several units aside: a quick look before the move."""
        own, weight = self.where[unit], self._weight
        joins = 0
        for net in self.nets[unit]:
            touched = self.touched[net]
            joins += weight[net] * ((touched[own] == 1) - (host not in touched))
        price = self._price[self.units.tariff[unit]]
        return joins * SCALE + int(price[own] - price[host])

    def best(self, unit: int) -> tuple[int, int]:
        """The cheapest host that is open to the unit, now nowhere, and its price; UNPLACED when none is."""
        return self.cheapest(unit, self.prices(unit), self.fits(unit) & self.permits(unit))

    def cheapest(self, unit: int, prices: Numbers, flags: Flags) -> tuple[int, int]:
        hosts = np.flatnonzero(flags)
        if not len(hosts):
            return UNPLACED, 0
        host = int(hosts[np.argmin(prices[hosts])])
        return host, int(prices[host])

    def cost(self) -> int:
        """Of the whole board, every unit placed."""
        where, units = np.array(self.where), self.units
        joins: int = sum(
            weight * (len(touched) - 1) for weight, touched in zip(self._weight, self.touched, strict=True)
        )
        own = int(self._price[units.tariff, where].sum()) if units.count else 0
        return own + SCALE * joins + sum(fine for watch, fine in self.wishes if not watch.holds())

    def broken(self) -> list[int]:
        """The units of rules that do not hold as the units stand."""
        seen = {id(watch): watch for watches in self.bound.values() for watch in watches}
        bad = {key for key, watch in seen.items() if not watch.holds()}
        return sorted(unit for unit, watches in self.bound.items() if any(id(watch) in bad for watch in watches))

    def sound(self) -> bool:
        """Whether every unit is placed and every rule holds."""
        return UNPLACED not in self.where and not self.broken() and all(watch.holds() for watch in self._alone)

    def hosts(self) -> Indices:
        return np.array(self.where, np.int32)


def _split(values: Indices, start: Numbers) -> list[list[int]]:
    flat: list[int] = values.tolist()
    return [flat[a:b] for a, b in pairwise(start.tolist())]
