"""Text in, text out: a lab that uses every construct, as the first step of the compiler leaves it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from labc.compiler.diagnostics import Diagnostics
from labc.compiler.elaborate import elaborate
from labc.compiler.elaborate.reader import FileReader
from labc.compiler.ir.text import lab_text
from labc.compiler.ir.verify import verify

FOLDER = Path(__file__).parents[3] / "golden" / "expand"
EXAMPLES = sorted((Path(__file__).parents[4] / "examples").glob("*/lab.net"))


@pytest.mark.parametrize("name", ["everything"])
def test_a_lab_expands_to_its_text(name: str, golden: Callable[[str, str], None]) -> None:
    """The flat lab equals the text beside its source, line for line."""
    diagnostics = Diagnostics()
    lab = elaborate(f"{name}.net", FileReader(FOLDER), {}, diagnostics)
    assert [(found.code, found.summary) for found in diagnostics] == []
    assert lab is not None
    golden(f"expand/{name}.txt", lab_text(lab))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_examples_are_sound(path: Path) -> None:
    """No diagnostics, and a lab that keeps the IR's contract."""
    diagnostics = Diagnostics()
    lab = elaborate(path.name, FileReader(path.parent), {}, diagnostics)
    assert [(found.code, found.summary) for found in diagnostics] == []
    assert lab is not None
    assert verify(lab, after="expand") == []
