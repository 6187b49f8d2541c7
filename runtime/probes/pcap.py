"""Captured frames as a pcap file, the form that every tool reads (libpcap's own, microseconds, Ethernet)."""

from __future__ import annotations

import struct
from collections.abc import Iterable

_MAGIC, _ETHERNET, _SNAP = 0xA1B2C3D4, 1, 65535


def pcap(frames: Iterable[tuple[float, bytes]]) -> bytes:
    """Frames with their wall-clock times, in order."""
    parts = [struct.pack("=IHHiIII", _MAGIC, 2, 4, 0, 0, _SNAP, _ETHERNET)]
    for moment, frame in frames:
        seconds, rest = divmod(int(moment * 1_000_000), 1_000_000)
        parts.append(struct.pack("=IIII", seconds, rest, len(frame), len(frame)) + frame)
    return b"".join(parts)
