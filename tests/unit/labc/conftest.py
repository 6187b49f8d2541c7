"""Running labc in this process, as a user would, and seeing what came out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from labc.__main__ import run


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run left: its status, its results, its talk."""

    status: int
    out: str
    err: str


Labc = Callable[..., Ran]


@pytest.fixture
def labc(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Labc:
    """`labc("check", "lab.net")`, run in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("LABC_INSTANCE", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str) -> Ran:
        status = run(arguments)
        out, err = capfdbinary.readouterr()
        return Ran(status, out.decode(), err.decode())

    return call
