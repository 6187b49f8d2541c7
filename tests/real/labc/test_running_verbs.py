"""The verbs that touch a running lab, as a script sees them: statuses, results, talk."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from labc.runtime.instance import runtime_folder, state_folder

from .conftest import LAB, ROOT, Labc

pytestmark = pytest.mark.program("nft")


def test_up_makes_it_and_then_has_nothing_to_do(labc: Labc) -> None:
    """The first run tells what stands, the second that it does."""
    first = labc("up", "-y")
    assert first.returncode == 0
    assert "web" in first.stdout
    assert "10.0.1.1/24" in first.stdout
    second = labc("up", "-y")
    assert (second.returncode, second.stdout) == (0, "")
    assert "nothing to do" in second.stderr


def test_dry_run_answers_by_status(labc: Labc) -> None:
    """1: something would be done, and nothing was; 0: nothing."""
    ran = labc("up", "--dry-run")
    assert ran.returncode == 1
    assert "+ node/web" in ran.stdout
    assert labc("status").returncode == 1
    assert labc("up", "-y").returncode == 0
    assert labc("up", "--dry-run").returncode == 0


def test_up_changes_what_the_edit_changed(up: Labc) -> None:
    """And lists it."""
    ran = up("up", "-y", "-p", "page=other")
    assert ran.returncode == 0
    assert ran.stdout.splitlines() == ["~ service/web/http", "    page: hello → other"]


def test_a_script_must_agree_to_what_is_taken_away(up: Labc) -> None:
    """With nobody to ask and no -y: status 2, how to say it, and all runs on."""
    edited = LAB.replace(
        "segment lan", "segment spare 10.9.0.0/24\nnode old: linux.host { port eth0 on spare }\nsegment lan"
    )
    (up.folder / "lab.net").write_text(edited)
    assert up("up").returncode == 0
    (up.folder / "lab.net").write_text(LAB)
    refused = up("up")
    assert refused.returncode == 2
    assert "- node/old" in refused.stderr
    assert "-y" in refused.stderr
    assert "--dry-run" in refused.stderr
    assert up("up", "--json").returncode == 2
    assert up("exec", "old", "true").returncode == 0
    assert up("up", "-y").returncode == 0
    assert up("exec", "old", "true").returncode == 125


def test_who_is_asked_sees_all_that_would_be_done(up: Labc) -> None:
    """What is made and changed, and not only what is lost."""
    (up.folder / "lab.net").write_text(LAB.replace("node pc:", "node laptop:").replace("pc ->", "laptop ->"))
    text = (up.folder / "lab.net").read_text().replace("-> pc", "-> laptop").replace('"hello"', '"hi"')
    (up.folder / "lab.net").write_text(text)
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "labc", "up"]
    with subprocess.Popen(
        command, cwd=up.folder, env=up.environment, stdin=theirs, stderr=subprocess.PIPE, text=True
    ) as asked:
        os.write(ours, b"n\n")
        _, said = asked.communicate(timeout=30)
    os.close(ours)
    os.close(theirs)
    assert asked.returncode == 1
    assert [line for line in said.splitlines() if line.startswith(("-", "+", "~"))] == (
        [line for line in up("up", "--dry-run").stdout.splitlines() if line.startswith(("-", "+", "~"))]
    )
    assert "+ node/laptop" in said
    assert "will be replaced or removed" in said


def test_down_asks_and_no_is_the_answer_to_nothing(up: Labc) -> None:
    """On a terminal, return alone keeps the lab."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "labc", "down"]
    with subprocess.Popen(command, cwd=up.folder, env=up.environment, stdin=theirs, stderr=subprocess.PIPE) as asked:
        os.write(ours, b"\n")
        assert asked.wait(timeout=30) == 1
    os.close(ours)
    os.close(theirs)
    assert up("status").returncode == 0


def test_a_removed_loopback_is_called_as_it_was_made(up: Labc) -> None:
    """`lo0` in and `lo0` out, whatever Linux calls the device."""
    looped = LAB.replace("node pc: linux.host {", "node pc: linux.host { loopback lo0 at 10.9.9.9;")
    (up.folder / "lab.net").write_text(looped)
    assert "+ port/pc/lo0" in up("up", "--dry-run").stdout
    assert up("up", "-y").returncode == 0
    (up.folder / "lab.net").write_text(LAB)
    assert "- port/pc/lo0" in up("up", "--dry-run").stdout
    assert "- port/pc/lo0" in up("up", "-y").stdout
    assert up("up", "--dry-run").returncode == 0


