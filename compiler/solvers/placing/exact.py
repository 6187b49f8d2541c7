"""The exact solver of small labs: CP-SAT, one worker, a budget in work; stage by stage in the order of `Cost`.

Enters: `Units`, and an answer to begin with where there is one. Leaves: a host for each unit and whether its moves, strategy
and cut are proven least. Called by `place`.

One worker and a deterministic budget: the answer is the same on every machine, whatever else runs there.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ..problem import DoesNotFitError
from .model import Model, Term
from .units import Alone

if TYPE_CHECKING:
    from ..problem import Indices
    from .units import Units

BUDGET = 6.0  # of deterministic time for the stages that must be proven; some four seconds
COUNTABLE = 1 << 60
_FOUND = {"OPTIMAL", "FEASIBLE"}
POLISH = 0.5  # for what comes after the cut, where an optimum need not be proven


def exact(units: Units, start: Indices | None, budget: float = BUDGET) -> tuple[Indices, bool]:
    """Raises DoesNotFitError: proven when there is no answer, else when none was found within the budget."""
    options = [np.flatnonzero(units.allowed[kind]).tolist() for kind in units.kind.tolist()]
    model = Model(units, options)
    twins = [] if units.kept is not None else equal_hosts(units)
    order = _by_degree(units)
    for group in twins:
        _in_order(model, group, order)
    run = Run(model, None if start is None else _relabelled(start, twins, order))
    stages = [model.moves] if units.kept is not None else []
    stages += [*_strategy(model), model.cut]
    if start is None:
        run.find(budget)
    proven = True
    for goal in stages:
        # One budget for all of them: what the moves take the cut has not, and an answer is there already.
        proven = run.minimise(goal, max(POLISH, budget - run.spent)) and proven
    for goal in (model.waste, _spread_of(model)):
        run.minimise(goal, POLISH)
    return run.hosts(), proven


class Run:
    """The stages over one model: each minimises a sum, then holds it at what was reached. `spent`: their deterministic time."""

    def __init__(self, model: Model, start: Indices | None) -> None:
        self._model = model
        self._best: list[int] | None = None
        self._start = start
        self.spent = 0.0

    def find(self, work: float) -> None:
        """Any answer: the search for a cheap one takes the whole budget, though an answer is there early."""
        self._solved(work)

    def minimise(self, goal: Term, work: float) -> bool:
        """Whether the minimum is proven."""
        if isinstance(goal, int):
            return True
        cp: Any = self._model.cp  # parts of OR-Tools have no types
        cp.minimize(goal)
        status, value = self._solved(work)
        if status in _FOUND:
            cp.add(goal <= round(value))
        return status == "OPTIMAL"

    def _solved(self, work: float) -> tuple[str, float]:
        cp: Any = self._model.cp
        cp.clear_hints()
        self._hint()
        solver = _solver(work)
        status = str(solver.status_name(solver.solve(cp)))
        self.spent += float(solver.response_proto.deterministic_time)
        if status == "INFEASIBLE":
            raise DoesNotFitError(proven=True)
        if status in _FOUND:
            self._best = list(solver.response_proto.solution)
        elif self._best is None:
            raise DoesNotFitError(proven=False)
        return status, float(solver.objective_value)

    def _hint(self) -> None:
        cp = self._model.cp
        if self._best is not None:
            for index, value in enumerate(self._best):
                cp.add_hint(cp.get_int_var_from_proto_index(index), value)
        elif self._start is not None:
            for unit, choices in enumerate(self._model.at):
                for host, here in choices.items():
                    cp.add_hint(here, int(self._start[unit]) == host)

    def hosts(self) -> Indices:
        values = self._best
        if values is None:
            raise DoesNotFitError(proven=False)
        return np.array(
            [next(host for host, var in choices.items() if values[var.index]) for choices in self._model.at], np.int32
        )


def _solver(work: float) -> Any:
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.catch_sigint_signal = False  # a Ctrl-C is for us
    solver.parameters.random_seed = 1
    # The linear relaxation of everything proves in a second what takes a minute without (leaf-spine of 52 on 3 hosts).
    solver.parameters.linearization_level = 2
    solver.parameters.max_deterministic_time = work
    return solver


def _strategy(model: Model) -> list[Term]:
    match model.units.strategy:
        case "pack":
            return [sum(_in_use(model))]
        case "spread":
            return [_spread_of(model)]
        case _:
            return []


def _in_use(model: Model) -> list[Term]:
    used = []
    for members in model.on.values():
        some = model.cp.new_bool_var("")
        model.cp.add_bool_or(*(here for _, here in members), ~some)
        for _, here in members:
            model.cp.add_implication(here, some)
        used.append(some)
    return used


def _spread_of(model: Model) -> Term:
    """The imbalance as `Cost` counts it: whole thousandths of each host's fullest resource, the greatest less the least."""
    cp, units = model.cp, model.units
    top, bottom = cp.new_int_var(0, 1000, ""), cp.new_int_var(0, 1000, "")
    total = units.demand.sum(axis=0).tolist()
    for host, rooms in enumerate(units.rooms.tolist()):
        # Where all of the demand is less than a thousandth of the room the host is empty, whatever it carries.
        parts = [_part_of(model, host, r, room) for r, room in enumerate(rooms) if 0 < room <= 1000 * total[r]]
        full = cp.new_int_var(0, 1000, "")
        cp.add_max_equality(full, parts or [0])
        cp.add(full <= top)
        cp.add(full >= bottom)
    return top - bottom


