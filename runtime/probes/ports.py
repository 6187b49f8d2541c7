"""Fresh source ports: no flow of a run has the numbers of another, so no connection tracking can mix them up."""

from __future__ import annotations

import random
from collections.abc import Iterable

_FIRST, _LAST = 32768, 60999


class FreshPorts:
    """Ephemeral ports by sending address and protocol, each given once in a run.

    `constants`: ports that cases name; a fresh one is never one of them, else a deny might be an allow's way back.
    """

    def __init__(self, constants: Iterable[int] = ()) -> None:
        self._constants = frozenset(constants)
        self._next: dict[tuple[str, str], int] = {}
        self._size = _LAST - _FIRST + 1

    def take(self, protocol: str, address: str) -> int:
        # A random start: the run before may have left connections that the kernel still tracks.
        key = (protocol, address)
        step = self._next.get(key)
        if step is None:
            step = random.randrange(self._size)
        while _FIRST + step in self._constants:
            step = (step + 1) % self._size
        self._next[key] = (step + 1) % self._size
        return _FIRST + step
