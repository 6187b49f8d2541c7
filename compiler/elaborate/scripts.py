"""Written tests: steps with everything resolved to ids, loops and repetitions unrolled.

Enters: `test` statements. Leaves: `Test`s of the lab. Whether a test checks anything is the pass `check`'s to say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ir.lab import Flow, NodeId, Step, Test, TestId
from ..quantities import Quantity, Service
from ..source import Origin, Span
from ..syntax import tree
from . import operators
from .blocks import SCRATCH, Place, compile_block, header
from .checks import compile_check
from .evaluate import compile_expression
from .names import good_title
from .scopes import Scope
from .services import compile_service
from .state import STEP_COST
from .targets import ENDS, compile_list
from .things import compile_thing
from .types import Type, fitted, within
from .values import POISON, SECRET_MARK, Frame, Run, shown

_COUNT = range(1, 1_000_001)
_PORT = range(1, 65536)


class Script:
    """A test while its steps are made. `labels`: of its background flows so far."""

    __slots__ = ("labels", "steps")

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.labels: dict[str, Span] = {}


def compile_test(statement: tree.TestDecl, scope: Scope) -> Run:
    state, span, at = scope.state, header(statement), statement.title.span
    title_of, steps = compile_expression(statement.title, scope), compile_block(statement.body, scope, TEST)

    def declare(frame: Frame) -> None:
        title = title_of(frame)
        if type(title) is not str or SECRET_MARK in title or not good_title(title):
            if title is not POISON:
                state.error(
                    frame,
                    "E0320",
                    f"{shown(title)} cannot be the title of a test",
                    at,
                    help="use one line of 1 to 200 characters",
                )
            return
        if not state.once(frame, f"test/{title}", at, f"the test “{title}”"):
            return
        script = Script()
        steps([frame[0], script, *frame[2:]])
        test_id = TestId(f"test/{title}")
        state.lab.tests[test_id] = Test(test_id, title, script.steps, Origin(span, frame[0]))

    return declare


def _add(scope: Scope, frame: Frame, step: Step) -> None:
    scope.state.spend(STEP_COST, frame, step.origin.span)
    frame[1].steps.append(step)


# --- Amounts -----------------------------------------------------------------------------------------------

Amount = Callable[[Frame], int | None]


def _compile_time(expression: tree.Expression | None, scope: Scope, what: str) -> Amount:
    """Nanoseconds, not negative; None where nothing is written, and after a report."""
    if expression is None:
        return lambda _: None
    compute, span, state = compile_expression(expression, scope), expression.span, scope.state

    def time(frame: Frame) -> int | None:
        value = fitted(state, frame, Type("duration"), compute(frame), span, what)
        if type(value) is Quantity and value.amount < 0:
            value = state.error(frame, "E0304", f"{what} is negative", span, shown(value))
        return None if value is POISON else value.amount

    return time


def _compile_int(expression: tree.Expression | None, scope: Scope, allowed: range, what: str) -> Amount:
    if expression is None:
        return lambda _: None
    compute, span, state = compile_expression(expression, scope), expression.span, scope.state

    def number(frame: Frame) -> int | None:
        value = within(state, frame, operators.int_of(state, frame, span, compute(frame)), allowed, span, what)
        return None if value is POISON else int(value)

    return number


# --- Flows -------------------------------------------------------------------------------------------------


def _compile_flow(flow: tree.Flow, scope: Scope) -> Callable[[Frame], Flow | None]:
    sources = compile_list((flow.source,), scope, ENDS, addresses=True)
    targets = compile_list((flow.target,), scope, ENDS, addresses=True)
    service_of = compile_service(flow.service, scope)
    port_of = _compile_int(flow.source_port, scope, _PORT, "the source port")

    def build(frame: Frame) -> Flow | None:
        ends, others = sources(frame), targets(frame)
        found, name = service_of(frame)
        port = port_of(frame)
        if not ends or not others or not found:
            return None
        if name is not None:
            found = _served(scope, others, name) or found
        service = _one_service(scope, frame, found, flow.service.span, name)
        return None if service is None else Flow(ends, others, service, port, Origin(flow.span, frame[0]), name)

    return build


def _served(scope: Scope, targets: tuple[str, ...], name: str) -> list[Service]:
    """Where the target serves what the flow names: `pc -> web http` follows `serve http on tcp/8080`."""
    node = scope.state.lab.nodes.get(NodeId(targets[0])) if len(targets) == 1 else None
    if node is None:
        return []
    return [service for serving in node.services if serving.name == name for service in serving.listens]


def _one_service(scope: Scope, frame: Frame, found: list[Service], span: Span, name: str | None) -> Service | None:
    """The service of a flow: one; of a named one the first, which its clients use."""
    if len(found) > 1 and name is None:
        scope.state.error(
            frame, "E0303", f"a flow has one service, not {len(found)}", span, help="go through them with `for`"
        )
        return None
    if found[0].protocol == "any":
        scope.state.error(
            frame, "E0303", "a flow needs a service that can be sent", span, help="write `icmp`, `tcp/80`, `udp/53`, …"
        )
        return None
    return found[0]


def _compile_send(statement: tree.Send, scope: Scope) -> Run:
    flow_of, span = _compile_flow(statement.flow, scope), header(statement)
    count_of = _compile_int(statement.count, scope, _COUNT, "the count")

    def send(frame: Frame) -> None:
        flow, count = flow_of(frame), count_of(frame)
        if flow is not None:
            _add(scope, frame, Step("send", Origin(span, frame[0]), flow, count=count or 1))

    return send


def _compile_expect_flow(statement: tree.ExpectFlow, scope: Scope) -> Run:
    flow_of, span = _compile_flow(statement.flow, scope), header(statement)
    within_of = _compile_time(statement.within, scope, "`within`")
    verb = "expect-not" if statement.negated else "expect"

    def expect(frame: Frame) -> None:
        flow, limit = flow_of(frame), within_of(frame)
        if flow is not None:
            _add(scope, frame, Step(verb, Origin(span, frame[0]), flow, within=limit))

    return expect


def _compile_background(statement: tree.Background, scope: Scope) -> Run:
    flow_of, span = _compile_flow(statement.flow, scope), header(statement)
    every_of = _compile_time(statement.every, scope, "`every`")
    label = statement.label

    def start(frame: Frame) -> None:
        script: Script = frame[1]
        flow, every = flow_of(frame), every_of(frame)
        if label is not None:
            script.labels[label] = span
        if flow is not None:
            _add(scope, frame, Step(statement.form, Origin(span, frame[0]), flow, every=every, label=label))

    return start


def _compile_expect(statement: tree.Expect, scope: Scope) -> Run:
    checks = [compile_check(check, scope) for check in statement.checks]
    within_of, span = _compile_time(statement.within, scope, "`within`"), header(statement)

    def expect(frame: Frame) -> None:
        found = [made for check in checks if (made := check(frame)) is not None]
        limit = within_of(frame)
        if found:
            _add(scope, frame, Step("check", Origin(span, frame[0]), checks=tuple(found), within=limit))

    return expect


_FITS = {
    "cut": ("port/", "link/"),
    "heal": ("port/", "link/"),
    "stop": ("node/", "service/"),
    "start": ("node/", "service/"),
}


def _compile_disturb(statement: tree.Disturb, scope: Scope) -> Run:
    thing_of, span = compile_thing(statement.target, scope), header(statement)
    after_of, fits = _compile_time(statement.after, scope, "`after`"), _FITS[statement.form]

    def disturb(frame: Frame) -> None:
        target, after = thing_of(frame), after_of(frame)
        if target is None:
            return
        if not target.startswith(fits):
            _refuse_disturb(scope, frame, statement)
            return
        _add(scope, frame, Step(statement.form, Origin(span, frame[0]), target=target, after=after))

    return disturb


def _refuse_disturb(scope: Scope, frame: Frame, statement: tree.Disturb) -> None:
    wanted = "a port or a link" if statement.form in ("cut", "heal") else "a node or a service of one"
    example = f"{statement.form} edge:srv" if statement.form in ("cut", "heal") else f"{statement.form} web.http"
    scope.state.error(
        frame, "E0303", f"`{statement.form}` wants {wanted}", statement.target.span, help=f"as in `{example}`"
    )


def _compile_wait(statement: tree.Wait, scope: Scope) -> Run:
    time_of, span = _compile_time(statement.time, scope, "the time"), header(statement)

    def wait(frame: Frame) -> None:
        time = time_of(frame)
        if time is not None:
            _add(scope, frame, Step("wait", Origin(span, frame[0]), after=time))

    return wait


def _compile_repeat(statement: tree.Repeat, scope: Scope) -> Run:
    count_of = _compile_int(statement.count, scope, _COUNT, "the count")
    body, span = compile_block(statement.body, scope, TEST), header(statement)

    def repeat(frame: Frame) -> None:
        base: Any = frame[0]
        for turn in range(1, (count_of(frame) or 0) + 1):
            scope.state.spend(1, frame, span)
            body([Origin(span, base, f"turn {turn}"), *frame[1:]])

    return repeat


TEST = Place(
    "in a test",
    {
        tree.Send: _compile_send,
        tree.ExpectFlow: _compile_expect_flow,
        tree.Expect: _compile_expect,
        tree.Background: _compile_background,
        tree.Disturb: _compile_disturb,
        tree.Wait: _compile_wait,
        tree.Repeat: _compile_repeat,
    },
)
SCRATCH["test"] = TEST, Script
