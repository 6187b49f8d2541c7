"""Labs of the netns backend for tests: who runs them, how they are driven, and what may not be left behind.

An ordinary user often cannot read root's interpreter (a pyenv below /root): then the system's `python3` runs with the suite's
packages on its path, when it has the same version.
"""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
import sysconfig
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labc.compiler.plan.model import Plan, encode

DRIVER = Path(__file__).parent / "netns_driver.py"
ROOT = DRIVER.parents[2]
NOBODY = 65534
ORDINARY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all")


# The first exec still has root's right to enter any folder; what it starts has not.
_TRY = "import subprocess, sys, labc, pydantic; subprocess.run([sys.executable, '-c', 'import json'], check=True)"


@functools.cache
def interpreter(user: str) -> tuple[list[str], str] | None:
    """How a user runs Python with our packages: the command, and PYTHONPATH. None when he cannot."""
    packages = os.pathsep.join([str(ROOT), sysconfig.get_paths()["purelib"]])
    if user == "root" or os.geteuid() != 0:
        return [sys.executable], packages
    for candidate in (sys.executable, f"/usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}"):
        command = [*ORDINARY, candidate]
        environment = {"PYTHONPATH": packages, "PATH": os.environ["PATH"], "HOME": "/"}
        try:
            tried = subprocess.run([*command, "-c", _TRY], env=environment, capture_output=True, check=False)
        except OSError:
            continue
        if tried.returncode == 0:
            return command, packages
    return None


@dataclass(slots=True)
class NetnsLab:
    """One instance, driven by processes of one user, with folders of its own."""

    user: str
    name: str
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    environment: dict[str, str] = field(default_factory=dict)

    def up(self, plan: Plan) -> dict[str, Any]:
        return self.ask("up", self.name, self.written(plan))

    def down(self) -> dict[str, Any]:
        return self.ask("down", self.name)

    def status(self) -> dict[str, Any]:
        return self.ask("status", self.name)

    def execute(self, node: str, *command: str) -> subprocess.CompletedProcess[str]:
        return self._run(["exec", self.name, node, *command])

    def ask(self, *arguments: str) -> dict[str, Any]:
        done = self._run(arguments)
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def begin(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A driver that goes on by itself, to be killed."""
        return subprocess.Popen(
            self._command(arguments), env=self._environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def written(self, plan: Plan) -> str:
        path = self.folder / f"{plan.digest.removeprefix('sha256:')}.plan.json"
        path.write_text(encode(plan).decode())
        path.chmod(0o644)
        return str(path)

    def holder(self) -> int:
        """The holder's pid on this host."""
        note: dict[str, int] = json.loads((self.runtime / "holder").read_bytes())
        return note["pid"]

    @property
    def runtime(self) -> Path:
        return Path("/run/labc", self.name) if self.user == "root" else self.folder / "run/labc" / self.name

    def enter(self, *command: str) -> str:
        """Run a command in the fabric, with the host's own tools."""
        done = subprocess.run(
            ["nsenter", "-t", str(self.holder()), "-U", "--preserve-credentials", "-m", "-n", "-p", *command]
            if self.user != "root"
            else ["nsenter", "-t", str(self.holder()), "-m", "-n", "-p", *command],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def _run(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._command(arguments), env=self._environment(), capture_output=True, text=True, check=False, timeout=120
        )

    def _command(self, arguments: Sequence[str]) -> list[str]:
        found = interpreter(self.user)
        assert found is not None
        return [*found[0], str(DRIVER), *arguments]

    def _environment(self) -> dict[str, str]:
        found = interpreter(self.user)
        assert found is not None
        own = {} if self.user == "root" else {"XDG_RUNTIME_DIR": str(self.folder / "run"), "HOME": str(self.folder)}
        path = os.environ["PATH"] + ":/usr/sbin:/sbin"
        return {
            "PATH": path,
            "PYTHONPATH": found[1],
            "HOME": "/root",
            **own,
            **self.environment,
        }


@dataclass(frozen=True, slots=True)
class Traces:
    """What a lab could leave on a host. Namespaces are told by inode: a name that is gone says nothing."""

    namespaces: frozenset[int]
    links: frozenset[str]
    mounts: frozenset[str]
    processes: frozenset[str]

    @classmethod
    def now(cls, instance: str) -> Traces:
        namespaces, processes = set(), set()
        for process in Path("/proc").glob("[0-9]*"):
            try:
                line = (process / "cmdline").read_bytes()
                if b"labc" in line and instance.encode() in line:
                    processes.add(process.name)
                    namespaces.add((process / "ns/net").stat().st_ino)
            except OSError:
                continue
        return cls(frozenset(namespaces), _links(), _mounts(instance), frozenset(processes))

    def gone(self, instance: str, within: float = 5.0) -> Traces:
        """What is left of us after a while: ends of processes are not instant."""
        deadline = time.monotonic() + within
        while True:
            now = Traces.now(instance)
            left = Traces(
                now.namespaces & self._held(),
                now.links - self.links,
                now.mounts - self.mounts,
                now.processes - self.processes,
            )
            if left.empty or time.monotonic() > deadline:
                return left
            time.sleep(0.02)

    def _held(self) -> frozenset[int]:
        return frozenset(_all_namespaces())

    @property
    def empty(self) -> bool:
        return not (self.namespaces or self.links or self.mounts or self.processes)


def _all_namespaces() -> set[int]:
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            found.add((process / "ns/net").stat().st_ino)
        except OSError:
            continue
    return found


def _links() -> frozenset[str]:
    return frozenset(
        path.name for path in Path("/sys/class/net").iterdir() if re.match(r"[ps][0-9a-f]{12}$", path.name)
    )


def _mounts(instance: str) -> frozenset[str]:
    return frozenset(line for line in Path("/proc/self/mounts").read_text().splitlines() if f"labc/{instance}" in line)
