"""What nodes ask of the host or device where they run: `needs` and `prefers KEY …`.

Enters: these statements. Leaves: `Demand`s of nodes. What a node takes of a host (cpu, memory, disk) is an amount of the right
type; every other key is compared with a label or an attribute of the same name when the lab is placed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ir.lab import Demand
from ..site.hosts import RESOURCES
from ..source import Origin
from ..syntax import tree
from . import operators
from .evaluate import compile_expression
from .scopes import Scope
from .site_values import CAPACITY
from .types import ANY, fitted, stored, within
from .values import POISON, Frame, Run

_WEIGHTS = range(1, 1001)
_TAKES = ("==", ">=")
_EXAMPLES = {"cpu": "cpu = 0.5", "memory": "memory = 256MiB", "disk": "disk = 10GB"}


def compile_needs(statement: tree.Needs, scope: Scope) -> Run:
    demands = [_compile_demand(demand, scope, hard=True) for demand in statement.demands]

    def needs(frame: Frame) -> None:
        for demand in demands:
            demand(frame, None)

    return needs


def compile_prefers(statement: tree.Prefers, scope: Scope) -> Run:
    demands = [_compile_demand(demand, scope, hard=False) for demand in statement.demands]
    weight_of = compile_weight(statement.weight, scope)

    def prefers(frame: Frame) -> None:
        weight = weight_of(frame)
        for demand in demands:
            demand(frame, weight)

    return prefers


def compile_weight(expression: tree.Expression | None, scope: Scope) -> Callable[[Frame], int]:
    """What a wish that is not met costs; 1 where none is stated, or after a report."""
    if expression is None:
        return lambda _: 1
    compute, span, state = compile_expression(expression, scope), expression.span, scope.state

    def weight(frame: Frame) -> int:
        value: Any = operators.int_of(state, frame, span, compute(frame))
        value = within(state, frame, value, _WEIGHTS, span, "the weight")
        return 1 if value is POISON else value

    return weight


def _compile_demand(demand: tree.Demand, scope: Scope, *, hard: bool) -> Callable[[Frame, int | None], None]:
    operator = {"=": "==", None: "=="}.get(demand.operator, demand.operator or "==")
    if demand.key in RESOURCES and hard and (operator not in _TAKES or demand.value is None):
        return lambda frame, _: _no_amount(demand, scope, frame)
    value_of = _compile_value(demand, scope, compared=operator == "in")

    def add(frame: Frame, weight: int | None) -> None:
        value = value_of(frame)
        if value is not POISON:
            frame[1].demands.append(Demand(demand.key, operator, stored(value), Origin(demand.span, frame[0]), weight))

    return add


def _compile_value(demand: tree.Demand, scope: Scope, *, compared: bool) -> Callable[[Frame], Any]:
    """`compared`: with a range or a list, whose items are of any type."""
    if demand.value is None:
        return lambda _: True
    compute, span, what = compile_expression(demand.value, scope), demand.value.span, f"`{demand.key}`"
    fit = CAPACITY.get(demand.key) if not compared else None
    if fit is not None:
        return lambda frame: fit(scope.state, frame, compute(frame), span, what)
    return lambda frame: fitted(scope.state, frame, ANY, compute(frame), span, what)


def _no_amount(demand: tree.Demand, scope: Scope, frame: Frame) -> None:
    scope.state.error(
        frame,
        "E0350",
        f"`needs {demand.key}` says how much the node takes of its host",
        demand.span,
        "this is no amount",
        help=f"write `needs {_EXAMPLES[demand.key]}`",
    )
