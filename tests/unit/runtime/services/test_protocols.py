"""What each standard service says, without a network."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Any, cast

import dns.message
import dns.rcode
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labc.runtime.services import dhcp_message
from labc.runtime.services.dhcp_message import Message
from labc.runtime.services.model import Peer, ServiceError
from labc.runtime.services.protocols import dns as dns_service
from labc.runtime.services.protocols import echo, ntp
from labc.runtime.services.protocols.dhcp import Pool
from labc.runtime.services.protocols.http import Http
from labc.runtime.services.protocols.telnet import Telnet

PEER = Peer("10.0.0.9", 40000, 0)
ZONE = dns_service.Zone(
    {
        "www.lab": "10.0.2.10",
        "six.lab": "fd00::10",
        "both.lab": ["10.0.0.1", "fd00::1"],
        "note.lab": 'say "hi"',
        "long.lab": ["x" * 250 + str(n) for n in range(9)],
    }
)


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.said = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.said += data

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...


def talk(protocol: Any, *data: bytes) -> Wire:
    wire = Wire()
    protocol._transport = wire
    if isinstance(protocol, Telnet):
        protocol._transport.write(b"")
    for one in data:
        if not wire.closed:
            protocol.data_received(one)
    return wire


def ask(name: str, kind: str, *, tcp: bool = False) -> dns.message.Message:
    said = ZONE.answer(dns.message.make_query(name, kind).to_wire(), tcp=tcp)
    assert said is not None
    return dns.message.from_wire(said)


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("www.lab", "A", "10.0.2.10"),
        ("WWW.Lab", "A", "10.0.2.10"),
        ("six.lab", "AAAA", "fd00::10"),
        ("note.lab", "TXT", '"say \\"hi\\""'),
    ],
)
def test_dns_answers_what_its_records_say(name: str, kind: str, expected: str | None) -> None:
    """A, AAAA and TXT come from the records, in any case of letters."""
    answer = ask(name, kind).answer
    assert [record.to_text() for rrset in answer for record in rrset] == ([expected] if expected else [])


def test_dns_knows_the_names_of_addresses() -> None:
    """An address of either family has a PTR to its name."""
    for address, name in (("10.0.2.10", "www.lab."), ("fd00::10", "six.lab.")):
        (records,) = ask(ipaddress.ip_address(address).reverse_pointer, "PTR").answer
        assert records[0].to_text() == name


def test_dns_tells_missing_names_from_missing_kinds() -> None:
    """A name without such a record is empty, a name that is not there does not exist."""
    assert ask("www.lab", "AAAA").rcode() == dns.rcode.NOERROR
    assert ask("nobody.lab", "A").rcode() == dns.rcode.NXDOMAIN
    assert ask("lab", "A").rcode() == dns.rcode.NOERROR


def test_dns_cuts_what_udp_cannot_carry() -> None:
    """An answer beyond 512 bytes is marked as cut; TCP gives it whole."""
    assert ask("long.lab", "TXT").flags & dns.flags.TC
    assert len(ask("long.lab", "TXT", tcp=True).answer[0]) == 9


def test_dns_says_that_a_query_is_broken() -> None:
    """Garbage with the header of a query gets FORMERR and its id."""
    said = ZONE.answer(b"\x12\x34\x01\x00\x00\x09" + bytes(6), tcp=False)
    assert said is not None
    assert said[:2] == b"\x12\x34"
    assert said[3] & 15 == dns.rcode.FORMERR


@given(st.binary(max_size=200))
def test_dns_survives_any_bytes(data: bytes) -> None:
    """No datagram raises."""
    ZONE.answer(data, tcp=False)
    talk(dns_service.DnsOverTcp(ZONE), data)


def test_dns_refuses_names_that_are_none() -> None:
    """A record's name that DNS cannot hold is told."""
    with pytest.raises(ServiceError, match="no name"):
        dns_service.Zone({"x" * 64: "10.0.0.1"})


def test_http_gives_its_page_and_keeps_the_connection() -> None:
    """Two requests in one packet get two answers; HEAD's has no body."""
    said = talk(Http(b"hello"), b"GET / HTTP/1.1\r\nHost: x\r\n\r\nHEAD / HTTP/1.1\r\n\r\n")
    assert said.said.count(b"HTTP/1.1 200 OK") == 2
    assert said.said.count(b"hello") == 1
    assert not said.closed


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", b"405"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nX: " + b"y" * 20000, b"431"),
    ],
)
def test_http_refuses_what_it_cannot_answer(request_: bytes, status: bytes) -> None:
    """A status, and the connection ends."""
    said = talk(Http(b"hello"), request_)
    assert said.said.startswith(b"HTTP/1.1 " + status)
    assert said.closed


