"""What the kernel of a node would do with a packet: its route, and whether the next hop answers. Asked by rtnetlink.

Called by `evidence.py`; the caller stands in the node.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from dataclasses import dataclass

_GET_ROUTE, _GET_NEIGHBOUR = 26, 30
_REQUEST = 1
_DESTINATION, _SOURCE, _IN, _OUT, _GATEWAY = 1, 2, 3, 4, 5
_NEIGHBOUR_DESTINATION = 1
_FAILED, _INCOMPLETE = 0x20, 0x01
_LOCAL = 2
_WHY = {
    errno.ENETUNREACH: "no route",
    errno.EHOSTUNREACH: "a route that says unreachable",
    errno.EINVAL: "a black hole",
    errno.EACCES: "a route that prohibits it",
}


@dataclass(frozen=True, slots=True)
class Way:
    """`problem`: why there is none, else empty. `next_hop`: the gateway, or the destination on the link."""

    problem: str
    next_hop: str = ""
    interface: int = 0
    local: bool = False
    silent: bool = False  # the next hop does not answer ARP or ND


def way_to(address: str, source: str = "", interface: str = "") -> Way:
    """The way to an address; with `source` and `interface` for a packet that comes in there. Raises OSError."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    bits = 128 if ":" in address else 32
    body = _attribute(_DESTINATION, socket.inet_pton(family, address))
    if source and interface:
        body += _attribute(_SOURCE, socket.inet_pton(family, source))
        body += _attribute(_IN, struct.pack("=I", socket.if_nametoindex(interface)))
    head = struct.pack("=BBBBBBBBI", family, bits, bits if source and interface else 0, 0, 0, 0, 0, 0, 0)
    kind, answer = _ask(_GET_ROUTE, head + body)
    if kind < 0:
        return Way(_WHY.get(-kind, os.strerror(-kind).lower()))
    said = _attributes(answer, 12)
    out = struct.unpack("=I", said.get(_OUT, bytes(4)))[0]
    next_hop = socket.inet_ntop(family, said[_GATEWAY]) if _GATEWAY in said else address
    # A route to itself says "unreachable" in IPv6 by its type alone.
    if answer[7] not in (1, _LOCAL):
        return Way(
            {6: "a black hole", 7: "a route that says unreachable", 8: "a route that prohibits it"}.get(
                answer[7], "no route"
            )
        )
    local = answer[7] == _LOCAL
    return Way("", next_hop, out, local=local, silent=not local and _silent(family, next_hop, out))


def _silent(family: int, address: str, interface: int) -> bool:
    head = struct.pack("=BxxxiHBB", family, interface, 0, 0, 0)
    kind, answer = _ask(_GET_NEIGHBOUR, head + _attribute(_NEIGHBOUR_DESTINATION, socket.inet_pton(family, address)))
    if kind < 0:
        return False  # never asked for
    return bool(struct.unpack_from("=H", answer, 8)[0] & (_FAILED | _INCOMPLETE))


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def _ask(kind: int, body: bytes) -> tuple[int, bytes]:
    """The answer's kind and body, or the error, negative."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE) as opened:
        opened.settimeout(2)
        opened.send(struct.pack("=IHHII", 16 + len(body), kind, _REQUEST, 1, 0) + body)
        data = opened.recv(65536)
    size, answered = struct.unpack_from("=IH", data)
    if answered == 2:
        return int(struct.unpack_from("=i", data, 16)[0]), b""
    return answered, data[16:size]


def _attributes(data: bytes, at: int) -> dict[int, bytes]:
    found = {}
    while at + 4 <= len(data):
        size, kind = struct.unpack_from("=HH", data, at)
        if size < 4:
            break
        found[kind & 0x3FFF] = data[at + 4 : at + size]
        at += (size + 3) & ~3
    return found
