"""Look into a running lab: a command in a node, a shell, packets on a port.

Called by `labc exec`, `labc shell`, `labc capture` and whoever imports labc.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import IO

from .backends.netns import execute as netns_execute
from .backends.netns.capture import SNAPLEN
from .backends.netns.enter import inside

_CAPTURE = "labc.runtime.backends.netns.capture"


def execute(instance: str, node: str, command: Sequence[str], *, terminal: bool | None = None) -> int:
    """The command's exit status; 125 when labc failed. `terminal` None: its own one when ours is one."""
    if terminal is None:
        terminal = sys.stdin.isatty() and sys.stdout.isatty()
    return netns_execute.execute(instance, node, command, terminal=terminal)


def shell(instance: str, node: str) -> int:
    """The user's shell in a node; bash or sh where it is not there."""
    wanted = (os.environ.get("SHELL", ""), "bash", "sh")
    program = next((found for found in map(shutil.which, wanted) if found), "sh")
    return execute(instance, node, [program])


@contextlib.contextmanager
def capture(instance: str, node: str, interface: str, *, snaplen: int = SNAPLEN) -> Iterator[IO[bytes]]:
    """A pcap file to read from while the `with` lasts; packets are caught once its first 24 bytes can be read."""
    process = inside(
        instance,
        _CAPTURE,
        [node.removeprefix("node/"), interface, str(snaplen)],
        stdin=subprocess.DEVNULL,
        dies_with_us=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout
    finally:
        process.terminate()
        process.stdout.close()
        process.wait()
