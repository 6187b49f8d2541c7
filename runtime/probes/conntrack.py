"""Make firewalls forget a flow, so that a denied packet with fixed ports is a new flow again, whatever a run before left.

One ctnetlink message a flow (IPCTNL_MSG_CT_DELETE); a flow that is not tracked is no mistake. Called by `denies.py` and
`evidence.py` for the nodes of the lab that have rule sets.
"""

from __future__ import annotations

import socket
import struct
from contextlib import AbstractContextManager

from . import packets

_NETFILTER = 12
_DELETE = 1 << 8 | 2
_REQUEST, _ACK = 1, 4
_NESTED = 0x8000
_TUPLE, _IP, _PROTOCOL = 1, 1, 2
_SOURCE4, _TARGET4, _SOURCE6, _TARGET6 = 1, 2, 3, 4
_NUMBER, _SOURCE_PORT, _PORT = 1, 2, 3
_NUMBERS = {"tcp": (packets.TCP, packets.TCP), "udp": (packets.UDP, packets.UDP), "icmp": (packets.ICMP, packets.ICMP6)}
_ECHO = {False: (8, (4, 5, 6)), True: (128, (7, 8, 9))}  # by family: type; attributes of identifier, type and code


class Forgetter:
    """A ctnetlink socket in one node."""

    def __init__(self, place: AbstractContextManager[object]) -> None:
        with place:
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETFILTER)
        self._socket.settimeout(1)

    def forget(self, protocol: str, source: str, target: str, source_port: int, port: int) -> None:
        """Forget one flow; `source_port` of an echo is its identifier."""
        six = ":" in target
        family = socket.AF_INET6 if six else socket.AF_INET
        kinds = (_SOURCE6, _TARGET6) if six else (_SOURCE4, _TARGET4)
        addresses = b"".join(
            _attribute(k, socket.inet_pton(family, a)) for k, a in zip(kinds, (source, target), strict=True)
        )
        ports = _attribute(_NUMBER, bytes([_NUMBERS[protocol][six]]))
        if protocol == "icmp":
            kind, (identifier, type_, code) = _ECHO[six]
            ports += _attribute(identifier, struct.pack("!H", source_port)) + _attribute(type_, bytes([kind]))
            ports += _attribute(code, bytes(1))
        else:
            ports += _attribute(_SOURCE_PORT, struct.pack("!H", source_port)) + _attribute(
                _PORT, struct.pack("!H", port)
            )
        flow = _attribute(_IP | _NESTED, addresses) + _attribute(_PROTOCOL | _NESTED, ports)
        body = struct.pack("=BBH", family, 0, 0) + _attribute(_TUPLE | _NESTED, flow)
        try:
            self._socket.send(struct.pack("=IHHII", 16 + len(body), _DELETE, _REQUEST | _ACK, 1, 0) + body)
            self._socket.recv(4096)
        except OSError:
            return  # a kernel without ctnetlink: then only a run within seconds of another could be misled

    def close(self) -> None:
        self._socket.close()


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)
