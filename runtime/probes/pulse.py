"""How much of the time this process really had. Where the machine is busy and the event loop stands still, nobody was waiting.

Deadlines of flows count only the rest: a lab is not to blame for a slow machine.
"""

from __future__ import annotations

import asyncio

_BEAT = 0.02
_LATE = 0.03  # what timers are late by anyway


class Pulse:
    """Beats from `start` to `close`; `lost` are the seconds in which it did not."""

    def __init__(self) -> None:
        self.lost = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._beat())

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def deadline(self, within: float) -> Deadline:
        return Deadline(self, within)

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(_BEAT)
            late = loop.time() - before - _BEAT
            if late > _LATE:
                self.lost += late


class Deadline:
    """A time that is over when `within` seconds have really passed."""

    def __init__(self, pulse: Pulse, within: float) -> None:
        self._pulse = pulse
        self._loop = asyncio.get_running_loop()
        self._began, self._lost, self._within = self._loop.time(), pulse.lost, within

    @property
    def stolen(self) -> float:
        """What did not count so far."""
        return self._pulse.lost - self._lost

    def left(self) -> float:
        return self._within - (self._loop.time() - self._began) + self.stolen
