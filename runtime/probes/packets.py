"""Packets as bytes: the ones that a probe sends by itself, and what is read from those that arrive.

IPv4 (RFC 791), IPv6 (RFC 8200), TCP (RFC 9293), UDP, ICMP echo of both families. A packet carries a cookie that no NAT
touches: the sequence number of TCP's SYN, both numbers of other TCP, the first bytes of a UDP or echo payload.
"""

from __future__ import annotations

import socket
import struct
from typing import Literal, NamedTuple

TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58
COOKIE = 16  # bytes of a payload's cookie
_HOP_BY_HOP, _ROUTING, _DESTINATION = 0, 43, 60
_SYN, _ACK = 2, 16
Flags = Literal["ack", "syn-ack"]
_FLAGS: dict[Flags, int] = {"ack": _ACK, "syn-ack": _SYN | _ACK}
# What a Linux client sends first: MSS 1460, SACK, timestamps, window scale 7. A bare SYN would look like a scan.
_OPTIONS = struct.pack("!BBHBBBBIIBBBB", 2, 4, 1460, 4, 2, 8, 10, 1, 0, 1, 3, 3, 7)


class Seen(NamedTuple):
    """What identifies a packet that arrived. `cookie` empty where it has none of ours. Ports 0 for ICMP; `first`: it opens a
    flow (SYN without ACK, echo request, any UDP)."""

    protocol: str
    source: str
    target: str
    source_port: int
    port: int
    cookie: bytes
    first: bool

    @property
    def echoed(self) -> bool:
        """Whether it brings back the cookie of what it answers."""
        return self.protocol == "icmp" and not self.first


def tcp_syn(source: str, target: str, source_port: int, port: int, cookie: bytes) -> bytes:
    """The first packet of a connection; `cookie` is the sequence number, four bytes."""
    return _tcp(source, target, source_port, port, cookie + bytes(4), _SYN, _OPTIONS)


def tcp_stray(source: str, target: str, source_port: int, port: int, flags: Flags, cookie: bytes) -> bytes:
    """A packet of no connection; `cookie` is its sequence and acknowledgment numbers, eight bytes."""
    return _tcp(source, target, source_port, port, cookie, _FLAGS[flags], _OPTIONS if flags == "syn-ack" else b"")


def _tcp(source: str, target: str, source_port: int, port: int, numbers: bytes, flags: int, options: bytes) -> bytes:
    offset = (20 + len(options)) // 4 << 4
    head = struct.pack("!HH8sBBHHH", source_port, port, numbers, offset, flags, 64240, 0, 0) + options
    return _ip(source, target, TCP, _with_checksum(source, target, TCP, head, 16))


def udp(source: str, target: str, source_port: int, port: int, payload: bytes) -> bytes:
    head = struct.pack("!HHHH", source_port, port, 8 + len(payload), 0) + payload
    return _ip(source, target, UDP, _with_checksum(source, target, UDP, head, 6))


def icmp_echo(source: str, target: str, identifier: int, sequence: int, payload: bytes) -> bytes:
    return _ip(
        source, target, ICMP6 if ":" in target else ICMP, echo_message(source, target, identifier, sequence, payload)
    )


def echo_message(source: str, target: str, identifier: int, sequence: int, payload: bytes) -> bytes:
    """An echo request without its IP header. IPv6's checksum covers the addresses (RFC 4443)."""
    if ":" in target:
        message = struct.pack("!BBHHH", 128, 0, 0, identifier, sequence) + payload
        return _with_checksum(source, target, ICMP6, message, 2)
    message = struct.pack("!BBHHH", 8, 0, 0, identifier, sequence) + payload
    return message[:2] + struct.pack("!H", checksum(message)) + message[4:]


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return int(~total & 0xFFFF)


def _packed(address: str) -> bytes:
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)


def _with_checksum(source: str, target: str, protocol: int, segment: bytes, at: int) -> bytes:
    pseudo = _packed(source) + _packed(target)
    pseudo += struct.pack(
        "!IxxxB" if ":" in target else "!xBH",
        *((len(segment), protocol) if ":" in target else (protocol, len(segment))),
    )
    # UDP's zero means "none", so it is sent as its other form (RFC 768).
    summed = checksum(pseudo + segment) or 0xFFFF
    return segment[:at] + struct.pack("!H", summed) + segment[at + 2 :]


def _ip(source: str, target: str, protocol: int, payload: bytes) -> bytes:
    """Hop limit 64."""
    if ":" in target:
        return struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) + _packed(source) + _packed(target) + payload
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0x4000, 64, protocol, 0)
    head += _packed(source) + _packed(target)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def from_frame(frame: bytes) -> Seen | None:
    """Read an Ethernet frame, with or without a VLAN tag."""
    start = 18 if frame[12:14] == b"\x81\x00" else 14
    return from_ip(frame[start:])


def from_ip(data: bytes) -> Seen | None:
    """Read an IP packet. None for what is no whole TCP, UDP or echo."""
    if len(data) < 20:
        return None
    if data[0] >> 4 == 4:
        if struct.unpack_from("!H", data, 6)[0] & 0x1FFF:
            return None  # a later fragment
        source, target = socket.inet_ntoa(data[12:16]), socket.inet_ntoa(data[16:20])
        return transport(data[9], source, target, data[(data[0] & 15) * 4 :])
    if data[0] >> 4 != 6 or len(data) < 40:
        return None
    source, target = (socket.inet_ntop(socket.AF_INET6, data[at : at + 16]) for at in (8, 24))
    following, start = data[6], 40
    while following in (_HOP_BY_HOP, _ROUTING, _DESTINATION) and len(data) > start + 1:
        following, start = data[start], start + 8 + data[start + 1] * 8
    return transport(following, source, target, data[start:])


def transport(protocol: int, source: str, target: str, data: bytes) -> Seen | None:
    """Read what follows the IP header."""
    if protocol == TCP and len(data) >= 20:
        source_port, port, numbers = struct.unpack_from("!HH8s", data)
        first = data[13] & (_SYN | _ACK) == _SYN
        return Seen("tcp", source, target, source_port, port, numbers[:4] if first else numbers, first)
    if protocol == UDP and len(data) >= 8:
        source_port, port = struct.unpack_from("!HH", data)
        return Seen("udp", source, target, source_port, port, data[8 : 8 + COOKIE], True)
    if protocol in (ICMP, ICMP6) and len(data) >= 8:
        request, reply = (8, 0) if protocol == ICMP else (128, 129)
        if data[0] in (request, reply):
            return Seen("icmp", source, target, 0, 0, data[8 : 8 + COOKIE], data[0] == request)
    return None
