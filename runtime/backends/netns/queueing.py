"""The rate of a port: a token bucket on its interface (tc-tbf), as netlink messages and as facts.

Runs inside. The bucket holds 10 ms of traffic and never less than ten frames; the queue behind it 50 ms.
"""

from __future__ import annotations

import struct

from . import netlink
from .netlink import Message

_NEWQDISC, _GETQDISC = 36, 38
_KIND, _OPTIONS = 1, 2
_TBF_PARMS, _TBF_RATE64, _TBF_BURST = 1, 4, 6
_HEAD = struct.Struct("=BxxxiIII")
_RATE = struct.Struct("=BBHhHI")
_ROOT = 0xFFFFFFFF
_HANDLE = 0x1_0000
_ETHERNET = 1  # TC_LINKLAYER_ETHERNET
_FRAME = 1514
_MOST = 0xFFFFFFFF
_TICKS = 15.625  # the kernel's psched ticks in a microsecond: 64 ns each (PSCHED_SHIFT 6)


def limit(interface: int, rate: int, mtu: int) -> Message:
    """At most `rate` bit/s out of an interface."""
    bytes_per_second = max(rate // 8, 1)
    burst = max(bytes_per_second // 100, 10 * (mtu + _FRAME - 1500))
    queue = burst + max(bytes_per_second // 20, 30 * _FRAME)
    ticks = min(int(burst * 1_000_000 / bytes_per_second * _TICKS), _MOST)
    rates = _RATE.pack(0, _ETHERNET, 0, 0, 0, min(bytes_per_second, _MOST))
    parameters = rates + bytes(_RATE.size) + struct.pack("=III", queue, ticks, 0)
    options = netlink.attribute(_TBF_PARMS, parameters) + netlink.u32(_TBF_BURST, burst)
    if bytes_per_second >= _MOST:
        options += netlink.attribute(_TBF_RATE64, struct.pack("=Q", bytes_per_second))
    body = _HEAD.pack(0, interface, _HANDLE, _ROOT, 0) + netlink.text(_KIND, "tbf") + netlink.nested(_OPTIONS, options)
    return netlink.message(_NEWQDISC, netlink.CREATE | netlink.REPLACE, body)


def unlimit(interface: int) -> Message:
    """No queue, whatever stands there; to delete what is not there would be refused."""
    body = _HEAD.pack(0, interface, 0, _ROOT, 0) + netlink.text(_KIND, "noqueue")
    return netlink.message(_NEWQDISC, netlink.CREATE | netlink.REPLACE, body)


def rates(kernel: netlink.Socket) -> dict[int, int]:
    """Interface → bit/s, of the namespace where the socket was opened."""
    found: dict[int, int] = {}
    for kind, body in kernel.dump(_GETQDISC, _HEAD.pack(0, 0, 0, 0, 0)):
        said = netlink.attributes(body, _HEAD.size)
        if kind != _NEWQDISC or not said.get(_KIND, b"").startswith(b"tbf"):
            continue
        options = netlink.attributes(said[_OPTIONS])
        rate = _RATE.unpack_from(options[_TBF_PARMS])[5]
        if _TBF_RATE64 in options:
            rate = int.from_bytes(options[_TBF_RATE64], "little")
        found[int.from_bytes(body[4:8], "little")] = rate * 8
    return found
