"""Run a command in a node: `python -m labc.runtime.backends.netns.run NODE FOLDER pipe|terminal ARGV…`, started inside.

Ends as the command ends: its status, 128 + number for a signal, 127 when there is no such command, 126 when it cannot be
run, 125 when labc failed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import sys
import termios
from collections.abc import Sequence

from . import first, join, kernel
from .requirements import with_system

FAILED, CANNOT, UNKNOWN = 125, 126, 127
_ALL = kernel.CLONE_NEWNS | kernel.CLONE_NEWUTS | kernel.CLONE_NEWIPC | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET


def main(node: str, folder: str, how: str, command: Sequence[str]) -> int:
    try:
        descriptor = os.pidfd_open(first.ensure(node))
        kernel.setns(descriptor, _ALL)
        os.close(descriptor)
    except FileNotFoundError:
        return _fail(f"there is no node {node}")
    except OSError as error:
        return _fail(str(error))
    child = os.fork()
    if child == 0:
        _become(folder, how == "terminal", command)
    return join.stand_for(child)


def _become(folder: str, terminal: bool, command: Sequence[str]) -> None:
    kernel.die_with_parent(signal.SIGKILL)
    if terminal:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and what it starts would too
    with contextlib.suppress(OSError):
        os.chdir(folder)
    os.environ["PATH"] = with_system(os.environ.get("PATH", ""))
    try:
        os.execvp(command[0], list(command))  # noqa: S606 - that is the whole purpose
    except (FileNotFoundError, ValueError):  # the second for no name at all
        os._exit(_fail(f"{command[0] or repr('')}: no such command", UNKNOWN))
    except OSError as error:
        if (
            shutil.which(command[0]) is None and "/" not in command[0]
        ):  # a folder of PATH that may not be read says EACCES
            os._exit(_fail(f"{command[0]}: no such command", UNKNOWN))
        os._exit(_fail(f"{command[0]}: {error.strerror}", CANNOT))


def _fail(why: str, status: int = FAILED) -> int:
    sys.stderr.write(f"labc: {why}\n")
    sys.stderr.flush()
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]))
