"""Written tests that check nothing, or look at what never happened."""

from __future__ import annotations

from ...ir.lab import Check, Step, Test
from .design import Design, there

_EXPECTS = {"expect", "expect-not", "check"}
_BACKGROUND = {"ping", "stream"}
_OF_A_FLOW = {"alive", "outage", "loss", "sent", "received"}


def check(design: Design) -> None:
    for test in design.lab.tests.values():
        if not design.is_whole(test.origin, *(step.origin for step in test.steps)):
            continue
        if not any(step.verb in _EXPECTS for step in test.steps):
            _checks_nothing(test, design)
        else:
            _flows(test, design)
        _disturbances(test, design)


def _checks_nothing(test: Test, design: Design) -> None:
    design.say(
        "E0627",
        f'the test "{test.title}" checks nothing',
        test.origin,
        "it has no `expect`" if test.steps else "it has no steps",
        reason="it would pass whatever the lab does",
        help="write what must hold: `expect pc -> web tcp/80`",
    )


def _flows(test: Test, design: Design) -> None:
    """Walks through the steps with the background flows that run, and strikes out those that a check looks at."""
    running: list[Step] = []
    unseen: dict[int, Step] = {}
    for step in test.steps:
        if step.verb in _BACKGROUND or step.verb == "send":
            running.append(step)
            if step.verb in _BACKGROUND:
                unseen[id(step)] = step
        for each in step.checks:
            if each.subject in _OF_A_FLOW:
                seen = _looked_at(each, running)
                if seen is None:
                    _no_flow(each, design)
                else:
                    unseen.pop(id(seen), None)
    for step in unseen.values():
        _never_looked_at(step, design)


def _looked_at(check: Check, running: list[Step]) -> Step | None:
    """The flow that a check means: the one with its label, else the last one."""
    for step in reversed(running):
        if check.label is None or step.label == check.label:
            return step
    return None


def _no_flow(check: Check, design: Design) -> None:
    design.say(
        "E0629",
        "no flow runs here",
        check.origin,
        f"`{check.subject}` is measured on a flow that started before",
        mark=check.subject,
        reason="a check looks at what was sent earlier in the test",
        help="start one first: `ping pc -> web`, `stream pc -> web tcp/80`",
    )


def _never_looked_at(step: Step, design: Design) -> None:
    design.say(
        "W0628",
        f"nothing looks at this {step.verb}",
        step.origin,
        "no `expect` after it is about it",
        help="`expect stream alive`, `expect outage < 5s`"
        if step.verb == "stream"
        else "`expect loss < 1%`, `expect outage < 5s`",
        severity="warning",
    )


def _disturbances(test: Test, design: Design) -> None:
    """A heal without a cut, a start without a stop: a slip of the name, most often."""
    down: dict[str, Step] = {}
    for step in test.steps:
        if step.target is None:
            continue
        if step.verb in ("cut", "stop"):
            down[step.target] = step
        elif step.verb in ("heal", "start") and down.pop(step.target, None) is None:
            _was_up(step, step.target, down, design)


def _was_up(step: Step, target: str, down: dict[str, Step], design: Design) -> None:
    other = "cut" if step.verb == "heal" else "stopped"
    design.say(
        "W0631",
        f"{_called(target)} was not {other} before",
        step.origin,
        f"so there is nothing to {step.verb}",
        labels=[there(earlier.origin, f"{_called(name)} was") for name, earlier in list(down.items())[:1]],
        help=f"put a `{'cut' if step.verb == 'heal' else 'stop'}` of it before, or name what was {other}",
        severity="warning",
    )


def _called(target: str) -> str:
    """`port/edge/srv` as the language writes it: `edge:srv`."""
    kind, _, name = target.partition("/")
    return name.replace("/", ":" if kind == "port" else ".", 1)
