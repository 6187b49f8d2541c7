"""Whether a set of demands fits, as a model of counts for OR-Tools' CP-SAT: how many of each unit run on each host.

Enters: a `Shape` and `Demands`. Leaves: yes, no, or unknown when the work allowed ran out; and, for claims alone, a core.
Counting alike nodes together and ordering alike hosts breaks the symmetry that makes packing proofs long. Capacities never
get a literal (pigeonholes then take for ever); claims do, in `core`. One worker and a limit in deterministic time: the
same answer on any machine. Used by `search.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..problem import Allow, Apart, Balance, Exclusive, MissingSolverError, Together
from .demands import Demands, Shape, Unit, domains_of

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

LARGEST = 60_000  # variables; above, building a model in Python alone costs seconds


class Count:
    """The model of one set of demands. `literals`: one for each claim when claims are assumptions, else empty."""

    def __init__(self, shape: Shape, demands: Demands, assumed: bool) -> None:
        cp = _cp_model()
        self.model: cp_model.CpModel = cp.CpModel()
        self.shape = shape
        self.units = shape.units(demands, fold=not assumed)
        self.literals = {claim: self.model.new_bool_var(f"c{claim}") for claim in sorted(demands.claims) if assumed}
        self.on = [self._places(unit) for unit in self.units]
        self.of_claim: dict[int, list[int]] = {}
        for index, unit in enumerate(self.units):
            for claim in unit.claims:
                self.of_claim.setdefault(claim, []).append(index)
        strict = [claim for claim in self.of_claim if isinstance(shape.problem.claims[claim], Exclusive)]
        self.exclusive = {unit for claim in strict for unit in self.of_claim[claim]}
        self.shared: dict[int, Any] = {}

    @property
    def size(self) -> int:
        return sum(len(places) for places in self.on)

    def _places(self, unit: Unit) -> dict[int, Any]:  # Any: variables of OR-Tools, published without types
        """For each host that can carry one, how many of the unit it carries; together all of them."""
        capacity = self.shape.problem.capacity
        places = {}
        for host in range(len(self.shape.problem.hosts)):
            most = min([unit.count, *(int(c) // int(s) for s, c in zip(unit.size, capacity[host], strict=True) if s)])
            if unit.hosts[host] and most > 0:
                places[host] = self.model.new_int_var(0, most, "")
        self.model.add(sum(places.values()) == unit.count)
        return places

    def fill(self) -> None:
        """No host carries more than it has."""
        capacity = self.shape.problem.capacity
        for host in range(len(self.shape.problem.hosts)):
            for resource in range(capacity.shape[1]):
                terms = [
                    int(unit.size[resource]) * places[host]
                    for unit, places in zip(self.units, self.on, strict=True)
                    if host in places and unit.size[resource]
                ]
                if terms:
                    self.model.add(sum(terms) <= int(capacity[host, resource]))

    def claim(self, index: int) -> None:
        claim = self.shape.problem.claims[index]
        match claim:
            case Allow():
                away = [host for host, open_ in enumerate(claim.hosts.tolist()) if not open_]
                self._only(index, self.sum_of(index, away) == 0)
            case Together():
                self._together(index, claim)
            case Apart():
                self._counts(index, claim, 0, 1)
            case Balance():
                places = max(len(domains_of(claim)), 1)
                self._counts(index, claim, len(claim.nodes) // places, -(-len(claim.nodes) // places))
            case Exclusive():
                self._exclusive(index)

    def sum_of(self, index: int, hosts: Sequence[int]) -> Any:  # Any: an expression of OR-Tools
        """How many nodes of the claim run on these hosts."""
        return sum(
            self.on[unit][host] for unit in self.of_claim.get(index, ()) for host in hosts if host in self.on[unit]
        )

    def _only(self, index: int, bound: Any) -> None:  # Any: a bounded expression of OR-Tools, or a plain truth
        if bound is True:
            return
        bound = self.model.add_bool_or([]) if bound is False else self.model.add(bound)
        if index in self.literals:
            bound.only_enforce_if(self.literals[index])

    def _homeless(self, index: int, claim: Together | Apart | Balance) -> None:
        self._only(index, self.sum_of(index, [h for h, domain in enumerate(claim.domains.tolist()) if domain < 0]) == 0)

    def _together(self, index: int, claim: Together) -> None:
        self._homeless(index, claim)
        chosen = []
        for _, hosts in domains_of(claim):
            here = self.model.new_bool_var("")
            chosen.append(here)
            self._only(index, self.sum_of(index, hosts) <= len(claim.nodes) * here)
        self.model.add_at_most_one(chosen)

    def _counts(self, index: int, claim: Apart | Balance, least: int, most: int) -> None:
        self._homeless(index, claim)
        for _, hosts in domains_of(claim):
            count = self.sum_of(index, hosts)
            self._only(index, count <= most)
            if least:
                self._only(index, count >= least)

    def _exclusive(self, index: int) -> None:
        """`taken`: the host is this claim's, so nobody's who is in no such claim, nor in another one only."""
        inside = set(self.of_claim.get(index, ()))
        for host in range(len(self.shape.problem.hosts)):
            taken = self.model.new_bool_var("")
            self._only(index, self.sum_of(index, [host]) <= len(self.shape.problem.claims[index].nodes) * taken)
            self.model.add(taken + self._shared(host) <= 1)
            others = [unit for unit in self.exclusive if unit not in inside and host in self.on[unit]]
            count = sum(self.units[unit].count for unit in others)
            if others:
                self.model.add(sum(self.on[unit][host] for unit in others) + count * taken <= count)

    def _shared(self, host: int) -> Any:  # Any: a variable of OR-Tools
        """Whether nodes that are in no Exclusive claim may run on the host."""
        if host not in self.shared:
            self.shared[host] = self.model.new_bool_var("")
            plain = [unit for unit in range(len(self.units)) if unit not in self.exclusive and host in self.on[unit]]
            count = sum(self.units[unit].count for unit in plain)
            self.model.add(sum(self.on[unit][host] for unit in plain) <= count * self.shared[host])
        return self.shared[host]

    def order(self, demands: Demands) -> None:
        """Hosts that nothing tells apart carry loads in descending order."""
        alike: dict[tuple[object, ...], int] = {}
        for host in range(len(self.shape.problem.hosts)):
            key = self._signature(host, demands)
            if key in alike:
                self.model.add(self._load(alike[key]) >= self._load(host))
            alike[key] = host

    def _load(self, host: int) -> Any:  # Any: an expression of OR-Tools
        """Any number that follows from what a host carries would do; this one differs for most different contents."""
        return sum((index + 1) * places[host] for index, places in enumerate(self.on) if host in places)

    def _signature(self, host: int, demands: Demands) -> tuple[object, ...]:
        """What the demands can see of a host: its room, who may run there, and the domains that it shares with others."""
        seen: list[object] = [self.shape.problem.capacity[host].tobytes(), *(host in places for places in self.on)]
        for index in sorted(demands.claims):
            claim = self.shape.problem.claims[index]
            if isinstance(claim, Together | Apart | Balance):
                domain = int(claim.domains[host])
                seen.append(domain if domain < 0 or int((claim.domains == domain).sum()) > 1 else "own")
        return tuple(seen)


def fits(shape: Shape, demands: Demands, work: float) -> tuple[bool | None, float]:
    """Whether the demands fit together, None when unknown; and the work that it took, in CP-SAT's deterministic seconds."""
    count = Count(shape, demands, assumed=False)
    if count.size > LARGEST:
        return None, 0.0
    count.fill()
    for claim in sorted(count.of_claim):
        count.claim(claim)
    count.order(demands)
    return _solve(count, work, presolve=True)[:2]


