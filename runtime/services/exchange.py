"""The tests' own words on a service's port: what starts with MARK is sent back as it is.

So that a test's stream or exchange runs over any service of the lab (a download over `tcp/80`) and is acknowledged by
the receiver, byte by byte. Answered by `stream.py` and `datagram.py`, spoken by the probes.
"""

from __future__ import annotations

import asyncio

# Starts with NUL, which no standard service's client sends first.
# Short: what follows it is random, and a probe knows a packet again by the first 16 bytes of its payload.
MARK = b"\x00labc\n"


class EchoBack(asyncio.Protocol):
    """Sends back every byte; reading pauses while the peer does not read, so memory stays bounded."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        assert self.transport is not None
        self.transport.write(data)

    def pause_writing(self) -> None:
        assert self.transport is not None
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        assert self.transport is not None
        self.transport.resume_reading()
