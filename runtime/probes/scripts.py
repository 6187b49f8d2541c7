"""A written test: its steps in order. Called by `process.py`; checks are in `checks.py`.

Whatever it cut or stopped is healed when it ends, however it ends; the ledger remembers it for the case that this process dies.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .allows import WITHIN, flow_failed
from .background import PING_EVERY, STREAM_EVERY, Background, Ping, Stream
from .bench import Bench
from .capture import PortCapture
from .cases import CaseError, End, Flow, Json, flow
from .checks import Unmet, check
from .controls import controls
from .denies import SilentControlError, deny
from .evidence import snap_of, why_it_passed
from .flows import Outcome, try_flow
from .pcap import pcap
from .result import Result, could_not_run, failed, passed
from .wire import prepare

_START_WITHIN = 5.0
_SEND_QUIET = 1.0
_NO_ANSWER = 1.0
_FIRST_ANSWER = 2.0
_CONTROL_PATIENCE = 1.0
_CHECKING = ("expect", "expect-not", "check")


@dataclass(slots=True)
class Sending:
    """What `send` sent and how much of it arrived."""

    flow: Flow
    label: str = ""
    sent: int = 0
    received: int = 0


@dataclass(slots=True)
class Script:
    """One run of a written test. `flows`: background flows in order of start; `counted`: what counts are about."""

    bench: Bench
    case: str
    flows: list[Background] = field(default_factory=list)
    counted: Sending | Background | None = None
    disturbed: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Stopped(Exception):  # noqa: N818 - the test ends here
    """A step decided the verdict."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.reason)
        self.result = result


async def run_script(bench: Bench, case: Json) -> Result:
    """Run one written test of the plan."""
    steps = case["steps"]
    if not any(step["verb"] in _CHECKING for step in steps):
        return could_not_run(case["id"], "the test checks nothing")
    script = Script(bench, case["id"])
    try:
        for number, step in enumerate(steps, 1):
            await _step(script, number, step)
    except Stopped as stopped:
        return stopped.result
    finally:
        # Healing is no matter of a moment's cancellation.
        problems = await asyncio.shield(_end(script))
        script.notes += problems
    return passed(case["id"], *script.notes)


async def _step(script: Script, number: int, step: Json) -> None:
    if step.get("after"):
        await asyncio.sleep(_seconds(step["after"]))
    verb = step["verb"]
    action = _VERBS.get(verb)
    if action is None:
        raise Stopped(could_not_run(script.case, f"step {number}: no probe knows the step {verb!r}"))
    try:
        await action(script, step)
    except Stopped as stopped:
        stopped.result.reason = f"step {number}: {stopped.result.reason}"
        raise
    except (CaseError, SilentControlError) as failure:
        raise Stopped(could_not_run(script.case, f"step {number}: {failure}")) from None
    except OSError as failure:
        why = failure.strerror or str(failure)
        raise Stopped(could_not_run(script.case, f"step {number} ({verb}): {why}")) from None


async def _wait(script: Script, step: Json) -> None:
    """`after` has been waited for already."""


async def _send(script: Script, step: Json) -> None:
    """COUNT packets of each flow; waits until all have arrived, or none has for a while."""
    for each in _flows(step):
        if each.target is None:
            raise CaseError(f"nobody is known to receive {each}")
        sending = script.counted = Sending(each, str(step.get("label") or ""))
        capture, wire = script.bench.capture(each.target), script.bench.wire(each.source)
        prepared = [prepare(each.source, each.packet, script.bench.ports) for _ in range(int(step.get("count") or 1))]
        watches = [capture.watch(*one.keys) for one in prepared]
        try:
            for one in prepared:
                script.bench.forget_flow(each.source.address, each.packet)
                wire.send(one)
                sending.sent += 1
                await asyncio.sleep(0)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_seconds(step.get("within")) or _SEND_QUIET):
                    for watch in watches:
                        await watch.event.wait()
            sending.received = sum(bool(watch.arrived) for watch in watches)
        finally:
            for watch in watches:
                capture.forget(watch)


async def _expect(script: Script, step: Json) -> None:
    within = _seconds(step.get("within")) or WITHIN
    for each in _flows(step):
        outcome = await try_flow(script.bench, each, within)
        if not outcome.works:
            raise Stopped(await flow_failed(script.bench, script.case, each, outcome))


