"""A digest says what a lab and a site say: what changes their meaning changes it."""

from __future__ import annotations

import pytest

from labc.compiler.plan.digests import digests_of
from tests.unit.compiler.compiling import sound

LAB = "lab l\nimport std.linux\nhost h1 { cpu = 4; rack = 1 }\nhost h2 { rack = 2 }\nfor i in 1..2 { node n[i]: linux.host }\npool vni 1..99\n"
WAYS = {
    "lab": [
        "",
        "apart n1, n2",
        "apart n1, n2 by rack",
        "prefers apart n1, n2",
        "prefers apart n1, n2 weight 5",
        "balance n1, n2",
        "exclusive n1, n2",
        "exclusive n1",
        "place pack",
        "place spread",
    ],
    "site": [
        "",
        "pool vlan 1..9",
        "pool vlan 1..9 except 5",
        "lab l uses vni 1..9",
        "instances use vni 1..9",
        "host h3",
        "host h3 { rack = 1 }",
        "host h3 { nic e { address = 192.0.2.1/24 } }",
        "host h3 { nic e { address = 192.0.2.1/24; overlay = true } }",
    ],
}


@pytest.mark.parametrize("part", WAYS)
def test_what_is_said_differently_has_another_digest(part: str) -> None:
    """Each of these means something else, and none of them changes the other part's digest."""
    found = [digests_of(sound(f"{LAB}{text}\n")) for text in WAYS[part]]
    assert len({digests[part] for digests in found}) == len(found)
    other = "site" if part == "lab" else "lab"
    assert len({digests[other] for digests in found}) == 1


def test_the_order_of_nodes_in_an_affinity_means_nothing() -> None:
    """Nor that of affinities."""
    one = digests_of(sound(f"{LAB}apart n1, n2\nbalance n1, n2\n"))
    assert digests_of(sound(f"{LAB}balance n2, n1\napart n2, n1\n")) == one
