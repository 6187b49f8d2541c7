"""Looking at hosts, several at a time.

Enters: hosts' names and how each is reached. Leaves: for each its `Facts`, or why not. Called by `labc site probe`.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from ..errors import Lacking
from .facts import Facts

_AT_ONCE = 16  # each is a process that waits


def look_at(hosts: Mapping[str, str], ssh: str = "ssh") -> dict[str, Facts | Lacking]:
    """`hosts`: name → reach. One that cannot be looked at keeps no other from it."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip(hosts, pool.map(lambda reach: _look(reach, ssh), hosts.values()), strict=True))


def _look(reach: str, ssh: str) -> Facts | Lacking:
    try:
        return facts_of(reach, ssh)
    except Lacking as why:
        return why
    except OSError as error:
        return Lacking(error.strerror or str(error))


def facts_of(reach: str, ssh: str = "ssh") -> Facts:
    """Raises Lacking."""
    if reach == "local":
        from .local import look_here

        return look_here()
    if reach.startswith("ssh://"):
        from .remote import look_through_ssh

        return look_through_ssh(reach, ssh)
    if not reach:
        raise Lacking("the site does not say how to reach it", 'write `reach = "local"` or `reach = "ssh://NAME"`')
    raise Lacking(f"what lies behind {reach} cannot be looked at", "only `local` and `ssh://NAME` can")
