"""The client's half of the netns backend, where its worker has gone."""

from __future__ import annotations

import os

import pytest

from labc.runtime.backends.netns.backend import NetnsBackend
from labc.runtime.backends.netns.fork import Forked
from labc.runtime.errors import Incomplete
from labc.runtime.instance import instance


def test_a_worker_that_was_killed_is_told_and_closed() -> None:
    """What was written to it and never read would be written again when the pipe is closed."""
    backend = NetnsBackend(instance("t"), "lab", None)
    unread, requests = os.pipe()
    answers, silent = os.pipe()
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    backend._worker = Forked(child, os.fdopen(requests, "wb"), os.fdopen(answers, "rb"))
    os.close(unread)
    os.close(silent)
    with pytest.raises(Incomplete, match="ended"):
        backend._tell({"do": "look"})
    backend.close()
