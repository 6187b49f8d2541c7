"""The command line's manners: help, verbs, options, statuses, and what is never shown."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

import labc.__main__ as entry
from labc.cli.app import cli
from labc.cli.verbs import status
from labc.runtime.engine import Status
from labc.runtime.errors import Incomplete

from .conftest import Labc

ROOT = Path(__file__).parents[3]
VERBS = sorted(path.stem for path in (ROOT / "labc/cli/verbs").glob("*.py") if not path.stem.startswith("_"))
PROMISED = {
    "init", "build", "lock", "check", "diff", "up", "down", "test", "status", "exec", "shell", "capture", "graph", "fmt",
    "explain", "schema", "site", "doctor", "completion",
}  # fmt: skip


def test_every_promised_verb_is_there() -> None:
    """The verbs of the manual, and no other."""
    assert set(VERBS) == PROMISED


def test_help_lists_every_verb_in_a_line(labc: Labc) -> None:
    """One line a verb, within 80 columns."""
    ran = labc("--help")
    assert ran.status == 0
    for verb in VERBS:
        assert any(line.startswith(f"  {verb} ") for line in ran.out.splitlines())
    assert all(len(line) <= 80 for line in ran.out.splitlines())


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_explains_itself(labc: Labc, verb: str) -> None:
    """A sentence on what it does, and a word on each option."""
    ran = labc(verb, "--help")
    assert ran.status == 0
    assert f"labc {verb}" in ran.out
    command = cli.get_command(click.Context(cli), verb)
    assert command is not None
    assert command.help
    for option in command.params:
        assert not isinstance(option, click.Option) or option.help, f"{verb} {option.name}"


@pytest.mark.parametrize("verb", VERBS)
def test_only_options_that_cannot_change_a_plan_have_a_variable(verb: str) -> None:
    """The same command gives the same plan on every machine, whatever its environment says."""
    command = cli.get_command(click.Context(cli), verb)
    assert command is not None
    for option in command.params:
        if option.name in ("parameters", "lock_mode"):
            assert isinstance(option, click.Option)
            assert option.allow_from_autoenv is False
            assert option.envvar is None


def test_a_mistyped_verb_is_guessed(labc: Labc) -> None:
    """Status 2 and a suggestion."""
    ran = labc("biuld")
    assert ran.status == 2
    assert "did you mean build?" in ran.err
    assert ran.out == ""


def test_no_lab_in_the_folder(labc: Labc) -> None:
    """What is missing, and how to get one."""
    ran = labc("check")
    assert (ran.status, ran.out) == (2, "")
    assert "no lab file in this folder" in ran.err
    assert "labc init" in ran.err


def test_no_lab_in_the_folder_and_a_verb_about_what_runs(labc: Labc) -> None:
    """The way out is in that verb's words: an instance needs no file."""
    ran = labc("exec", "web", "true")
    assert ran.status != 0
    assert "labc exec --as NAME" in ran.err


