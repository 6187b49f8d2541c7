"""The table of diagnostic codes: whole, told well, and every example does what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import labc
from labc.compiler.codes import Code, all_codes

COMPILER = Path(__file__).parents[3] / "compiler"
CODES = list(all_codes().values())


@pytest.mark.parametrize("entry", CODES, ids=lambda entry: entry.code)
def test_a_code_tells_a_story(entry: Code) -> None:
    """A title in a few words, a story in a few sentences."""
    assert re.fullmatch(r"[EWN]\d{4}", entry.code)
    assert 0 < len(entry.title) <= 100
    assert len(entry.story.split()) >= 8
    assert bool(entry.example) != bool(entry.why_no_example)


@pytest.mark.parametrize("entry", [each for each in CODES if each.example], ids=lambda entry: entry.code)
def test_an_example_triggers_its_code_alone(entry: Code) -> None:
    """What `labc explain` shows is a lab with this mistake and no other."""
    found = labc.compile({"lab.net": entry.example.encode()}).diagnostics
    assert {each.code for each in found} == {entry.code}


def test_every_code_that_is_said_is_in_the_table() -> None:
    """No diagnostic points at a story that does not exist, and no story is told for nothing."""
    said: set[str] = set()
    for path in COMPILER.rglob("*.py"):
        if "codes" not in path.relative_to(COMPILER).parts:
            said |= set(re.findall(r"""["']([EWN]\d{4})["']""", path.read_text(encoding="utf-8")))
    said |= set(
        re.findall(r"""["']([EWN]\d{4})["']""", (COMPILER.parent / "labc/modules.py").read_text(encoding="utf-8"))
    )
    assert said - set(all_codes()) == set()
    assert set(all_codes()) - said == set()
