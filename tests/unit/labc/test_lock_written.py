"""How lab.lock is read and written: as a whole or not at all, and only as a file of its folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.unit.labc.conftest import Labc

LAB = "lab office\nimport std.linux\nsegment lan 10.0.0.0/24\nnode a: linux.host { port e on lan }\n"
MORE = "node b: linux.host { port e on lan }\n"


@pytest.fixture
def kept(labc: Labc) -> bytes:
    Path("lab.net").write_text(LAB)
    assert labc("lock").status == 0
    return Path("lab.lock").read_bytes()


def _full(_descriptor: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_full_disk_leaves_the_lock_as_it_was(labc: Labc, kept: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing beside it."""
    Path("lab.net").write_text(LAB + MORE)
    before = sorted(Path().iterdir())
    monkeypatch.setattr(os, "fsync", _full)
    assert labc("build").status == 6
    assert Path("lab.lock").read_bytes() == kept
    assert sorted(Path().iterdir()) == before


def test_the_lock_is_another_file_when_it_is_written(labc: Labc, kept: bytes) -> None:
    """Whoever reads the old one meanwhile has it whole."""
    number = Path("lab.lock").stat().st_ino
    Path("lab.net").write_text(LAB + MORE)
    with Path("lab.lock").open("rb") as reader:
        assert labc("build").status == 0
        assert reader.read() == kept
    assert Path("lab.lock").stat().st_ino != number


def test_explaining_writes_nothing(labc: Labc, kept: bytes) -> None:
    """Neither a plan nor the lock."""
    Path("lab.net").write_text(LAB + MORE)
    assert labc("build", "--explain", "b").status == 0
    assert Path("lab.lock").read_bytes() == kept


def test_a_pipe_is_no_lock(labc: Labc) -> None:
    """It is not waited for."""
    Path("lab.net").write_text(LAB)
    os.mkfifo("lab.lock")
    ran = labc("build")
    assert ran.status == 2
    assert "is no file" in ran.err


def test_a_link_that_leads_away_is_no_lock(labc: Labc, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Not a line of what stands there is shown."""
    secret = tmp_path_factory.mktemp("elsewhere") / "shadow"
    secret.write_text("root:hash\n")
    Path("lab.net").write_text(LAB)
    Path("lab.lock").symlink_to(secret)
    ran = labc("check")
    assert ran.status == 2
    assert "root" not in ran.out + ran.err


def test_a_plan_is_another_file_when_it_is_written(labc: Labc) -> None:
    """Whoever carries out the old one meanwhile has it whole; a kill or a full disk leaves it."""
    Path("lab.net").write_text(LAB)
    assert labc("build").status == 0
    with Path("lab.plan.json").open("rb") as reader:
        Path("lab.net").write_text(LAB + MORE)
        assert labc("build").status == 0
        assert b"node/b" not in reader.read()
    assert b"node/b" in Path("lab.plan.json").read_bytes()
