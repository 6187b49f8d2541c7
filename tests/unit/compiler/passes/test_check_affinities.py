"""Demands about pairs of nodes that cannot both hold."""

from __future__ import annotations

import pytest

from tests.unit.compiler.compiling import compiled

NODES = "lab pairs\nimport std.linux\nfor i in 1..4 { node n[i]: linux.host }\n"


def contradictions(text: str) -> list[str]:
    return [found.summary for found in compiled(NODES + text).diagnostics if found.code == "E0420"]


@pytest.mark.parametrize(
    "text",
    [
        "together n1, n2\napart n1, n2\n",
        "together n1, n2\ntogether n2, n3\napart n3, n1\n",
        "together n1, n2\napart n1, n2 by rack\n",
        "together n1, n2 by rack\napart n1, n2 by rack\n",
        "together n1, n2 by rack\ntogether n2, n3\napart n1, n3 by rack\n",
        "together n1, n2\nexclusive n1\n",
        "together n1, n2\ntogether n2, n3\nexclusive n1, n2\n",
    ],
)
def test_a_contradiction_is_told_once(text: str) -> None:
    """One host is one rack as well, and whoever is alone shares its host with nobody."""
    assert len(contradictions(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "together n1, n2\nprefers apart n1, n2\n",
        "prefers together n1, n2\napart n1, n2\n",
        "together n1, n2 by rack\napart n1, n2\n",
        "together n1, n2 by rack\napart n1, n2 by room\n",
        "together n1, n2\nexclusive n1, n2\n",
        "together n1, n2\nprefers exclusive n1\n",
        "together n1, n2 by rack\nexclusive n1\n",
        "together n1, n2\nbalance n1, n2\n",
    ],
)
def test_what_can_both_hold_is_no_contradiction(text: str) -> None:
    """Soft ones give way, and one rack has several hosts."""
    assert contradictions(text) == []
