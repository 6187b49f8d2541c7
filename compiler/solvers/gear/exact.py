"""A binding by OR-Tools' CP-SAT, where cabling couples choices beyond what trying can finish.

Enters: `Options` and `Limits`. Leaves: a binding, or None when there is none; raises `DoesNotFitError(False)` when the work ran out with
nothing found. One worker, a limit in deterministic time: the same answer on any machine. Called by `bind.py`.

A port's seat and its way are chosen apart, tied by the seat's root; sockets of a seat are counted, not named. First any
binding is looked for; then, from that one, the cheapest.
"""

from __future__ import annotations

from typing import Any

from ..problem import DoesNotFitError, MissingSolverError
from .exact_model import Model
from .options import Choice, Options, Seat
from .price import binding_of
from .records import Binding, Limits


def solve(options: Options, limits: Limits, find: float, best: float) -> Binding | None:
    """`find`, `best`: the work for each of the two steps, in CP-SAT's deterministic seconds."""
    cp = _cp_model()
    model = Model(cp.CpModel(), options)
    model.limit(limits)
    price = model.price()  # before the first step, whose answer must be a hint for every variable
    solver, status = _run(cp, model, find)
    if status == cp.INFEASIBLE:
        return None
    if status not in (cp.OPTIMAL, cp.FEASIBLE):
        raise DoesNotFitError(proven=False)
    found = _read(model, solver, proven=False)
    for index in range(len(model.model.proto.variables)):
        variable = model.model.get_int_var_from_proto_index(index)
        model.model.add_hint(variable, solver.value(variable))
    model.model.minimize(price)
    solver, status = _run(cp, model, best)
    return _read(model, solver, proven=status == cp.OPTIMAL) if status in (cp.OPTIMAL, cp.FEASIBLE) else found


def possible(options: Options, limits: Limits, work: float) -> tuple[bool | None, float]:
    """Whether there is any binding, None when the work ran out; and the work that it took."""
    cp = _cp_model()
    model = Model(cp.CpModel(), options)
    model.limit(limits)
    solver, status = _run(cp, model, work)
    verdict = None if status == cp.UNKNOWN else status != cp.INFEASIBLE
    return verdict, float(solver.response_proto.deterministic_time)


def _run(cp: Any, model: Model, work: float) -> tuple[Any, Any]:  # Any: OR-Tools is published without types
    solver = cp.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.catch_sigint_signal = False  # a Ctrl-C is for us
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = work
    return solver, solver.solve(model.model)


def _read(model: Model, solver: Any, proven: bool) -> Binding:
    """Sockets of a seat go to its ports in order."""
    left: dict[Seat, list[int]] = {}

    def choice(seats: dict[Any, Any], ways: dict[Any, Any]) -> Choice:
        seat = _picked(solver, seats)
        return Choice(left.setdefault(seat, list(seat.sockets)).pop(0), _picked(solver, ways))

    chosen = [
        [choice(*pair) for pair in zip(*ports, strict=True)] for ports in zip(model.seats, model.ways, strict=True)
    ]
    devices = [_picked(solver, devices) for devices in model.devices]
    return binding_of(model.options, devices, chosen, "exact", proven)


def _picked(solver: Any, literals: dict[Any, Any]) -> Any:
    return next(value for value, literal in literals.items() if solver.boolean_value(literal))


def _cp_model() -> Any:
    try:
        from ortools.sat.python import cp_model
    except ImportError as missing:
        raise MissingSolverError("ortools") from missing
    return cp_model
