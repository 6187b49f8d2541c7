"""Addresses of interfaces as netlink messages, and those of a namespace as facts.

Runs inside. IPv6 addresses skip duplicate address detection: `check` has shown that they are unique, and it takes 1.6 s.
"""

from __future__ import annotations

import errno
import socket
import struct
from dataclasses import dataclass
from functools import cache

from . import messages, netlink
from .messages import Form
from .netlink import Message

_NEWADDR, _DELADDR, _GETADDR = 20, 21, 22
_ADDRESS, _LOCAL, _FLAGS = 1, 2, 8
_NODAD, _TENTATIVE, _FAILED = 0x02, 0x40, 0x08
_HEAD = struct.Struct("=BBBBI")
_SAID = netlink.Picker(_HEAD.size, _LOCAL, _ADDRESS, _FLAGS)
_LINK_SCOPE = 253
ROUTELESS = " without its route"  # how an address is told whose routes somebody took away
_POINT_TO_POINT = 31  # from this length on IPv4 has no broadcast address (RFC 3021)


@dataclass(frozen=True, slots=True)
class Address:
    """`interface` is a link's index, `text` as in `10.0.0.1/24`; `usable` is false while it is tentative."""

    interface: int
    text: str
    scope: int
    usable: bool


def add(interface: int, text: str) -> Message:
    family, packed, length = parsed(text)
    values = [messages.number(interface), packed, packed]
    if family == socket.AF_INET and length < _POINT_TO_POINT:
        values.append(_broadcast(packed, length))
    body = _form(family, length, len(values) > 3).filled(*values)
    return netlink.message(_NEWADDR, netlink.CREATE | netlink.REPLACE, body)


def remove(interface: int, text: str) -> Message:
    family, _, length = parsed(text)
    fields = {"family": family, "prefixlen": length, "index": interface}
    return netlink.message(_DELADDR, 0, messages.address(fields, [("IFA_LOCAL", text.partition("/")[0])]))


def went_before(message: Message, refusal: OSError) -> bool:
    """Whether a message would remove an address that is gone: with IPv6 switched off in its node, all of that family are."""
    return message[0] == _DELADDR and refusal.errno == errno.EADDRNOTAVAIL


def addresses(kernel: netlink.Socket) -> list[Address]:
    """All addresses of the namespace where the socket was opened, but those that the kernel makes for IPv6 links."""
    found = (_read(body) for kind, body in kernel.dump(_GETADDR, _HEAD.pack(0, 0, 0, 0, 0)) if kind == _NEWADDR)
    return [address for address in found if not (address.scope == _LINK_SCOPE and address.text.startswith("fe80:"))]


def parsed(text: str) -> tuple[int, bytes, int]:
    """`10.0.0.1/24` → family, packed address, length."""
    address, _, length = text.partition("/")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    packed = socket.inet_pton(family, address)
    return family, packed, int(length) if length else len(packed) * 8


@cache
def _form(family: int, length: int, broadcast: bool) -> Form:
    marks = [bytes([mark]) * (16 if family == socket.AF_INET6 else 4) for mark in (0x5A, 0x5B, 0x5C)]
    names = ("IFA_LOCAL", "IFA_ADDRESS", *(["IFA_BROADCAST"] if broadcast else []))
    attributes = [(name, socket.inet_ntop(family, mark)) for name, mark in zip(names, marks, strict=False)]
    flags = _NODAD if family == socket.AF_INET6 else 0
    fields = {"family": family, "prefixlen": length, "flags": flags, "index": 0x5D5E5F5D}
    return Form(messages.address(fields, attributes), messages.number(0x5D5E5F5D), *marks[: len(names)])


def _broadcast(packed: bytes, length: int) -> bytes:
    hosts = (1 << (32 - length)) - 1
    return (int.from_bytes(packed, "big") | hosts).to_bytes(4, "big")


def _read(body: bytes) -> Address:
    family, length, flags, scope, interface = _HEAD.unpack_from(body)
    local, address, more = _SAID(body)
    wide = int.from_bytes(more, "little") if more else flags
    text = f"{socket.inet_ntop(family, local or address)}/{length}"
    return Address(interface, text, scope, not wide & (_TENTATIVE | _FAILED))
