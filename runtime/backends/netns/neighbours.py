"""Neighbours that a hand fixed in a namespace (`ip neigh add … nud permanent`): a wrong one swallows packets silently.

Runs inside, standing in the namespace. What the kernel learns goes by itself, and what a daemon adds says so in its protocol.
A look costs 3 µs a node, and little for each neighbour: the kernel keeps a thousand in all namespaces together.
"""

from __future__ import annotations

import socket
import struct

from . import netlink

_NEWNEIGH, _DELNEIGH, _GETNEIGH = 28, 29, 30
_HEAD = struct.Struct("=BxxxiHBB")  # family, interface, state, flags, type
_STATE_AT, _PERMANENT = 8, 0x80
_DESTINATION, _PROTOCOL = 1, 12
_BY_HAND = {0, 3, 4}  # RTPROT_UNSPEC, RTPROT_BOOT, RTPROT_STATIC


def look(kernel: netlink.Socket) -> list[str]:
    """Their addresses."""
    return sorted(_address(body) for body in _fixed(kernel))


def clear(kernel: netlink.Socket) -> None:
    """Forget them; who asks finds out the truth."""
    kernel.request([netlink.message(_DELNEIGH, 0, body) for body in _fixed(kernel)])


def _fixed(kernel: netlink.Socket) -> list[bytes]:
    found = (body for kind, body in kernel.dump(_GETNEIGH, bytes(_HEAD.size)) if kind == _NEWNEIGH)
    return [body for body in found if body[_STATE_AT] & _PERMANENT and _by_hand(body)]


def _by_hand(body: bytes) -> bool:
    said = netlink.attributes(body, _HEAD.size)
    return _DESTINATION in said and said.get(_PROTOCOL, b"\0")[0] in _BY_HAND


def _address(body: bytes) -> str:
    family = socket.AF_INET6 if body[0] == socket.AF_INET6 else socket.AF_INET
    return socket.inet_ntop(family, netlink.attributes(body, _HEAD.size)[_DESTINATION])