def test_up_takes_a_plan(labc: Labc) -> None:
    """What was reviewed is what is made."""
    assert labc("build", "-o", "x.plan.json").returncode == 0
    assert labc("up", "x.plan.json", "-y").returncode == 0
    assert "nothing to do" in labc("up", "-y").stderr


def test_json_lines(labc: Labc) -> None:
    """Every line of standard output is JSON; the last one carries the status; standard error is empty."""
    ran = labc("up", "--json")
    events = [json.loads(line) for line in ran.stdout.splitlines()]
    assert ran.stderr == ""
    assert events[0]["event"] == "began"
    assert events[-1] | {"seconds": 0} == {"event": "ended", "verb": "up", "status": 0, "seconds": 0}
    assert {event["id"] for event in events if event["event"] == "acted"} >= {"node/web", "port/web/eth0"}
    ended = [json.loads(line) for line in labc("down", "--json").stdout.splitlines()]
    assert ended[-1]["status"] == 0


def test_status_tells_drift(up: Labc) -> None:
    """0 while all is as planned; 1 and the difference after a hand was in it; up heals."""
    assert up("status").returncode == 0
    assert up("exec", "pc", "ip", "addr", "del", "10.0.0.1/24", "dev", "eth0").returncode == 0
    ran = up("status")
    assert ran.returncode == 1
    assert "port/pc/eth0" in ran.stdout
    drift = json.loads(up("status", "--json").stdout)["drift"]
    assert "port/pc/eth0" in {action["id"] for action in drift}
    assert up("up", "-y").returncode == 0
    assert up("status").returncode == 0


def test_status_json_lists_nodes_with_their_ports(up: Labc) -> None:
    """What a script looks for: names, ports, addresses, services."""
    nodes = {node["name"]: node for node in json.loads(up("status", "--json").stdout)["nodes"]}
    assert list(nodes) == ["gate", "pc", "web"]
    assert nodes["web"]["services"] == ["http"]
    assert [(port["name"], port["segments"], port["addresses"]) for port in nodes["gate"]["ports"]] == [
        ("a", ["lan"], ["10.0.0.254/24"]),
        ("b", ["dmz"], ["10.0.1.254/24"]),
    ]


def test_status_shows_the_address_that_dhcp_gave(labc: Labc) -> None:
    """In the table of `up`, in that of `status`, in JSON; and it is no drift."""
    leasing = LAB.replace("serve http", "serve dhcp { first = 10.0.1.77; last = 10.0.1.77 }; serve http")
    client = "node guest: linux.host { port eth0 on dmz at dhcp }\n"
    (labc.folder / "lab.net").write_text(leasing.replace("node web", client + "node web"))
    made = labc("up", "-y")
    assert "10.0.1.77/24" in made.stdout, made.stdout + made.stderr
    ran = labc("status")
    assert ran.returncode == 0
    assert "10.0.1.77/24" in ran.stdout
    assert "dhcp" not in next(line for line in ran.stdout.splitlines() if line.startswith("guest"))
    nodes = {node["name"]: node for node in json.loads(labc("status", "--json").stdout)["nodes"]}
    (port,) = nodes["guest"]["ports"]
    assert (port["addresses"], port["leased"], port["dhcp"]) == (["10.0.1.77/24"], "10.0.1.77/24", True)


def test_exec_gives_the_commands_streams_and_status(up: Labc) -> None:
    """As if it ran here."""
    ran = up("exec", "pc", "sh", "-c", "echo out; echo err >&2; exit 7")
    assert (ran.returncode, ran.stdout, ran.stderr) == (7, "out\n", "err\n")
    assert "10.0.0.1/24" in up("exec", "pc", "ip", "-4", "addr").stdout
    assert up("exec", "lab.net", "pc", "--", "true").returncode == 0


@pytest.mark.parametrize("words", [("pcc", "true"), ("pc",), ("pc", "no-such-command-here"), ("pc", "")])
def test_exec_that_could_not_run_is_125(up: Labc, words: tuple[str, ...]) -> None:
    """A script can tell labc's failure from the command's."""
    ran = up("exec", *words)
    assert ran.returncode == (127 if len(words) == 2 and words[0] == "pc" else 125)
    assert ran.stderr
    assert "Traceback" not in ran.stderr


