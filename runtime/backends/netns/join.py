"""Join an instance's namespaces and run a Python module there.

Enters: `python -I -S join.py PID STARTED CLIENT PATH MODULE ARGUMENT…`, run by `enter.py`: the holder, the process with which
this one dies (0: it outlives its client), the importing process's `sys.path`, and what to run. Leaves: the module's own output and exit status. A process of its own, because a process with
threads cannot join a user namespace, and because only a child lives in a pid namespace that was joined. `fork.py` joins in the
same way, in a copy of a client that has no threads.
"""

from __future__ import annotations

import os
import signal
import sys

if __package__:
    from . import kernel
else:  # run as a file: its neighbour stands beside it
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import kernel  # type: ignore[import-not-found, no-redef]

_GONE = 125


def main(pid: int, started: int, client: int, path: str, module: str) -> None:
    if client:
        kernel.die_with_parent(signal.SIGKILL)
        if os.getppid() != client:
            sys.exit(_GONE)  # it died before that
    join(pid, started)
    sys.path[:] = path.split(os.pathsep)
    sys.argv[:] = sys.argv[5:]
    import runpy  # only the child needs it

    runpy.run_module(module, run_name="__main__", alter_sys=True)


def join(pid: int, started: int) -> None:
    """Go on as a child in the holder's namespaces; the process that called stands for it, and never returns."""
    _enter(pid, started)
    child = os.fork()
    if child:
        _follow(child)
    kernel.die_with_parent(signal.SIGKILL)


def _enter(pid: int, started: int) -> None:
    """All namespaces at once through a pidfd, which cannot come to mean another process."""
    try:
        holder = os.pidfd_open(pid)
        with open(f"/proc/{pid}/stat", "rb") as file:
            found = int(file.read().rsplit(b")", 1)[1].split()[19])
        if found != started:
            raise ProcessLookupError
        flags = kernel.CLONE_NEWNS | kernel.CLONE_NEWNET | kernel.CLONE_NEWPID
        if os.stat(f"/proc/{pid}/ns/user").st_ino != os.stat("/proc/self/ns/user").st_ino:
            flags |= kernel.CLONE_NEWUSER
        kernel.setns(holder, flags)
    except OSError as error:
        sys.stderr.write(
            f"labc: the instance's holder (pid {pid}) cannot be joined: {error.strerror or 'it is gone'}\n"
        )
        sys.exit(_GONE)
    os.close(holder)


def stand_for(child: int) -> int:
    """Pass on what ends us, wait, and give the status to end with. Ctrl-C reaches the child from the terminal itself."""

    def pass_on(number: int, _: object) -> None:
        try:  # noqa: SIM105 - contextlib costs a fresh interpreter 3 ms
            os.kill(child, number)
        except ProcessLookupError:
            pass  # it ended just now

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return status if status >= 0 else 128 - status


def _follow(child: int) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os._exit(stand_for(child))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5])
