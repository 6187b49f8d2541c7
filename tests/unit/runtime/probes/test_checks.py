"""Checks of written tests, on flows that behave as told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from labc.runtime.probes.cases import CaseError, End, Flow, Packet
from labc.runtime.probes.checks import Unmet, check
from labc.runtime.probes.lab import Lab
from labc.runtime.probes.ledger import Ledger
from labc.runtime.probes.process import _groups

FLOW = Flow(End("a", "port/a/e", "e", "10.0.0.1", "inside"), None, Packet("tcp", 0, 80, "10.0.0.2"))
SECOND = 10**9


@dataclass
class Told:
    """A flow whose gap grows by what it is waited for, until `returns` seconds; never when None."""

    gap: float = 0.0
    returns: float | None = 0.0
    sent: int = 100
    received: int = 100
    problem: str = ""
    label: str = ""
    flow: Flow = field(default=FLOW)

    def outage(self) -> float:
        return self.gap

    async def fresh(self, within: float) -> bool:
        if self.problem:
            return False
        if self.returns is not None and self.returns <= self.gap + within:
            self.gap = max(self.gap, self.returns)
            return True
        self.gap += within
        return False

    async def settle(self) -> None: ...
    async def close(self) -> None: ...


def run(flow: Told, subject: str, operator: str, value: object, within: float = 0.0) -> None:
    said = {"subject": subject, "operator": operator, "value": value, "label": None}
    asyncio.run(check(said, [flow], flow, None, within, [said]))  # type: ignore[arg-type]


def test_an_outage_that_ends_in_time_is_within_the_limit() -> None:
    """The check waits for the end of the present gap."""
    run(Told(gap=2, returns=3), "outage", "<", 5 * SECOND)


@pytest.mark.parametrize("returns", [6.0, None])
def test_an_outage_beyond_the_limit_fails(returns: float | None) -> None:
    """Late or never is the same."""
    with pytest.raises(Unmet, match="outage"):
        run(Told(gap=2, returns=returns), "outage", "<", 5 * SECOND)


def test_an_outage_that_has_just_begun_is_waited_for() -> None:
    """A cut of this very moment has made no gap yet: an answer to what is sent from now on must come."""
    with pytest.raises(Unmet, match="goes on"):
        run(Told(gap=0, returns=None), "outage", "<", SECOND)


def test_a_dead_flow_has_an_outage_without_end() -> None:
    """However short the gap is yet."""
    with pytest.raises(Unmet, match="has no end: reset"):
        run(Told(problem="reset"), "outage", "<", 5 * SECOND)


def test_alive_needs_an_answer() -> None:
    """A flow without answers is dead, and `alive == false` is met by it."""
    run(Told(), "alive", "==", True)
    with pytest.raises(Unmet, match="is dead"):
        run(Told(returns=None), "alive", "==", True, 1.0)
    run(Told(returns=None), "alive", "==", False, 1.0)
    with pytest.raises(Unmet, match="is alive"):
        run(Told(), "alive", "!=", True)


@pytest.mark.parametrize(("received", "met"), [(100, True), (99, False), (0, False)])
def test_loss_is_a_share_of_what_was_sent(received: int, met: bool) -> None:
    """In parts per million."""
    if met:
        run(Told(received=received), "loss", "<", 10_000)
    else:
        with pytest.raises(Unmet, match=f"lost {100 - received} of 100"):
            run(Told(received=received), "loss", "<", 10_000)


def test_counts_compare_exactly() -> None:
    """`received == 100`."""
    run(Told(), "received", "==", 100)
    with pytest.raises(Unmet, match="99 of 100"):
        run(Told(received=99), "received", "==", 100)


@pytest.mark.parametrize(
    ("subject", "operator", "value"),
    [("colour", "==", 1), ("outage", "~", 1), ("loss", "<", "much"), ("outage", "<", None)],
)
def test_what_no_check_can_mean_is_told(subject: str, operator: str, value: object) -> None:
    """It could not run, rather than fail."""
    with pytest.raises(CaseError):
        run(Told(), subject, operator, value)


def test_the_ledger_outlives_its_writer(tmp_path: Any) -> None:
    """What was noted is there for the next, last first; struck out, it is gone, and the file with it."""
    path = tmp_path / "notes.json"
    first = Ledger(path)
    first.note("heal", "port/a/x")
    first.note("start", "node/b")
    second = Ledger(path)
    assert second.entries() == [("start", "node/b"), ("heal", "port/a/x")]
    second.strike("heal", "port/a/x")
    second.strike("start", "node/b")
    assert not path.exists()
    path.write_bytes(b"\xffgarbage")
    assert Ledger(path).entries() == []


def test_cases_that_unplug_different_nodes_do_not_run_together() -> None:
    """A probe that stands in for a node keeps others from needing the node; alone is alone, and last."""
    port = {"id": "port/b/e", "kind": "port", "spec": {"node": "node/b", "addresses": ["10.0.0.2/24"], "segments": []}}
    lab = Lab.of([port])
    stands_in = {"node": "node/b", "port": "port/b/e", "address": "10.0.0.2", "place": "beside"}
    own = {**stands_in, "address": "10.0.0.77"}
    cases: list[dict[str, Any]] = [
        {"id": "1", "from": stands_in},
        {"id": "2", "from": own},
        {"id": "3", "to": stands_in, "service": "service/b/http"},
        {"id": "4", "alone": True},
        {"id": "5", "to": stands_in, "service": None},
    ]
    assert [([case["id"] for case in group], together) for group, together in _groups(cases, lab)] == [
        (["2", "3"], True),
        (["1", "5"], True),
        (["4"], False),
    ]