@given(st.lists(st.binary(max_size=100), max_size=5))
def test_http_and_telnet_survive_any_bytes(parts: list[bytes]) -> None:
    """No bytes raise, in whatever parts they come."""
    talk(Http(b"hello"), *parts)
    talk(Telnet(b"hi"), *parts)


def test_telnet_refuses_every_option() -> None:
    """WILL gets DONT, DO gets WONT, sub-negotiations are skipped, also when they come byte by byte."""
    asked = bytes([255, 251, 31, 255, 253, 1, 255, 250, 24, 1, 255, 240])
    said = talk(Telnet(b""), *[asked[i : i + 1] for i in range(len(asked))])
    assert said.said == bytes([255, 254, 31, 255, 252, 1])


def test_telnet_lets_nobody_in() -> None:
    """Three lines, then the end."""
    said = talk(Telnet(b""), b"root\r\nsecret\r\nagain\r\n")
    assert said.said.count(b"Login incorrect") == 2
    assert said.closed


def test_ntp_repeats_the_clients_time() -> None:
    """The answer is a server's, of the client's version, with the client's own time as origin."""
    (said,) = ntp.answer(bytes([4 << 3 | 3]) + bytes(39) + b"ABCDEFGH", PEER)
    assert (said[0], said[1], said[24:32]) == (4 << 3 | 4, 1, b"ABCDEFGH")


@given(st.binary(max_size=80))
def test_ntp_never_answers_an_answer(data: bytes) -> None:
    """Only mode 3 is answered, so two servers cannot talk for ever."""
    for said in ntp.answer(data, PEER):
        assert data[0] & 7 == 3
        assert not list(ntp.answer(said, PEER))


def test_echo_does_not_answer_another_echo() -> None:
    """A datagram from port 7 gets nothing."""
    answer = echo.datagram(cast("Any", None))
    assert list(answer(b"x", PEER)) == [b"x"]
    assert not list(answer(b"x", Peer("10.0.0.9", 7, 0)))


options = st.dictionaries(st.integers(1, 254), st.binary(max_size=60), max_size=8)


@given(options, st.integers(0, 2**32 - 1), st.binary(min_size=6, max_size=6), st.booleans())
def test_dhcp_messages_are_read_as_they_were_written(
    found: dict[int, bytes], xid: int, mac: bytes, reply: bool
) -> None:
    """Pack and unpack are inverse."""
    message = Message(reply, xid, mac, found, broadcast=reply, yours=b"\x0a\0\0\1")
    assert dhcp_message.unpack(message.pack()) == message


@given(st.binary(max_size=400))
def test_dhcp_survives_any_bytes(data: bytes) -> None:
    """Garbage is no message, and a message with garbage for options is none either."""
    dhcp_message.unpack(data)
    head = Message(False, 1, bytes(6)).pack()[:240]
    dhcp_message.unpack(head + data)


def test_dhcp_says_which_field_it_cannot_use() -> None:
    """An address that is none is told, not raised as a bug."""
    with pytest.raises(ServiceError, match=r"10\.0\.0\.300"):
        Pool.from_fields({"first": "10.0.0.300"})


def test_control_answers_every_line() -> None:
    """No line, however broken, ends the control connection."""
    from labc.runtime.services.control import Control
    from labc.runtime.services.house import House
    from labc.runtime.services.leases import Leases

    def nowhere(node: str) -> Any:
        raise FileNotFoundError(2, "No such file", node)

    control = Control(House(nowhere), Leases(nowhere))

    @given(
        st.one_of(
            st.binary(max_size=60),
            st.sampled_from(
                [
                    b"[]",
                    b"{}",
                    b"null",
                    b'{"do": 1}',
                    b'{"do": "serve"}',
                    b'{"do": "settle", "within": "x"}',
                    b'{"do":"serve","id":1,"node":"a","service":"http","listens":["tcp/80"]}',
                    b'{"do":"serve","id":1,"node":"a","service":"http","listens":7}',
                ]
            ),
        )
    )
    def every(line: bytes) -> None:
        answer = asyncio.run(control.answer(line))
        assert answer.keys() >= {"ok"}

    every()
