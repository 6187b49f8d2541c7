"""Routes as netlink messages, and ours of a namespace as facts.

Runs inside. Every route that labc makes carries the protocol number `OURS`, so that what the kernel or a daemon added beside it
is told apart. What a person adds is drift, as an address is: `ip route` marks it as of `boot`, or as `static` where told to.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple  # Any: the values of attributes, as pyroute2 takes them

from . import messages, netlink
from .addresses import Address, parsed
from .messages import Form
from .netlink import Message

OURS = 176  # rtm_protocol, of the numbers free for anybody: iproute2 names none above 192 and few above 42

_KERNEL, _BY_HAND = 2, {3, 4}  # RTPROT_KERNEL; RTPROT_BOOT, RTPROT_STATIC

_NEWROUTE, _DELROUTE, _GETROUTE = 24, 25, 26
_DESTINATION, _GATEWAY, _PRIORITY, _MULTIPATH, _TABLE, _OIF = 1, 5, 6, 9, 15, 4
_HEAD = struct.Struct("=BBBBBBBBI")
_GOAL = netlink.Picker(_HEAD.size, _DESTINATION, _OIF)
_HOP = struct.Struct("=HBBi")
_MAIN, _UNIVERSE, _UNICAST, _BLACKHOLE = 254, 0, 1, 6
_ANYWHERE, _ANY = 255, 0  # what a removal says of scope and protocol
_TABLE_AT, _PROTOCOL_AT = 4, 5
_V6_METRIC = 1024  # the kernel's own for IPv6 when none is told


@dataclass(frozen=True, slots=True)
class Route:
    """`via` is empty for a black hole."""

    prefix: str
    via: tuple[str, ...]
    metric: int


def add(prefix: str, via: Sequence[str], metric: int) -> Message:
    """Replaces a route of the same prefix and metric."""
    if len(via) == 1:
        body = _form_towards(prefix, metric).filled(parsed(via[0])[1])
    else:
        hops = [{"hops": 0, "oif": 0, "attrs": [("RTA_GATEWAY", address)]} for address in via]
        body = _route(prefix, _UNICAST if via else _BLACKHOLE, metric, [("RTA_MULTIPATH", hops)] if via else ())
    return netlink.message(_NEWROUTE, netlink.CREATE | netlink.REPLACE, body)


def remove(prefix: str, metric: int) -> Message:
    return netlink.message(_DELROUTE, 0, _route(prefix, _ANY, metric, proto=_ANY, scope=_ANYWHERE))


class Routes(NamedTuple):
    """`told`: those that labc or a person made. `kernels`: what the kernel makes of addresses, by (interface, family, destination,
    length): the way to their prefix, and of IPv4 to themselves."""

    told: list[Route]
    kernels: set[tuple[int, int, bytes, int]]

    def carry(self, address: Address) -> bool:
        """Whether the routes that came with an address are there; without them it is an address in name only."""
        family, packed, length = parsed(address.text)
        full = len(packed) * 8
        there = (address.interface, family, _masked(packed, length), length) in self.kernels if length < full else True
        return there and (family != socket.AF_INET or (address.interface, family, packed, full) in self.kernels)


def routes(kernel: netlink.Socket, families: Sequence[int] = (socket.AF_INET, socket.AF_INET6)) -> Routes:
    """Of the namespace where the socket was opened."""
    found: dict[tuple[str, int], list[str]] = {}
    kernels: set[tuple[int, int, bytes, int]] = set()
    for family in families:
        for kind, body in kernel.dump(_GETROUTE, _HEAD.pack(family, 0, 0, 0, 0, 0, 0, 0, 0)):
            if kind != _NEWROUTE:
                continue
            if body[_PROTOCOL_AT] == _KERNEL:
                destination, interface = _GOAL(body)
                kernels.add((int.from_bytes(interface, "little"), family, destination, body[1]))
            elif _is_told(body):
                prefix, via, metric = _read(body)
                found.setdefault((prefix, metric), []).extend(via)  # IPv6 tells each hop of one route alone
    told = [Route(prefix, tuple(sorted(via)), metric) for (prefix, metric), via in found.items()]
    return Routes(told, kernels)


def _masked(packed: bytes, length: int) -> bytes:
    shift = len(packed) * 8 - length
    return (int.from_bytes(packed, "big") >> shift << shift).to_bytes(len(packed), "big")


def _is_told(body: bytes) -> bool:
    protocol = body[_PROTOCOL_AT]
    return protocol == OURS or (protocol in _BY_HAND and body[_TABLE_AT] == _MAIN)


@lru_cache(maxsize=1024)
def _form_towards(prefix: str, metric: int) -> Form:
    """To one prefix by any next hop: the default route of a thousand nodes is one form."""
    mark = b"\x5a" * (16 if ":" in prefix else 4)
    gateway = socket.inet_ntop(socket.AF_INET6 if ":" in prefix else socket.AF_INET, mark)
    return Form(_route(prefix, _UNICAST, metric, [("RTA_GATEWAY", gateway)]), mark)


def _route(
    prefix: str,
    kind: int,
    metric: int,
    hops: Sequence[tuple[str, Any]] = (),
    *,
    proto: int = OURS,
    scope: int = _UNIVERSE,
) -> bytes:
    family, _, length = parsed(prefix)
    metric = metric or (_V6_METRIC if family == socket.AF_INET6 else 0)
    attributes: list[tuple[str, Any]] = [("RTA_DST", prefix.partition("/")[0])] if length else []
    attributes += [("RTA_PRIORITY", metric)] if metric else []
    fields = {"family": family, "dst_len": length, "table": _MAIN, "proto": proto, "scope": scope, "type": kind}
    return messages.route(fields, [*attributes, *hops])


def _read(body: bytes) -> tuple[str, list[str], int]:
    family, length = body[0], body[1]
    said = netlink.attributes(body, _HEAD.size)
    size = 16 if family == socket.AF_INET6 else 4
    prefix = f"{socket.inet_ntop(family, said.get(_DESTINATION, bytes(size)))}/{length}"
    metric = int.from_bytes(said.get(_PRIORITY, b""), "little")
    if family == socket.AF_INET6 and metric == _V6_METRIC:
        metric = 0
    via = [socket.inet_ntop(family, said[_GATEWAY])] if _GATEWAY in said else []
    return prefix, via + _hops(family, said.get(_MULTIPATH, b"")), metric


def _hops(family: int, data: bytes) -> list[str]:
    via = []
    offset = 0
    while offset + _HOP.size <= len(data):
        size = _HOP.unpack_from(data, offset)[0]
        said = netlink.attributes(data, offset + _HOP.size, offset + size)
        if _GATEWAY in said:
            via.append(socket.inet_ntop(family, said[_GATEWAY]))
        offset += (size + 3) & ~3
    return via