async def _expect_not(script: Script, step: Json) -> None:
    """While something is cut or stopped: the flow does not work. Else as a deny case. With `within`, until it holds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _seconds(step.get("within"))
    for said, each in zip(_said_flows(step), _flows(step), strict=True):
        while (result := await _denied(script, said, each)) is not None:
            if loop.time() >= end:
                raise Stopped(result)
            await asyncio.sleep(0.05)


async def _denied(script: Script, said: Json, each: Flow) -> Result | None:
    """The failure, None when it holds."""
    if script.disturbed:
        if not (await try_flow(script.bench, each, _NO_ANSWER)).works:
            return None
        return failed(script.case, f"{each} works although it must not")
    if each.target is None:
        raise CaseError(f"nobody is known to receive {each}")
    silent: SilentControlError | None = None
    capture = script.bench.capture(each.target, str(said.get("capture") or "port"))
    for control in controls(script.bench.lab, script.bench.known, each.source, each.target, each.packet):
        try:
            leaks, _ = await deny(script.bench, each.source, [each.packet], control.flow, capture, _CONTROL_PATIENCE)
        except SilentControlError as failure:
            silent = silent or failure
            continue
        if leaks:
            evidence = await why_it_passed(script.bench, each.source, each.target, leaks)
            return failed(script.case, f"{each} arrived although it must not", **evidence)
        if not control.same_path:
            script.notes.append(f"the control came from {control.flow.source}, not over the same path")
        return None
    raise silent or CaseError("no control: nothing is allowed to reach this receiver, so silence proves nothing")


async def _ping(script: Script, step: Json) -> None:
    for each in _flows(step):
        _keep_frames(script, each)
        ping = Ping(script.bench, each, str(step.get("label") or ""), _seconds(step.get("every")) or PING_EVERY)
        script.flows.append(ping)
        script.counted = ping
        await ping.fresh(_FIRST_ANSWER)  # a first answer before the next step, where there is one


async def _stream(script: Script, step: Json) -> None:
    for each in _flows(step):
        _keep_frames(script, each)
        stream = Stream(script.bench, each, str(step.get("label") or ""), _seconds(step.get("every")) or STREAM_EVERY)
        script.flows.append(stream)
        script.counted = stream
        problem = ""
        try:
            async with asyncio.timeout(_seconds(step.get("within")) or _START_WITHIN):
                await stream.start()
            problem = stream.problem
        except TimeoutError:
            problem = "no answer"
        except OSError as failure:
            problem = (failure.strerror or str(failure)).lower()
        if problem:
            result = await flow_failed(script.bench, script.case, each, Outcome(problem, 1))
            result.reason = f"the stream did not begin: {result.reason}"
            raise Stopped(result)


async def _disturb(script: Script, step: Json) -> None:
    """cut, heal, stop, start."""
    verb = step["verb"]
    for target in step.get("ports") or [step["target"]]:
        if verb in ("cut", "stop"):
            script.disturbed.append((_UNDO[verb], target))
        await asyncio.to_thread(_act, script.bench, verb, target)
        if verb in ("heal", "start"):
            script.disturbed = [one for one in script.disturbed if one != (verb, target)]


async def _check(script: Script, step: Json) -> None:
    for said in step["checks"]:
        try:
            await check(
                said, script.flows, script.counted, script.bench.ground, _seconds(step.get("within")), step["checks"]
            )
        except Unmet as unmet:
            raise Stopped(failed(script.case, str(unmet), **_counters(script))) from None


def _act(bench: Bench, verb: str, target: str) -> None:
    getattr(bench.ground, verb)(target)


async def _end(script: Script) -> list[str]:
    """Heal first, then end the flows."""
    problems = []
    for verb, target in reversed(script.disturbed):
        try:
            await asyncio.to_thread(_act, script.bench, verb, target)
        except (OSError, CaseError) as failure:
            problems.append(f"{target} could not be healed: {failure}")
    for each in script.flows:
        await each.close()
    return problems


def _keep_frames(script: Script, each: Flow) -> None:
    """Captures of both ends from here on, for the evidence."""
    for end in (each.source, each.target):
        if end is not None:
            script.bench.capture(end)


def _told(name: str, said: Mapping[str, Any]) -> str:
    ended = "" if said["ended"] == "no" else f", ended: {said['ended']}"
    return f"{name}: {said['sent']} sent, {said['answered']} answered, longest outage {said['longest outage, ms']} ms{ended}"


def _counters(script: Script) -> Mapping[str, Any]:
    counters = {
        each.label or str(each.flow): {
            "sent": each.sent,
            "answered": each.received,
            "longest outage, ms": round(each.outage() * 1000),
            "ended": each.problem or "no",
        }
        for each in script.flows
    }
    captures = {}
    for each in script.flows[-1:]:
        ends: list[tuple[str, End | None]] = [("sender", each.flow.source), ("receiver", each.flow.target)]
        for name, end in ends:
            capture = script.bench.capture(end) if end is not None else None
            if isinstance(capture, PortCapture):
                capture.drain()
                captures[name] = base64.b64encode(pcap(capture.frames, snap_of(script.bench))).decode()
    found = [_told(name, said) for name, said in counters.items()]
    return {"found": found, "counters": counters, "captures": captures}


def _said_flows(step: Json) -> list[Json]:
    said = step.get("flows") or ([step["flow"]] if step.get("flow") else [])
    if not said:
        raise CaseError(f"the step {step['verb']} has no flow")
    return list(said)


def _flows(step: Json) -> list[Flow]:
    return [flow(said) for said in _said_flows(step)]


def _seconds(nanoseconds: object) -> float:
    return int(nanoseconds) / 1e9 if isinstance(nanoseconds, int) else 0.0


_UNDO = {"cut": "heal", "stop": "start"}
_VERBS = {
    "send": _send,
    "expect": _expect,
    "expect-not": _expect_not,
    "check": _check,
    "ping": _ping,
    "stream": _stream,
    "cut": _disturb,
    "heal": _disturb,
    "stop": _disturb,
    "start": _disturb,
    "wait": _wait,
}
