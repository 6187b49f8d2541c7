"""Why a node is where it is, as `labc build --explain` tells it."""

from __future__ import annotations

from labc.compiler.ir.lab import NodeId
from labc.compiler.passes.placement.explain import why_here
from tests.unit.compiler.passes.test_placement import fitting, node


def told(statements: str, name: str) -> list[str]:
    lab = fitting(statements)
    return list(why_here(lab, lab.nodes[NodeId(f"node/{name}")]))


def test_a_need_that_a_host_lacks_is_named() -> None:
    """The first thing that keeps a node away."""
    lines = told(node("x", more="needs kvm"), "x")
    assert lines[0].startswith("host h1: ")
    assert "not h2: x needs kvm" in lines


def test_a_host_without_room_says_what_is_left() -> None:
    """Of eight processors, beside what runs there."""
    lines = told(
        node("x", more="on h1; needs cpu = 6") + node("y", more="needs cpu = 3; on h2, h3; prefers on h2"), "x"
    )
    assert "not h2: x on h1" in lines
    lines = told(node("x", more="needs cpu = 6; prefers on h1") + node("y", more="needs cpu = 3; on h2"), "x")
    assert "not h2: no room: 5 of 8 cpu left, it takes 6" in lines


def test_what_another_host_would_cost_is_counted_in_joins() -> None:
    """One join for the segment; a wish that is met nowhere costs the same everywhere and is said to be unmet."""
    statements = node("x", more="prefers nosuch weight 40") + node("y", more="on h1")
    lines = told(statements, "x")
    assert "not h2: it would cost 1 join more" in lines
    assert any("prefers nosuch" in line and line.endswith("which is not met") for line in lines)


def test_a_wish_that_is_met_here_is_part_of_what_another_host_would_cost() -> None:
    """Three joins' worth, and a join."""
    lines = told(node("x", more="prefers on h1 weight 3") + node("y", more="on h1"), "x")
    assert "not h2: it would cost 4 joins more" in lines
