"""Packets made by hand are those that the kernel would make, and are read as they were made."""

from __future__ import annotations

import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labc.runtime.probes import packets
from labc.runtime.probes.pcap import pcap
from labc.runtime.probes.ports import FreshPorts

ports = st.integers(1, 65535)
v4 = st.ip_addresses(v=4).map(str)
v6 = st.binary(min_size=16, max_size=16).map(lambda packed: socket.inet_ntop(socket.AF_INET6, packed))
pairs = st.one_of(st.tuples(v4, v4), st.tuples(v6, v6))


@given(pairs, ports, ports, st.binary(min_size=4, max_size=4))
def test_a_syn_is_read_as_it_was_made(ends: tuple[str, str], source_port: int, port: int, cookie: bytes) -> None:
    """Addresses, ports and cookie survive; it opens a flow; its checksum is right."""
    data = packets.tcp_syn(*ends, source_port, port, cookie)
    assert packets.from_ip(data) == packets.Seen("tcp", *ends, source_port, port, cookie, True)
    assert _checksum_is_right(ends, packets.TCP, data)


@pytest.mark.parametrize("flags", ["ack", "syn-ack"])
@given(pairs, ports, ports, st.binary(min_size=8, max_size=8))
def test_a_stray_is_read_as_it_was_made(
    flags: packets.Flags, ends: tuple[str, str], source_port: int, port: int, cookie: bytes
) -> None:
    """Both its numbers are its cookie, since four bytes are too few among the packets of a stream; it opens no flow."""
    data = packets.tcp_stray(*ends, source_port, port, flags, cookie)
    assert packets.from_ip(data) == packets.Seen("tcp", *ends, source_port, port, cookie, False)
    assert _checksum_is_right(ends, packets.TCP, data)


@given(pairs, ports, ports, st.binary(min_size=16, max_size=99))
def test_a_datagram_is_read_as_it_was_made(ends: tuple[str, str], source_port: int, port: int, payload: bytes) -> None:
    """The first sixteen bytes are its cookie; an odd length does not spoil its checksum."""
    data = packets.udp(*ends, source_port, port, payload)
    assert packets.from_ip(data) == packets.Seen("udp", *ends, source_port, port, payload[:16], True)
    assert _checksum_is_right(ends, packets.UDP, data)


@given(pairs, st.integers(0, 65535), st.binary(min_size=16, max_size=16))
def test_an_echo_is_read_as_it_was_made(ends: tuple[str, str], identifier: int, cookie: bytes) -> None:
    """In both families, with and without a VLAN tag around it."""
    data = packets.icmp_echo(*ends, identifier, 1, cookie)
    seen = packets.Seen("icmp", *ends, 0, 0, cookie, True)
    assert packets.from_ip(data) == seen
    assert packets.from_frame(bytes(12) + b"\x08\x00" + data) == seen
    assert packets.from_frame(bytes(12) + b"\x81\x00\x00\x0a\x08\x00" + data) == seen


@given(st.binary(max_size=120))
def test_no_bytes_are_too_broken_to_look_at(data: bytes) -> None:
    """A capture reads what comes."""
    packets.from_ip(data)
    packets.from_ip(b"\x60" + data)
    packets.from_ip(b"\x45" + data)
    packets.from_frame(data)


def test_an_answer_opens_no_flow() -> None:
    """SYN with ACK is not `first`, nor is an echo reply."""
    data = bytearray(packets.tcp_syn("10.0.0.1", "10.0.0.2", 1, 2, b"abcd"))
    data[20 + 13] |= 16
    seen = packets.from_ip(bytes(data))
    assert seen is not None
    assert not seen.first


def test_fresh_ports_are_never_the_same_nor_a_constant() -> None:
    """Ten thousand of one sender differ, and none is a port that a case names."""
    fresh = FreshPorts([50007, 40000])
    taken = [fresh.take("tcp", "10.0.0.1") for _ in range(10_000)]
    assert len(set(taken)) == len(taken)
    assert not {50007, 40000} & set(taken)
    assert all(32768 <= port <= 60999 for port in taken)


def test_a_pcap_has_its_frames() -> None:
    """The header of libpcap, then each frame with its time."""
    data = pcap([(1.5, b"frame")])
    assert struct.unpack_from("=IHH", data) == (0xA1B2C3D4, 2, 4)
    assert data[24:] == struct.pack("=IIII", 1, 500_000, 5, 5) + b"frame"


def _checksum_is_right(ends: tuple[str, str], protocol: int, data: bytes) -> bool:
    segment = data[40:] if ":" in ends[0] else data[20:]
    addresses = data[8:40] if ":" in ends[0] else data[12:20]
    return packets.checksum(addresses + struct.pack("!II", len(segment), protocol) + segment) == 0
