"""Netlink on the wire: messages and attributes, and a socket that sends many and waits once.

Called by links, addresses, routes and the rest of this folder, and by the holder, which runs alone: it imports nothing of
ours and nothing heavy. What is made is encoded by pyroute2 (`messages.py`); what is read, and the holder's few words, are
packed here (docs/decisions/netlink-forms.md).
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

REQUEST, ACK, DUMP = 0x1, 0x4, 0x300
REPLACE, EXCLUSIVE, CREATE = 0x100, 0x200, 0x400
ROUTE, NETFILTER = 0, 12  # NETLINK_ROUTE, NETLINK_NETFILTER
NESTED = 0x8000

_HEADER = struct.Struct("=IHHII")
_ATTRIBUTE = struct.Struct("=HH")
_LINK = struct.Struct("=BxHiII")
_ERROR, _DONE = 2, 3
_SOL_NETLINK, _CAP_ACK, _EXT_ACK = 270, 10, 11
_BATCH = 64  # messages a send: their answers must fit the receive buffer
_BUFFER = 1 << 13  # the kernel fits its answers to it; larger ones cost both sides more than a second call
_ACK_HEAD = _HEADER.size * 2 + 4
_ACK_TEXTS = 0x200  # NLM_F_ACK_TLVS

Message = tuple[int, int, bytes]


def message(kind: int, flags: int, body: bytes) -> Message:
    return kind, flags, body


def attribute(kind: int, value: bytes) -> bytes:
    size = len(value) + 4
    return _ATTRIBUTE.pack(size, kind) + value + b"\0" * (-size & 3)


def u32(kind: int, value: int) -> bytes:
    return attribute(kind, struct.pack("=I", value))


def text(kind: int, value: str) -> bytes:
    return attribute(kind, value.encode() + b"\0")


def nested(kind: int, *values: bytes) -> bytes:
    return attribute(kind | NESTED, b"".join(values))


def link(index: int = 0, flags: int = 0, change: int = 0) -> bytes:
    """struct ifinfomsg, the head of every message about a link."""
    return _LINK.pack(0, 0, index, flags, change)


def attributes(data: bytes, offset: int = 0, end: int | None = None) -> dict[int, bytes]:
    """The attributes from `offset` on; of several of one kind the last counts."""
    found: dict[int, bytes] = {}
    limit = len(data) if end is None else end
    while offset + 4 <= limit:
        size, kind = _ATTRIBUTE.unpack_from(data, offset)
        if size < 4:
            break
        found[kind & 0x3FFF] = data[offset + 4 : offset + size]
        offset += (size + 3) & ~3
    return found


class Socket:
    """A netlink socket in the network namespace where it was opened; it stays there when its process moves on."""

    __slots__ = ("_room", "_sequence", "_socket")

    def __init__(self, family: int = ROUTE) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, family)
        self._socket.setsockopt(_SOL_NETLINK, _CAP_ACK, 1)
        self._socket.setsockopt(_SOL_NETLINK, _EXT_ACK, 1)
        self._sequence = 0
        self._room = bytearray(_BUFFER)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def close(self) -> None:
        self._socket.close()

    def request(self, messages: Sequence[Message]) -> None:
        """Send all; the first that the kernel refuses is raised."""
        for error in self.attempt(messages):
            if error is not None:
                raise error

    def attempt(self, messages: Sequence[Message]) -> list[OSError | None]:
        """Send all; for each, None or the kernel's refusal. One that fails does not stop those after it."""
        answers: list[OSError | None] = []
        for start in range(0, len(messages), _BATCH):
            answers += self._batch(messages[start : start + _BATCH])
        return answers

    def dump(self, kind: int, body: bytes, flags: int = 0) -> Iterator[tuple[int, bytes]]:
        """Ask for a list; the kind and body of every answer."""
        self._sequence += 1
        head = _HEADER.pack(_HEADER.size + len(body), kind, REQUEST | DUMP | flags, self._sequence, 0)
        self._socket.send(head + body)
        while True:
            data = self._receive()
            offset = 0
            while offset < len(data):
                size, answer, _, _, _ = _HEADER.unpack_from(data, offset)
                if answer == _DONE:
                    return
                if answer == _ERROR:
                    self._raise(data, offset, size)
                    return
                yield answer, data[offset + 16 : offset + size]
                offset += (size + 3) & ~3

    def _batch(self, messages: Sequence[Message]) -> list[OSError | None]:
        """Only the last asks for an answer: the kernel works in order, and errors are told unasked."""
        first, last = self._sequence + 1, self._sequence + len(messages)
        self._sequence = last
        parts: list[bytes] = []
        for sequence, (kind, flags, body) in enumerate(messages, first):
            wish = flags | (REQUEST if sequence != last else REQUEST | ACK)
            padding = -len(body) & 3
            parts += (_HEADER.pack(_HEADER.size + len(body), kind, wish, sequence, 0), body, b"\0" * padding)
        self._socket.send(b"".join(parts))
        answers: list[OSError | None] = [None] * len(messages)
        while True:
            data = self._receive()
            size, _, _, sequence, _ = _HEADER.unpack_from(data)
            answers[sequence - first] = _refusal(data, 0, size)
            if sequence == last:
                return answers

    def _receive(self) -> bytes:
        return bytes(memoryview(self._room)[: self._socket.recv_into(self._room)])

    def _raise(self, data: bytes, offset: int, size: int) -> None:
        error = _refusal(data, offset, size)
        if error is not None:
            raise error


def _refusal(data: bytes, offset: int, size: int) -> OSError | None:
    (code,) = struct.unpack_from("=i", data, offset + _HEADER.size)
    if code == 0:
        return None
    flags = _HEADER.unpack_from(data, offset)[2]
    said = attributes(data, offset + _ACK_HEAD, offset + size).get(1, b"") if flags & _ACK_TEXTS else b""
    why = os.strerror(-code) + (f": {said.rstrip(bytes(1)).decode(errors='replace')}" if said else "")
    return OSError(-code, why)