def test_one_instance_that_ends_meanwhile_does_not_spoil_the_list(labc: Labc, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are shown, and it is said not to run."""

    def look(name: str) -> Status:
        if name == "gone":
            raise Incomplete("the process that acts for this instance ended", "")
        return Status(name, "office", True, {}, (), None)

    monkeypatch.setattr(status, "instances", lambda: ["gone", "here"])
    monkeypatch.setattr(status, "engine_status", look)
    rows = [line.split() for line in labc("status", "--all").out.splitlines()[1:]]
    assert [(row[0], row[-1]) for row in rows] == [("gone", "run"), ("here", "runs")]


def test_several_labs_in_the_folder(labc: Labc) -> None:
    """labc does not choose."""
    Path("a.net").write_text("lab a\n")
    Path("b.net").write_text("# first\n  lab b ; segment s\n")
    ran = labc("check")
    assert ran.status == 2
    assert "a.net, b.net" in ran.err


def test_lab_net_is_taken_before_others(labc: Labc) -> None:
    """As the help says: whatever lies beside it."""
    Path("lab.net").write_text("lab one\n")
    Path("two.net").write_text("lab two\n")
    ran = labc("check")
    assert ran.status == 0
    assert ran.err.startswith("lab.net:")


def test_modules_and_site_files_are_no_labs(labc: Labc) -> None:
    """The only file with a lab's header is taken."""
    Path("office.net").write_text("lab office\n")
    Path("site.net").write_text("site s\nlab office uses vni 1..2\n")
    Path("kinds.net").write_text("kind k { }\n")
    ran = labc("check")
    assert (ran.status, ran.err) == (0, "office.net: nothing wrong\n")


def test_a_missing_file(labc: Labc) -> None:
    """Its name, not a traceback."""
    ran = labc("check", "nowhere.net")
    assert ran.status == 2
    assert ran.err.startswith("labc: nowhere.net: there is no such file")


def test_a_folder_stands_for_its_lab(labc: Labc) -> None:
    """`labc check examples/quickstart`."""
    Path("sub").mkdir()
    Path("sub/lab.net").write_text("lab sub\n")
    assert labc("check", "sub").err == "sub/lab.net: nothing wrong\n"


def test_standard_input(labc: Labc, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` reads a lab of either spelling."""
    for text in ("lab piped\n", "lab: piped\n"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        ran = labc("build", "-", "-o", "-")
        assert (ran.status, ran.err) == (0, "")
        assert '"lab":"piped"' in ran.out


def test_diagnostics_name_the_file_as_it_was_given(labc: Labc) -> None:
    """A path that the terminal or editor can open."""
    Path("sub").mkdir()
    Path("sub/lab.net").write_text("lab sub\nnode a: nokind { }\n")
    ran = labc("check", "sub/lab.net")
    assert ran.status == 2
    assert " --> sub/lab.net:2:" in ran.out


def test_check_prints_json_alone(labc: Labc) -> None:
    """Nothing but JSON on standard output, nothing on standard error."""
    Path("lab.net").write_text("lab x\nnode a: nokind { }\n")
    ran = labc("check", "--json")
    assert ran.status == 2
    assert ran.err == ""
    assert ran.out.startswith('[{"code":"E')


@pytest.mark.parametrize("text", ["x", "=1", "x==1=2"])
def test_a_parameter_is_name_and_value(labc: Labc, text: str) -> None:
    """`-p` with less says how it is written."""
    Path("lab.net").write_text('lab x\nparam x: string = "a"\n')
    ran = labc("check", "-p", text)
    assert ran.status == (0 if text.count("=") > 1 else 2)


@pytest.mark.parametrize("name", ["../evil", "", "a/b", "-x", "a b"])
def test_an_instance_cannot_leave_its_folder(labc: Labc, name: str) -> None:
    """`--as` takes names only."""
    ran = labc("down", f"--as={name}", "-y")
    assert ran.status == 2


def test_unwritable_output_is_no_bug(labc: Labc) -> None:
    """A full disk or a missing folder is the machine's affair."""
    Path("lab.net").write_text("lab x\n")
    Path("file").write_text("")
    ran = labc("build", "-o", "file/x.json")
    assert ran.status == 6
    assert "bug" not in ran.err


def test_a_bug_of_ours_shows_no_traceback(labc: Labc, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lines and a file to send."""
    monkeypatch.setattr(entry, "_called", lambda _: 1 // 0)
    ran = labc("check")
    assert ran.status == 70
    assert "Traceback" not in ran.err
    assert ran.err.count("\n") == 2
    report = Path(ran.err.split()[-1])
    assert "ZeroDivisionError" in report.read_text()
    report.unlink()


def test_interrupted(labc: Labc, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends with 130 and says nothing."""

    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(entry, "_called", interrupted)
    ran = labc("check")
    assert (ran.status, ran.err) == (130, "")


def test_a_closed_pipe_is_quiet() -> None:
    """`labc explain | head -1` complains about nothing."""
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m labc schema plan | head -c 1; exit ${{PIPESTATUS[0]}}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.returncode in (0, 141)


def test_no_colour_where_no_terminal_is(labc: Labc, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files get plain text; NO_COLOR beats everything."""
    Path("lab.net").write_text("lab x\nnode a: nokind { }\n")
    assert "\x1b" not in labc("check").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" in labc("check").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in labc("check").out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(labc: Labc, shell: str) -> None:
    """A script that calls labc back for the words."""
    ran = labc("completion", shell)
    assert ran.status == 0
    assert "_LABC_COMPLETE" in ran.out


def test_completion_completes_verbs() -> None:
    """What the script asks for."""
    environment = {**os.environ, "_LABC_COMPLETE": "bash_complete", "COMP_WORDS": "labc ex", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "labc"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert {line.split(",")[-1] for line in done.stdout.split()} >= {"exec", "explain"}


def test_version(labc: Labc) -> None:
    """The version of the package; a checkout that nobody installed says so."""
    ran = labc("--version")
    assert ran.status == 0
    assert ran.out.startswith("labc ")
