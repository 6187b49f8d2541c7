"""The verbs that need no running lab."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from labc.cli.inputs import find_lab, given_by
from labc.cli.running import split_lab
from labc.compiler.plan.model import decode
from labc.runtime.backends.netns.requirements import Check

from .conftest import Labc

TINY = """\
lab tiny
import std.linux
segment lan 10.0.0.0/24
node a: linux.host { port eth0 on lan at 10.0.0.1 }
node b: linux.host { port eth0 on lan at 10.0.0.2 }
"""


@pytest.fixture
def tiny(labc: Labc) -> Path:
    """A lab of two hosts in the folder where labc runs."""
    path = Path("lab.net")
    path.write_text(TINY)
    return path


@pytest.mark.parametrize("template", ["quickstart", "firewall"])
def test_init_makes_a_lab_that_compiles(labc: Labc, template: str) -> None:
    """The first thing that a newcomer runs."""
    assert labc("init", "new", "-t", template).status == 0
    assert Path("new/.gitattributes").read_text() == "lab.lock merge=union\n"
    ran = labc("check", "new")
    assert (ran.status, ran.out) == (0, "")


def test_init_overwrites_nothing(labc: Labc, tiny: Path) -> None:
    """A second run, or one in a folder that holds a lab, leaves everything as it was."""
    ran = labc("init")
    assert ran.status == 2
    assert "lab.net: exists already" in ran.err
    assert tiny.read_text() == TINY
    assert not Path(".gitattributes").exists()


def test_init_keeps_what_gitattributes_says(labc: Labc) -> None:
    """Its line is added once."""
    Path(".gitattributes").write_text("*.txt text")
    labc("init")
    assert Path(".gitattributes").read_text() == "*.txt text\nlab.lock merge=union\n"


def test_build_writes_nothing_beside_what_is_no_file(labc: Labc, tiny: Path) -> None:
    """`-o /dev/null` leaves no map in /dev."""
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDWR)  # so that a writer never waits
    assert labc("build", "-o", "pipe").status == 0
    os.close(reader)
    assert not Path("pipe.map.json").exists()


def test_build_writes_plan_and_map(labc: Labc, tiny: Path) -> None:
    """Beside the lab, named like it."""
    ran = labc("build")
    assert (ran.status, ran.out) == (0, "")
    assert json.loads(Path("lab.plan.json").read_bytes())["lab"] == "tiny"
    assert json.loads(Path("lab.map.json").read_bytes())


def test_build_to_standard_output(labc: Labc, tiny: Path) -> None:
    """The plan alone, and no file."""
    ran = labc("build", "-o", "-")
    assert decode(ran.out.encode()).lab == "tiny"
    assert not Path("lab.map.json").exists()


def test_build_with_mistakes_writes_nothing(labc: Labc, tiny: Path) -> None:
    """Diagnostics on standard error, status 2."""
    tiny.write_text(TINY + "node c: linux.hst { }\n")
    ran = labc("build")
    assert (ran.status, ran.out) == (2, "")
    assert "linux.hst" in ran.err
    assert not Path("lab.plan.json").exists()


def test_build_emits_what_is_asked_for(labc: Labc, tiny: Path) -> None:
    """The lab's text, its drawing, its configurations."""
    assert labc("build", "--emit", "plan,ir,graph,configs", "-o", "out/x.plan.json").status == 0
    assert {path.name for path in Path("out").iterdir()} >= {"x.plan.json", "x.map.json", "x.ir.txt", "x.svg"}


def test_build_explains_a_node(labc: Labc, tiny: Path) -> None:
    """Where it is, why, and what it has."""
    ran = labc("build", "--explain", "a")
    assert ran.status == 0
    assert "host local" in ran.out
    assert "10.0.0.1/24" in ran.out
    assert labc("build", "--explain", "aa").status == 2
    ran = labc("build", "--explain", "a", "--format", "json")
    assert json.loads(ran.err) == []
    said = json.loads(ran.out)
    assert said["node"] == "a"
    assert any("host local" in line for line in said["why"])


def test_build_times_and_stops(labc: Labc, tiny: Path) -> None:
    """The pass manager's switches."""
    ran = labc("build", "--time-passes", "--stop-after", "addresses", "--verify", "--print-after", "expand")
    assert ran.status == 0
    assert "addresses" in ran.err
    assert "schedule" not in ran.err
    assert "node/a" in ran.out
    assert not Path("lab.plan.json").exists()


def test_the_same_lab_has_no_difference(labc: Labc, tiny: Path) -> None:
    """Status 0, nothing printed."""
    labc("build")
    ran = labc("diff", "lab.net", "lab.plan.json")
    assert (ran.status, ran.out) == (0, "")


def test_diff_shows_what_is_new_gone_and_different(labc: Labc, tiny: Path) -> None:
    """By node, with the fields that differ; status 1."""
    changed = TINY.replace("10.0.0.2", "10.0.0.3").replace("node a:", "node c:")
    Path("new.net").write_text(changed)
    ran = labc("diff", "lab.net", "new.net")
    assert ran.status == 1
    assert "- node/a" in ran.out
    assert "+ node/c" in ran.out
    assert "~ port/b/eth0" in ran.out
    assert "addresses: 10.0.0.2/24 → 10.0.0.3/24" in ran.out
    found = json.loads(labc("diff", "lab.net", "new.net", "--json").out)
    assert {row["sign"] for row in found["changes"]} == {"+", "-", "~"}


