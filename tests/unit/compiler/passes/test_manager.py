"""The pass manager: declarations, timing, printing, verifying."""

from __future__ import annotations

import pytest

from labc.compiler.diagnostics import Diagnostics
from labc.compiler.ir.lab import Lab, NodeId
from labc.compiler.passes import manager
from labc.compiler.passes.manager import BrokenPassError, Pass, Run, find
from labc.compiler.pipeline import STEPS
from tests.unit.compiler.building import Building


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> dict[str, Pass]:
    """A table of passes of the test's own."""
    passes: dict[str, Pass] = {}
    monkeypatch.setattr(manager, "find", passes.__getitem__)
    return passes


def _kinds_become_x(lab: Lab, diagnostics: Diagnostics) -> Lab:
    for node in lab.nodes.values():
        node.kind = "x"
    return lab


def _forgets_a_node(lab: Lab, diagnostics: Diagnostics) -> Lab:
    del lab.nodes[NodeId("node/a")]
    return lab


def _lab() -> Lab:
    return Building().segment("lan").node("a").port("a:p", "lan").lab


@pytest.mark.parametrize("step", [step.name for step in STEPS[1:-1]])
def test_every_step_is_a_pass_that_declares_what_it_reads_and_writes(step: str) -> None:
    """Each reads something, and every collection that it names is one of the lab."""
    found = find(step)
    assert found.reads
    fields = set(Lab.__struct_fields__)
    assert {name.partition(".")[0] for name in (*found.reads, *found.writes)} <= fields


def test_a_run_times_each_pass_and_tells_the_observer(declared: dict[str, Pass]) -> None:
    """In order, with the lab after it."""
    declared["expand"] = Pass("expand", _kinds_become_x, (), ("nodes.kind",))
    seen = []
    run = Run(observer=lambda name, lab, seconds: seen.append((name, lab.nodes[NodeId("node/a")].kind)))
    run.apply("expand", _lab(), Diagnostics())
    assert seen == [("expand", "x")]
    assert run.timings["expand"] >= 0


def test_a_run_prints_the_lab_after_the_passes_asked_for(declared: dict[str, Pass]) -> None:
    """And after no other."""
    declared["expand"] = declared["segments"] = Pass("expand", _kinds_become_x, (), ("nodes.kind",))
    run = Run(print_after=("segments",))
    lab = run.apply("segments", run.apply("expand", _lab(), Diagnostics()), Diagnostics())
    assert list(run.printed) == ["segments"]
    assert "kind=x" in run.printed["segments"]
    assert lab.name == "test"


def test_a_pass_that_writes_what_it_does_not_declare_is_caught(declared: dict[str, Pass]) -> None:
    """Under verify only."""
    declared["expand"] = Pass("expand", _kinds_become_x, (), ("ports",))
    Run().apply("expand", _lab(), Diagnostics())
    with pytest.raises(BrokenPassError, match=r"wrote nodes\.kind"):
        Run(verify=True).apply("expand", _lab(), Diagnostics())


def test_a_pass_that_breaks_the_contract_is_caught(declared: dict[str, Pass]) -> None:
    """A node goes, its ports stay."""
    declared["expand"] = Pass("expand", _forgets_a_node, (), ("nodes",))
    with pytest.raises(BrokenPassError, match="is of node/a, which does not exist"):
        Run(verify=True).apply("expand", _lab(), Diagnostics())


def test_a_module_without_a_declaration_is_a_bug_that_is_named() -> None:
    """`manager` itself is no pass."""
    with pytest.raises(LookupError, match="declares no pass"):
        find("manager")
