"""Captures at a receiver, and who waits for which packet there.

`PortCapture` sees what reaches an interface, before any filter of the node. `StackCapture` sees what a socket of the node
would: what has passed the node's own filter. Both are opened once a run and shared by its cases.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from abc import ABC, abstractmethod
from collections import deque
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from . import packets
from .packets import Seen

_ALL = 0x0003  # ETH_P_ALL
_OUTGOING = 4
_STATISTICS = 6
_SOL_PACKET = 263
_BUFFER = 8 * 1024 * 1024
_KEPT = 4096  # frames for evidence
Key = tuple[object, ...]


@dataclass(slots=True)
class Watch:
    """What one packet or flow is known by, and whether it came. `arrived` holds the time and the packet."""

    keys: tuple[Key, ...]
    arrived: list[tuple[float, Seen]] = field(default_factory=list)
    event: asyncio.Event = field(default_factory=asyncio.Event)


class Capture(ABC):
    """What the two forms share: the table of those who wait."""

    def __init__(self) -> None:
        self._watches: dict[Key, Watch] = {}

    def watch(self, *keys: Key) -> Watch:
        """Wait for any packet with one of these keys; see `cookie_key`, `tuple_key`."""
        watch = Watch(keys)
        for key in keys:
            self._watches[key] = watch
        return watch

    def forget(self, watch: Watch) -> None:
        for key in watch.keys:
            if self._watches.get(key) is watch:
                del self._watches[key]

    @abstractmethod
    def drain(self) -> None:
        """Read all that has arrived by now."""

    @abstractmethod
    def lost(self) -> int:
        """How many packets the kernel could not give us so far: a capture with holes proves nothing."""

    @abstractmethod
    def close(self) -> None: ...

    def _saw(self, seen: Seen) -> None:
        watch = self._watches.get(cookie_key(seen.protocol, seen.cookie))
        if watch is None and seen.first:
            watch = self._watches.get(tuple_key(seen.protocol, seen.source, seen.source_port, seen.port))
        if watch is not None and not seen.echoed:
            watch.arrived.append((time.monotonic(), seen))
            watch.event.set()


def cookie_key(protocol: str, cookie: bytes) -> Key:
    return (protocol, cookie)


def tuple_key(protocol: str, source: str, source_port: int, port: int) -> Key:
    """For devices that write sequence numbers anew: the flow's numbers are fresh, so they identify it as well."""
    return (protocol, source, source_port, port)


class PortCapture(Capture):
    """Frames of one interface, both directions; those that come in are matched, all are kept a while."""

    def __init__(self, place: AbstractContextManager[object], interface: str) -> None:
        super().__init__()
        with place:
            form = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
            self._socket = socket.socket(socket.AF_PACKET, form, 0)
            try:
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
                self._socket.bind((interface, _ALL))
            except BaseException:
                self._socket.close()
                raise
        self.frames: deque[tuple[float, bytes]] = deque(maxlen=_KEPT)
        self._lost = 0
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self.drain)

    def drain(self) -> None:
        while True:
            try:
                frame, sender = self._socket.recvfrom(65535)
            except OSError:
                return
            self.frames.append((time.time(), frame))
            if sender[2] != _OUTGOING and (seen := packets.from_frame(frame)) is not None:
                self._saw(seen)

    def lost(self) -> int:
        _got, lost = struct.unpack("=II", self._socket.getsockopt(_SOL_PACKET, _STATISTICS, 8))
        self._lost += lost
        return self._lost

    def close(self) -> None:
        self._loop.remove_reader(self._socket)
        self._socket.close()


class StackCapture(Capture):
    """What sockets of a node would see, by raw sockets: they are served after the node's filter (INPUT)."""

    def __init__(self, place: AbstractContextManager[object]) -> None:
        super().__init__()
        self.frames: deque[tuple[float, bytes]] = deque(maxlen=_KEPT)
        self._loop = asyncio.get_running_loop()
        self._sockets: dict[socket.socket, int] = {}
        with place:
            for family, numbers in (
                (socket.AF_INET, (packets.TCP, packets.UDP, packets.ICMP)),
                (socket.AF_INET6, (packets.TCP, packets.UDP, packets.ICMP6)),
            ):
                for number in numbers:
                    self._open(family, number)

    def _open(self, family: socket.AddressFamily, number: int) -> None:
        try:
            opened = socket.socket(family, socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, number)
        except OSError:
            if family == socket.AF_INET6:
                return  # a kernel without IPv6
            raise
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._sockets[opened] = number
        self._loop.add_reader(opened, self._read, opened, number)

    def drain(self) -> None:
        for opened, number in self._sockets.items():
            self._read(opened, number)

    def lost(self) -> int:
        return 0

    def _read(self, opened: socket.socket, number: int) -> None:
        while True:
            try:
                data, sender = opened.recvfrom(65535)
            except OSError:
                return
            # IPv4 comes with its header, IPv6 without.
            if opened.family == socket.AF_INET:
                seen = packets.from_ip(data)
            else:
                seen = packets.transport(number, sender[0].partition("%")[0], "", data)
            if seen is not None:
                self._saw(seen)

    def close(self) -> None:
        for opened in self._sockets:
            self._loop.remove_reader(opened)
            opened.close()
