"""The client's side of a command in a node: with our streams, or on a terminal of its own.

Called by `runtime/attach.py` for `labc exec` and `labc shell`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import sys
import termios
import tty
from collections.abc import Iterator, Sequence
from typing import Any

from .enter import inside

_MODULE = "labc.runtime.backends.netns.run"
_SIZE = b"\0" * 8


def execute(instance: str, node: str, command: Sequence[str], *, terminal: bool = False) -> int:
    """Run a command in a node and give its exit status. With `terminal`, on a terminal of its own, driven from ours."""
    arguments = [node.removeprefix("node/"), os.getcwd(), "terminal" if terminal else "pipe", *command]
    if terminal:
        return _on_terminal(instance, arguments)
    process = inside(instance, _MODULE, arguments, stdin=None, stdout=None, environment=os.environ, dies_with_us=True)
    with _passing(process):
        return process.wait()


@contextlib.contextmanager
def _passing(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Ctrl-C reaches the command from the terminal itself; what else would end us is passed on."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, _: process.send_signal(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _on_terminal(instance: str, arguments: Sequence[str]) -> int:
    """A terminal of the node's own, since ours belongs to processes that the node does not see."""
    ours, theirs = os.openpty()
    with contextlib.suppress(OSError):
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, fcntl.ioctl(0, termios.TIOCGWINSZ, _SIZE))
    stream = os.fdopen(theirs, "r+b", buffering=0)
    process = inside(
        instance,
        _MODULE,
        arguments,
        stdin=stream,
        stdout=stream,
        stderr=stream,
        environment=os.environ,
        dies_with_us=True,
    )
    stream.close()
    resized = signal.signal(signal.SIGWINCH, lambda *_: _resize(ours))
    try:
        with _raw():
            _copy(ours)
    finally:
        signal.signal(signal.SIGWINCH, resized)
        os.close(ours)
    return process.wait()


def _resize(terminal: int) -> None:
    with contextlib.suppress(OSError):
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, fcntl.ioctl(0, termios.TIOCGWINSZ, _SIZE))


@contextlib.contextmanager
def _raw() -> Iterator[None]:
    """Every key to the node, Ctrl-C too."""
    if not sys.stdin.isatty():
        yield
        return
    before: list[Any] = termios.tcgetattr(0)
    tty.setraw(0)
    try:
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)


def _copy(terminal: int) -> None:
    """Until the node's side closes, which the kernel tells with EIO."""
    sources = [terminal, 0]
    while True:
        ready, _, _ = select.select(sources, [], [])
        if 0 in ready:
            typed = os.read(0, 4096)
            if typed:
                os.write(terminal, typed)
            else:
                sources.remove(0)
                os.write(terminal, b"\x04")  # end of input, as Ctrl-D
        if terminal in ready:
            try:
                shown = os.read(terminal, 65536)
            except OSError:
                return
            if not shown:
                return
            os.write(1, shown)
