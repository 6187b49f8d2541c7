"""The page about `labc diff`: its consoles print what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from .blocks import DOCS
from .consoles import run

pytestmark = pytest.mark.program("git")


def test_the_page_about_diff_is_true(tmp_path: Path) -> None:
    """Run as a reader would, in an empty folder."""
    ran = list(run(DOCS / "diff.md", tmp_path))
    assert len(ran) == 6
    wrong = [f"{each.block}: {each.command}\n{each.printed}" for each in ran if not each.as_written]
    assert wrong == []
