"""The map beside a plan: from every id back to the lines that led there."""

from __future__ import annotations

import pytest

from labc.compiler.plan.map import read_map
from tests.unit.compiler.compiling import compiled

LAB = """lab x
import std.linux
segment lan 10.0.0.0/24
for i in 1..2 {
  node pc[i]: linux.host { port eth0 on lan; serve echo }
}
policy p { pc1 -> pc2 allow icmp }
test "t" { expect pc1 -> pc2 icmp }
"""


def test_every_id_of_the_plan_has_a_place() -> None:
    """Resources, tests and requirements alike."""
    made = compiled(LAB)
    assert made.plan is not None
    assert made.map is not None
    assert made.lab is not None
    places = read_map(made.map)
    lab = made.lab
    ids = {each.id for each in lab.resources} | {each.id for each in lab.cases} | {each.id for each in lab.requirements}
    assert set(places.at) == ids
    assert all(places.place(identity) for identity in ids)


def test_a_chain_leads_through_the_loop() -> None:
    """The innermost place is the statement, then the turn of the loop."""
    data = compiled(LAB).map
    assert data is not None
    chain = read_map(data).chain("port/pc2/eth0")
    assert (chain[0].file, chain[0].line) == ("lab.net", 5)
    assert any("i = 2" in place.note for place in chain)


def test_an_unknown_id_has_no_place() -> None:
    data = compiled(LAB).map
    assert data is not None
    assert read_map(data).place("node/ghost") is None


@pytest.mark.parametrize("data", [b"", b"[]", b"{}"])
def test_what_is_no_map_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no map"):
        read_map(data)
