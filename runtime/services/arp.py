"""Does an address answer ARP on a node's interface? Asked by the DHCP server before it gives an address away (RFC 5227)."""

from __future__ import annotations

import asyncio
import socket
import struct

from .model import Network

_ARP = 0x0806
_FORM = struct.Struct("!HHBBH6s4s6s4s")
_REQUEST, _REPLY = 1, 2
# A lab's neighbours answer within microseconds; a busy machine may take milliseconds.
_WAIT = 0.1


async def answers_arp(network: Network, node: str, interface: str, asked: bytes, own: bytes) -> bool:
    """Whether a neighbour says that it has `asked` (four bytes)."""
    loop = asyncio.get_running_loop()
    try:
        with network(node):
            opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.htons(_ARP))
    except OSError:
        return False
    found = loop.create_future()
    try:
        opened.bind((interface, _ARP))
        mac = opened.getsockname()[4][:6]
        body = _FORM.pack(1, 0x0800, 6, 4, _REQUEST, mac, own, bytes(6), asked)
        loop.add_reader(opened, lambda: _look(opened, asked, found))
        opened.send(b"\xff" * 6 + mac + struct.pack("!H", _ARP) + body)
        async with asyncio.timeout(_WAIT):
            return bool(await found)
    except (OSError, TimeoutError):
        return False
    finally:
        loop.remove_reader(opened)
        opened.close()


def _look(opened: socket.socket, asked: bytes, found: asyncio.Future[bool]) -> None:
    try:
        data = opened.recv(128)
    except OSError:
        return
    if len(data) >= 14 + _FORM.size and not found.done():
        *_, operation, _mac, sender, _target_mac, _target = _FORM.unpack_from(data, 14)
        if operation == _REPLY and sender == asked:
            found.set_result(True)
