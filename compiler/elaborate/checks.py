"""What a test's `expect` looks at: outage, loss and counts of background flows, states of things.

Enters: a `Check` of the tree. Leaves: a `Check` of the IR, in base units, or None after a report. `scripts` calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..ir.lab import Check
from ..quantities import Quantity
from ..source import Origin
from ..syntax import tree
from .evaluate import compile_expression
from .scopes import Scope
from .state import suggest
from .things import compile_thing
from .types import Type, fitted
from .values import POISON, Frame

if TYPE_CHECKING:
    from .scripts import Script

_STATES = {"up": "up", "down": "down", "running": "running", "stopped": "stopped"}
_MEASURES = {"outage": "duration", "loss": "ratio", "sent": "int", "received": "int"}

Checking = Callable[[Frame], Check | None]


def compile_check(check: tree.Check, scope: Scope) -> Checking:
    if check.subject in _MEASURES and check.operator is not None and check.value is not None:
        return _compile_measure(check, check.value, scope)
    if check.subject == "alive" and check.operator is None:
        label_of = _compile_label(check, scope)
        return lambda frame: _labelled(
            label_of(frame), lambda label: Check("alive", label, "==", True, Origin(check.span, frame[0]))
        )
    if check.subject in _STATES and check.of is not None and check.operator is None:
        return _compile_state(check, check.of, scope)
    return _unknown_check(check, scope)


def _unknown_check(check: tree.Check, scope: Scope) -> Checking:
    known = [*_MEASURES, "alive", *_STATES]

    def unknown(frame: Frame) -> None:
        scope.state.error(
            frame,
            "E0330",
            f"`{check.subject}` cannot be checked",
            check.span,
            help=lambda: (
                suggest(check.subject, known)
                or "check `outage < 5s`, `loss < 1%`, `received == 10`, `stream alive`, `edge:srv up`, `web.http running`"
            ),
        )

    return unknown


class _Nothing:
    """The label of the last background flow, as against a label that is wrong."""


Label = str | None | _Nothing
_WRONG = _Nothing()


def _labelled(label: Label, make: Callable[[str | None], Check]) -> Check | None:
    return None if isinstance(label, _Nothing) else make(label)


def _compile_label(check: tree.Check, scope: Scope) -> Callable[[Frame], Label]:
    """The label that a check names."""
    if check.of is None:
        return lambda _: None
    span = check.of.span
    name = check.of.name if isinstance(check.of, tree.Reference) else span.shown.strip('"')

    def label(frame: Frame) -> Label:
        script: Script = frame[1]
        if name in script.labels:
            return name
        if scope.state.is_lost(name):
            return _WRONG
        scope.state.error(
            frame,
            "E0331",
            f"no flow of this test is called `{name}`",
            span,
            help=lambda: suggest(name, script.labels) or f"start one before: `ping A -> B as {name}`",
        )
        return _WRONG

    return label


def _compile_measure(check: tree.Check, value: tree.Expression, scope: Scope) -> Checking:
    compute, label_of, state = compile_expression(value, scope), _compile_label(check, scope), scope.state
    kind, operator = Type(_MEASURES[check.subject]), check.operator or "=="

    def measure(frame: Frame) -> Check | None:
        label = label_of(frame)
        amount = fitted(state, frame, kind, compute(frame), value.span, f"`{check.subject}`")
        if amount is POISON:
            return None
        plain = amount.amount if type(amount) is Quantity else amount
        return _labelled(label, lambda name: Check(check.subject, name, operator, plain, Origin(check.span, frame[0])))

    return measure


def _compile_state(check: tree.Check, of: tree.Expression, scope: Scope) -> Checking:
    target_of = compile_thing(of, scope)

    def state(frame: Frame) -> Check | None:
        target = target_of(frame)
        if target is None:
            return None
        return Check("state", target, "==", _STATES[check.subject], Origin(check.span, frame[0]))

    return state
