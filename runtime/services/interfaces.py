"""What an interface of a node has, asked through a socket that was opened there: no entering again.

The ioctls of netdevice(7), IPv4. Called by the DHCP server and client.
"""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct

_NAME, _ADDRESS, _MASK, _HARDWARE, _INDEX = 0x8910, 0x8915, 0x891B, 0x8927, 0x8933
_REQUEST = 40


def name_of(opened: socket.socket, index: int) -> str:
    """The name of the interface with this index. Raises OSError."""
    asked = struct.pack("16si", b"", index).ljust(_REQUEST, b"\0")
    return fcntl.ioctl(opened, _NAME, asked)[:16].rstrip(b"\0").decode()


def index_of(opened: socket.socket, name: str) -> int:
    """The index of an interface. Raises OSError."""
    return int(struct.unpack_from("i", _ask(opened, _INDEX, name), 16)[0])


def hardware_of(opened: socket.socket, name: str) -> bytes:
    """The MAC of an interface, six bytes. Raises OSError."""
    return _ask(opened, _HARDWARE, name)[18:24]


def network_of_interface(opened: socket.socket, name: str) -> ipaddress.IPv4Interface:
    """The first IPv4 address of an interface, with its length. Raises OSError where it has none."""
    address = socket.inet_ntoa(_ask(opened, _ADDRESS, name)[20:24])
    mask = socket.inet_ntoa(_ask(opened, _MASK, name)[20:24])
    return ipaddress.IPv4Interface(f"{address}/{mask}")


def _ask(opened: socket.socket, request: int, name: str) -> bytes:
    return fcntl.ioctl(opened, request, name.encode()[:15].ljust(_REQUEST, b"\0"))