def test_exec_where_nothing_runs_is_125(labc: Labc) -> None:
    """The same for a lab that is not up."""
    ran = labc("exec", "pc", "true")
    assert ran.returncode == 125
    assert "does not run" in ran.stderr


def test_a_command_dies_with_its_exec(up: Labc) -> None:
    """Also when that is killed, so that nothing of it is left in the node."""
    process = up.start("exec", "pc", "sh", "-c", "echo runs >&2; exec sleep 1234")
    assert process.stderr is not None
    assert process.stderr.readline() == "runs\n"
    process.kill()
    process.wait()
    process.stderr.close()
    deadline = time.monotonic() + 10
    while "sleep" in up("exec", "pc", "ps", "-eo", "comm").stdout:
        assert time.monotonic() < deadline, "the command goes on"


def test_capture_writes_a_pcap(up: Labc, tmp_path: Path) -> None:
    """As many packets as were asked for, in the form that tcpdump and Wireshark read."""
    file = tmp_path / "x.pcap"
    with up.start("capture", "web:eth0", "-c", "3", "-o", str(file)) as process:
        assert process.stderr is not None
        assert "catching on web:eth0" in process.stderr.readline()
        assert up("test", "-k", "page").returncode == 0
        assert process.wait(20) == 0
    data = file.read_bytes()
    assert struct.unpack("=I", data[:4])[0] in (0xA1B2C3D4, 0xA1B23C4D)
    assert _records(data[24:]) == 3


@pytest.mark.program("tcpdump")
def test_ctrl_c_ends_a_capture_with_its_count(up: Labc) -> None:
    """On a terminal, where tcpdump shows the packets: no error of a file that nobody has heard of."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "labc", "capture", "web"]
    with subprocess.Popen(
        command, cwd=up.folder, env=up.environment, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as process:  # fmt: skip
        try:
            assert process.stderr is not None
            while "catching" not in process.stderr.readline():
                pass
            assert up("test", "-k", "page").returncode == 0
            assert select.select([ours], [], [], 20)[0]
            assert os.read(ours, 65536)  # tcpdump has shown something
            os.killpg(process.pid, signal.SIGINT)
            said = process.communicate(timeout=20)[1]
            assert process.returncode == 130
        finally:
            process.kill()
    os.close(ours)
    os.close(theirs)
    assert re.fullmatch(r"\d+ packets\n", said), said


def _records(data: bytes) -> int:
    count = 0
    while data:
        data = data[16 + struct.unpack("=I", data[8:12])[0] :]
        count += 1
    return count


@pytest.mark.parametrize(("place", "said"), [("wbe", "did you mean web?"), ("gate", "gate:a"), ("web:eth9", "eth0")])
def test_capture_names_what_is_there(up: Labc, place: str, said: str) -> None:
    """A wrong node or port is answered with the right ones."""
    ran = up("capture", place, "-o", "x.pcap")
    assert ran.returncode == 2
    assert said in ran.stderr


def test_test_reports(up: Labc, tmp_path: Path) -> None:
    """A table, JSON, JUnit; status 0 when all passed."""
    ran = up("test", "--junit", "out/junit.xml", "--coverage")
    assert ran.returncode == 0
    assert "the page is read" in ran.stdout
    assert "2 passed, 0 failed, 0 could not run" in ran.stdout
    assert ET.parse(tmp_path / "out/junit.xml").getroot().get("failures") == "0"
    ran = up("test", "--json", "-k", "page")
    assert json.loads(ran.stdout)["passed"] == 1
    assert ran.stderr == ""


def test_a_junit_file_that_cannot_be_written_is_told_before_the_first_case(up: Labc, tmp_path: Path) -> None:
    """Status 6, and nobody has waited for nothing; a file that can be written is not left empty by the look."""
    (tmp_path / "file").write_text("")
    ran = up("test", "--junit", "file/junit.xml")
    assert (ran.returncode, ran.stdout) == (6, "")
    assert "cases" not in ran.stderr
    assert up("test", "-p", "no=parameter", "--junit", "junit.xml").returncode == 2
    assert not (tmp_path / "junit.xml").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_at_the_end_takes_no_verdict_along(up: Labc) -> None:
    """It is told first; then the file's failure, and a status that is not that of success."""
    ran = up("test", "-k", "page", "--junit", "/dev/full")
    assert ran.returncode == 4
    assert "1 passed" in ran.stdout
    assert "/dev/full: No space left" in ran.stderr


