"""Checks of a written test: outage, alive, loss, sent, received, state. Called by `scripts.py`.

A check waits for what decides it and not longer: `outage < 5s` while answers are missing waits for the next answer, or until five
seconds are over. So a loss for good fails.
"""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Callable, Sequence
from typing import Protocol

from .background import Background
from .cases import CaseError, Flow, Json
from .ground import Ground

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_ALIVE_WITHIN = 10.0
_DEAD_WITHIN = 2.0
_LOOK_EVERY = 0.02


class Unmet(Exception):  # noqa: N818 - what a check is
    """A check that does not hold; its text says what was seen."""


class Counted(Protocol):
    """What counts are about: a background flow or a `send`."""

    @property
    def flow(self) -> Flow: ...
    @property
    def sent(self) -> int: ...
    @property
    def received(self) -> int: ...


async def check(
    said: Json,
    flows: Sequence[Background],
    counted: Counted | None,
    ground: Ground,
    within: float,
    beside: Sequence[Json],
) -> None:
    """One check; `beside`: the checks of the same step. Raises Unmet, CaseError."""
    subject = said["subject"]
    if subject == "state":
        await _state(said, ground, within)
    elif subject in ("sent", "received"):
        await _count(said, flows, counted, within)
    elif subject == "outage":
        await _outage(said, _flow(said, flows))
    elif subject == "alive":
        await _alive(said, _flow(said, flows), within or _longest_outage(beside) or _ALIVE_WITHIN)
    elif subject == "loss":
        await _loss(said, _flow(said, flows))
    else:
        raise CaseError(f"no probe knows the check {subject!r}")


def _flow(said: Json, flows: Sequence[Background]) -> Background:
    label = said.get("label")
    for flow in reversed(flows):
        if not label or flow.label == label:
            return flow
    raise CaseError(f"there is no flow {label!r}" if label else "there is no flow to check")


async def _outage(said: Json, flow: Background) -> None:
    """What is sent from now on must be answered, or the present gap has no end that anyone has seen."""
    limit = _number(said) / 1e9
    compare, rising = _comparison(said), said["operator"] in ("<", "<=")
    answers = True
    while rising and compare(flow.outage(), limit):
        answers = await flow.fresh(limit - flow.outage() + 0.02)
        if answers or flow.problem:
            break
    outage = flow.outage()
    if flow.problem and rising:
        raise Unmet(f"the outage of {flow.flow} has no end: {flow.problem}")
    if not compare(outage, limit):
        still = "" if answers and rising else ", and it goes on"
        raise Unmet(
            f"the outage of {flow.flow} was {outage:.2f} s{still if rising else ''}, wanted {said['operator']} {limit:g} s"
        )


async def _alive(said: Json, flow: Background, within: float) -> None:
    wanted = bool(said.get("value", True)) is (said.get("operator", "==") != "!=")
    answers = not flow.problem and await flow.fresh(within if wanted else min(within, _DEAD_WITHIN))
    if answers is not wanted:
        dead = flow.problem or f"no answer for {flow.outage():.1f} s"
        raise Unmet(f"{flow.flow} is alive" if answers else f"{flow.flow} is dead: {dead}")


async def _loss(said: Json, flow: Background) -> None:
    await flow.settle()
    sent, received = flow.sent, flow.received
    if not sent:
        raise CaseError("nothing was sent, so no share of it was lost")
    if not _comparison(said)((sent - received) * 1_000_000 / sent, _number(said)):
        wanted = f"{said['operator']} {_number(said) / 1e4:g} %"
        raise Unmet(
            f"{flow.flow} lost {sent - received} of {sent} ({(sent - received) * 100 / sent:.1f} %), wanted {wanted}"
        )


async def _count(said: Json, flows: Sequence[Background], counted: Counted | None, within: float) -> None:
    subject: Counted | None = _flow(said, flows) if said.get("label") else counted
    if subject is None:
        raise CaseError("nothing was sent that could be counted")
    if subject in flows:
        await flows[flows.index(subject)].settle()
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while not _comparison(said)(count := getattr(subject, said["subject"]), _number(said)):
        if loop.time() >= end:
            wanted = f"{said['operator']} {_number(said):g}"
            raise Unmet(f"{count} of {subject.sent} packets {subject.flow} were {said['subject']}, wanted {wanted}")
        await asyncio.sleep(_LOOK_EVERY)


async def _state(said: Json, ground: Ground, within: float) -> None:
    target = str(said.get("label") or said.get("target"))
    wanted, differs = str(said["value"]), said.get("operator") == "!="
    loop = asyncio.get_running_loop()
    end = loop.time() + within
    while ((state := ground.state(target)) != wanted) is not differs:
        if loop.time() >= end:
            raise Unmet(f"{target} is {state}, wanted {'not ' if differs else ''}{wanted}")
        await asyncio.sleep(_LOOK_EVERY)


def _longest_outage(beside: Sequence[Json]) -> float:
    limits = [_number(one) / 1e9 for one in beside if one["subject"] == "outage" and one["operator"] in ("<", "<=")]
    return max(limits, default=0.0)


def _comparison(said: Json) -> Callable[[float, float], bool]:
    try:
        return _COMPARE[said.get("operator") or "=="]
    except KeyError:
        raise CaseError(f"no probe knows the comparison {said.get('operator')!r}") from None


def _number(said: Json) -> float:
    try:
        return float(said["value"])
    except (TypeError, ValueError):
        raise CaseError(f"{said.get('value')!r} is no number to compare with") from None
