"""A placement as a model of CP-SAT: where each unit may go, what must hold, and the sums that an answer is judged by.

Enters: `Units` and the hosts that each unit may choose from. Leaves: a `Model`. Called by `exact` and `tight`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from .units import Alone, Limit, Never, Same

if TYPE_CHECKING:
    from .units import Rule, Units

# Expressions and variables of OR-Tools have no types that mypy could read.
Term = Any


class Model:
    """`at[u][h]`: whether unit u is on host h, for its options. `cut`, `moves`, `waste`: sums to minimise."""

    def __init__(self, units: Units, options: list[list[int]]) -> None:
        from ortools.sat.python import cp_model  # half a second: only where a model is solved

        self.cp = cp_model.CpModel()
        self.units = units
        self.at = [{host: self.cp.new_bool_var("") for host in hosts} for hosts in options]
        self.on: dict[int, list[tuple[int, Term]]] = defaultdict(list)
        for unit, choices in enumerate(self.at):
            self.cp.add_exactly_one(choices.values())
            for host, here in choices.items():
                self.on[host].append((unit, here))
        self._capacities()
        alone = [rule for rule in units.rules if isinstance(rule, Alone)]
        together = _share_none(alone)
        if together:
            self._owners(alone)
        for rule in units.rules:
            if not (together and isinstance(rule, Alone)):
                self._rule(rule, None)
        self.cut = self._fees() + self._wishes() + self._joins() + units.joins.base
        self.moves = self._moves()
        self.waste = sum(
            int(units.waste[units.tariff[unit], host]) * here
            for unit, choices in enumerate(self.at)
            for host, here in choices.items()
            if units.waste[units.tariff[unit], host]
        )

    def _capacities(self) -> None:
        demand, total = self.units.demand.tolist(), self.units.demand.sum(axis=0).tolist()
        for host, members in self.on.items():
            for r, room in enumerate(self.units.capacity[host].tolist()):
                if room < total[r]:
                    self.cp.add(sum(demand[unit][r] * here for unit, here in members if demand[unit][r]) <= room)

    def _moves(self) -> Term:
        return sum(
            count * (1 - self.at[unit][host] if host in self.at[unit] else 1)
            for unit, host, count in self.units.stay.tolist()
        )

    def _fees(self) -> Term:
        fees, tariff = self.units.fees.tolist(), self.units.tariff.tolist()
        return sum(
            fees[tariff[unit]][host] * here
            for unit, choices in enumerate(self.at)
            for host, here in choices.items()
            if fees[tariff[unit]][host]
        )

    def _wishes(self) -> Term:
        cost: Term = 0
        for rule, price in self.units.wishes:
            met = self.cp.new_bool_var("")
            self._rule(rule, met)
            cost += price * (1 - met)
        return cost

    def _rule(self, rule: Rule, met: Term) -> None:
        """The rule holds, or, with `met`, holds if that does."""
        match rule:
            case Never():
                self.cp.add(met == 0)
            case Alone():
                self._alone(rule, met)
            case Same() | Limit():
                for unit in rule.units:
                    for host, here in self.at[unit].items():
                        if rule.domains[host] < 0:
                            self._hold(here == 0, met)
                self._same(rule, met) if isinstance(rule, Same) else self._limit(rule, met)

    def _hold(self, term: Term, met: Term) -> None:
        constraint = self.cp.add(term)
        if met is not None:
            constraint.only_enforce_if(met)

    def _owners(self, rules: list[Alone]) -> None:
        """Each host belongs to one rule, or to the strangers: as many terms as pairs of unit and host, however many rules."""
        owner = {unit: index for index, rule in enumerate(rules) for unit in rule.units}
        for here in self.on.values():
            owns: dict[int, Term] = {}
            for unit, var in here:
                index = owner.get(unit, -1)
                if index not in owns:
                    owns[index] = self.cp.new_bool_var("")
                self.cp.add_implication(var, owns[index])
            self.cp.add_at_most_one(owns.values())

    def _alone(self, rule: Alone, met: Term) -> None:
        members = set(rule.units)
        for here in self.on.values():
            inside = [var for unit, var in here if unit in members]
            outside = [var for unit, var in here if unit not in members]
            if not inside or not outside:
                continue
            reserved = self.cp.new_bool_var("")
            for var in inside:
                self._hold(var <= reserved, met)
            for var in outside:
                self._hold(var + reserved <= 1, met)

    def _same(self, rule: Same, met: Term) -> None:
        chosen = {int(domain): self.cp.new_bool_var("") for domain in sorted(set(rule.domains.tolist()) - {-1})}
        self.cp.add_at_most_one(chosen.values())
        for unit in rule.units:
            for host, here in self.at[unit].items():
                if rule.domains[host] >= 0:
                    self._hold(here <= chosen[int(rule.domains[host])], met)

    def _limit(self, rule: Limit, met: Term) -> None:
        terms: dict[int, list[Term]] = {domain: [] for domain in set(rule.domains.tolist()) - {-1}}
        for unit, size in zip(rule.units, rule.size, strict=True):
            for host, here in self.at[unit].items():
                if rule.domains[host] >= 0:
                    terms[int(rule.domains[host])].append(size * here)
        for domain in sorted(terms):
            self._hold(sum(terms[domain]) <= rule.high, met)
            if rule.low:
                self._hold(sum(terms[domain]) >= rule.low, met)

    def _joins(self) -> Term:
        joins, cost = self.units.joins, []
        pins, anchors = joins.pins.tolist(), joins.anchors.tolist()
        bounds = zip(joins.start.tolist(), joins.start.tolist()[1:], strict=False)
        anchor_bounds = zip(joins.anchor_start.tolist(), joins.anchor_start.tolist()[1:], strict=False)
        for weight, (a, b), (c, d) in zip(joins.weight.tolist(), bounds, anchor_bounds, strict=True):
            if b - a == 2 and c == d:
                cost.append(weight * self._link(*pins[a:b]))
            else:
                cost.append(weight * self._net(pins[a:b], anchors[c:d]))
        return sum(cost)

    def _link(self, left: int, right: int) -> Term:
        """Whether two units stand apart."""
        apart = self.cp.new_bool_var("")
        for one, other in ((left, right), (right, left)):
            for host, here in self.at[one].items():
                there = self.at[other].get(host)
                if there is None:
                    self.cp.add_implication(here, apart)
                else:
                    self.cp.add_bool_or(~here, there, apart)
        return apart

    def _net(self, pins: list[int], anchors: list[int]) -> Term:
        """The hosts that a net touches, less one."""
        touched: dict[int, Term] = {}
        for unit in pins:
            for host, here in self.at[unit].items():
                if host in anchors:
                    continue
                if host not in touched:
                    touched[host] = self.cp.new_bool_var("")
                self.cp.add_implication(here, touched[host])
        if not anchors:
            self.cp.add_bool_or(touched.values())
        return sum(touched.values()) + len(anchors) - 1


def _share_none(rules: list[Alone]) -> bool:
    """Whether there are rules, and no unit is of two of them."""
    members = [unit for rule in rules for unit in rule.units]
    return bool(rules) and len(set(members)) == len(members)
