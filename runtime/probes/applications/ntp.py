"""ntp: a client's packet, a server's answer that repeats its time (RFC 5905)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

_CLIENT = 4 << 3 | 3


def question(_fields: Mapping[str, Any]) -> bytes:
    return bytes([_CLIENT]) + bytes(39) + os.urandom(8)


def heard(question: bytes, data: bytes, _fields: Mapping[str, Any]) -> str | None:
    return (
        f"time, stratum {data[1]}" if len(data) >= 48 and data[0] & 7 == 4 and data[24:32] == question[40:48] else None
    )
