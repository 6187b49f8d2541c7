"""The worker as a copy of its client."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# A client of one thread, which pytest's own process is not; joining is left out, which needs a holder.
_CLIENT = """
import os, sys
from labc.runtime.backends.netns import fork, join

join.join = lambda pid, started: None
secret = os.open("/dev/null", os.O_RDONLY)
os.set_inheritable(secret, True)
kept = os.open("/dev/null", os.O_RDONLY)

def work(requests, answers):
    said = {"asked": requests.read().decode(), "environment": dict(os.environ), "session": os.getsid(0) == os.getpid()}
    said["open"] = sorted(int(name) for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}"))
    said["kept"] = kept
    answers.write(__import__("json").dumps(said).encode())

print("said before", end="")
assert fork.possible()
worker = fork.forked(work, 1, 1, [kept], {"LANG": "C"})
worker.stdin.write(b"hello")
worker.stdin.close()
said = worker.stdout.read().decode()
print(said)
sys.exit(worker.wait())
"""


@pytest.fixture(scope="module")
def said() -> dict[str, object]:
    done = subprocess.run([sys.executable, "-c", _CLIENT], capture_output=True, text=True, check=True)
    before, _, answer = done.stdout.partition("{")
    assert before == "said before"  # once: the copy has none of the client's buffers
    return dict(json.loads("{" + answer))


def test_a_copy_answers(said: dict[str, object]) -> None:
    """Through pipes, in a session of its own, so that a Ctrl-C on the terminal is not for it."""
    assert (said["asked"], said["session"]) == ("hello", True)


def test_a_copy_keeps_nothing_of_the_client(said: dict[str, object]) -> None:
    """Neither its environment, where secrets stand, nor its files, but for what it is given."""
    assert said["environment"] == {"LANG": "C"}
    assert said["open"] == [0, 1, 2, said["kept"]]


def test_a_process_with_threads_is_not_copied() -> None:
    """A copy would have their locks and not them."""
    client = (
        "import threading\n"
        "from labc.runtime.backends.netns import fork\n"
        "done = threading.Event()\n"
        "thread = threading.Thread(target=done.wait)\n"
        "thread.start()\n"
        "print(fork.possible())\n"
        "done.set()\n"
        "thread.join()\n"
        "while not fork.possible(): pass\n"  # the kernel lets go of a thread a moment after it has ended
        "print(True)\n"
    )
    told = subprocess.run([sys.executable, "-c", client], capture_output=True, text=True, check=True, timeout=30).stdout
    assert told == "False\nTrue\n"


def test_a_copy_that_fails_says_why_and_ends() -> None:
    """It never goes on as a second client."""
    client = (
        "import sys\n"
        "from labc.runtime.backends.netns import fork\n"
        "worker = fork.forked(print, 2**22 + 1, 1, [], {})\n"
        "worker.stdin.close()\n"
        "print(worker.stdout.read(), worker.wait())\n"
    )
    done = subprocess.run([sys.executable, "-c", client], capture_output=True, text=True, check=True)
    assert done.stdout == "b'' 125\n"
    assert "cannot be joined" in done.stderr
