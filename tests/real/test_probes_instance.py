"""Tests of a plan on an instance of the netns backend: the runner, its report, and what happens when somebody is killed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from labc import compile as compile_lab
from labc.compiler.plan.model import Plan, encode
from labc.compiler.plan.read import read_plan
from labc.runtime.backends.netns.enter import inside
from labc.runtime.engine import down, up
from labc.runtime.errors import Held
from labc.runtime.probes.events import CaseEnded, TestEvent
from labc.runtime.probes.junit import junit
from labc.runtime.probes.run import run_tests
from tests.real.netns_lab import NOBODY, interpreter

pytestmark = [pytest.mark.root, pytest.mark.program("nft")]

LAB = """
lab probed
import std.linux, std.firewall
segment outside 203.0.113.0/29
segment dmz 10.10.0.0/24
segment inside 10.10.10.0/24
node edge: firewall.nftables {
  port wan on outside at 203.0.113.2
  port srv on dmz at 10.10.0.1
  port lan on inside at 10.10.10.254
  gateway isp
  nat 203.0.113.5 <-> web
}
node web: linux.host { port eth0 on dmz at 10.10.0.100; gateway edge; serve http }
node pc: linux.host { port eth0 on inside; gateway edge }
node isp: linux.router { port down on outside at 203.0.113.1; route 203.0.113.4/30 via edge }
policy perimeter {
  inside -> web allow tcp/80 icmp
  outside -> web allow tcp/80
  otherwise deny
}
test "a long cut" {
  stream pc -> web tcp/80
  cut edge:srv
  heal edge:srv after 20s
  expect stream alive
}
test "a short cut" {
  stream pc -> web tcp/80
  cut edge:srv
  heal edge:srv after 200ms
  expect outage < 5s, stream alive
}
"""


@pytest.fixture(scope="module")
def plan() -> Plan:
    compiled = compile_lab({"lab.net": LAB.encode()}, main="lab.net")
    assert compiled.plan is not None, [str(one) for one in compiled.diagnostics]
    return read_plan(compiled.plan)


@pytest.fixture(scope="module")
def instance(plan: Plan) -> Iterator[str]:
    """A running lab of the test's own."""
    name = f"test-probes-{os.getpid()}"
    assert up(plan, name).status == 0
    yield name
    down(name)


def look(instance: str, tmp_path: Path) -> dict[str, object]:
    """What stands in the instance that a run should not leave: links that are down, notes, probes' ports, tables."""
    (tmp_path / "look_around.py").write_text(
        "import json, os, socket, subprocess\n"
        "links = subprocess.run(['ip', '-o', 'link'], capture_output=True, text=True).stdout.splitlines()\n"
        "down = [l.split()[1] for l in links if ',UP' not in l and ' lo:' not in l]\n"
        "extra = [l.split()[1] for l in links if l.split()[1].startswith('t')]\n"
        "tables = ''\n"
        "for node in os.listdir('/run/labc/net'):\n"
        "    tables += subprocess.run(['nsenter', '--net=/run/labc/net/' + node, 'nft', 'list', 'tables'], capture_output=True, text=True).stdout\n"
        "print(json.dumps({'down': down, 'extra': extra, 'notes': os.path.exists('/run/labc/disturbed.json'), 'traces': 'labc_trace' in tables}))\n"
    )
    sys.path.insert(0, str(tmp_path))
    try:
        process = inside(instance, "look_around")
        return dict(json.loads(process.communicate()[0]))
    finally:
        sys.path.remove(str(tmp_path))


CLEAN = {"down": [], "extra": [], "notes": False, "traces": False}


def until(true: Callable[[], bool], within: float = 10.0) -> None:
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def test_everything_that_the_policy_says_is_tested(plan: Plan, instance: str, tmp_path: Path) -> None:
    """A sound lab passes every case, tells of each as it ends, covers its requirements and leaves nothing."""
    events: list[TestEvent] = []
    report = run_tests(plan, instance, keys=["allow", "deny", "short"], listener=events.append)
    assert [(one.case, one.reason) for one in report.tested if one.verdict != "passed"] == []
    assert report.status == 0
    assert sum(isinstance(event, CaseEnded) for event in events) == len(report.tested) > 5
    assert {one.verdict for one in report.coverage if one.cases} == {"passed"}
    suites = ET.fromstring(junit(report))
    assert suites.get("tests") == str(len(report.tested))
    assert look(instance, tmp_path) == CLEAN


def test_a_leak_is_reported_with_its_rule_and_captures(plan: Plan, instance: str, tmp_path: Path) -> None:
    """A hole made by hand in the running firewall is found, with the rule; the captures are files."""
    hole = "nft insert rule inet labc_policy forward udp sport 53 accept"
    in_node(instance, "edge", hole)
    try:
        report = run_tests(plan, instance, keys=["deny"], evidence=tmp_path / "evidence")
    finally:
        up(plan, instance)
    failed = [one for one in report.tested if one.verdict == "failed"]
    assert report.status == 1
    assert failed
    for one in failed:
        rule = next(rule for rule in one.evidence["rules"] if rule["rule"] == "udp sport 53 accept")
        assert "configuration" not in rule
        assert any("no line of its configuration" in line for line in one.evidence["found"])
        assert len(one.captures) == 2
        assert all(Path(path).read_bytes()[:4] for path in one.captures)
    assert run_tests(plan, instance, keys=["deny"]).status == 0


