"""DHCP messages (RFC 2131, options of RFC 2132) as bytes and back. Called by the server and by the client of ports.

pyroute2 has a codec too; its import alone takes longer than everything else that the services' process does to start.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

DISCOVER, OFFER, REQUEST, DECLINE, ACK, NAK, RELEASE, INFORM = range(1, 9)
MASK, ROUTER, NAME_SERVERS, REQUESTED, LEASE_TIME, MESSAGE_TYPE, SERVER_ID, PARAMETERS = 1, 3, 6, 50, 51, 53, 54, 55
RENEWAL, REBINDING, CLIENT_ID = 58, 59, 61

_FIXED = struct.Struct("!BBBBIHH4s4s4s4s16s64s128s4s")
_COOKIE = b"\x63\x82\x53\x63"
_SMALLEST = 300  # what BOOTP relays and old clients expect (RFC 1542)
_ETHERNET = 1
_PAD, _END = 0, 255
NOWHERE = bytes(4)


@dataclass(slots=True)
class Message:
    """One message. Addresses are four bytes. `reply` is the direction: what servers send."""

    reply: bool
    transaction: int
    hardware: bytes
    options: dict[int, bytes] = field(default_factory=dict)
    broadcast: bool = False
    client: bytes = NOWHERE
    yours: bytes = NOWHERE
    relay: bytes = NOWHERE

    @property
    def kind(self) -> int:
        said = self.options.get(MESSAGE_TYPE, b"")
        return said[0] if len(said) == 1 else 0

    def pack(self) -> bytes:
        fixed = _FIXED.pack(
            2 if self.reply else 1,
            _ETHERNET,
            len(self.hardware),
            0,
            self.transaction,
            0,
            0x8000 if self.broadcast else 0,
            self.client,
            self.yours,
            NOWHERE,
            self.relay,
            self.hardware,
            b"",
            b"",
            _COOKIE,
        )
        options = b"".join(bytes([code, len(value)]) + value for code, value in self.options.items())
        return (fixed + options + bytes([_END])).ljust(_SMALLEST, b"\0")


def unpack(data: bytes) -> Message | None:
    """The message; None for anything that is none, or is not about Ethernet."""
    if len(data) < _FIXED.size:
        return None
    operation, form, length, _hops, transaction, _secs, flags, client, yours, _server, relay, hardware, *_, cookie = (
        _FIXED.unpack_from(data)
    )
    if cookie != _COOKIE or form != _ETHERNET or length != 6 or operation not in (1, 2):
        return None
    options = _options(data[_FIXED.size :])
    if options is None:
        return None
    return Message(operation == 2, transaction, hardware[:6], options, bool(flags & 0x8000), client, yours, relay)


def _options(data: bytes) -> dict[int, bytes] | None:
    found: dict[int, bytes] = {}
    at = 0
    while at < len(data) and data[at] != _END:
        if data[at] == _PAD:
            at += 1
            continue
        if at + 1 >= len(data) or at + 2 + data[at + 1] > len(data):
            return None
        found[data[at]] = data[at + 2 : at + 2 + data[at + 1]]
        at += 2 + data[at + 1]
    return found
