"""dhcp: a server (RFC 2131) for the segments that its node has an address on.

Fields: `first`, `last` (the range; empty: the whole prefix), `gateway`, `dns` (one address or several), `lease`. Which address a client gets is decided by its
MAC, so it stays the same when the server starts anew; an address that answers ARP is not given away.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import struct
import time
import zlib
from dataclasses import dataclass
from typing import Any

from ..arp import answers_arp
from ..dhcp_message import (
    ACK,
    DECLINE,
    DISCOVER,
    INFORM,
    LEASE_TIME,
    MASK,
    MESSAGE_TYPE,
    NAK,
    NAME_SERVERS,
    NOWHERE,
    OFFER,
    RELEASE,
    REQUEST,
    REQUESTED,
    ROUTER,
    SERVER_ID,
    Message,
    unpack,
)
from ..exchange import MARK
from ..interfaces import name_of, network_of_interface
from ..model import Closable, Network, Request, ServiceError
from ..sockets import IP_PKTINFO, listen_udp4

_CLIENT_PORT = 68
_OFFER_TIME = 30.0
_DECLINED_TIME = 600.0
_DEFAULT_LEASE = 3600
_SHORTEST = 60
_MOST_SERVERS = 63 * 4  # an option holds 255 bytes
_BATCH = 64
_BUSY = 64


def open_service(request: Request, network: Network) -> list[Closable]:
    pool = Pool.from_fields(request.fields)
    try:
        with network(request.node):
            opened = [listen_udp4(int(listen.partition("/")[2] or 67)) for listen in request.listens or ("udp/67",)]
    except OSError as failure:
        raise ServiceError(f"{request.id} cannot listen in {request.node}: {failure.strerror}") from None
    return [DhcpServer(listening, pool, request.node, network) for listening in opened]


@dataclass(frozen=True, slots=True)
class Pool:
    """The fields, understood. `lease` in seconds."""

    first: int | None
    last: int | None
    gateway: bytes
    lease: int
    dns: bytes = b""

    @classmethod
    def from_fields(cls, fields: dict[str, Any]) -> Pool:  # Any: JSON
        try:
            first, last, gateway = (str(fields.get(name) or "") for name in ("first", "last", "gateway"))
            stated = fields.get("dns") or ()
            servers = [stated] if isinstance(stated, str) else stated
            # Durations are ns in a plan.
            lease = max(_SHORTEST, int(fields.get("lease") or _DEFAULT_LEASE * 10**9) // 10**9)
            return cls(
                int(ipaddress.IPv4Address(first)) if first else None,
                int(ipaddress.IPv4Address(last)) if last else None,
                ipaddress.IPv4Address(gateway).packed if gateway else b"",
                min(lease, 0x7FFFFFFF),
                b"".join(ipaddress.IPv4Address(server).packed for server in servers)[:_MOST_SERVERS],
            )
        except ValueError as broken:
            raise ServiceError(f"dhcp cannot use its fields: {broken}") from None

    def range(self, own: ipaddress.IPv4Interface) -> tuple[int, int]:
        """The addresses to give on the segment of `own`, ends included; last < first when there are none."""
        low, high = int(own.network.network_address) + 1, int(own.network.broadcast_address) - 1
        return max(low, self.first or low), min(high, self.last or high)


@dataclass(slots=True)
class Given:
    """An address in someone's hands until `until` (monotonic seconds). `hardware` empty: taken by a stranger."""

    hardware: bytes
    until: float