@pytest.mark.parametrize("form", ["svg", "html", "dot", "mermaid"])
def test_graph_prints_a_drawing(labc: Labc, tiny: Path, form: str) -> None:
    """To standard output by default."""
    ran = labc("graph", "--format", form)
    assert ran.status == 0
    assert "10.0.0.0/24" in ran.out


def test_graph_takes_the_form_from_the_ending(labc: Labc, tiny: Path) -> None:
    """`-o lab.html` is a page."""
    assert labc("graph", "-o", "lab.html").status == 0
    assert Path("lab.html").read_text().startswith("<!DOCTYPE html>")


def test_graph_writes_no_drawing_under_a_foreign_ending(labc: Labc, tiny: Path) -> None:
    """What stood in `lab.png` would be no PNG; a form that is said is taken."""
    ran = labc("graph", "-o", "lab.png")
    assert ran.status == 2
    assert ".svg" in ran.err
    assert not Path("lab.png").exists()
    assert labc("graph", "-o", "lab.txt", "--format", "dot").status == 0


def test_fmt_of_a_plan_is_refused_in_a_line(labc: Labc, tiny: Path) -> None:
    """It is no lab with eighty mistakes."""
    assert labc("build", "-o", "x.plan.json").status == 0
    ran = labc("fmt", "x.plan.json")
    assert ran.status == 2
    assert "is a plan" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_plan_is_known_by_what_it_holds(labc: Labc, tiny: Path) -> None:
    """Whatever it is called: a file, standard input, beside a node's name; a map beside it is found."""
    assert labc("build", "-o", "b").status == 0
    assert Path("b.map.json").exists()
    assert (labc("diff", "b", "lab.net").status, labc("diff", "b", "b", "-p", "x=1").status) == (0, 0)
    for verb in ("check", "build", "graph", "fmt"):
        ran = labc(verb, "b")
        assert (ran.status, "is a plan" in ran.err, len(ran.err.splitlines())) == (2, True, 1)
    assert given_by(find_lab("b"), {}).map == Path("b.map.json").read_bytes()
    assert split_lab(("b", "web", "ip")) == ("b", ("web", "ip"))
    assert split_lab(("web", "ip")) == (None, ("web", "ip"))


