"""What a host behind SSH has.

Enters: a URL, `ssh://[USER@]NAME[:PORT]`. Leaves: `Facts`. Called by `probe.py`.

The machine's own `ssh` does it, not a library: it knows the user's configuration, keys, agent, known hosts and jump hosts, and says in
its own words what is wrong. One command and one answer need no more. A script on standard input needs no quoting and leaves nothing behind.
"""

from __future__ import annotations

import shlex
import subprocess

from ..errors import Lacking
from .facts import Facts, UnreadableError, parse
from .script import SCRIPT

_SECONDS = 60  # a host that answers does so in one or two
# No question is asked that nobody would answer; a host that is down is given up after ten seconds.
_OPTIONS = ("-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10")
_SSH_FAILED = 255


def look_through_ssh(url: str, ssh: str = "ssh") -> Facts:
    """`ssh`: the command, with options of the user's. Raises Lacking with what ssh or the host said."""
    command = [*shlex.split(ssh), *_OPTIONS, "--", url.rstrip("/"), "sh -s"]
    try:
        done = subprocess.run(command, input=SCRIPT, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except FileNotFoundError:
        raise Lacking(f"there is no program `{command[0]}`", "install openssh-client") from None
    except subprocess.TimeoutExpired:
        raise Lacking(f"no answer within {_SECONDS} s") from None
    if done.returncode != 0:
        raise Lacking(_complaint(done))
    try:
        return parse(done.stdout)
    except UnreadableError as error:
        raise Lacking(str(error)) from None


def _complaint(done: subprocess.CompletedProcess[str]) -> str:
    """The last thing that was said; ssh says first what it warns of."""
    said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    what = said[-1] if said else "nothing was said"
    return what if done.returncode == _SSH_FAILED else f"`sh` ended with status {done.returncode} there: {what}"
