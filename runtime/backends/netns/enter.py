"""The client's side of the holder: find it, start it, end it, and run processes inside it.

Called by the backend, the probes and the commands that look into a lab. A client does no network work itself: it starts
processes that join the holder (`join.py`).
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ...errors import Incomplete, NotRunning, RuntimeStop
from ...instance import Instance
from ...instance import instance as instance_of
from . import fork
from .fork import Forked

_WORKER = "labc.runtime.backends.netns.inside"
_HERE = Path(__file__).parent
_PIPE = 1 << 20  # bytes that may be on their way, what the kernel allows everybody: what a look finds is about as much
_PLAIN = {"HOME", "LANG", "LC_ALL", "LC_CTYPE", "PATH", "TZ"}


@dataclass(frozen=True, slots=True)
class Holder:
    pid: int
    started: int
    lab: str


def find(of: Instance) -> Holder | None:
    """The instance's holder, when it lives."""
    return _noted(of) or _searched(of)


def require(name: str) -> Holder:
    holder = find(instance_of(name))
    if holder is None:
        raise NotRunning(f"no instance {name} runs here", "labc up makes it; labc status lists what runs.")
    return holder


def start(of: Instance, lab: str, lock: int) -> Holder:
    """Start the instance's holder; only its writer may, and the starter has the lock until it is done, even if we die."""
    command = [sys.executable, "-I", "-S", str(_HERE / "holder.py"), of.name, lab, str(of.runtime)]
    answer = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, pass_fds=(lock,), env=_plain(), check=False
    )
    said = _parsed(answer.stdout)
    if "error" in said:
        (of.runtime / "holder").unlink(missing_ok=True)  # of one that is dead already
        raise _refused(said)
    holder = find(of)
    if not said or holder is None:
        raise Incomplete(f"the holder did not start: {answer.stderr.decode(errors='replace').strip()}")
    return holder


def end(of: Instance) -> bool:
    """Kill the holder and wait until every process of the lab is gone; false when none lived."""
    holder = find(of)
    if holder is None:
        return False
    try:
        descriptor = os.pidfd_open(holder.pid)
    except ProcessLookupError:
        return False
    try:
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        select.select([descriptor], [], [])
    except ProcessLookupError:
        pass
    finally:
        os.close(descriptor)
    return True


def inside(
    instance: str,
    module: str,
    arguments: Sequence[str] = (),
    *,
    stdin: int | IO[bytes] | None = subprocess.PIPE,
    stdout: int | IO[bytes] | None = subprocess.PIPE,
    stderr: int | IO[bytes] | None = None,
    pass_fds: Sequence[int] = (),
    environment: Mapping[str, str] | None = None,
    own_session: bool = False,
    dies_with_us: bool = False,
) -> subprocess.Popen[bytes]:
    """`python -m MODULE ARGUMENT…` in the instance's namespaces; stdin and stdout are pipes unless told otherwise.

    Inside, `namespaces.network_of(node)` goes into a node. With `own_session` a Ctrl-C on our terminal does not reach it.
    Ending the process returned ends the one inside. `environment`: little of ours when None, since secrets may stand in ours and
    what is started inside stays when we have gone. `dies_with_us`: it is killed when the thread that called ends, however that is.
    """
    holder = require(instance)
    command = [
        *(sys.executable, "-I", "-S", str(_HERE / "join.py"), str(holder.pid), str(holder.started)),
        *(str(os.getpid() if dies_with_us else 0), os.pathsep.join(_search_path()), module, *arguments),
    ]
    return subprocess.Popen(
        command,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        pass_fds=pass_fds,
        env=_plain() if environment is None else environment,
        start_new_session=own_session,
        pipesize=_PIPE,
    )


def worker(instance: str, lock: int | None) -> subprocess.Popen[bytes] | Forked:
    """The process that acts for a client (`inside.py`), a session of its own; it holds the writer's lock as long as it lives."""
    kept = () if lock is None else (lock,)
    if not fork.possible():
        return inside(instance, _WORKER, pass_fds=kept, own_session=True)
    from .inside import serve  # only now: the client itself acts on nothing

    holder = require(instance)
    return fork.forked(serve, holder.pid, holder.started, kept, _plain())


def _plain() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name in _PLAIN}


def _search_path() -> list[str]:
    """Ours, whole and absolute: the process inside stands in another folder."""
    return list(dict.fromkeys(os.path.abspath(entry) for entry in sys.path))


def _noted(of: Instance) -> Holder | None:
    try:
        note = json.loads((of.runtime / "holder").read_bytes())
        holder = Holder(note["pid"], note["started"], note["lab"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return holder if _started(holder.pid) == holder.started else None


def _searched(of: Instance) -> Holder | None:
    """By its arguments, when its note was lost."""
    wanted = [str(_HERE / "holder.py").encode(), of.name.encode()]
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            arguments = (entry / "cmdline").read_bytes().split(b"\0")
            first = arguments[3:5] == wanted and arguments[6] == os.fsencode(of.runtime) and _is_first(entry)
        except (OSError, IndexError):
            continue
        started = _started(int(entry.name)) if first else None
        if started is not None:
            return Holder(int(entry.name), started, arguments[5].decode())
    return None


def _is_first(process: Path) -> bool:
    """The starter has the same arguments; only the holder is pid 1 of a namespace below ours."""
    for line in (process / "status").read_text().splitlines():
        if line.startswith("NSpid:"):
            return line.split()[-1] == "1"
    return False


def _started(pid: int) -> int | None:
    """When a process began; None for one that is gone or has died."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rsplit(b")", 1)[1].split()
    except OSError:
        return None
    return None if fields[0] in {b"Z", b"X"} else int(fields[19])


def _parsed(data: bytes) -> dict[str, Any]:  # Any: JSON
    try:
        return dict(json.loads(data))
    except ValueError:
        return {}


def _refused(said: Mapping[str, Any]) -> RuntimeStop:
    from .requirements import explain  # only when something is missing

    return explain(str(said.get("step")), int(said.get("errno", 0)), str(said["error"]))
