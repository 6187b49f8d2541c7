"""Running labc as a user does, on labs that really run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

ROOT = Path(__file__).parents[3]

LAB = """\
lab office
import std.linux
param page: string = "hello"
segment lan 10.0.0.0/24
segment dmz 10.0.1.0/24
node gate: linux.router { port a on lan at 10.0.0.254; port b on dmz at 10.0.1.254 }
node pc: linux.host { port eth0 on lan at 10.0.0.1; gateway gate }
node web: linux.host { port eth0 on dmz at 10.0.1.1; gateway gate; serve http { page = page } }
test "the page is read" { expect pc -> web http }
test "the way back works" { expect web -> pc icmp }
"""


@dataclass(frozen=True, slots=True)
class Labc:
    """labc, run in a folder and on an instance of its own."""

    folder: Path
    environment: dict[str, str]

    @property
    def instance(self) -> str:
        return self.environment["LABC_INSTANCE"]

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "labc", *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """In the background; its talk can be read."""
        command = [sys.executable, "-m", "labc", *arguments]
        return subprocess.Popen(command, cwd=self.folder, env=self.environment, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def labc(tmp_path: Path) -> Iterator[Labc]:
    """`labc("up", "-y")` in a folder with a small lab, on an instance that is gone afterwards."""
    (tmp_path / "lab.net").write_text(LAB)
    call = Labc(tmp_path, {**os.environ, "LABC_INSTANCE": f"cli-{uuid4().hex[:10]}", "PYTHONPATH": str(ROOT)})
    yield call
    call("down", "-y")


@pytest.fixture
def up(labc: Labc) -> Labc:
    """The lab runs."""
    ran = labc("up", "-y")
    assert ran.returncode == 0, ran.stderr
    return labc
