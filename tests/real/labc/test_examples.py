"""Every example: built, run, tested with packets, removed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT, Labc

EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/lab.net"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_runs_and_its_tests_pass(labc: Labc, example: Path) -> None:
    """An example compiles to one plan in both spellings, runs, stays as it is, passes its tests, and leaves nothing."""
    _copy(example, labc.folder)

    assert labc("build", "lab.net", "-o", "net.json").returncode == 0
    assert labc("fmt", "lab.net", "--to", "yaml", "-w").returncode == 0
    assert labc("build", "lab.yaml", "-o", "yaml.json").returncode == 0
    assert (labc.folder / "net.json").read_bytes() == (labc.folder / "yaml.json").read_bytes()

    up = labc("up", "lab.net", "-y")
    assert up.returncode == 0, up.stderr
    assert labc("up", "lab.net", "--dry-run").returncode == 0
    test = labc("test", "lab.net")
    assert test.returncode == 0, test.stdout + test.stderr
    assert labc("status", "lab.net").returncode == 0
    assert labc("down", "lab.net", "-y").returncode == 0
    assert labc("status", "lab.net").returncode == 1


def test_the_requested_change_fails_with_its_rules_named(labc: Labc) -> None:
    """The change request of the demo is found wrong twice: what it lets in, and what it breaks."""
    _copy(ROOT / "examples/firewall-change", labc.folder)
    assert labc("up", "lab.net", "-y", "-p", "change=requested").returncode == 0

    test = labc("test", "lab.net", "-p", "change=requested", "--json")

    assert test.returncode == 1
    failed = {
        case["case"]: json.dumps(case) for case in json.loads(test.stdout)["cases"] if case["verdict"] == "failed"
    }
    assert "allow/pc1/resolver/tcp/53" in failed
    assert "udp sport 53 accept comment" in failed["deny/isp:down/pc1"]
    assert "requested/edge.nft.j2" in failed["deny/isp:down/pc1"]


def test_the_demo_prints_only_paths_that_remain(tmp_path: Path) -> None:
    """`make demo` removes its lab; the captures that it names are there afterwards."""
    _copy(ROOT / "examples/firewall-change", tmp_path)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    ran = subprocess.run(
        [tmp_path / "demo"], env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout + ran.stderr
    captures = [Path(line.partition("capture: ")[2]) for line in ran.stdout.splitlines() if "capture: " in line]
    assert captures
    assert [path for path in captures if not path.is_file()] == []
    assert ran.stdout.endswith(f"in {tmp_path / 'evidence'}\n")


def test_a_router_that_does_not_forward_keeps_the_subnets_apart(labc: Labc) -> None:
    """clay-demo's other half: four pairs inside the segments reach each other, the eight across do not."""
    _copy(ROOT / "examples/clay-demo", labc.folder)
    assert labc("up", "lab.net", "-y", "-p", "forwarding=false").returncode == 0

    test = labc("test", "lab.net", "-p", "forwarding=false")

    assert test.returncode == 0, test.stdout + test.stderr
    assert "keeps the subnets apart" in test.stdout


def _copy(example: Path, folder: Path) -> None:
    shutil.copytree(example, folder, dirs_exist_ok=True)
