"""Timing whole processes: wall clock, best of a few, and peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LABC = (sys.executable, "-m", "labc")


def seconds(
    command: Sequence[str], *, runs: int = 3, cwd: Path | None = None, limit: float = 600, status: int = 0
) -> float:
    """The best wall-clock time of `runs` runs. Raises CalledProcessError when one ends with another status, TimeoutExpired past `limit`
    seconds."""
    return min(_once(command, cwd, limit, status)[0] for _ in range(runs))


def seconds_and_peak(command: Sequence[str], *, cwd: Path | None = None) -> tuple[float, int]:
    """One run: its wall-clock time and its peak resident memory in bytes."""
    return _once(command, cwd, 1200)


def _once(command: Sequence[str], cwd: Path | None, limit: float, status: int = 0) -> tuple[float, int]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop(
        "PYTHONDONTWRITEBYTECODE", None
    )  # users have compiled modules; without them imports take three times as long
    # What is installed is compiled; the first of the runs does that here.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    errors = process.stderr.read()
    _, ended, usage = os.wait4(process.pid, 0)
    taken = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(ended)
    if process.returncode != status:
        raise subprocess.CalledProcessError(process.returncode, list(command), stderr=errors)
    if taken > limit:
        raise subprocess.TimeoutExpired(list(command), limit)
    return taken, usage.ru_maxrss * 1024