def _part_of(model: Model, host: int, r: int, room: int) -> Term:
    """The host's load in whole thousandths of its room. Petabytes are counted in larger pieces: 64 bits hold no more."""
    cp, demand = model.cp, model.units.demand[:, r].tolist()
    piece = 1 + 1000 * max(room, sum(demand)) // COUNTABLE
    part = cp.new_int_var(0, 1000, "")
    load = sum(demand[unit] // piece * here for unit, here in model.on[host])
    cp.add(room // piece * part <= 1000 * load)
    cp.add(room // piece * (part + 1) >= 1000 * load + 1)
    return part


def equal_hosts(units: Units) -> list[list[int]]:
    """Hosts that may be exchanged without a difference, in groups: without this the proof visits every renaming of an answer."""
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    rules = [rule for rule in (*units.rules, *(rule for rule, _ in units.wishes)) if not isinstance(rule, Alone)]
    alike = [_alike(rule.domains.tolist()) for rule in rules if hasattr(rule, "domains")]
    anchored = set(units.joins.anchors.tolist())
    for host in range(units.hosts):
        room, rows = units.rooms[host].tolist(), [units.allowed[:, host], units.fees[:, host], units.waste[:, host]]
        columns = tuple(row.tobytes() for row in rows)
        only = host if host in anchored else -1
        groups[tuple(room), columns, tuple(each[host] for each in alike), only].append(host)
    return [group for group in groups.values() if len(group) > 1]


def _alike(domains: list[int]) -> list[int]:
    """A host's domain, or -2 where it has one for itself: such may be exchanged too."""
    return [-2 if domain >= 0 and domains.count(domain) == 1 else domain for domain in domains]


def _by_degree(units: Units) -> list[int]:
    """Those with most to cut first: their place decides the most, so a rule about their order prunes the most."""
    joins = units.joins
    unit = np.repeat(np.arange(units.count), np.diff(joins.unit_start))
    degree = np.bincount(unit, joins.weight[joins.nets], units.count)
    order: list[int] = np.argsort(-degree, kind="stable").tolist()
    return order


def _in_order(model: Model, group: list[int], order: list[int]) -> None:
    """A unit stands on a host of the group only if an earlier unit stands on the one before it."""
    for before, host in pairwise(group):
        earlier: list[Term] = []
        for choices in (model.at[unit] for unit in order):
            if host in choices:
                model.cp.add_bool_or(*earlier, ~choices[host])
            if before in choices:
                earlier.append(choices[before])


def _relabelled(start: Indices, twins: list[list[int]], order: list[int]) -> Indices:
    """The same answer with equal hosts named in the order in which units meet them."""
    names = list(range(int(start.max()) + 1))
    for group in twins:
        met = [host for host in dict.fromkeys(start[order].tolist()) if host in group]
        names = names + list(range(len(names), max(group) + 1))
        for host, name in zip(met, group, strict=False):
            names[host] = name
    return np.array([names[host] for host in start.tolist()], np.int32)
