"""Start a worker as a copy of the client: it has loaded already what a fresh interpreter would need 40 ms for.

Called by `enter.worker` for a client without threads: only such a process can be copied safely, and only such a copy can join a
user namespace. The copy keeps nothing of the client open but what it is given, and its environment is the plain one.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import IO, NamedTuple, NoReturn

from . import join

Work = Callable[[IO[bytes], IO[bytes]], None]
_HIGHEST = 1 << 16


class Forked(NamedTuple):
    """As much of a `subprocess.Popen` as the backend uses."""

    pid: int
    stdin: IO[bytes]
    stdout: IO[bytes]

    def wait(self) -> int:
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def possible() -> bool:
    """Whether this process is one thread."""
    return len(os.listdir("/proc/self/task")) == 1


def forked(work: Work, pid: int, started: int, kept: Sequence[int], environment: Mapping[str, str]) -> Forked:
    """Run `work` in a copy of this process, inside the holder, with `kept` open."""
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    for each in (sys.stdout, sys.stderr):
        each.flush()  # else the copy has the same words in its buffers
    child = os.fork()
    if not child:
        _be(work, pid, started, (theirs_in, theirs_out), kept, environment)
    os.close(theirs_in)
    os.close(theirs_out)
    return Forked(child, open(ours_out, "wb"), open(ours_in, "rb"))


def _be(
    work: Work,
    pid: int,
    started: int,
    streams: tuple[int, int],
    kept: Sequence[int],
    environment: Mapping[str, str],
) -> NoReturn:
    status = 1
    try:
        os.setsid()  # a Ctrl-C on the client's terminal is the client's
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        for standard, stream in enumerate(streams):
            os.dup2(stream, standard)
        _close_above(2, kept)
        os.environ.clear()
        os.environ.update(environment)
        join.join(pid, started)
        with open(0, "rb", closefd=False) as requests, open(1, "wb", closefd=False) as answers:
            work(requests, answers)
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001 - nothing of the copy may go on as the client
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


def _close_above(first: int, kept: Sequence[int]) -> None:
    for last in [*sorted(kept), _HIGHEST]:
        if last > first + 1:
            os.closerange(first + 1, last)
        first = last
