"""The tutorial, command by command, on this machine's kernel."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.blocks import DOCS
from tests.docs.consoles import ROOT, run


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Path]:
    """A folder for the tutorial; its lab is removed however the test ends."""
    yield tmp_path
    down = [sys.executable, "-m", "labc", "down", "--as", "shop", "-y"]
    subprocess.run(down, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)


def test_the_tutorial_prints_what_it_says(shop: Path) -> None:
    """A newcomer who types the tutorial's commands sees the tutorial's output."""
    for ran in run(DOCS / "tutorial.md", shop):
        assert ran.as_written, (
            f"{ran.block}: {ran.command}\n--- expected\n{ran.expected}\n--- printed\n{ran.printed}\n--- status {ran.status}"
        )
