"""The documentation builds, without a broken link, and knows every verb and every code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from docs.build import generated
from docs.standard_library import LABS, kinds, services
from labc.cli.app import cli
from labc.compiler.codes import all_codes
from labc.compiler.elaborate.imports import STANDARD
from labc.compiler.elaborate.reader import MemoryReader
from labc.compiler.ir.lab import Lab
from labc.compiler.pipeline import compile_lab

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
    assert "ports.lan.address | netmask" in (tmp_path / "site" / "templates" / "index.html").read_text()


def test_the_standard_library_is_whole() -> None:
    """Every module, kind and service of stdlib/ stands on the page, with a lab that uses it; no lab is left over."""
    modules = {f"std.{path.stem}" for path in (DOCS.parent / "stdlib").glob("*.net")}
    assert modules == set(STANDARD)
    assert {path.stem for path in LABS.glob("*.net")} == {*kinds(), *services()}
    for name in kinds():
        lab = _lab(name)
        assert any(node.kind == name for node in lab.nodes.values()), name
    for name in services():
        served = [serving for node in _lab(name).nodes.values() for serving in node.services]
        assert any(serving.name == name for serving in served), name


def test_the_page_has_the_fields_and_ports_that_a_node_gets() -> None:
    """The tables were read from the text of stdlib/; a lab that serves everything as it is says the same."""
    serves = "; ".join(f"serve {name}" for name in services())
    text = f"lab all\nimport std.linux\nnode n: linux.host {{ {serves} }}\n"
    node = compile_lab("lab.net", MemoryReader({"lab.net": text.encode()})).lab.nodes["node/n"]  # type: ignore[union-attr, index]
    for served in node.services:
        section = GENERATED["standard-library.md"].partition(f"\n### {served.name}\n")[2].partition("\n### ")[0]
        rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| `")]
        assert [row[0].strip("| `") for row in rows] == list(served.fields)
        assert f"Listens on {' and '.join(f'`{listen}`' for listen in served.listens)}." in section


def _lab(name: str) -> Lab:
    path = f"{name}.net"
    lab = compile_lab(path, MemoryReader({path: (LABS / path).read_bytes()})).lab
    assert lab is not None
    return lab
