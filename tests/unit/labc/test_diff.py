"""`labc diff` of files, plans and git revisions, as a user calls it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from .conftest import Labc

LAB = """\
lab office
import std.linux
import "site/kinds.net"
param last: int = 2
segment lan 10.0.0.0/24
node a: box { port eth0 on lan at 10.0.0.1 }
node b: linux.host { port eth0 on lan at (10.0.0.0/24 host last) }
"""
KINDS = 'import std.linux\nkind box extends linux.host { config "box.conf.j2" to "/etc/box.conf" }\n'


def git(*arguments: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.net", "-c", "init.defaultBranch=main")
    return subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, text=True).stdout


def write(text: str = LAB, box: str = "name {{ node.name }}\n") -> None:
    Path("lab/site").mkdir(parents=True, exist_ok=True)
    Path("lab/lab.net").write_text(text)
    Path("lab/site/kinds.net").write_text(KINDS)
    Path("lab/site/box.conf.j2").write_text(box)


@pytest.fixture
def repository(labc: Labc, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The lab in the folder lab/, in which we are: `main~1` has it as it is, `main` with b at .3, the working tree with box.conf changed."""
    git("init", "-q")
    write()
    git("add", ".")
    git("commit", "-qm", "one")
    write(LAB.replace("= 2", "= 3"))
    git("commit", "-qam", "two")
    write(LAB.replace("= 2", "= 3"), box="name {{ node.name }}\nmode slow\n")
    monkeypatch.chdir("lab")
    return Path.cwd()


def signs(labc: Labc, *words: str) -> dict[str, str]:
    ran = labc("diff", *words, "--json")
    assert ran.status in (0, 1), ran.err
    return {change["id"]: change["sign"] for change in json.loads(ran.out)["changes"]}


def test_two_revisions(labc: Labc, repository: Path) -> None:
    """Sources, imports and templates come out of git's objects; the lab is the one of this folder."""
    found = signs(labc, "main~1", "main")
    assert {"parameter/last", "port/b/eth0"} <= found.keys()
    assert "file/a/etc/box.conf" not in found


def test_a_revision_against_the_working_tree(labc: Labc, repository: Path) -> None:
    """What is not committed yet counts."""
    assert signs(labc, "main") == {"file/a/etc/box.conf": "~"}


@pytest.mark.parametrize(
    "words",
    [
        ("main~1", "main", "lab.net"), ("main~1", "main", "."), ("main~1:lab/lab.net", "main:lab/lab.net"), ("main~1:./lab.net", "main:."),
        ("main~1:lab", "main"), ("main~1", "main:./lab.net"),
    ],
)  # fmt: skip
def test_the_lab_of_revisions_can_be_named_in_many_ways(labc: Labc, repository: Path, words: tuple[str, ...]) -> None:
    """From here, or as git has it from the root; a folder is its lab."""
    assert "port/b/eth0" in signs(labc, *words)


def test_a_revision_against_a_file_and_a_plan(labc: Labc, repository: Path) -> None:
    """The file says which lab of the revision is meant."""
    assert labc("build", "lab.net", "-o", "kept.plan.json").status == 0
    assert signs(labc, "main", "lab.net") == {"file/a/etc/box.conf": "~"}
    assert signs(labc, "main", "kept.plan.json") == {"file/a/etc/box.conf": "~"}


def test_a_plan_that_was_committed_is_read_from_there(labc: Labc, repository: Path) -> None:
    """As a plan, whatever its lab says by now."""
    assert labc("build", "lab.net", "-o", "kept.plan.json").status == 0
    git("add", ".")
    git("commit", "-qm", "three")
    assert signs(labc, "HEAD:./kept.plan.json", "lab.net") == {}


def test_parameters_are_those_of_both_sides(labc: Labc, repository: Path) -> None:
    """So that what differs is the text."""
    assert signs(labc, "main~1", "main", "-p", "last=9") == {}


def test_a_lock_of_the_revision_holds_there(labc: Labc, repository: Path) -> None:
    """An address that was locked is what that revision had."""
    write(LAB.replace(" at (10.0.0.0/24 host last)", ""))
    Path("lab.net").write_text(LAB.replace(" at (10.0.0.0/24 host last)", ""))
    assert labc("lock", "lab.net").status == 0
    lock = Path("lab.lock").read_text()
    line = next(
        line
        for line in lock.splitlines()
        if "port/b/eth0 address" in line or ("port/b/eth0" in line and "10.0.0." in line)
    )
    Path("lab.lock").write_text(lock.replace(line, line.rpartition("10.0.0.")[0] + "10.0.0.77/24"))
    git("add", ".")
    git("commit", "-qm", "locked")
    Path("lab.lock").unlink()
    found = json.loads(labc("diff", "HEAD", "--json").out)
    change = next(change for change in found["changes"] if change["id"] == "port/b/eth0")
    assert ["10.0.0.77/24"] in [field["old"] for field in change["fields"]]


