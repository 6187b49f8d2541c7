"""SIGKILL at random moments of `up` and `down`: the next one finishes, and nothing is left behind.

LABC_KILLS says how often (20 when unset); 200 take a few minutes.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from labc.compiler.plan.model import Plan
from tests.real.netns_lab import NOBODY, NetnsLab, Traces, interpreter
from tests.unit.runtime import plans

pytestmark = pytest.mark.program("nft", "setpriv")

KILLS = int(os.environ.get("LABC_KILLS", "20"))
HOSTS = 12


def lab_plan() -> Plan:
    """Hosts on a segment, and a chain of direct links, with everything that takes several steps to make."""
    resources = [plans.segment("lan"), plans.node("r0", forward=True)]
    for number in range(HOSTS):
        name = f"h{number}"
        resources += [
            plans.node(name),
            plans.port(name, "eth0", "lan", f"10.0.0.{number + 2}/24"),
            plans.route(name, "0.0.0.0/0", "10.0.0.1", needs=(f"port/{name}/eth0",)),
            plans.file(name, "f", "/etc/labc/x.conf", name),
        ]
    for number in range(1, 4):
        here, before = f"node/r{number}", f"node/r{number - 1}"
        resources += [
            plans.node(f"r{number}", forward=True),
            plans.segment(f"d{number}", direct=True, ends=[[before, f"down{number}"], [here, "up"]]),
            plans.port(f"r{number - 1}", f"down{number}", f"d{number}", f"10.1.{number}.1/24"),
            plans.port(f"r{number}", "up", f"d{number}", f"10.1.{number}.2/24"),
            plans.ruleset(f"r{number}", "fw", "table inet fw {\n chain c { counter; }\n}\n"),
        ]
    resources.append(plans.service("h0", "http", "tcp/80", page="hello"))
    return plans.plan(*resources)


@pytest.fixture(params=["root", "ordinary"])
def lab(request: pytest.FixtureRequest) -> Iterator[NetnsLab]:
    user = request.param
    if user == "root" and os.geteuid() != 0:
        pytest.skip("needs root")
    if interpreter(user) is None:
        pytest.skip("an ordinary user can run no Python with these packages here")
    with tempfile.TemporaryDirectory(prefix="labc-") as folder:
        Path(folder, "run").mkdir()
        if user != "root" and os.geteuid() == 0:
            for path in (folder, f"{folder}/run"):
                os.chown(path, NOBODY, NOBODY)
        made = NetnsLab(user, f"k{os.getpid()}-{user}", Path(folder))
        try:
            yield made
        finally:
            made.down()


@pytest.mark.slow
def test_killed_at_random_moments_it_always_finishes(lab: NetnsLab) -> None:
    """After every kill either `up` completes the lab, or `down` leaves nothing of it."""
    plan = lab_plan()
    path = lab.written(plan)
    before = Traces.now(lab.name)
    began = time.monotonic()
    lab.up(plan)
    whole = time.monotonic() - began
    chance = random.Random(2026)
    for turn in range(KILLS):
        verb = chance.choice(["up", "up", "down"])
        if verb == "up" and chance.random() < 0.5:
            lab.down()
        running = lab.begin(verb, lab.name, *([path] if verb == "up" else []))
        time.sleep(chance.uniform(0, whole))  # the one thing under test is that the moment does not matter
        running.kill()
        running.wait()
        if chance.random() < 0.5:
            done = lab.up(plan)
            assert done["status"] == 0, (turn, done)
            assert lab.status()["drift"] == [], turn
        else:
            assert lab.down()["status"] == 0, turn
            left = before.gone(lab.name)
            assert left.empty, (turn, left)
            assert not lab.runtime.exists(), turn
