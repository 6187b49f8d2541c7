"""Captured frames as a pcap file, the form that every tool reads (libpcap's own, microseconds, Ethernet)."""

from __future__ import annotations

import struct
from collections.abc import Iterable

_MAGIC, _ETHERNET = 0xA1B2C3D4, 1
SNAP = 65535


def pcap(frames: Iterable[tuple[float, bytes]], snap: int = SNAP) -> bytes:
    """Frames with their wall-clock times, in order; `snap`: how many bytes of each are kept."""
    parts = [struct.pack("=IHHiIII", _MAGIC, 2, 4, 0, 0, snap, _ETHERNET)]
    for moment, frame in frames:
        seconds, rest = divmod(int(moment * 1_000_000), 1_000_000)
        kept = frame[:snap]
        parts.append(struct.pack("=IIII", seconds, rest, len(kept), len(frame)) + kept)
    return b"".join(parts)
