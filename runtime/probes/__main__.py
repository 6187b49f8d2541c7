"""`python -m labc.runtime.probes`, started inside an instance by `run.py`; what it reads and says stands in `process.py`.

Ends when its work is done, or when its client goes: standard input closes. Then the lab is healed first.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import signal
import sys
import threading
from collections.abc import Mapping
from typing import Any

from .on_netns import NetnsGround
from .process import run_cases


def main() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    said = json.loads(sys.stdin.buffer.readline() or b"null")
    if said is not None:
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(_run(said))


async def _run(said: Mapping[str, Any]) -> None:
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    threading.Thread(target=_until_client_goes, args=(loop, task), daemon=True).start()
    await run_cases(NetnsGround(said["resources"]), said, _tell)


def _until_client_goes(loop: asyncio.AbstractEventLoop, task: asyncio.Task[object]) -> None:
    while os.read(0, 4096):
        pass
    with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
        loop.call_soon_threadsafe(task.cancel)


def _tell(event: Mapping[str, Any]) -> None:
    """One line at once. Nobody reads any more: the closed input ends us in order."""
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(event) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