def core(shape: Shape, claims: frozenset[int], work: float) -> tuple[frozenset[int] | None, float]:
    """Claims that cannot hold together, whatever the sizes; not minimal. None when all can hold or nothing is known."""
    demands = Demands(frozenset(), claims)
    count = Count(shape, demands, assumed=True)
    if count.size > 4 * LARGEST:
        return None, 0.0
    for claim in sorted(count.of_claim):
        count.claim(claim)
    count.model.add_assumptions(list(count.literals.values()))
    verdict, spent, solver = _solve(count, work, presolve=False)
    if verdict is not False:
        return None, spent
    wanted = set(solver.sufficient_assumptions_for_infeasibility())
    return frozenset(claim for claim, literal in count.literals.items() if literal.index in wanted), spent


def _solve(count: Count, work: float, presolve: bool) -> tuple[bool | None, float, Any]:  # Any: OR-Tools' solver
    cp = _cp_model()
    solver = cp.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.catch_sigint_signal = False  # a Ctrl-C is for us
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = work
    # With presolve the cores of assumptions are wrong (google/or-tools issue 5141).
    solver.parameters.cp_model_presolve = presolve
    status = solver.solve(count.model)
    spent = float(solver.response_proto.deterministic_time)
    if status in (cp.OPTIMAL, cp.FEASIBLE):
        return True, spent, solver
    return (False if status == cp.INFEASIBLE else None), spent, solver


def _cp_model() -> Any:  # Any: a module published without types
    try:
        from ortools.sat.python import cp_model
    except ImportError as missing:
        raise MissingSolverError("ortools") from missing
    return cp_model
