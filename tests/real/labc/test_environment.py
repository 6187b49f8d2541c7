"""What stands around a lab: a caller's environment, disks that are full."""

from __future__ import annotations

import dataclasses
import os
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


def _processes() -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        for name in ("environ", "cmdline"):
            try:
                found.append((process / name).read_bytes().decode(errors="replace"))
            except OSError:
                continue
    return found
