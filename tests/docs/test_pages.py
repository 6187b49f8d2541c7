"""The documentation builds, without a broken link, and knows every verb and every code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from labc.cli.app import cli
from labc.compiler.codes import all_codes

from .blocks import DOCS


def test_the_pages_build(tmp_path: Path) -> None:
    """`make docs` makes pages in which each verb and each code has its place."""
    command = [sys.executable, str(DOCS / "build.py"), str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(DOCS.parent)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr

    commands = (tmp_path / "commands" / "index.html").read_text()
    assert [verb for verb in cli.list_commands(None) if f">labc {verb}<" not in commands] == []  # type: ignore[arg-type]
    diagnostics = (tmp_path / "diagnostics" / "index.html").read_text()
    assert [code for code in all_codes() if f"{code}: " not in diagnostics] == []
