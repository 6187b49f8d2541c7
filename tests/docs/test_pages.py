"""The documentation builds, without a broken link, and knows every verb and every code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from docs.build import generated
from labc.cli.app import cli
from labc.compiler.codes import all_codes

from .blocks import DOCS

GENERATED = generated()


@pytest.mark.parametrize("page", GENERATED)
def test_a_generated_page_says_what_the_program_says(page: str) -> None:
    """Who reads the repository sees today's commands, codes and kinds."""
    assert (DOCS / page).read_text() == GENERATED[page], f"docs/{page} is old: run `make docs` and commit what it wrote"


def test_the_pages_build(tmp_path: Path) -> None:
    """`make docs` makes pages in which each verb and each code has its place. In a copy: it writes into its folder."""
    shutil.copytree(DOCS, tmp_path / "docs", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, str(tmp_path / "docs" / "build.py"), str(tmp_path / "site")]
    environment = {**os.environ, "PYTHONPATH": str(DOCS.parent)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr

    commands = (tmp_path / "site" / "commands" / "index.html").read_text()
    assert [verb for verb in cli.list_commands(None) if f">labc {verb}<" not in commands] == []  # type: ignore[arg-type]
    diagnostics = (tmp_path / "site" / "diagnostics" / "index.html").read_text()
    assert [code for code in all_codes() if f"{code}: " not in diagnostics] == []