def test_test_says_1_for_a_failure_and_where_it_stands(up: Labc, tmp_path: Path) -> None:
    """With the place in the lab's file."""
    (tmp_path / "lab.net").write_text(LAB + 'test "a wish" { expect not pc -> web http }\n')
    ran = up("test")
    assert ran.returncode == 1
    assert "failed: a wish (lab.net:11:" in ran.stdout


def test_test_with_no_case_says_4(up: Labc) -> None:
    """A run that checked nothing has not passed."""
    ran = up("test", "-k", "no case is called so")
    assert ran.returncode == 4
    assert "no case" in ran.stderr


def test_what_runs_is_what_is_tested(up: Labc) -> None:
    """Whoever forgot `up` after an edit is stopped before any case; a plan is held to the same; --running tests what runs."""
    for refused in (up("test", "-p", "page=other"), up("test", "-p", "page=other", "--json")):
        assert (refused.returncode, refused.stdout) == (4, "")
        assert "made from another plan" in refused.stderr
        assert "labc up" in refused.stderr
        assert "--running" in refused.stderr
    assert up("build", "-o", "other", "-p", "page=other").returncode == 0
    assert up("test", "other").returncode == 4
    assert up("up", "-y", "other").returncode == 0
    assert up("test", "other").returncode == 0
    assert up("test").returncode == 4
    ran = up("test", "--running")
    assert ran.returncode == 0
    assert "2 passed" in ran.stdout


def test_a_lab_that_is_not_whole_is_not_tested(up: Labc) -> None:
    """After a failed `up` no case runs, until one ended well; --running tests what stands, and says so."""
    whole = (up.folder / "lab.net").read_text()
    broken = whole.replace("import std.linux", "import std.linux, std.firewall").replace(
        "node web: linux.host {", 'node web: firewall.nftables { config "web.nft"; '
    )
    (up.folder / "lab.net").write_text(broken)
    (up.folder / "web.nft").write_text("table inet filter { chain c { frobnicate } }\n")
    assert up("up", "-y").returncode == 4
    refused = up("test")
    assert (refused.returncode, refused.stdout) == (4, "")
    assert "not whole" in refused.stderr
    ran = up("test", "--running")
    assert "2 passed" in ran.stdout
    assert "note: " in ran.stderr
    (up.folder / "lab.net").write_text(whole)
    assert up("test").returncode == 4
    assert up("up", "-y").returncode == 0
    assert up("test").returncode == 0


def test_a_lost_journal_keeps_nobody_from_testing(up: Labc) -> None:
    """It is history only, and a note."""
    for path in (state_folder() / up.instance).glob("journal*"):
        path.unlink()
    ran = up("test")
    assert ran.returncode == 0
    assert "journal" in ran.stderr
    assert up("test", "--running").returncode == 4


def test_down_removes_and_then_has_nothing_to_do(up: Labc) -> None:
    """Twice is well done."""
    assert up("down", "--dry-run").returncode == 1
    assert "is removed" in up("down", "-y").stderr
    ran = up("down", "-y")
    assert ran.returncode == 0
    assert "nothing to do" in ran.stderr
    assert up("down", "--dry-run").returncode == 0


def test_down_works_for_a_lab_that_no_longer_compiles(up: Labc, tmp_path: Path) -> None:
    """A broken edit must not keep a lab running."""
    (tmp_path / "lab.net").write_text("lab office\nnode {{{ broken\n")
    assert "is removed" in up("down", "-y").stderr


