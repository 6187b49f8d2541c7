"""A lock in git: two branches that each add nodes merge without a conflict, and what both took is given out anew."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import orjson
import pytest

from tests.unit.labc.conftest import Labc

pytestmark = pytest.mark.program("git")

TOP = "node pc1: linux.host { port eth0 on lan }\n"
BOTTOM = "node pc9: linux.host { port eth0 on lan }\n"
LAB = f"lab office\nimport std.linux\nsegment lan 10.0.0.0/24\n{TOP}node r: linux.router {{ port a on lan at 10.0.0.1 }}\n{BOTTOM}"


def git(*arguments: str) -> str:
    who = ("-c", "user.name=A", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *who, *arguments], check=True, capture_output=True, text=True).stdout


def commit(text: str, labc: Labc, moved: str = "", to: str = "") -> None:
    """An edit as it is made: the lab, its lock, one commit. `moved`: a port whose address is another one in the lock."""
    Path("lab.net").write_text(text)
    ran = labc("lock")
    assert ran.status == 0, ran.err
    if to:
        lock = Path("lab.lock")
        lock.write_text(re.sub(rf"^({moved} address) .*$", rf"\1 {to}", lock.read_text(), flags=re.MULTILINE))
    git("add", "--all")
    git("commit", "--quiet", "--message", "edit")


@pytest.fixture
def merged(labc: Labc, request: pytest.FixtureRequest) -> Labc:
    """Branch `one` adds pc2 behind pc1, `other` pc3 before pc9; the ids are neighbours in the lock. Merged into `one`."""
    taken: str = getattr(request, "param", "")
    git("init", "--quiet", "--initial-branch=main")
    commit(LAB, labc)
    git("checkout", "--quiet", "-b", "one")
    commit(LAB.replace(TOP, TOP + TOP.replace("pc1", "pc2")), labc, "port/pc2/eth0", taken)
    git("checkout", "--quiet", "-b", "other", "main")
    commit(LAB.replace(BOTTOM, BOTTOM.replace("pc9", "pc3") + BOTTOM), labc, "port/pc3/eth0", taken)
    git("checkout", "--quiet", "one")
    git("merge", "--quiet", "--no-edit", "other")
    return labc


def addresses(labc: Labc) -> dict[str, list[str]]:
    assert labc("build", "-o", "plan.json").status == 0
    resources = orjson.loads(Path("plan.json").read_bytes())["resources"]
    return {each["id"]: each["spec"]["addresses"] for each in resources if each["kind"] == "port"}


def test_two_branches_that_add_neighbours_merge(merged: Labc) -> None:
    """No conflict, nothing left to lock, and every node has what its branch gave it."""
    assert "<<<<" not in Path("lab.lock").read_text()
    assert merged("lock", "--check").status == 0
    after = addresses(merged)
    git("checkout", "--quiet", "--force", "other")
    assert addresses(merged).items() <= after.items()


@pytest.mark.parametrize("merged", ["10.0.0.77/24"], indirect=True)
def test_an_address_that_both_branches_took_is_given_out_once(merged: Labc) -> None:
    """The greater id lets go, with a note; the lock that is written next holds."""
    told = merged("check").out
    assert "note[N0901]" in told
    found = addresses(merged)
    assert found["port/pc2/eth0"] == ["10.0.0.77/24"]
    assert found["port/pc3/eth0"] != ["10.0.0.77/24"]
    assert merged("lock").status == 0
    assert merged("lock", "--check").status == 0
