"""ntp: a server's answers (RFC 5905) from the machine's clock, as stratum 1."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterable

from ..model import Answer, Peer, Request

_FORM = struct.Struct("!BBbbII4s8s8s8s8s")
_SINCE_1900 = 2_208_988_800
_CLIENT, _SERVER = 3, 4
_PRECISION = -20  # about a microsecond


def datagram(_request: Request) -> Answer:
    return answer


def answer(data: bytes, _peer: Peer) -> Iterable[bytes]:
    """A client's packet is answered; everything else is not (answering answers would never end)."""
    received = _now()
    if len(data) < _FORM.size:
        return ()
    version, mode = data[0] >> 3 & 7, data[0] & 7
    if mode != _CLIENT or not 1 <= version <= 4:
        return ()
    transmitted = data[40:48]
    first = version << 3 | _SERVER
    poll = struct.unpack_from("b", data, 2)[0]
    return (_FORM.pack(first, 1, poll, _PRECISION, 0, 16, b"LOCL", received, transmitted, received, _now()),)


def _now() -> bytes:
    """The time as NTP writes it: seconds since 1900 and their 2^32nd parts. The era is left out, as RFC 5905 does."""
    nanoseconds = time.time_ns()
    seconds, rest = divmod(nanoseconds, 10**9)
    return struct.pack("!II", (seconds + _SINCE_1900) & 0xFFFFFFFF, (rest << 32) // 10**9)