def test_a_held_instance_is_status_5(up: Labc) -> None:
    """One writer an instance; the other is told who holds it."""
    script = (
        "import sys, time\n"
        "from labc.runtime.instance import instance, writer\n"
        "with writer(instance(sys.argv[1]), 'up'):\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, up.instance], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        began = time.monotonic()
        for verb in (("up", "-y"), ("test",)):
            ran = up(*verb)
            assert ran.returncode == 5
            assert f"pid {holder.pid}" in ran.stderr
        assert time.monotonic() - began < 10
        holder.communicate()


def test_a_test_on_a_lab_that_does_not_run(labc: Labc) -> None:
    """Status 4 and what to do."""
    ran = labc("test")
    assert ran.returncode == 4
    assert "labc up" in ran.stderr


def test_a_rule_set_that_nft_refuses_is_told_once_with_its_template(labc: Labc) -> None:
    """With the template's line where it can be told, else the rendered one; never in the words of nft's standard input."""
    wall = LAB.replace("import std.linux", "import std.linux, std.firewall").replace(
        "linux.router { port a", 'firewall.nftables { config "gate.nft.j2"; port a'
    )
    (labc.folder / "lab.net").write_text(wall)
    template = "{% for n in [1, 2] %}\n# {{ n }}\n{% endfor %}\ntable inet filter {\n  chain c {\n    RULE\n  }\n}\n"
    for rule, place in (
        ("iifname frobnicate {{ 7 }} accept", "gate.nft.j2:6: "),
        ("{{ 'oifname' }} {{ 'frobnicate 7 accept' }}", "gate.nft.j2 (rendered line "),
    ):
        (labc.folder / "gate.nft.j2").write_text(template.replace("RULE", rule))
        assert labc("check").returncode == 0
        ran = labc("up", "-y")
        assert ran.returncode == 4
        assert f"failed: ruleset/gate/gate.nft: nft refuses the rule set: {place}" in ran.stderr
        assert ran.stderr.count("nft refuses") == 1
        assert "stdin" not in ran.stderr


@pytest.mark.parametrize("why", ["a trunk", "a secret"])
def test_a_refused_up_leaves_nothing(labc: Labc, why: str) -> None:
    """Status 6 before anything is made: no folder, and no instance in the list."""
    text = LAB.replace("segment dmz", "segment v20 10.0.2.0/24 { vlan = 20 }\nsegment dmz").replace(
        "port b on dmz at 10.0.1.254", "port b on dmz at 10.0.1.254; port c tagged v20"
    )
    if why == "a secret":
        text = LAB.replace("page = page", 'page = secret("env:NO_SUCH_SECRET_HERE")')
    (labc.folder / "lab.net").write_text(text)
    ran = labc("up", "-y")
    assert ran.returncode == 6, ran.stderr
    assert not (runtime_folder() / labc.instance).exists()
    assert not (state_folder() / labc.instance).exists()
    assert labc.instance not in labc("status", "--all").stdout


def test_a_secret_that_is_only_compared_is_asked_for_with_the_reason(labc: Labc) -> None:
    """An unchanged lab wants its secrets all the same; who only looks sees what there is without them."""
    text = LAB.replace("page = page", 'page = secret("env:PAGE_OF_TEST")')
    (labc.folder / "lab.net").write_text(text)
    assert "The lab runs" not in labc("up", "-y").stderr
    labc.environment["PAGE_OF_TEST"] = "psst"
    assert labc("up", "-y").returncode == 0
    del labc.environment["PAGE_OF_TEST"]
    ran = labc("up")
    assert ran.returncode == 6
    assert "Set the environment variable PAGE_OF_TEST." in ran.stderr
    assert "The lab runs" in ran.stderr
    ran = labc("status")
    assert ran.returncode == 6
    assert "runs; whether it has drifted cannot be told" in ran.stderr
    assert "PAGE_OF_TEST is not there" in ran.stderr
    assert "10.0.1.1/24" in ran.stdout
    assert "PAGE_OF_TEST" in json.loads(labc("status", "--json").stdout)["error"]
    assert "would remove" in labc("down", "--dry-run").stderr
    listed = labc("status", "--all").stdout
    assert "PAGE_OF_TEST is not there" in next(line for line in listed.splitlines() if labc.instance in line)
    assert any("error" in each for each in json.loads(labc("status", "--all", "--json").stdout))


def test_a_lab_of_nothing_is_up_and_empty(labc: Labc) -> None:
    """Once it was applied, and until it is taken down."""
    (labc.folder / "lab.net").write_text("lab nothing\n")
    assert labc("status").returncode == 1
    assert labc("up", "-y").returncode == 0
    ran = labc("status")
    assert (ran.returncode, ran.stdout) == (0, "")
    assert "is up, and empty" in ran.stderr
    assert json.loads(labc("status", "--json").stdout)["running"] is True
    assert labc("down", "-y").returncode == 0
    assert labc("status").returncode == 1
