"""Flows that run while a test does something to the lab: a ping, and a TCP stream. Both count only what was answered.

An outage is a gap between two answers, less the interval; one that has not ended counts up to now, so a loss for good is an
outage too. Called by `scripts.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import random
import socket
import struct
from collections.abc import Callable
from typing import Protocol

from ..services.exchange import MARK
from . import packets
from .bench import Bench
from .cases import Flow
from .flows import bound_socket, place_socket

PING_EVERY = 0.1
STREAM_EVERY = 0.02
_RECORD = struct.Struct("!Q8x")
_MOST_UNANSWERED = 64 * 1024  # records: a stream that is cut for long stays small
_SETTLE = 1.0  # what is on its way gets this long to be answered


class Background(Protocol):
    """What a check may ask. Times in seconds."""

    @property
    def label(self) -> str: ...
    @property
    def flow(self) -> Flow: ...
    @property
    def problem(self) -> str:
        """Why it is dead, else empty."""
        ...

    @property
    def sent(self) -> int: ...
    @property
    def received(self) -> int: ...
    def outage(self) -> float:
        """The longest gap between two answers so far, the present one included."""
        ...

    async def fresh(self, within: float) -> bool:
        """Wait for the answer to something that is sent from now on; false when it ends or `within` is over first."""
        ...

    async def settle(self) -> None: ...
    async def close(self) -> None: ...


class _Progress:
    """When answers came; what ping and stream share."""

    def __init__(self, interval: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._interval = interval
        self._began = self._last = self._loop.time()
        self._longest = 0.0
        self.event = asyncio.Event()

    def note(self) -> None:
        now = self._loop.time()
        self._longest = max(self._longest, now - self._last)
        self._last = now
        self.event.set()

    def outage(self) -> float:
        """The longest gap so far, the present one included."""
        return max(0.0, max(self._longest, self._loop.time() - self._last) - self._interval)

    async def until(self, reached: Callable[[], bool], within: float) -> bool:
        """Wait until something is reached, looking at each answer."""
        try:
            async with asyncio.timeout(max(0.0, within)):
                while not reached():
                    self.event.clear()
                    await self.event.wait()
        except TimeoutError:
            return reached()
        return True


class Ping:
    """An echo request every interval, from start to close."""

    def __init__(self, bench: Bench, flow: Flow, label: str, every: float) -> None:
        self.flow, self.label, self.problem = flow, label, ""
        self.sent = 0
        self._answered: set[int] = set()
        self._latest = 0
        self._progress = _Progress(every)
        self._every = every
        self._six = flow.packet.family == 6
        self._identifier, self._cookie = random.getrandbits(16), os.urandom(packets.COOKIE)
        family, number = (socket.AF_INET6, packets.ICMP6) if self._six else (socket.AF_INET, packets.ICMP)
        self._socket = place_socket(bench, flow.source, family, socket.SOCK_RAW, number)
        self._socket.bind((flow.source.address, 0))
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._read)
        self._task = self._loop.create_task(self._run())

    @property
    def received(self) -> int:
        return len(self._answered)

    def outage(self) -> float:
        return self._progress.outage()

    async def fresh(self, within: float) -> bool:
        sent = self.sent
        return await self._progress.until(lambda: self._latest > sent, within)

    async def settle(self) -> None:
        """Wait until all that was sent by now is answered, or has had its time."""
        sent = self.sent
        await self._progress.until(lambda: self._answered.issuperset(range(1, sent + 1)), _SETTLE)

    async def close(self) -> None:
        self._task.cancel()
        self._loop.remove_reader(self._socket)
        self._socket.close()

    async def _run(self) -> None:
        due = self._loop.time()
        while True:
            self.sent += 1
            message = packets.echo_message(
                self.flow.source.address,
                self.flow.packet.address,
                self._identifier,
                self.sent & 0xFFFF,
                self._payload(self.sent),
            )
            # A packet that cannot even be sent (a link is down) is a lost one.
            with contextlib.suppress(OSError):
                self._socket.sendto(message, (self.flow.packet.address, 0))
            due += self._every
            await asyncio.sleep(max(0.0, due - self._loop.time()))

    def _payload(self, number: int) -> bytes:
        return self._cookie + _RECORD.pack(number)

    def _read(self) -> None:
        while True:
            try:
                data = self._socket.recv(2048)
            except OSError:
                return
            body = data if self._six else data[(data[0] & 15) * 4 :]
            if body[:1] != (b"\x81" if self._six else b"\x00") or body[8 : 8 + packets.COOKIE] != self._cookie:
                continue
            number = _RECORD.unpack_from(body, 8 + packets.COOKIE)[0]
            if number not in self._answered:
                self._answered.add(number)
                self._latest = max(self._latest, number)
                self._progress.note()


class Stream:
    """One TCP connection with a numbered record every interval; the receiver sends each back."""

    def __init__(self, bench: Bench, flow: Flow, label: str, every: float) -> None:
        self.flow, self.label, self.problem = flow, label, ""
        self.sent = self.received = 0
        self._bench = bench
        self._progress = _Progress(every)
        self._every = every
        self._task: asyncio.Task[None] | None = None
        self._listener = bench.listener(flow)

    async def start(self) -> None:
        """Connect and hear the first answer. Raises OSError, TimeoutError from the caller's time-out."""
        await self._listener.__aenter__()
        opened = bound_socket(self._bench, self.flow, socket.SOCK_STREAM)
        try:
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            packet = self.flow.packet
            await asyncio.get_running_loop().sock_connect(opened, (packet.address, packet.port))
            reader, writer = await asyncio.open_connection(sock=opened)
        except BaseException:
            opened.close()
            raise
        self._task = asyncio.create_task(self._run(reader, writer))
        await self._progress.event.wait()

    def outage(self) -> float:
        return self._progress.outage()

    async def fresh(self, within: float) -> bool:
        sent = self.sent
        return (
            await self._progress.until(lambda: bool(self.problem) or self.received > sent, within) and not self.problem
        )

    async def settle(self) -> None:
        sent = self.sent
        await self._progress.until(lambda: bool(self.problem) or self.received >= sent, _SETTLE)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._listener.__aexit__(None, None, None)

    async def _run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hearing = asyncio.create_task(self._hear(reader))
        try:
            writer.write(MARK)
            while not hearing.done():
                if self.sent - self.received < _MOST_UNANSWERED:
                    self.sent += 1
                    writer.write(_RECORD.pack(self.sent))
                await asyncio.wait({hearing}, timeout=self._every)
            self.problem = hearing.result()
            self._progress.event.set()
        finally:
            hearing.cancel()
            writer.transport.abort()

    async def _hear(self, reader: asyncio.StreamReader) -> str:
        """Answers until the connection ends; gives why it did."""
        try:
            await reader.readuntil(MARK)
            while True:
                number = _RECORD.unpack(await reader.readexactly(_RECORD.size))[0]
                if number != self.received + 1:
                    return f"record {number} came after {self.received}"
                self.received = number
                self._progress.note()
        except EOFError:
            return "the other side closed it"
        except OSError as failure:
            return "it timed out" if failure.errno == errno.ETIMEDOUT else (failure.strerror or str(failure)).lower()
