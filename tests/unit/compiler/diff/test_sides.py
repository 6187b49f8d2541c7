"""Reading a side: what build wrote goes through as bytes, everything else is held to the contract."""

from __future__ import annotations

import json
from collections.abc import Callable

import orjson
import pytest

from labc.compiler.diff.difference import differences
from labc.compiler.diff.sides import read_side
from labc.compiler.plan.read import PlanError
from tests.unit.compiler.diff.sides import compiled, plan_of, written

LAB = "lab x\nimport std.linux\nsegment lan 10.0.0.0/24\nnode a: linux.host { port eth0 on lan }\n"


def test_a_plan_that_was_laid_out_anew_is_the_same_plan() -> None:
    """Its digest is of what it says."""
    side, _ = compiled(LAB)
    spread = json.dumps(orjson.loads(side.data), indent=2).encode()
    assert differences(side, read_side(spread)).is_empty


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda data: data.replace(b"10.0.0.", b"10.0.1."), "was changed after it was built"),
        (lambda data: data[:-20], "this is no plan"),
        (lambda data: b"[]", "this is no plan"),
        (lambda data: written(orjson.loads(data) | {"format": "9.0"}), "format 9.0"),
        (lambda data: written(orjson.loads(data) | {"resources": 3}), "schema at resources"),
    ],
)
def test_a_broken_plan_is_refused_with_the_reason(spoil: Callable[[bytes], bytes], why: str) -> None:
    """In words for its user."""
    side, _ = compiled(LAB)
    with pytest.raises(PlanError, match=why):
        read_side(spoil(side.data))


def test_records_that_nobody_wrote_are_refused_where_they_are_met() -> None:
    """The digest is right, so only what differs is looked at; that it is none of labc's is said all the same."""
    side, _ = compiled(LAB)
    document = plan_of(LAB)
    document["resources"][0] = {"id": "node/a", "kind": "node"}
    with pytest.raises(PlanError, match="schema at resources"):
        differences(side, read_side(written(document)))
