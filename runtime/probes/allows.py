"""An allow case: the flow works end to end, to the lab's service or to a listener of ours. Called by `process.py`."""

from __future__ import annotations

from .bench import Bench
from .cases import Flow, Json, flow
from .evidence import why_it_failed
from .flows import Outcome, try_flow
from .result import Result, failed, passed

WITHIN = 2.0


async def run_allow(bench: Bench, case: Json) -> Result:
    """Run one allow case of the plan."""
    wanted = flow(case)
    outcome = await try_flow(bench, wanted, WITHIN)
    if outcome.works:
        return passed(case["id"], f"attempt {outcome.attempts}" if outcome.attempts > 1 else "")
    return await flow_failed(bench, case["id"], wanted, outcome)


async def flow_failed(bench: Bench, case: str, wanted: Flow, outcome: Outcome) -> Result:
    """The failure of a flow that should work, with what stopped it."""
    evidence = await why_it_failed(bench, wanted)
    evidence["command"] = f"from {wanted.source}: {wanted.packet}"
    evidence["counters"] = {"attempts": outcome.attempts, "answered": 0}
    return failed(case, f"{wanted}: {outcome.problem}", **evidence)