def test_nothing_is_written(labc: Labc, repository: Path) -> None:
    """No checkout, no index, no object."""

    def everything() -> dict[Path, tuple[int, int]]:
        return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in repository.parent.rglob("*")}

    before = everything()
    labc("diff", "main~1", "main")
    assert everything() == before


def test_a_mistake_in_a_revision_is_shown_with_the_revision(labc: Labc, repository: Path) -> None:
    """`REV:file:line`, from the repository's root."""
    write(LAB + "node c: nothing { }\n")
    Path("lab.net").write_text(LAB + "node c: nothing { }\n")
    git("commit", "-qam", "broken")
    Path("lab.net").write_text(LAB)
    ran = labc("diff", "HEAD")
    assert ran.status == 2
    assert "HEAD:lab/lab.net:8:" in ran.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("nothing", "main"), "nothing: there is no such file, and git knows no such revision"),
        (("main:lab/other.net", "main"), "main has no lab/other.net"),
        (("main~1", "main", "../../x.net"), "lies outside of the repository"),
        (("lab.net",), "compare it with what?"),
        (("lab.net", "lab.net", "lab.net"), "a third word is the lab of two revisions"),
        (("main", "main", "lab.net", "x"), "OLD, NEW and LAB at most"),
        (("--upload-pack=x:y", "main"), "No such option"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_words_is_said(labc: Labc, repository: Path, words: tuple[str, ...], why: str) -> None:
    """Status 2, and what is meant."""
    ran = labc("diff", *words)
    assert ran.status == 2
    assert why in ran.err


def test_outside_of_a_repository_there_are_no_revisions(labc: Labc, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git's own words."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(Path.cwd().parent))
    Path("lab.net").write_text("lab x\n")
    ran = labc("diff", "main")
    assert ran.status == 2
    assert "main: there is no such file, and git finds no repository here" in ran.err


def test_another_users_repository_is_refused_with_git_s_remedy(
    labc: Labc, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container of CI, whose user is not the checkout's."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    ran = labc("diff", "main")
    assert ran.status == 2
    assert "dubious ownership" in ran.err
    assert f"git config --global --add safe.directory {repository.parent}" in ran.err


@pytest.mark.parametrize("committed", [True, False])
def test_a_lock_with_two_values_is_no_side(labc: Labc, repository: Path, committed: bool) -> None:
    """As for `labc build`: nobody knows which of them is meant."""
    assert labc("lock", "lab.net").status == 0
    line = next(line for line in Path("lab.lock").read_text().splitlines() if "port/a/eth0" in line)
    with Path("lab.lock").open("a") as lock:
        lock.write(line.rpartition(" ")[0] + " 02:00:00:00:00:99\n")
    if committed:
        git("add", ".")
        git("commit", "-qm", "merged")
        Path("lab.lock").unlink()
    ran = labc("diff", "HEAD", "lab.net")
    assert ran.status == 2
    assert "E0902" in ran.err
    assert ran.out == ""


def test_what_both_sides_have_to_say_is_said_once(labc: Labc, repository: Path) -> None:
    """A warning is no part of the difference; one that only a side has is told of that side."""
    odd = "segment lonely 10.5.0.0/24\npolicy p { a -> b allow tcp/80; a -> b allow tcp/80 }\n"
    Path("old.net").write_text(LAB + odd)
    Path("new.net").write_text(LAB.replace("= 2", "= 3") + odd)
    ran = labc("diff", "old.net", "new.net")
    alone = labc("check", "new.net")
    assert "warning" in alone.err + alone.out
    assert ran.err.count("warning[") == (alone.err + alone.out).count("warning[") > 0
    Path("old.net").write_text(LAB)
    assert "new.net:9" in labc("diff", "old.net", "new.net").err


def test_of_a_file_and_a_revision_of_one_name_the_file_wins_and_that_is_said(labc: Labc, repository: Path) -> None:
    """With the way to mean the other."""
    Path("main").write_text(LAB.replace('import "site/kinds.net"\n', "").replace(": box", ": linux.host"))
    ran = labc("diff", "main", "lab.net")
    assert ran.status == 1
    assert "main is a file here and a revision of git: the file is compared; main^0 means the revision" in ran.err
    assert signs(labc, "main^0") == {"file/a/etc/box.conf": "~"}


def test_a_lab_that_has_gone_is_found_where_it_was(labc: Labc, repository: Path) -> None:
    """The folder's only lab at that time."""
    Path("lab.net").unlink()
    assert "port/b/eth0" in signs(labc, "main~1", "main")


def test_links_of_the_repository_are_followed_and_no_others(labc: Labc, repository: Path) -> None:
    """What lies outside is not part of the revision."""
    Path("linked.net").symlink_to("lab.net")
    Path("out.net").symlink_to("/etc/passwd")
    git("add", ".")
    git("commit", "-qm", "links")
    assert signs(labc, "HEAD:./linked.net", "HEAD:./lab.net") == {}
    ran = labc("diff", "HEAD:./out.net", "HEAD:./lab.net")
    assert (ran.status, "HEAD has no lab/out.net" in ran.err) == (2, True)


def test_the_forms_of_output_exclude_each_other(labc: Labc, repository: Path) -> None:
    """`--json` is short for one of them."""
    assert labc("diff", "main", "--json", "--format", "markdown").status == 2
    assert labc("diff", "main", "--format", "json").out == labc("diff", "main", "--json").out
    assert labc("diff", "main", "--format", "markdown").out.startswith("### labc diff `main:lab/lab.net` → `lab.net`")


def _trap(folder: Path) -> Path:
    """A folder of the checkout that looks like a repository whose remote is a program; the file appears when that runs."""
    ran = folder / "ran"
    folder.mkdir()
    git("clone", "-q", "--bare", "..", str(folder / "lab"))
    config = folder / "lab" / "config"
    config.write_text(
        f"[core]\n\tbare = false\n\tworktree = .\n\trepositoryformatversion = 1\n"
        f"[extensions]\n\tpartialClone = origin\n"
        f'[remote "origin"]\n\turl = .\n\tpromisor = true\n\tuploadpack = touch {ran}; false\n'
    )
    for each in (folder / "lab" / "objects").rglob("*"):
        if each.is_file():
            each.unlink()  # what is missing would be fetched
    (folder / "lab" / "lab.net").write_text(LAB)
    return ran


def test_a_folder_that_looks_like_a_repository_runs_nothing(
    labc: Labc, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What lies in a checkout is somebody else's."""
    ran = _trap(tmp_path / "trap")
    monkeypatch.chdir(tmp_path / "trap" / "lab")
    assert labc("diff", "HEAD~1").status == 2
    assert not ran.exists()


def test_what_a_partial_clone_lacks_is_not_fetched(
    labc: Labc, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No program of its configuration runs, and nothing is written to it."""
    clone, ran = tmp_path / "clone", tmp_path / "ran"
    git("-C", "..", "config", "uploadpack.allowFilter", "true")
    git("clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{repository.parent}", str(clone))
    git("-C", str(clone), "config", "remote.origin.uploadpack", f"touch {ran}; false")
    packs = sorted((clone / ".git" / "objects").rglob("*"))
    monkeypatch.chdir(clone)
    done = labc("diff", "HEAD~1", "HEAD", "lab/lab.net")
    assert done.status == 2
    assert not ran.exists()
    assert sorted((clone / ".git" / "objects").rglob("*")) == packs


_ONE = """lab l
import std.linux
site s
host h1 { memory = 4GiB; nic e { address = 192.0.2.1/24; mtu = 9000 } }
host h2 { memory = 4GiB; nic e { address = 192.0.2.2/24; mtu = 9000 } }
segment a 10.0.0.0/24
node x: linux.host { port e on a; on h1 }
node y: linux.host { port e on a; on h1 }
"""


def test_a_side_that_does_not_fit_is_status_3(labc: Labc) -> None:
    """As `labc build` of it; with a mistake on the other side it is 2."""
    Path("old.net").write_text(_ONE)
    Path("new.net").write_text(_ONE.replace("on a; on h1 }\nnode y", "on a; needs memory = 9GiB }\nnode y"))
    assert labc("diff", "old.net", "new.net").status == 3
    Path("old.net").write_text(_ONE.replace("on a;", "on b;"))
    assert labc("diff", "old.net", "new.net").status == 2


def test_what_only_waits_for_another_part_of_its_segment_is_no_difference(labc: Labc) -> None:
    """x stays as it is when the segment it is on begins to cross hosts."""
    Path("old.net").write_text(_ONE)
    Path("new.net").write_text(
        _ONE.replace("node y: linux.host { port e on a; on h1 }", "node y: linux.host { port e on a; on h2 }")
    )
    found = signs(labc, "old.net", "new.net")
    assert found["node/y"] == "-/+"
    assert "port/x/e" not in found
