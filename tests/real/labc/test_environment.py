"""What stands around a lab: a caller's environment, disks that are full."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from labc.runtime.instance import instance

from .conftest import LAB, Labc

SECRET = f"zq-{os.getpid()}-{os.urandom(8).hex()}"


@pytest.mark.program("nft")
def test_no_process_of_a_lab_keeps_the_callers_environment(labc: Labc) -> None:
    """Secrets are given in it: a process that stays, and what a node shows of itself, must not show them."""
    (labc.folder / "lab.net").write_text(LAB.replace("page = page", 'page = secret("env:PLANTED")'))
    given = dataclasses.replace(labc, environment=labc.environment | {"PLANTED": SECRET})
    assert given("up", "-y").returncode == 0
    assert labc("exec", "web", "true").returncode == 0
    assert [line for line in _processes() if SECRET in line] == []
    assert "PLANTED" not in labc("exec", "web", "sh", "-c", "tr '\\\\0' '\\\\n' < /proc/1/environ").stdout
    assert given("exec", "web", "sh", "-c", "echo $PLANTED").stdout.strip() == SECRET, "a command has its caller's own"


def test_a_journal_that_cannot_be_read_keeps_no_lab_running(up: Labc) -> None:
    """`down` needs it for nothing, not on a full disk either."""
    journal = instance(up.instance).state / "journal.sqlite"
    journal.unlink()
    journal.mkdir()
    ran = up("down", "-y")
    assert ran.returncode == 0, ran.stderr
    assert "is removed" in ran.stderr
    assert not journal.exists()


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("exec pc cat <&-", 0),
        ("exec pc echo x >&-", 0),
        ("status >&-", 0),
        ("up -y <&- >&- 2>&-", 0),
        ("test -k way <&- >&- 2>&-", 0),
        ("up -y -p page=other > /dev/full", 6),
        ("status > /dev/full", 6),
        ("test -k way > /dev/full", 6),
        ("up -y -p page=other 2> /dev/full", 6),
    ],
)
def test_standard_streams_that_are_closed_or_full(up: Labc, command: str, status: int) -> None:
    """Closed ones are as empty as /dev/null; what cannot be written is told in a line and by the status."""
    ran = subprocess.run(
        ["bash", "-c", f"unset PYTHONUNBUFFERED; exec {sys.executable} -m labc {command}"],
        cwd=up.folder, env=up.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == status, ran.stderr
    assert "bug" not in ran.stderr
    assert "Exception" not in ran.stderr
    assert ran.stderr.count("No space left") == ("> /dev/full" in command and "2>" not in command)
    assert up("up", "-y").returncode == 0


def _processes() -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        for name in ("environ", "cmdline"):
            try:
                found.append((process / name).read_bytes().decode(errors="replace"))
            except OSError:
                continue
    return found
