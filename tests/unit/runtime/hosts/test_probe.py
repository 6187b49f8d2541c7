"""Looking at hosts: which way for which, and what is said where there is none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from labc.runtime.errors import Lacking
from labc.runtime.hosts.facts import Facts
from labc.runtime.hosts.local import look_here
from labc.runtime.hosts.probe import facts_of, look_at


def program(folder: Path, body: str) -> str:
    """A command that stands for ssh."""
    path = folder / "ssh"
    path.write_text(f"#!{sys.executable}\nimport subprocess, sys\n{body}\n")
    path.chmod(0o755)
    return str(path)


def test_a_host_behind_ssh_is_asked_through_the_users_own_command(tmp_path: Path) -> None:
    """With its options, never with a question, and what the site says is no option of ssh's."""
    arguments = tmp_path / "arguments"
    ssh = program(
        tmp_path,
        f"open({str(arguments)!r}, 'w').write(repr(sys.argv[1:]))\nsys.exit(subprocess.call(['sh', '-c', sys.argv[-1]]))",
    )
    assert facts_of("ssh://me@h1:22/", f"{ssh} -F 'my config'") == look_here()
    given = eval(arguments.read_text())
    assert given[:2] == ["-F", "my config"]
    assert given[-3:] == ["--", "ssh://me@h1:22", "sh -s"]
    assert "BatchMode=yes" in given


@pytest.mark.parametrize(
    ("reach", "body", "why"),
    [
        (
            "ssh://h1",
            r"print('Warning: a key\nssh: No route to host', file=sys.stderr); sys.exit(255)",
            "^ssh: No route to host$",
        ),
        ("ssh://h1", "print('sh: cannot fork', file=sys.stderr); sys.exit(2)", "status 2 there: sh: cannot fork"),
        ("ssh://h1", "sys.exit(255)", "nothing was said"),
        ("ssh://h1", "print('This account is not available.')", "not that of labc's script"),
        ("lxd://h1", "", "behind lxd://h1"),
        ("https://h1:8443", "", "behind https://h1:8443"),
        ("", "", "does not say how"),
    ],
)
def test_why_a_host_was_not_looked_at(tmp_path: Path, reach: str, body: str, why: str) -> None:
    """In the words of who knows it."""
    with pytest.raises(Lacking, match=why):
        facts_of(reach, program(tmp_path, body))


def test_a_missing_ssh_is_named(tmp_path: Path) -> None:
    """And what installs it."""
    with pytest.raises(Lacking, match="no program") as stopped:
        facts_of("ssh://h1", str(tmp_path / "nothing"))
    assert "openssh-client" in stopped.value.help


def test_one_host_that_is_down_keeps_no_other_from_it(tmp_path: Path) -> None:
    """Each has its own answer, in the order asked."""
    seen = look_at({"b": "lxd://x", "a": "local", "c": "ssh://h"}, program(tmp_path, "sys.exit(255)"))
    assert list(seen) == ["b", "a", "c"]
    assert [type(answer) for answer in seen.values()] == [Lacking, Facts, Lacking]
