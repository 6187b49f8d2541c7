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
from operator import itemgetter
from types import TracebackType
from typing import Self

REQUEST, ACK, DUMP = 0x1, 0x4, 0x300
REPLACE, EXCLUSIVE, CREATE = 0x100, 0x200, 0x400
ROUTE, NETFILTER = 0, 12  # NETLINK_ROUTE, NETLINK_NETFILTER
NESTED = 0x8000

_HEADER = struct.Struct("=IHHII")
_ATTRIBUTE = struct.Struct("=HH")
_WORD = struct.Struct("=I")
_LINK = struct.Struct("=BxHiII")
_ERROR, _DONE = 2, 3
_SOL_NETLINK, _CAP_ACK, _EXT_ACK = 270, 10, 11
_NOTHING = (b"",)
_MOST_ALIKE = 16  # layouts of one length: names of other lengths, and what the kernel leaves out
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


class Picker:
    """Takes the values of a few kinds (two at least) out of many messages of a few layouts: a thousand namespaces answer alike.

    A layout is learnt by a walk. From then on the headers of a message of its length are compared in one call, and the values
    taken out in another: 2 µs for a link's forty attributes, of which a walk takes 20.
    """

    __slots__ = ("_kinds", "_known", "_offset")

    def __init__(self, offset: int, *kinds: int) -> None:
        self._offset = offset
        self._kinds = kinds
        self._known: dict[int, list[_Layout]] = {}  # by the message's length

    def __call__(self, message: bytes) -> tuple[bytes, ...]:
        """The values in the order of the kinds, empty for what is not there; of several of one kind the last counts."""
        known = self._known.setdefault(len(message), [])
        for layout in known:
            if layout.headers_of(message, self._offset) == layout.headers:
                found: tuple[bytes, ...] = layout.pick(layout.values_of(message, self._offset) + _NOTHING)
                return found
        headers = list(_headers(message, self._offset))
        if len(known) < _MOST_ALIKE and _fits(headers, len(message) - self._offset):
            known.append(_Layout(headers, self._kinds))
        walked = attributes(message, self._offset)
        return tuple(walked.get(kind, b"") for kind in self._kinds)


class _Layout:
    """Where the attributes of a message stand, and which of them are wanted."""

    __slots__ = ("headers", "headers_of", "pick", "values_of")

    def __init__(self, headers: Sequence[int], wanted: Sequence[int]) -> None:
        places = {header >> 16 & 0x3FFF: place for place, header in enumerate(headers)}  # the last of one kind
        order = sorted(place for kind, place in places.items() if kind in wanted)
        numbers = {kind: order.index(place) for kind, place in places.items() if place in order}
        forms = [_form(header & 0xFFFF, place in order) for place, header in enumerate(headers)]
        self.headers = tuple(headers)
        self.headers_of = struct.Struct("=" + "".join(f"I{_padded(header) - 4}x" for header in headers)).unpack_from
        self.values_of = struct.Struct("=" + "".join(forms)).unpack_from
        self.pick = itemgetter(
            *(numbers.get(kind, len(order)) for kind in wanted)
        )  # behind the values stands an empty one


def _form(size: int, wanted: bool) -> str:
    """One attribute in a struct's terms: passed over, or its value and what fills it up to four bytes."""
    return f"4x{size - 4}s{-size & 3}x" if wanted else f"{_padded(size)}x"


def _padded(header: int) -> int:
    return (header & 0xFFFF) + 3 & ~3


def _headers(data: bytes, offset: int) -> Iterator[int]:
    """Of each attribute its size, and its kind in the upper half, as one number."""
    while offset + 4 <= len(data):
        (header,) = _WORD.unpack_from(data, offset)
        size = header & 0xFFFF
        if size < 4:
            return
        yield header
        offset += (size + 3) & ~3


def _fits(headers: Sequence[int], room: int) -> bool:
    return sum(map(_padded, headers)) <= room


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
