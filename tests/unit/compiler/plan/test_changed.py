"""What differs inside of records, in the words that people read."""

from __future__ import annotations

import pytest

from labc.compiler.plan.changed import leaves, told

OPEN: dict[str, object] = {"checks": [], "after": None, "label": None}


def step(port: int, **more: object) -> dict[str, object]:
    return {"verb": "expect", "flow": {"port": port, "address": "10.0.0.1"}, **OPEN, **more}


def lines(old: object, new: object) -> list[str]:
    return [line for leaf in leaves({"steps": old}, {"steps": new}) for line in told(*leaf)]


def test_a_changed_step_says_what_changed_in_it() -> None:
    """And the steps that are equal nothing, wherever they stand now."""
    assert lines([step(80), step(22)], [step(80), step(23)]) == ["steps 2.flow.port: 22 → 23"]
    four = [step(port) for port in range(4)]
    assert lines(four, [*four[:3], step(9)]) == ["steps 4.flow.port: 3 → 9"]
    assert lines(four, four[1:]) == ["steps 1: gone: flow.address 10.0.0.1, flow.port 0, verb expect"]


def test_a_long_new_step_is_told_in_lines() -> None:
    """Without what it leaves open."""
    assert lines([], [step(80, target="x" * 100)]) == [
        "steps 1: new",
        "  + flow.address 10.0.0.1",
        "  + flow.port 80",
        f"  + target {'x' * 59}…",
        "  + verb expect",
    ]


@pytest.mark.parametrize("items", [1, 5])
def test_what_differs_is_shown_however_far_back_it_stands(items: int) -> None:
    """Never the same text twice, never an empty list."""
    old, new = ["a" * 200 + tail for tail in ("x", "y")]
    told_lines = told("page", [old] * items, [new] * items)
    assert any("x" in line for line in told_lines)
    assert any("y" in line for line in told_lines)
    if items == 1:
        assert told_lines == [f"page: …{'a' * 20}x → …{'a' * 20}y"]


def test_a_record_never_shows_a_secret() -> None:
    """Only its reference; a secret is no record to compare member by member."""
    assert lines([{"key": {"secret": "env:A"}}], [{"key": {"secret": "env:B"}}]) == [
        "steps 1.key: ‹secret env:A› → ‹secret env:B›"
    ]
    assert lines([], [{"key": {"secret": "env:B"}}]) == ["steps 1: new: key ‹secret env:B›"]
