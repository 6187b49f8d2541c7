"""Send single packets from where a probe stands, made by hand, as no socket would: any source port, a cookie in each.

Raw sockets with the whole IP header; they pass the sender's own filter and routes as every packet does. A packet that is
handed to a neighbour goes past both, as a frame.
"""

from __future__ import annotations

import errno
import os
import random
import select
import socket
from contextlib import AbstractContextManager
from dataclasses import dataclass

from . import packets
from .capture import Key, cookie_key, tuple_key
from .cases import End, Packet
from .ports import FreshPorts

_UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EINVAL, errno.EACCES}
_FULL = {errno.EAGAIN, errno.ENOBUFS}
_ATTEMPTS, _PATIENCE = 20, 0.01
_ETHERTYPES = {4: 0x0800, 6: 0x86DD}

# What the two sorts of sockets take as a destination: packet(7), raw(7).
Place = tuple[str, int] | tuple[str, int, int, int, bytes]


@dataclass(frozen=True, slots=True)
class Sent:
    """A packet that was sent: as asked for, the source port that it had, and what it is known by at the receiver.

    `problem`: why the sender's own kernel did not let it go, else empty.
    """

    packet: Packet
    source: str
    source_port: int
    keys: tuple[Key, ...]
    problem: str = ""
    routed: bool = True


class Wire:
    """Raw sockets of one place, one a family."""

    def __init__(self, place: AbstractContextManager[object]) -> None:
        self._sockets: dict[int, socket.socket] = {}
        with place:
            for family in (socket.AF_INET, socket.AF_INET6):
                try:
                    opened = socket.socket(
                        family, socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, socket.IPPROTO_RAW
                    )
                except OSError:
                    if family == socket.AF_INET6:
                        continue
                    raise
                self._sockets[4 if family == socket.AF_INET else 6] = opened
            # Protocol 0: it only sends.
            self._frames = socket.socket(
                socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, 0
            )

    def send(self, prepared: Prepared) -> Sent:
        """Send; a refusal by the sender's own kernel is told, not raised. Raises OSError where its queues stay full."""
        packet, problem, routed = prepared.packet, "", True
        if packet.family not in self._sockets and not packet.handed:
            return Sent(packet, prepared.source, prepared.source_port, prepared.keys, "no IPv6 here", routed=False)
        try:
            self._sendto(*self._way(packet), prepared.data)
        except OSError as failure:
            if failure.errno in _FULL:
                raise
            problem = failure.strerror or str(failure)
            routed = failure.errno not in _UNREACHABLE
        return Sent(packet, prepared.source, prepared.source_port, prepared.keys, problem, routed)

    def _way(self, packet: Packet) -> tuple[socket.socket, Place]:
        """The socket, and what it takes as a destination."""
        if packet.handed is None:
            return self._sockets[packet.family], (packet.address, 0)
        mac = bytes.fromhex(packet.handed.mac.replace(":", ""))
        return self._frames, (packet.handed.interface, _ETHERTYPES[packet.family], 0, 0, mac)

    def _sendto(self, opened: socket.socket, place: Place, data: bytes) -> None:
        """Queues that are full empty themselves within microseconds; a packet that is not sent at all would prove nothing."""
        for _ in range(_ATTEMPTS):
            try:
                opened.sendto(data, place)
            except OSError as failure:
                if failure.errno not in _FULL:
                    raise
                select.select([], [opened], [], _PATIENCE)
            else:
                return
        opened.sendto(data, place)

    def close(self) -> None:
        for opened in (*self._sockets.values(), self._frames):
            opened.close()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A packet ready to go, so that the receiver can be told what to look for before it goes."""

    packet: Packet
    source: str
    source_port: int
    keys: tuple[Key, ...]
    data: bytes


def prepare(source: End, packet: Packet, ports: FreshPorts, payload: bytes = b"") -> Prepared:
    """Make a packet with a fresh cookie, and a fresh source port where none is asked for.

    `payload`: what a UDP packet carries instead; then its numbers are what it is known by.
    """
    address, target = source.address, packet.address
    port = packet.source_port or ports.take(packet.protocol, address)
    if packet.protocol == "icmp":
        cookie = os.urandom(packets.COOKIE)
        data = packets.icmp_echo(address, target, packet.source_port or random.getrandbits(16), 1, cookie)
        return Prepared(packet, address, port, (cookie_key("icmp", cookie),), data)
    if packet.protocol == "udp":
        payload = payload or os.urandom(packets.COOKIE)
        cookie = payload[: packets.COOKIE]
        data = packets.udp(address, target, port, packet.port, payload)
    elif packet.flags:
        cookie = os.urandom(8)
        data = packets.tcp_stray(address, target, port, packet.port, packet.flags, cookie)
        return Prepared(packet, address, port, (cookie_key("tcp", cookie),), data)
    else:
        cookie = os.urandom(4)
        data = packets.tcp_syn(address, target, port, packet.port, cookie)
    keys = (cookie_key(packet.protocol, cookie), tuple_key(packet.protocol, address, port, packet.port))
    return Prepared(packet, address, port, keys, data)