def test_no_case_at_all_is_no_success(plan: Plan, instance: str) -> None:
    """Keys that choose nothing do not pass."""
    assert run_tests(plan, instance, keys=["no such case"]).status == 4


def in_node(instance: str, node: str, command: str) -> None:
    from labc.runtime.backends.netns.execute import execute

    assert execute(instance, node, command.split()) == 0


def client(plan: Plan, instance: str, tmp_path: Path) -> subprocess.Popen[bytes]:
    """A process that tests the lab, in the midst of its long cut when this returns."""
    (tmp_path / "plan.json").write_text(encode(plan).decode())
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from labc.compiler.plan.model import Plan, decode, encode\n"
        "from labc.runtime.probes.run import run_tests\n"
        f"plan = decode(Path({str(tmp_path / 'plan.json')!r}).read_text())\n"
        f"sys.exit(run_tests(plan, {instance!r}, keys=['long cut']).status)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )
    until(lambda: bool(look(instance, tmp_path)["down"]))
    return process


def probes_of(pid: int) -> list[int]:
    """The processes below one, the deepest last."""
    found = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found + [deeper for one in found for deeper in probes_of(one)]


def test_two_runs_at_once_are_refused(plan: Plan, instance: str, tmp_path: Path) -> None:
    """They would cut each other's links; and what a test has cut is no drift that somebody else may heal or take away."""
    process = client(plan, instance, tmp_path)
    for refused in (lambda: run_tests(plan, instance), lambda: up(plan, instance), lambda: down(instance)):
        with pytest.raises(Held, match=rf"held by pid {process.pid} \(test\)"):
            refused()
    assert look(instance, tmp_path)["down"]
    process.send_signal(signal.SIGINT)
    process.wait(20)
    until(lambda: look(instance, tmp_path) == CLEAN)


def test_a_killed_client_leaves_the_lab_whole(plan: Plan, instance: str, tmp_path: Path) -> None:
    """When the client dies, the probes notice, heal and end."""
    process = client(plan, instance, tmp_path)
    process.kill()
    process.wait()
    until(lambda: look(instance, tmp_path) == CLEAN)


def test_killed_probes_are_healed_by_the_client(plan: Plan, instance: str, tmp_path: Path) -> None:
    """When the probes die, the case could not run, and the lab is whole."""
    process = client(plan, instance, tmp_path)
    os.kill(probes_of(process.pid)[-1], signal.SIGKILL)
    assert process.wait(20) == 4
    assert look(instance, tmp_path) == CLEAN


def test_when_all_are_killed_the_next_run_heals(plan: Plan, instance: str, tmp_path: Path) -> None:
    """Nobody was left to heal: the next run does, says so, and passes."""
    process = client(plan, instance, tmp_path)
    below = probes_of(process.pid)
    process.send_signal(signal.SIGSTOP)  # so that it cannot heal
    for pid in reversed(below):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.kill()
    process.wait()
    assert look(instance, tmp_path)["down"]
    report = run_tests(plan, instance, keys=["short"])
    assert report.healed == ("port/edge/srv",)
    assert report.status == 0
    assert look(instance, tmp_path) == CLEAN


@pytest.mark.rootless
def test_an_ordinary_user_tests_as_root_does(plan: Plan) -> None:
    """Captures, raw packets, cuts and the trace of rules work in a user namespace too."""
    how = interpreter("ordinary")
    if how is None:
        pytest.skip("an ordinary user cannot run a Python with our packages here")
    folder = Path(tempfile.mkdtemp(prefix="labc-ordinary-"))
    try:
        (folder / "plan.json").write_text(encode(plan).decode())
        (folder / "run").mkdir()
        for path in (folder, *folder.iterdir()):
            path.chmod(0o777)
        environment = {
            "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin",
            "PYTHONPATH": how[1],
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder / "run"),
        }
        if os.geteuid() == 0:
            os.chown(folder / "run", NOBODY, NOBODY)
            (folder / "run").chmod(0o700)
        done = subprocess.run(
            [*how[0], "-c", ORDINARY_PROGRAM, str(folder / "plan.json")],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        sound, leaking = json.loads(done.stdout)
        assert sound == []
        assert leaking
        assert all("udp sport 53 accept" in " ".join(found) for found in leaking)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


ORDINARY_PROGRAM = """
import json, os, sys
from pathlib import Path
from labc.compiler.plan.model import Plan, decode, encode
from labc.runtime.backends.netns.execute import execute
from labc.runtime.engine import down, up
from labc.runtime.probes.run import run_tests

plan = decode(Path(sys.argv[1]).read_text())
name = f"test-ordinary-{os.getpid()}"
try:
    assert up(plan, name).status == 0
    report = run_tests(plan, name, keys=["allow", "deny", "short"])
    sound = [[one.case, one.reason] for one in report.tested if one.verdict != "passed"]
    hole = "nft insert rule inet labc_policy forward udp sport 53 accept"
    assert execute(name, "edge", hole.split()) == 0
    report = run_tests(plan, name, keys=["deny"])
    leaking = [one.evidence["found"] for one in report.tested if one.verdict == "failed"]
finally:
    down(name)
print(json.dumps([sound, leaking]))
"""
