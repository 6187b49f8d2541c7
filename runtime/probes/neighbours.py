"""After a heal: what waited for a neighbour's address asks again at once, where the kernel would only ask a second later.

A question (ARP, RFC 826; neighbour solicitation, RFC 4861) that was lost in a cut is repeated after a second, twice, and then
what waited is dropped: an outage would last longer by chance. Runs inside, standing in a node's namespace. Called by
`on_netns.py`.
"""

from __future__ import annotations

import contextlib
import socket
import struct

from ..backends.netns import netlink

_GETNEIGH, _NEWNEIGH, _DESTINATION = 30, 28, 1
_HEAD = struct.Struct("=BBHiHBB")  # struct ndmsg
_INCOMPLETE = 0x01
_ARP, _IP, _REQUEST = 0x0806, 0x0800, 1
_QUESTION = struct.Struct("!HHBBH6s4s6s4s")
_SOLICITATION, _SOURCE_ADDRESS, _HOPS = 135, 1, 255
_SOLICITED = bytes.fromhex("ff0200000000000000000001ff")  # and the last three bytes of who is asked


def ask_again() -> None:
    """For every neighbour of this namespace that has been asked for and has not answered."""
    with netlink.Socket() as kernel:
        waited = [(*_HEAD.unpack_from(body), body) for kind, body in _dumped(kernel) if kind == _NEWNEIGH]
    for family, _, _, index, state, _, _, body in waited:
        asked = netlink.attributes(body, _HEAD.size).get(_DESTINATION)
        if state & _INCOMPLETE and asked:
            with contextlib.suppress(OSError):  # the interface may be going: then there is nobody to ask
                _ask(socket.if_indextoname(index), family, asked)


def _dumped(kernel: netlink.Socket) -> list[tuple[int, bytes]]:
    return list(kernel.dump(_GETNEIGH, _HEAD.pack(0, 0, 0, 0, 0, 0, 0)))


def _ask(interface: str, family: int, asked: bytes) -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as frames:
        frames.bind((interface, 0))
        own = frames.getsockname()[4][:6]
        if family == socket.AF_INET:
            body = _QUESTION.pack(1, _IP, 6, 4, _REQUEST, own, _source(interface, asked), bytes(6), asked)
            frames.send(b"\xff" * 6 + own + struct.pack("!H", _ARP) + body)
    if family == socket.AF_INET6:
        _solicit(interface, own, asked)


def _source(interface: str, asked: bytes) -> bytes:
    """The address that the kernel would ask from."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as route:
        route.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        route.connect((socket.inet_ntop(socket.AF_INET, asked), 9))
        return socket.inet_aton(route.getsockname()[0])


def _solicit(interface: str, own: bytes, asked: bytes) -> None:
    message = struct.pack("!BBHI", _SOLICITATION, 0, 0, 0) + asked + struct.pack("!BB", _SOURCE_ADDRESS, 1) + own
    group = socket.inet_ntop(socket.AF_INET6, _SOLICITED + asked[-3:])
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as packets:
        packets.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, _HOPS)
        packets.sendto(message, (group, 0, 0, socket.if_nametoindex(interface)))
