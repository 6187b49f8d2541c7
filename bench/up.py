"""Making and removing labs, whole processes: against Mininet, against the floor of the kernel, and `up` again against `up`.

Needs root: Mininet does, and the floor and Mininet are run in namespaces of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .process import LABC, ROOT
from .result import Result

INSTANCE = "labc-bench"
FLAT = """\
lab flat
import std.linux
param hosts: int
segment lan 10.0.0.0/16
for i in 1..hosts { node host[i]: linux.host { port eth0 on lan } }
"""
ROWS = """\
lab rows
import std.linux
param rows: int
param hosts: int
for r in 1..rows {
  segment row[r] 10.0.0.0/8 subnet 24 at r
  for h in 1..hosts { node "host{r}x{h}": linux.host { port eth0 on row[r] } }
}
"""
DRIFT = (
    ROWS.replace("std.linux", "std.linux, std.firewall")
    + """\
node fw: firewall.nftables { port lan on row[1] }
node web: linux.host { port eth0 on row[2]; serve http }
"""
)
TAKEN = ("port/host17x9/eth0", "ruleset/fw/", "service/web/http")  # by hand: an address, a rule, a process
HOSTS = 500
SEGMENTS, PER_SEGMENT = 40, 25  # 1,000 nodes
FLOOR_RUNS = 3
MININET = Path(__file__).with_name("mininet_flat.py")
FLOOR = Path(__file__).with_name("floor.py")

# Closing a namespace returns at once; the kernel takes them down later, in the order in which they were closed. So one closed
# after all others is gone when they are, which the other end of its veth tells.
_RELEASED = """
ip link add a type veth peer name b; unshare -n sleep 100 & sleep 0.02
ip link set b netns $!; kill -9 $!; while ip link show a >/dev/null 2>&1; do sleep 0.005; done
"""


def against_mininet() -> Iterator[Result]:
    """500 hosts on one segment."""
    names = f"up, {HOSTS} hosts on one segment", f"down, {HOSTS} hosts on one segment"
    with tempfile.TemporaryDirectory() as folder:
        plan = _built(Path(folder), FLAT, hosts=HOSTS)
        up, down = _up(plan), _down()
    theirs = _mininet()
    if theirs is None:
        yield from (
            Result.missing(
                name, "mininet does not run: as root, apt-get install mininet bridge-utils net-tools", ">= 8"
            )
            for name in names
        )
        return
    for name, ours, peer in zip(names, (up, down), theirs, strict=True):
        yield Result.at_least(name, ours, "s", "Mininet", peer, 8)


def against_the_floor() -> Iterator[Result]:
    """1,000 nodes, and the same objects by raw netlink in one process; then `up` again, and with three things removed by hand."""
    if os.geteuid() != 0:
        yield Result.missing("up, 1,000 nodes", "the floor needs root", "<= 1.5")
        return
    with tempfile.TemporaryDirectory() as folder:
        plan = _built(Path(folder), ROWS, rows=SEGMENTS, hosts=PER_SEGMENT)
        firsts, floors, seconds = [], [], []
        for _ in range(FLOOR_RUNS):
            firsts.append(_up(plan))
            seconds.append(_up(plan))
            _down()
            floors.append(_timed([sys.executable, "-I", "-S", str(FLOOR), str(SEGMENTS), str(PER_SEGMENT)]))
            _released()
    yield Result.at_most("up, 1,000 nodes", min(firsts), "s", "the floor: raw netlink, one process", min(floors), 1.5)
    yield Result.at_least(
        "up again, 1,000 nodes, nothing to do", min(seconds), "s", "up the first time", min(firsts), 8
    )


def drift() -> Iterator[Result]:
    """One address, one rule and one process taken away by hand among 1,000 nodes: a run of `up` that would heal them names them."""
    if os.geteuid() != 0:
        yield Result.missing("drift among 1,000 nodes", "it takes away the services' process as root", ">= 8")
        return
    with tempfile.TemporaryDirectory() as folder:
        plan = _built(Path(folder), DRIFT, rows=SEGMENTS, hosts=PER_SEGMENT)
        first = _up(plan)
        _take_away()
        began = time.perf_counter()
        told = subprocess.run(
            [*LABC, "up", "--dry-run", str(plan), "--as", INSTANCE],
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        taken = time.perf_counter() - began
        _down()
    found = sum(any(identity in line for line in told.stdout.splitlines()) for identity in TAKEN)
    if found < len(TAKEN):
        yield Result.missing("drift among 1,000 nodes", f"found {found} of {len(TAKEN)}: {told.stdout}", ">= 8")
        return
    yield Result.at_least("drift among 1,000 nodes: three of three found", taken, "s", "up the first time", first, 8)


def _take_away() -> None:
    def inside(node: str, *command: str) -> None:
        _timed([*LABC, "exec", "--as", INSTANCE, node, "--", *command])

    inside("host17x9", "ip", "addr", "flush", "dev", "eth0")
    inside(
        "fw",
        "sh",
        "-c",
        "nft flush chain $(nft list chains | awk '/^table/ {t = $2 \" \" $3} /chain/ {print t, $2; exit}')",
    )
    holder = json.loads(Path("/run/labc", INSTANCE, "holder").read_bytes())["pid"]
    for child in Path(f"/proc/{holder}/task/{holder}/children").read_text().split():
        if b"labc.runtime.services" in Path(f"/proc/{child}/cmdline").read_bytes():
            os.kill(int(child), 9)


def _built(folder: Path, text: str, **parameters: int) -> Path:
    lab = folder / "lab.net"
    lab.write_text(text)
    plan = folder / "lab.plan.json"
    given = [word for name, value in parameters.items() for word in ("-p", f"{name}={value}")]
    _timed([*LABC, "build", str(lab), *given, "-o", str(plan)])
    return plan


def _up(plan: Path) -> float:
    return _timed([*LABC, "up", str(plan), "--as", INSTANCE])


def _down() -> float:
    """Until the kernel has let go of the namespaces."""
    with _waiting() as waiting:
        taken = _timed([*LABC, "down", "--as", INSTANCE])
    return taken + waiting[0]


def _mininet() -> tuple[float, float] | None:
    """Up and down of the same lab. It runs on its own interpreter's path: Debian installs it for the system's Python."""
    with _waiting() as waiting:
        try:
            done = subprocess.run(
                ["unshare", "-m", "-n", "/usr/bin/python3", str(MININET), str(HOSTS)],
                capture_output=True,
                text=True,
                check=True,
            )
        except (OSError, subprocess.CalledProcessError):
            return None
    up, down = map(float, done.stdout.split()[-2:])
    return up, down + waiting[0]


@contextmanager
def _waiting() -> Iterator[list[float]]:
    """The seconds from the end of the `with` until the kernel has released what was closed in it."""
    taken: list[float] = []
    yield taken
    began = time.perf_counter()
    _released()
    taken.append(time.perf_counter() - began)


def _released() -> None:
    subprocess.run(["unshare", "-Urn", "sh", "-c", _RELEASED], check=True, stderr=subprocess.DEVNULL)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def _timed(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, env=_environment(), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    return time.perf_counter() - began


BENCHES = (against_mininet, against_the_floor, drift)
