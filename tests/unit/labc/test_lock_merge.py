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
    """An edit as it is made: the lab, its lock, one commit. `moved`: an id and key whose value is another one in the lock."""
    Path("lab.net").write_text(text)
    ran = labc("lock")
    assert ran.status == 0, ran.err
    if to:
        lock = Path("lab.lock")
        lock.write_text(re.sub(rf"^({moved}) .*$", rf"\1 {to}", lock.read_text(), flags=re.MULTILINE))
    git("add", "--all")
    git("commit", "--quiet", "--message", "edit")


@pytest.fixture
def merged(labc: Labc, request: pytest.FixtureRequest) -> Labc:
    """Branch `one` adds pc2 behind pc1, `other` pc3 before pc9; the ids are neighbours in the lock. Merged into `one`."""
    taken: str = getattr(request, "param", "")
    git("init", "--quiet", "--initial-branch=main")
    commit(LAB, labc)
    git("checkout", "--quiet", "-b", "one")
    commit(LAB.replace(TOP, TOP + TOP.replace("pc1", "pc2")), labc, "port/pc2/eth0 address", taken)
    git("checkout", "--quiet", "-b", "other", "main")
    commit(LAB.replace(BOTTOM, BOTTOM.replace("pc9", "pc3") + BOTTOM), labc, "port/pc3/eth0 address", taken)
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


SITE = """site rack
host h1 { memory = 4GiB; nic eth0 { address = 192.0.2.1/24; mtu = 9000 } }
host h2 { memory = 4GiB; nic eth0 { address = 192.0.2.2/24; mtu = 9000 } }
"""
PAIR = (
    'lab office\nimport std.linux\nimport "site.net"\n'
    "segment lan 10.0.0.0/24\nsegment one 10.0.1.0/24\nsegment two 10.0.2.0/24\n"
    "segment pad 10.0.3.0/24\nnode a: linux.host { port eth0 on lan; on h1 }\nsegment end 10.0.4.0/24\n"
)


def _crossing(segment: str) -> str:
    """Two nodes on two hosts."""
    return "".join(f"node {segment}{at}: linux.host {{ port eth0 on {segment}; on h{at} }}\n" for at in (1, 2))


def test_two_branches_that_place_nodes_merge(labc: Labc) -> None:
    """Hosts and VNIs of both stay, the same VNI is given out once, and the lock that is written then holds."""
    Path("site.net").write_text(SITE)
    git("init", "--quiet", "--initial-branch=main")
    commit(PAIR, labc)
    edits = {"one": PAIR.replace("node a:", _crossing("one") + "node a:"), "two": PAIR + _crossing("two")}
    for branch, text in edits.items():
        git("checkout", "--quiet", "-b", branch, "main")
        commit(text, labc, f"segment/{branch} vni", "7000")
    git("merge", "--quiet", "--no-edit", "one")
    ran = labc("build", "-o", "plan.json")
    assert ran.status == 0, ran.err
    assert "N0901" in ran.err
    plan = orjson.loads(Path("plan.json").read_bytes())
    vnis = {each["id"]: each["spec"]["vni"] for each in plan["resources"] if each["kind"] == "tunnel"}
    assert vnis["tunnel/one@h1"] == 7000
    assert vnis["tunnel/two@h1"] != 7000
    assert {each["id"]: each["host"] for each in plan["resources"] if each["kind"] == "node"} == {
        "node/a": "h1", "node/one1": "h1", "node/one2": "h2", "node/two1": "h1", "node/two2": "h2"
    }  # fmt: skip
    assert labc("build", "--lock", "check", "-o", "plan.json").status == 0
