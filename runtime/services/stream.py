"""A TCP listener in a node: accepts, looks at the first bytes, and hands the connection to the protocol.

Enters: a listening socket and a `Speech`. Called by `opening.py`. Connections are bounded: the oldest gives way.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from functools import partial

from .exchange import MARK, EchoBack
from .model import Speech

MAX_CONNECTIONS = 512
# How long a service that speaks first gives a test's stream to say so (a client's first bytes are there sooner).
GREETING_DELAY = 0.15
# Longer than any outage that a test waits for.
IDLE = 600.0


class StreamListener:
    """One listening socket, its connections, and their end."""

    def __init__(self, listening: socket.socket, speech: Speech) -> None:
        self._listening = listening
        self._speech = speech
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._sockets: dict[int, socket.socket] = {}
        self._loop.add_reader(listening, self._accept)

    def close(self) -> None:
        """Stop listening and cut every connection, at once."""
        self._loop.remove_reader(self._listening)
        self._listening.close()
        for connection in list(self._sockets.values()):
            _shut(connection)
        for task in self._tasks:
            task.cancel()

    def _accept(self) -> None:
        for _ in range(64):
            try:
                connection, _peer = self._listening.accept()
            except BlockingIOError:
                return
            except OSError as failure:
                if failure.errno in (errno.EMFILE, errno.ENFILE):
                    self._give_way()
                return
            if len(self._sockets) >= MAX_CONNECTIONS:
                self._give_way()
            self._start(connection)

    def _start(self, connection: socket.socket) -> None:
        """A task from accepted to closed. The connection's end is watched through a twin of its descriptor."""
        connection.setblocking(False)
        twin = connection.dup()
        self._sockets[twin.fileno()] = twin
        task = self._loop.create_task(self._serve(connection))
        self._tasks.add(task)
        # Not in the task itself: one that is cancelled before its first step never runs.
        task.add_done_callback(partial(self._ended, connection, twin))

    def _ended(self, connection: socket.socket, twin: socket.socket, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._sockets.pop(twin.fileno(), None)
        _shut(twin)
        twin.close()
        connection.close()

    def _give_way(self) -> None:
        oldest = next(iter(self._sockets), None)
        if oldest is not None:
            _shut(self._sockets.pop(oldest))

    async def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, TimeoutError, asyncio.CancelledError):
            marked = await self._look(connection)
            if marked is not None:
                await self._hand_over(connection, marked)

    async def _look(self, connection: socket.socket) -> bool | None:
        """Whether the connection is a test's exchange; None when it ended or said nothing for long."""
        try:
            async with asyncio.timeout(GREETING_DELAY if self._speech.greets else IDLE):
                first = b""
                while len(first) < len(MARK):
                    await _readable(self._loop, connection)
                    more = connection.recv(len(MARK), socket.MSG_PEEK)
                    if not more:
                        return None
                    if not MARK.startswith(more):
                        return False
                    if more == first:  # a mark in parts: wait for the rest without spinning
                        await asyncio.sleep(0.01)
                    first = more
                return True
        except TimeoutError:
            return False if self._speech.greets else None

    async def _hand_over(self, connection: socket.socket, marked: bool) -> None:
        if self._speech.take is not None and not marked:
            await self._speech.take(connection)
            return
        ended = self._loop.create_future()
        make = EchoBack if marked or self._speech.protocol is None else self._speech.protocol
        transport, _ = await self._loop.connect_accepted_socket(
            lambda: _Ending(make(), ended), connection, ssl=None if marked else self._speech.tls
        )
        try:
            await ended
        finally:
            transport.abort()


class _Ending(asyncio.Protocol):
    """Passes everything on, tells when the connection is lost, and ends one that is idle for long."""

    def __init__(self, inner: asyncio.Protocol, ended: asyncio.Future[None]) -> None:
        self._inner = inner
        self._ended = ended
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.pause_writing = inner.pause_writing  # type: ignore[method-assign]
        self.resume_writing = inner.resume_writing  # type: ignore[method-assign]
        self.eof_received = inner.eof_received  # type: ignore[method-assign]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._wind()
        self._inner.connection_made(transport)

    def _wind(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        assert self._transport is not None
        self._timer = self._ended.get_loop().call_later(IDLE, self._transport.abort)

    def data_received(self, data: bytes) -> None:
        self._wind()
        self._inner.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._inner.connection_lost(exc)
        if not self._ended.done():
            self._ended.set_result(None)


async def _readable(loop: asyncio.AbstractEventLoop, connection: socket.socket) -> None:
    ready = loop.create_future()
    loop.add_reader(connection, _settle, ready)
    try:
        await ready
    finally:
        loop.remove_reader(connection)


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
