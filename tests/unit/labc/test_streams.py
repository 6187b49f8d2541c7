"""Standard streams as they should not be: closed, full, of another alphabet."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LABC = f"{sys.executable} -m labc"
QUITE_FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


def shell(script: str, folder: Path, **more: str) -> subprocess.CompletedProcess[bytes]:
    """A script of bash, with a buffered Python as users have it; `labc` stands for ours."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("PYTHON", "LC_", "LANG"))}
    return subprocess.run(
        ["bash", "-c", f'labc() {{ {LABC} "$@"; }}; {script}'],
        cwd=folder, env=environment | {"PYTHONPATH": str(ROOT)} | more, capture_output=True, check=False,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a lab whose mistake has a letter that is not ASCII in it, and one without mistakes."""
    (tmp_path / "u.net").write_text("lab u\nnode \N{LATIN SMALL LETTER E WITH ACUTE}: linux.host\n", encoding="utf-8")
    (tmp_path / "ok.net").write_text("lab ok\n")
    return tmp_path


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("labc check - <&-", 2),
        ("labc check ok.net <&- >&- 2>&-", 0),
        ("labc check u.net >&-", 2),
        ("labc --help >&-", 0),
        ("labc build ok.net -o x.json <&- >&- 2>&-", 0),
    ],
)
def test_a_closed_stream_is_as_empty_as_dev_null(folder: Path, command: str, status: int) -> None:
    """No bug of ours, and no file of ours that gets the number of a standard stream."""
    ran = shell(command, folder)
    assert ran.returncode == status
    assert b"bug" not in ran.stderr
    if "x.json" in command:
        assert json.loads((folder / "x.json").read_bytes())["lab"] == "ok"


@pytest.mark.parametrize(
    "settings",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0"},
        {"LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
)
def test_output_is_utf8_wherever_it_goes(folder: Path, settings: dict[str, str]) -> None:
    """A letter is no reason to fail, and JSON stays JSON."""
    text = shell("labc check u.net", folder, **settings)
    assert text.returncode == 2
    assert text.stderr == b""
    assert "\N{LATIN SMALL LETTER E WITH ACUTE}" in text.stdout.decode()
    found = json.loads(shell("labc check --json u.net", folder, **settings).stdout)
    assert "\N{LATIN SMALL LETTER E WITH ACUTE}" in json.dumps(found, ensure_ascii=False)


def test_a_name_that_is_no_utf8_can_be_told(folder: Path) -> None:
    """As a file's name may be."""
    ran = shell("labc check $'\\xff.net'", folder)
    assert ran.returncode == 2
    assert b"there is no such file" in ran.stderr


@QUITE_FULL
@pytest.mark.parametrize("verb", ["fmt ok.net", "--help", "--version", "build ok.net -o -", "check --json u.net"])
def test_a_full_output_is_told_in_a_line(folder: Path, verb: str) -> None:
    """Status 6 and why, and nothing of Python's."""
    ran = shell(f"labc {verb} > /dev/full", folder)
    assert (ran.returncode, ran.stderr) == (6, b"labc: standard output: No space left on device\n")
    ran = shell(f"labc {verb} > /dev/full 2> /dev/full", folder)
    assert ran.returncode == 6


@QUITE_FULL
@pytest.mark.parametrize("verb", ["check ok.net", "check nowhere.net", "biuld", "init --no-such-option"])
def test_a_full_standard_error_is_status_6(folder: Path, verb: str) -> None:
    """There is nowhere to say it."""
    assert shell(f"labc {verb} 2> /dev/full", folder).returncode == 6
