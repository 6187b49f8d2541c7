"""How mistakes of a site are said, as people read them."""

from __future__ import annotations

import pytest

import labc
from labc.compiler.render import render_text
from tests.conftest import GOLDEN, Golden


@pytest.mark.parametrize("name", ["mistakes", "values"])
def test_mistakes_are_said_with_their_place_and_a_way_out(name: str, golden: Golden) -> None:
    """Each once, with the other place that has to do with it."""
    text = (GOLDEN / "site" / f"{name}.net").read_bytes()
    found = labc.compile({"lab.net": text}).diagnostics
    golden(f"site/{name}.txt", render_text(found, colour=False, width=100))