def test_a_plan_comes_through_standard_input(labc: Labc, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a lab does."""
    labc("build", "-o", "b")
    with Path("b").open() as plan:
        monkeypatch.setattr("sys.stdin", plan)
        assert labc("diff", "-", "lab.net").status == 0


def test_a_lab_may_be_written_as_json(labc: Labc) -> None:
    """Which is YAML, and no plan for that."""
    Path("lab.yaml").write_text('{"lab": "tiny"}')
    assert labc("check", "lab.yaml").status == 0


@pytest.mark.parametrize("which", ["lab", "plan", "site", "diff"])
def test_schema(labc: Labc, which: str) -> None:
    """A JSON Schema."""
    schema = json.loads(labc("schema", which).out)
    assert "properties" in schema or "$defs" in schema


def test_fmt_check_and_write(labc: Labc) -> None:
    """--check says 1, -w mends it, then --check says 0; the comment stays."""
    Path("lab.net").write_text("lab   tiny   # mine\n\n\n\nsegment   lan 10.0.0.0/24\n")
    assert labc("fmt", "--check").status == 1
    assert labc("fmt", "-w").status == 0
    assert labc("fmt", "--check").status == 0
    assert "# mine" in Path("lab.net").read_text()


def test_fmt_to_yaml_and_back_keeps_the_plan(labc: Labc, tiny: Path) -> None:
    """Both spellings of a lab give the same bytes."""
    before = labc("build", "-o", "-").out
    assert labc("fmt", "--to", "yaml", "-w").status == 0
    assert labc("build", "lab.yaml", "-o", "-").out == before
    ran = labc("fmt", "--to", "yaml", "-w")
    assert ran.status == 2
    assert "exists already" in ran.err


def test_fmt_keeps_links_and_modes(labc: Labc) -> None:
    """A link stays a link to the file that is rewritten; nothing else is left in the folder."""
    Path("real.net").write_text("lab   tiny\n")
    Path("real.net").chmod(0o640)
    Path("lab.net").symlink_to("real.net")
    assert labc("fmt", "-w", "lab.net").status == 0
    assert Path("lab.net").is_symlink()
    assert Path("real.net").read_text() == "lab tiny\n"
    assert Path("real.net").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in Path().iterdir() if "real" in path.name) == ["real.net"]


def test_fmt_that_dies_while_writing_leaves_the_old_text(labc: Labc, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new text takes the old one's place in one step, or not at all."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    Path("lab.net").write_text("lab   tiny\n")
    monkeypatch.setattr("os.fsync", full)
    assert labc("fmt", "-w").status == 6
    assert Path("lab.net").read_text() == "lab   tiny\n"
    assert not [path for path in Path().iterdir() if path.name.startswith(".lab.net")]


def test_fmt_leaves_a_broken_file_alone(labc: Labc) -> None:
    """What cannot be read is not rewritten."""
    Path("lab.net").write_text("lab x\nnode {{{\n")
    assert labc("fmt", "-w").status == 2
    assert Path("lab.net").read_text() == "lab x\nnode {{{\n"


def test_explain(labc: Labc) -> None:
    """A story for each code; a near one for a wrong code."""
    codes = [line.split()[0] for line in labc("explain").out.splitlines()]
    assert codes
    ran = labc("explain", codes[0].lower())
    assert ran.status == 0
    assert ran.out.startswith(f"{codes[0]}: ")
    wrong = labc("explain", codes[0].replace("E", "F"))
    assert wrong.status == 2
    assert codes[0] in wrong.err


def test_lock_without_modules_writes_an_empty_lock_once(labc: Labc, tiny: Path) -> None:
    """A second run changes nothing."""
    assert labc("lock").status == 0
    first = Path("lab.lock").read_bytes()
    ran = labc("lock")
    assert "nothing to change" in ran.err
    assert Path("lab.lock").read_bytes() == first


def test_a_broken_lock_is_told_with_its_line(labc: Labc, tiny: Path) -> None:
    """The lock is a file of people too."""
    Path("lab.lock").write_text("one two\n")
    ran = labc("check")
    assert ran.status == 2
    assert "lab.lock:1:1" in ran.out


def test_doctor(labc: Labc) -> None:
    """Each check with a name; status 0 or 6."""
    ran = labc("doctor", "--json")
    assert ran.status in (0, 6)
    assert all({"name", "well", "found", "mend"} <= set(check) for check in json.loads(ran.out))


def test_doctor_tells_of_missing_solvers_and_passes(labc: Labc, monkeypatch: pytest.MonkeyPatch) -> None:
    """Labs on one machine need none: a line that says who needs them and how to get them, and no failure."""
    well = [Check("kernel", True, "Linux")]
    monkeypatch.setattr("labc.cli.verbs.doctor.checks", lambda: list(well))
    assert "ok       solvers: installed" in labc("doctor").out
    monkeypatch.setattr("labc.cli.verbs.doctor.find_spec", lambda name: None if name == "ortools" else name)
    ran = labc("doctor")
    assert ran.status == 0
    assert "absent   solvers: ortools not installed; placing a lab on several hosts needs them" in ran.out
    assert "pip install 'labc[placement]'" in ran.out
    assert "make setup" in ran.out


def test_lock_keeps_every_choice(labc: Labc, tiny: Path) -> None:
    """Addresses that the text leaves open stand in the lock, and a build takes them from there."""
    tiny.write_text(TINY.replace(" at 10.0.0.1 ", " "))
    assert labc("lock").status == 0
    lock = Path("lab.lock").read_text()
    line = next(line for line in lock.splitlines() if line.startswith("port/a/eth0 address "))
    Path("lab.lock").write_text(lock.replace(line, "port/a/eth0 address 10.0.0.77/24"))
    assert "10.0.0.77/24" in labc("build", "-o", "-").out


def test_a_build_keeps_a_lock_that_is_there(labc: Labc, tiny: Path) -> None:
    """A new port's choices are added; what was there stays; where there is no lock none is begun."""
    labc("build")
    assert not Path("lab.lock").exists()
    labc("lock")
    before = Path("lab.lock").read_text().splitlines()
    tiny.write_text(TINY + "node c: linux.host { port eth0 on lan }\n")
    assert labc("build").status == 0
    after = Path("lab.lock").read_text().splitlines()
    assert set(before) < set(after)
    assert all(line.startswith("port/c/eth0 ") for line in set(after) - set(before))


def test_lock_check_refuses_what_the_lock_does_not_hold(labc: Labc, tiny: Path) -> None:
    """For CI: a lock that was forgotten stops the build, and nothing is written."""
    assert labc("lock").status == 0
    assert labc("build", "--lock", "check", "-o", "-").status == 0
    tiny.write_text(TINY + "node c: linux.host { port eth0 on lan }\n")
    before = Path("lab.lock").read_bytes()
    ran = labc("build", "--lock", "check", "-o", "-")
    assert (ran.status, ran.out) == (2, "")
    assert "port/c/eth0" in ran.err
    assert labc("lock", "--check").status == 1
    assert Path("lab.lock").read_bytes() == before


def test_lock_ignore_builds_as_if_there_were_none(labc: Labc, tiny: Path) -> None:
    """And leaves the file alone."""
    tiny.write_text(TINY.replace(" at 10.0.0.1 ", " "))
    without = labc("build", "-o", "-").out
    Path("lab.lock").write_text("port/a/eth0 address 10.0.0.77/24\n")
    assert labc("build", "-o", "-", "--lock", "ignore").out == without
    assert Path("lab.lock").read_text() == "port/a/eth0 address 10.0.0.77/24\n"
