"""Completion: the words that a shell offers while a user types, for a lab that runs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .conftest import Labc

pytestmark = pytest.mark.program("nft")


def offered(labc: Labc, line: str, **environment: str) -> list[str]:
    """What completion gives for the last word of a line; nothing may stand on standard error."""
    words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1), "_LABC_COMPLETE": "bash_complete"}
    done = subprocess.run(
        [sys.executable, "-m", "labc"], cwd=labc.folder, env={**labc.environment, **words, **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    return [row.partition(",")[2] for row in done.stdout.splitlines() if row]


def test_what_runs_is_offered(up: Labc) -> None:
    """Nodes, their ports, instances, cases."""
    assert offered(up, "labc exec ") == ["gate", "pc", "web"]
    assert offered(up, "labc exec w") == ["web"]
    assert offered(up, "labc exec lab.net p") == ["pc"]
    assert offered(up, "labc shell p") == ["pc"]
    assert offered(up, "labc capture g") == ["gate"]
    assert offered(up, "labc capture gate:") == ["gate:a", "gate:b"]
    assert up.instance in offered(up, "labc exec --as ")
    assert offered(up, f"labc exec --as {up.instance} w", LABC_INSTANCE="other") == ["web"]
    assert len(offered(up, "labc test -k ")) >= 2


def test_after_the_node_comes_the_command(up: Labc) -> None:
    """Which is the shell's to complete."""
    assert offered(up, "labc exec web p") == []


def test_where_nothing_runs_nothing_is_offered(labc: Labc) -> None:
    """And no error disturbs the line."""
    assert offered(labc, "labc exec ") == []
    assert offered(labc, "labc exec ../../etc ") == []
    (labc.folder / "lab.net").write_text("no lab\n")
    assert offered(labc, "labc shell ", LABC_INSTANCE="") == []


def test_codes_and_passes_are_offered(labc: Labc) -> None:
    """Codes in either case of letters."""
    assert "E0301" in offered(labc, "labc explain E03")
    assert "e0301" in offered(labc, "labc explain e03")
    assert "check" in offered(labc, "labc build --stop-after ")
