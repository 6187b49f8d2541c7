"""dns: answers from the field `records` (name → address, text, or a list of them), with PTR for the addresses.

UDP and TCP (RFC 1035, RFC 7766). It is the authority for every name: what it does not know does not exist.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Iterable

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from ..model import Answer, Peer, Request, ServiceError, Speech

_TTL = 60
_HEADER = 12
Records = dict[tuple[dns.name.Name, dns.rdatatype.RdataType], dns.rrset.RRset]


def stream(request: Request) -> Speech:
    zone = Zone(request.fields.get("records") or {})
    return Speech(lambda: DnsOverTcp(zone))


def datagram(request: Request) -> Answer:
    zone = Zone(request.fields.get("records") or {})

    def answer(data: bytes, _peer: Peer) -> Iterable[bytes]:
        said = zone.answer(data, tcp=False)
        return () if said is None else (said,)

    return answer


class Zone:
    """The records, and the answer to a query's bytes."""

    def __init__(self, records: dict[str, object]) -> None:
        self._records: Records = {}
        self._names: set[dns.name.Name] = set()
        for name, values in records.items():
            for value in values if isinstance(values, list) else [values]:
                self._add(name, str(value))

    def _add(self, text: str, value: str) -> None:
        try:
            name = dns.name.from_text(text).canonicalize()
        except dns.exception.DNSException as broken:
            raise ServiceError(f"{text!r} is no name for a DNS record: {broken}") from None
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            quoted = value.encode()
            chunks = [quoted[i : i + 255] for i in range(0, len(quoted), 255)] or [b""]
            shown = " ".join('"' + "".join(f"\\{byte:03d}" for byte in chunk) + '"' for chunk in chunks)
            self._put(name, dns.rdatatype.TXT, shown)
            return
        self._put(name, dns.rdatatype.A if address.version == 4 else dns.rdatatype.AAAA, value)
        self._put(dns.name.from_text(address.reverse_pointer), dns.rdatatype.PTR, name.to_text())

    def _put(self, name: dns.name.Name, kind: dns.rdatatype.RdataType, value: str) -> None:
        held = self._records.setdefault((name, kind), dns.rrset.RRset(name, dns.rdataclass.IN, kind))
        held.add(dns.rdata.from_text(dns.rdataclass.IN, kind, value), _TTL)
        # The names above one with records exist too (RFC 8020).
        while name not in self._names and name != dns.name.root:
            self._names.add(name)
            name = name.parent()

    def answer(self, data: bytes, *, tcp: bool) -> bytes | None:
        """The answer's bytes; None for what is no query."""
        if len(data) < _HEADER or data[2] & 0x80:
            return None
        try:
            query = dns.message.from_wire(data)
        except (dns.exception.DNSException, ValueError, OverflowError):
            # FORMERR with the query's id, as RFC 1035 says, nothing else repeated.
            return data[:2] + bytes([0x80 | data[2] & 0x79, dns.rcode.FORMERR]) + bytes(8)
        reply = self._reply(query)
        if tcp:
            return reply.to_wire(max_size=65535)
        size = max(512, query.payload) if query.edns >= 0 else 512
        try:
            return reply.to_wire(max_size=size)
        except dns.exception.TooBig:
            return _truncated(query).to_wire(max_size=size)

    def _reply(self, query: dns.message.Message) -> dns.message.Message:
        reply = dns.message.make_response(query, recursion_available=True)
        reply.flags |= dns.flags.AA
        if query.opcode() != dns.opcode.QUERY or len(query.question) != 1:
            reply.set_rcode(dns.rcode.NOTIMP if query.opcode() != dns.opcode.QUERY else dns.rcode.FORMERR)
            return reply
        asked = query.question[0]
        name = asked.name.canonicalize()
        for (held, kind), records in self._records.items() if asked.rdtype == dns.rdatatype.ANY else ():
            if held == name and kind:
                reply.answer.append(records)
        if (found := self._records.get((name, asked.rdtype))) is not None:
            reply.answer.append(found)
        if not reply.answer and name not in self._names and name != dns.name.root:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply


def _truncated(query: dns.message.Message) -> dns.message.Message:
    reply = dns.message.make_response(query, recursion_available=True)
    reply.flags |= dns.flags.TC | dns.flags.AA
    return reply


class DnsOverTcp(asyncio.Protocol):
    """Messages with a length of two bytes before each."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone
        self._data = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        self._data += data
        while len(self._data) >= 2 and len(self._data) >= 2 + (size := int.from_bytes(self._data[:2], "big")):
            message, self._data = self._data[2 : 2 + size], self._data[2 + size :]
            said = self._zone.answer(message, tcp=True)
            if said is None:
                self._transport.close()
                return
            self._transport.write(len(said).to_bytes(2, "big") + said)

    def pause_writing(self) -> None:
        assert self._transport is not None
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        assert self._transport is not None
        self._transport.resume_reading()
