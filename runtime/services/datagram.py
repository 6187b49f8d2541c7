"""A UDP listener in a node: each datagram goes to the protocol, its answers leave from the address that was asked.

Called by `opening.py`. One dual socket serves both families: the kernel maps IPv4's packet info into IPv6's.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct

from .exchange import MARK
from .model import Answer, Peer
from .sockets import IP_PKTINFO

_BATCH = 64
_PACKET_INFO = struct.Struct("=16si")


class DatagramListener:
    """One UDP socket and the function that answers."""

    def __init__(self, listening: socket.socket, answer: Answer) -> None:
        self._socket = listening
        self._answer = answer
        self._level, self._info = _packet_info(listening)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(listening, self._read)

    def close(self) -> None:
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _read(self) -> None:
        for _ in range(_BATCH):
            try:
                data, ancillary, _flags, sender = self._socket.recvmsg(65535, 256)
            except OSError:
                return
            self._reply(data, ancillary, sender)

    def _reply(self, data: bytes, ancillary: list[tuple[int, int, bytes]], sender: tuple[str, int]) -> None:
        info = next((value for level, kind, value in ancillary if (level, kind) == (self._level, self._info)), b"")
        if sender[1] == 0:
            return
        answers = (data,) if data.startswith(MARK) else self._answer(data, Peer(sender[0], sender[1], 0))
        for answer in answers:
            # An answer that cannot be sent (no route back, a full queue) is lost, as UDP allows.
            with contextlib.suppress(OSError):
                self._socket.sendmsg([answer], [(self._level, self._info, self._from(info))] if info else [], 0, sender)

    def _from(self, info: bytes) -> bytes:
        """The packet info for the answer: same address, the interface left to routing unless link-local or IPv4's form."""
        if self._info == IP_PKTINFO and self._level == socket.IPPROTO_IP:
            _index, local, _destination = struct.unpack("=I4s4s", info)
            return struct.pack("=I4s4s", 0, local, bytes(4))
        address, index = _PACKET_INFO.unpack(info)
        link_local = address[0] == 0xFE and address[1] & 0xC0 == 0x80
        if address[0] == 0xFF:
            return _PACKET_INFO.pack(bytes(16), index)
        return _PACKET_INFO.pack(address, index if link_local else 0)


def _packet_info(listening: socket.socket) -> tuple[int, int]:
    """Ask for packet info; gives the level and type that it comes with."""
    if listening.family == socket.AF_INET:
        listening.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        return socket.IPPROTO_IP, IP_PKTINFO
    listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    return socket.IPPROTO_IPV6, socket.IPV6_PKTINFO
