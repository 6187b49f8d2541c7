"""Passes over little labs, text in, text out: tests/golden/passes/PASS/NAME.net and beside it what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from labc.compiler.elaborate.reader import MemoryReader
from labc.compiler.pipeline import Compiled, compile_lab
from labc.compiler.render import render_text

_GOLDEN = Path(__file__).parents[3] / "golden" / "passes"
_LABS = sorted(_GOLDEN.glob("*/*.net"))


def _compiled(lab: Path) -> Compiled:
    reader = MemoryReader({lab.name: lab.read_bytes()})
    name = lab.parent.name
    return compile_lab(lab.name, reader, verify=True, stop_after=name, print_after=name)


@pytest.mark.parametrize(
    "lab", [lab for lab in _LABS if lab.parent.name not in ("check", "refused")], ids=lambda lab: lab.stem
)
def test_the_lab_after_a_pass(lab: Path, golden: Callable[[str, str], None]) -> None:
    """The text of `--print-after`, with the IR's contract verified after every pass."""
    compiled = _compiled(lab)
    assert not list(compiled.diagnostics)
    golden(f"passes/{lab.parent.name}/{lab.stem}.txt", compiled.printed[lab.parent.name])


@pytest.mark.parametrize("lab", [lab for lab in _LABS if lab.parent.name == "check"], ids=lambda lab: lab.stem)
def test_what_check_says(lab: Path, golden: Callable[[str, str], None]) -> None:
    """As people read it."""
    golden(f"passes/check/{lab.stem}.txt", render_text(_compiled(lab).diagnostics, colour=False, width=120))


@pytest.mark.parametrize("lab", [lab for lab in _LABS if lab.parent.name == "refused"], ids=lambda lab: lab.stem)
def test_what_is_said_of_a_lab_that_does_not_fit(lab: Path, golden: Callable[[str, str], None]) -> None:
    """The smallest conflict, in the lab's words, with its spans; no plan."""
    compiled = compile_lab(lab.name, MemoryReader({lab.name: lab.read_bytes()}))
    assert compiled.plan is None
    golden(f"passes/refused/{lab.stem}.txt", render_text(compiled.diagnostics, colour=False, width=120))
