"""`labc lock` for labs that are refused, and for locks of other labs: nothing is written that nobody chose."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.unit.labc.conftest import Labc
from tests.unit.labc.test_modules import KIND, Repository

NIC = "{ nic e0 { address = 192.0.2.%d/24 }; memory = 4GiB }\n"
SITE = f"site rack\nhost h1 {NIC % 1}host h2 {NIC % 2}"
LAB = (
    'lab pair\nimport std.linux\nimport "site.net"\nsegment lan 10.0.0.0/24\n'
    "node a: linux.host { port eth0 on lan; on h1 }\nnode b: linux.host { port eth0 on lan; on h2 }\n"
)
REFUSED = [
    ("lab.net", "segment lan", "junk here\nsegment lan", "E0101", 2),
    ("lab.net", "on h1", "needs memory = 8GiB", "E0801", 3),
    ("lab.net", "10.0.0.0/24", "10.0.0.0/24 { mtu = 1500 }", "E0813", 3),
    ("site.net", "address = 192.0.2.2/24", "speed = 1Gbps", "E0812", 3),
]
CASES = pytest.mark.parametrize(("file", "old", "new", "code", "status"), REFUSED)


def _begin() -> None:
    Path("site.net").write_text(SITE)
    Path("lab.net").write_text(LAB)


def _edit(file: str, old: str, new: str) -> None:
    text = Path(file).read_text()
    assert old in text
    Path(file).write_text(text.replace(old, new))


@CASES
def test_check_does_not_pass_a_lab_that_is_refused(
    labc: Labc, file: str, old: str, new: str, code: str, status: int
) -> None:
    """CI asks for the status alone: that the lock would not change is no answer for a lab that cannot be built."""
    _begin()
    assert labc("lock").status == 0
    assert labc("lock", "--check").status == 0
    kept = Path("lab.lock").read_bytes()
    _edit(file, old, new)
    for flags in ((), ("--check",)):
        ran = labc("lock", *flags)
        assert (ran.status, code in ran.err) == (status, True)
    assert Path("lab.lock").read_bytes() == kept


@CASES
def test_no_lock_is_begun_for_a_lab_that_is_refused(
    labc: Labc, file: str, old: str, new: str, code: str, status: int
) -> None:
    """Nothing was chosen, so neither a lock nor git's line for it is written, and nothing says so."""
    _begin()
    _edit(file, old, new)
    ran = labc("lock")
    assert (ran.status, code in ran.err, "wrote" in ran.err) == (status, True, False)
    assert sorted(each.name for each in Path().iterdir()) == ["lab.net", "site.net"]


@pytest.mark.program("git")
def test_of_a_refused_lab_the_modules_are_pinned(
    labc: Labc, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without them nobody could see what else is wrong with it. What was chosen before stays."""
    elsewhere = tmp_path_factory.mktemp("git")
    monkeypatch.setenv("XDG_CACHE_HOME", str(elsewhere / "cache"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    modules = Repository(elsewhere / "modules")
    modules.commit({"fw.net": KIND}, tag="v1")
    _begin()
    assert labc("lock").status == 0
    before = set(Path("lab.lock").read_text().splitlines())
    _edit("lab.net", "segment lan", f'import git "{modules.url}" at "v1" path "fw.net" as fw\nsegment lan')
    _edit("lab.net", "on h1", "needs memory = 8GiB")
    assert labc("lock").status == 3
    after = set(Path("lab.lock").read_text().splitlines())
    assert before < after
    assert all(line.startswith("module/git+") for line in after - before)


@pytest.mark.parametrize("command", [("lock",), ("lock", "--check"), ("build", "--lock", "refresh"), ("build",)])
def test_the_lock_of_another_lab_is_never_overwritten(labc: Labc, command: tuple[str, ...]) -> None:
    """Two labs in one folder: the second is told to live in a folder of its own, or without a lock."""
    _begin()
    assert labc("lock", "lab.net").status == 0
    kept = Path("lab.lock").read_bytes()
    Path("two.net").write_text(LAB.replace("lab pair", "lab two"))
    ran = labc(*command, "two.net")
    assert (ran.status, "E0906" in ran.err, "a folder of its own" in ran.err) == (2, True, True)
    assert Path("lab.lock").read_bytes() == kept
    assert labc("build", "--lock", "ignore", "two.net").status == 0
    assert labc("build", "--lock", "refresh", "lab.net").status == 0
