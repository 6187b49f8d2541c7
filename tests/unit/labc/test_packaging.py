"""What is in the wheel and the sdist, and that one can be built from the other."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

pytest.importorskip("hatchling", reason="the build backend is a part of labc[dev]")


def built(folder: Path, target: str, to: Path) -> Path:
    """A distribution of a folder, built without a network."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(to)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return next(iter(to.glob("*.whl" if target == "wheel" else "*.tar.gz")))


def files(wheel: Path) -> set[str]:
    return {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout."""
    return built(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


def test_the_wheel_holds_all_sources(wheel: Path) -> None:
    """Every module, every kind, every template, the grammar; once each."""
    wanted = set()
    for room in ("compiler", "runtime", "stdlib"):
        for path in (ROOT / room).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                wanted.add(f"labc/{path.relative_to(ROOT).as_posix()}")
    for path in (ROOT / "labc/cli").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            wanted.add(path.relative_to(ROOT).as_posix())
    assert wanted <= files(wheel)
    assert {".net", ".j2", ".lark"} <= {Path(name).suffix for name in files(wheel)}


def test_the_wheel_built_from_the_sdist_is_the_same(wheel: Path, tmp_path: Path) -> None:
    """Whoever packages labc loses nothing."""
    sdist = built(ROOT, "sdist", tmp_path / "sdist")
    (tmp_path / "unpacked").mkdir()
    subprocess.run(["tar", "-xzf", str(sdist), "-C", str(tmp_path / "unpacked")], check=True)
    again = built(next((tmp_path / "unpacked").iterdir()), "wheel", tmp_path / "again")
    assert files(again) == files(wheel)
