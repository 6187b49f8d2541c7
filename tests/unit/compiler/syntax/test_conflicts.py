"""Conflicts of git in labs and sites."""

from __future__ import annotations

import pytest

from labc.compiler.diagnostics import Diagnostics
from labc.compiler.source import Source
from labc.compiler.syntax import read
from labc.compiler.syntax.format import format_net

OURS, THEIRS = "segment lan 10.0.0.0/24", "segment lan 10.0.1.0/24"
PLAIN = f"<<<<<<< HEAD\n{OURS}\n=======\n{THEIRS}\n>>>>>>> other\n"
WITH_BASE = f"<<<<<<< HEAD\n{OURS}\n||||||| 1234567\nsegment lan\n=======\n{THEIRS}\n>>>>>>> other\n"


@pytest.mark.parametrize("conflict", [PLAIN, WITH_BASE, PLAIN.replace("\n", "\r\n"), PLAIN.rstrip("\n")])
def test_a_conflict_is_one_mistake(conflict: str) -> None:
    """At its first line; our side counts, and what follows is read at its own place."""
    text = f"lab x\n{conflict}\nnode büro\n"
    found = Diagnostics()
    file = read(Source("lab.net", text.encode()), found)
    assert [(told.code, str(told.span)) for told in found if told.code != "E0106"] == [("E0114", "lab.net:2:1")]
    assert OURS in format_net(file).decode()
    assert THEIRS not in format_net(file).decode()
    assert [told.span and told.span.shown for told in found if told.code == "E0106"] == ["ü"]


def test_each_conflict_is_told_in_yaml_too() -> None:
    """Both of them, and nothing else."""
    text = "lab: x\nsegments:\n<<<<<<< HEAD\n  a: 10.0.0.0/24\n=======\n  a: 10.0.1.0/24\n>>>>>>> b\n"
    found = Diagnostics()
    read(Source("lab.yaml", (text + text[text.index("<") :].replace("a:", "c:")).encode()), found)
    assert [told.code for told in found] == ["E0114", "E0114"]


@pytest.mark.parametrize("text", ["lab x\n# <<<<<<< HEAD\n", 'lab x\nlet rule = "<<<<<<< "\n'])
def test_what_only_looks_like_one_is_none(text: str) -> None:
    """In a comment or a text."""
    found = Diagnostics()
    read(Source("lab.net", text.encode()), found)
    assert not found.found
