"""Work in a child process: a library that crashes or never ends takes neither the compiler nor its answer with it.

Enters: a function that returns bytes. Leaves: the bytes, or None when the child ended otherwise. Called by `cycles.py`.

The child is a copy of this process, so nothing is sent to it. It is bounded by the processor time that it takes, not by
the clock, since a busy machine must decide as an idle one does.
"""

from __future__ import annotations

import os
import signal
import warnings
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Work = Callable[[], bytes]

ASLEEP = 4  # times the bound, by the clock: only a child whose threads wait for each other for ever comes to that


def forked(work: Work, seconds: int) -> bytes | None:
    """What `work` returns in a child that takes at most so many seconds of all its threads together.

    None where it raised, crashed, took longer, or where the system knows no fork.
    """
    with beside(work, seconds) as answer:
        return answer()


@contextmanager
def beside(work: Work, seconds: int) -> Iterator[Callable[[], bytes | None]]:
    """As `forked`, while this process does something else: what is given waits for the answer. Whoever leaves before the end, as with a
    Ctrl-C, leaves no child behind."""
    if not hasattr(os, "fork"):
        yield lambda: None
        return
    answers, ours = os.pipe()
    child = _fork()
    if not child:
        _be(work, seconds, ours)
    os.close(ours)
    ended: list[int] = []
    with os.fdopen(answers, "rb") as stream:

        def answer() -> bytes | None:
            found = stream.read()
            ended.append(os.waitpid(child, 0)[1])
            return found if ended[0] == 0 else None

        try:
            yield answer
        finally:
            if not ended:
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)


def _fork() -> int:
    with warnings.catch_warnings():
        # Python 3.12 warns of threads, numpy's among them; the child starts its own and touches none of these.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _be(work: Work, seconds: int, ours: int) -> NoReturn:
    status = 1
    try:
        _bound(seconds)
        _quiet()
        with os.fdopen(ours, "wb") as stream:
            stream.write(work())
        status = 0
    finally:
        os._exit(status)  # the parent's buffers and exit handlers are the parent's


def _bound(seconds: int) -> None:
    """Handlers are the parent's too: within a library they would run late or never."""
    import resource

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)
    signal.alarm(seconds * ASLEEP)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds if most < 0 else min(seconds, most), most))


def _quiet() -> None:
    """What a library says when it dies is of no use to who builds a lab."""
    import faulthandler

    faulthandler.disable()
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
