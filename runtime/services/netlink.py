"""Addresses and the default route of an interface by rtnetlink. The caller stands in the node's namespace.

Three messages do not earn pyroute2's import in a process that must start at once.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import struct

_NEW_ADDRESS, _DELETE_ADDRESS, _NEW_ROUTE = 20, 21, 24
_REQUEST, _ACK, _REPLACE, _CREATE = 0x1, 0x4, 0x100, 0x400
_LOCAL, _ADDRESS, _BROADCAST = 2, 1, 4
_OUT, _GATEWAY = 4, 5
_MAIN, _BY_DHCP, _UNIVERSE, _UNICAST = 254, 16, 0, 1


def add_address(interface: str, address: str) -> None:
    """Put "10.0.0.5/24" on an interface; nothing happens where it is already. Raises OSError."""
    _ask(_NEW_ADDRESS, _REPLACE | _CREATE, _address(interface, address))


def remove_address(interface: str, address: str) -> None:
    """Take an address away; none is no mistake. The routes over it go with it. Raises OSError."""
    _ask(_DELETE_ADDRESS, 0, _address(interface, address), ignore=(errno.EADDRNOTAVAIL, errno.ENODEV))


def add_default_route(interface: str, gateway: str) -> None:
    """The default route over an interface; replaces the one that is there. Raises OSError."""
    head = struct.pack("=BBBBBBBBI", socket.AF_INET, 0, 0, 0, _MAIN, _BY_DHCP, _UNIVERSE, _UNICAST, 0)
    out = struct.pack("=I", socket.if_nametoindex(interface))
    _ask(_NEW_ROUTE, _REPLACE | _CREATE, head + _attribute(_GATEWAY, socket.inet_aton(gateway)) + _attribute(_OUT, out))


def _address(interface: str, text: str) -> bytes:
    address = ipaddress.IPv4Interface(text)
    length = address.network.prefixlen
    head = struct.pack("=BBBBI", socket.AF_INET, length, 0, _UNIVERSE, socket.if_nametoindex(interface))
    own = address.ip.packed
    broadcast = _attribute(_BROADCAST, address.network.broadcast_address.packed) if length < 31 else b""
    return head + _attribute(_LOCAL, own) + _attribute(_ADDRESS, own) + broadcast


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def _ask(kind: int, flags: int, body: bytes, ignore: tuple[int, ...] = ()) -> None:
    message = struct.pack("=IHHII", 16 + len(body), kind, _REQUEST | _ACK | flags, 1, 0) + body
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE) as opened:
        opened.send(message)
        answer = opened.recv(4096)
    failure = -int(struct.unpack_from("=i", answer, 16)[0])
    if failure and failure not in ignore:
        raise OSError(failure, os.strerror(failure))