class DhcpServer:
    """One socket; leases by address, for all segments of the node together."""

    def __init__(self, listening: socket.socket, pool: Pool, node: str, network: Network) -> None:
        self._socket = listening
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self._socket.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        self._pool = pool
        self._node = node
        self._network = network
        self._given: dict[int, Given] = {}
        self._busy: dict[bytes, asyncio.Task[None]] = {}
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(listening, self._read)

    def close(self) -> None:
        self._loop.remove_reader(self._socket)
        self._socket.close()
        for task in self._busy.values():
            task.cancel()

    def _read(self) -> None:
        for _ in range(_BATCH):
            try:
                data, ancillary, _flags, sender = self._socket.recvmsg(2048, 128)
            except OSError:
                return
            if data.startswith(MARK):
                self._send(data, sender, 0)
                continue
            message = unpack(data)
            if message is None or message.reply:
                continue
            index = next((struct.unpack("=I4s4s", value)[0] for _, kind, value in ancillary if kind == IP_PKTINFO), 0)
            # One transaction a client at a time; a repeat that comes meanwhile is answered by the first.
            if message.hardware not in self._busy and len(self._busy) < _BUSY:
                task = self._loop.create_task(self._handle(message, index))
                self._busy[message.hardware] = task
                task.add_done_callback(lambda _, hardware=message.hardware: self._busy.pop(hardware, None))  # type: ignore[misc]

    async def _handle(self, message: Message, index: int) -> None:
        try:
            interface = name_of(self._socket, index)
            own = network_of_interface(self._socket, interface)
        except OSError:
            return
        if message.kind == DISCOVER:
            await self._offer(message, own, interface, index)
        elif message.kind == REQUEST:
            self._grant(message, own, index)
        elif message.kind == INFORM:
            self._say(ACK, message, own, index, NOWHERE)
        elif message.kind == DECLINE and (asked := _address(message.options.get(REQUESTED))) is not None:
            if self._holds(asked, message.hardware):
                self._given[asked] = Given(b"", time.monotonic() + _DECLINED_TIME)
        elif message.kind == RELEASE and self._holds(
            own_address := int.from_bytes(message.client, "big"), message.hardware
        ):
            del self._given[own_address]

    async def _offer(self, message: Message, own: ipaddress.IPv4Interface, interface: str, index: int) -> None:
        for candidate in self._candidates(message, own):
            if not self._holds(candidate, message.hardware):
                packed = candidate.to_bytes(4, "big")
                if await answers_arp(self._network, self._node, interface, packed, own.ip.packed):
                    self._given[candidate] = Given(b"", time.monotonic() + _DECLINED_TIME)
                    continue
                self._given[candidate] = Given(message.hardware, time.monotonic() + _OFFER_TIME)
            self._say(OFFER, message, own, index, candidate.to_bytes(4, "big"))
            return

    def _candidates(self, message: Message, own: ipaddress.IPv4Interface) -> list[int]:
        """What it holds, what it asks for, then from its MAC's place in the range on; free ones only, a few."""
        first, last = self._pool.range(own)
        size = last - first + 1
        if size <= 0:
            return []
        now = time.monotonic()
        taken = {a for a, given in self._given.items() if given.until > now and given.hardware != message.hardware}
        taken |= {int(own.ip), int.from_bytes(self._pool.gateway or NOWHERE, "big")}
        held = [a for a, given in self._given.items() if given.hardware == message.hardware]
        asked = _address(message.options.get(REQUESTED))
        start = zlib.crc32(message.hardware) % size
        wanted = held + ([asked] if asked is not None else [])
        wanted += [first + (start + step) % size for step in range(min(size, len(taken) + 16))]
        return [a for a in dict.fromkeys(wanted) if first <= a <= last and a not in taken]

    def _grant(self, message: Message, own: ipaddress.IPv4Interface, index: int) -> None:
        server = message.options.get(SERVER_ID)
        if server is not None and server != own.ip.packed:
            return  # another server was chosen
        asked = _address(message.options.get(REQUESTED))
        if asked is None:
            asked = int.from_bytes(message.client, "big")
        if asked not in self._candidates(message, own):
            self._say(NAK, message, own, index, NOWHERE)
            return
        for held in [a for a, given in self._given.items() if given.hardware == message.hardware]:
            del self._given[held]
        self._given[asked] = Given(message.hardware, time.monotonic() + self._pool.lease)
        self._say(ACK, message, own, index, asked.to_bytes(4, "big"))

    def _holds(self, address: int, hardware: bytes) -> bool:
        given = self._given.get(address)
        return given is not None and given.hardware == hardware and given.until > time.monotonic()

    def _say(self, kind: int, asked: Message, own: ipaddress.IPv4Interface, index: int, yours: bytes) -> None:
        options = {MESSAGE_TYPE: bytes([kind]), SERVER_ID: own.ip.packed}
        if kind != NAK:
            options[MASK] = own.netmask.packed
            if self._pool.gateway:
                options[ROUTER] = self._pool.gateway
            if self._pool.dns:
                options[NAME_SERVERS] = self._pool.dns
            if yours != NOWHERE:
                options[LEASE_TIME] = self._pool.lease.to_bytes(4, "big")
        reply = Message(
            True, asked.transaction, asked.hardware, options, asked.broadcast, asked.client, yours, asked.relay
        )
        if asked.relay != NOWHERE:
            self._send(reply.pack(), (socket.inet_ntoa(asked.relay), 67), 0)
        elif asked.client != NOWHERE and kind != NAK:
            self._send(reply.pack(), (socket.inet_ntoa(asked.client), _CLIENT_PORT), index)
        else:  # the client has no address yet that ARP would find, so everyone hears it (RFC 2131, 4.1)
            self._send(reply.pack(), ("255.255.255.255", _CLIENT_PORT), index)

    def _send(self, data: bytes, to: tuple[str, int], index: int) -> None:
        info = struct.pack("=I4s4s", index, NOWHERE, NOWHERE)
        try:
            self._socket.sendmsg([data], [(socket.IPPROTO_IP, IP_PKTINFO, info)], 0, to)
        except OSError:
            return  # lost; the client asks again


def _address(option: bytes | None) -> int | None:
    return int.from_bytes(option, "big") if option is not None and len(option) == 4 else None
