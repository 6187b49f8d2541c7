"""Ports addressed by DHCP: a client for each, which keeps the address on the interface while it runs.

Called by `control.py`. Messages travel as whole Ethernet frames: an interface without an address can use nothing else, and
strict reverse-path filters let nothing else through.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import random
import socket
import struct
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import netlink
from .dhcp_message import (
    ACK,
    CLIENT_ID,
    DISCOVER,
    LEASE_TIME,
    MASK,
    MESSAGE_TYPE,
    NAK,
    NAME_SERVERS,
    OFFER,
    PARAMETERS,
    RELEASE,
    REQUEST,
    REQUESTED,
    ROUTER,
    SERVER_ID,
    Message,
    unpack,
)
from .model import Network, ServiceError

_IPV4 = 0x0800
# A server asks by ARP before it offers, which takes its 0.1 s.
_RETRY = (0.4, 0.4, 0.8, 1.6, 3.2)
_SHORTEST_LEASE = 10
Tell = Callable[[str, Sequence[str]], None]


def _nobody(node: str, nameservers: Sequence[str]) -> None:
    """Where no node has a file for them."""


@dataclass(slots=True)
class Lease:
    """What a port has. `state`: selecting, bound. `gateway` and `nameservers` empty where the server names none."""

    port: str
    node: str
    interface: str
    state: str = "selecting"
    address: str = ""
    gateway: str = ""
    nameservers: tuple[str, ...] = ()
    network: int = 0
    server: bytes = b""
    until: float = 0.0
    bound: asyncio.Event = field(default_factory=asyncio.Event)
    problem: str = "no DHCP server answered"


class Leases:
    """All clients of one instance. `tell` hears of each node's name servers, from all of its leases, when they change."""

    def __init__(self, network: Network, tell: Tell = _nobody) -> None:
        self._network = network
        self._tell = tell
        self._clients: dict[str, Client] = {}

    def add(self, port: str, node: str, interface: str) -> None:
        """Begin to ask for an address; a port that is asked for already goes on as it is."""
        client = self._clients.get(port)
        if client is not None:
            if (client.lease.node, client.lease.interface) == (node, interface) and client.still_there():
                return
            client.close()
        self._clients[port] = Client(Lease(port, node, interface), self._network, self._told)

    def remove(self, ports: Iterable[str]) -> None:
        """Give the address back and take it off the interface."""
        for port in ports:
            if (client := self._clients.pop(port, None)) is not None:
                client.close()

    def _told(self, node: str) -> None:
        leases = [self._clients[port].lease for port in sorted(self._clients)]
        found = [server for lease in leases if lease.node == node for server in lease.nameservers]
        self._tell(node, list(dict.fromkeys(found)))

    async def settle(self, ports: Iterable[str] | None, within: float) -> None:
        """Wait until all these are bound. Raises ServiceError that names those that are not."""
        chosen = [self._clients[p].lease for p in (self._clients if ports is None else ports) if p in self._clients]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                for lease in chosen:
                    await lease.bound.wait()
        if missing := [f"{lease.port}: {lease.problem}" for lease in chosen if not lease.bound.is_set()]:
            raise ServiceError("; ".join(missing))

    def list(self) -> list[dict[str, Any]]:
        names = ("port", "node", "interface", "state", "address", "gateway", "network")
        return [{n: getattr(self._clients[p].lease, n) for n in names} for p in sorted(self._clients)]

    def close(self) -> None:
        self.remove(list(self._clients))


class Client:
    """One port's client: asks, applies, renews at half time, begins anew when the lease is over."""

    def __init__(self, lease: Lease, network: Network, told: Callable[[str], None]) -> None:
        self.lease = lease
        self._told = told
        self._network = network
        self._loop = asyncio.get_running_loop()
        self._replies: asyncio.Queue[Message] = asyncio.Queue(16)
        self._transaction = 0
        try:
            with network(lease.node):
                lease.network = Path("/proc/thread-self/ns/net").stat().st_ino
                form = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
                self._socket = socket.socket(socket.AF_PACKET, form, socket.htons(_IPV4))
                self._index = socket.if_nametoindex(lease.interface)
            self._socket.bind((lease.interface, _IPV4))
        except OSError as failure:
            raise ServiceError(f"{lease.port}: {failure.strerror}") from None
        self._mac = self._socket.getsockname()[4][:6]
        self._loop.add_reader(self._socket, self._read)
        self._task = self._loop.create_task(self._live())

    def still_there(self) -> bool:
        """Whether the interface is still the one that the client works on: a node or port made anew is another."""
        try:
            with self._network(self.lease.node):
                here = Path("/proc/thread-self/ns/net").stat().st_ino, socket.if_nametoindex(self.lease.interface)
                return here == (self.lease.network, self._index)
        except OSError:
            return False

    def close(self) -> None:
        self._task.cancel()
        if self.lease.state == "bound":
            own = ipaddress.IPv4Interface(self.lease.address).ip.packed
            self._send(RELEASE, {SERVER_ID: self.lease.server}, client=own)
            self._unapply()
        self._loop.remove_reader(self._socket)
        self._socket.close()

    async def _live(self) -> None:
        while True:
            try:
                await self._acquire()
                while await self._keep():
                    pass
            except OSError as failure:
                self.lease.problem = failure.strerror or str(failure)
            self._unapply()
            await asyncio.sleep(1)

    async def _acquire(self) -> None:
        """Discover, request, apply; asks until someone answers."""
        attempt = 0
        while True:
            self._transaction = random.getrandbits(32)
            wait = _RETRY[min(attempt, len(_RETRY) - 1)]
            attempt += 1
            self._send(DISCOVER, {})
            offer = await self._reply(wait, OFFER)
            if offer is None:
                continue
            options = {REQUESTED: offer.yours, SERVER_ID: offer.options.get(SERVER_ID, b"")}
            self._send(REQUEST, options)
            answer = await self._reply(wait, ACK, NAK)
            if answer is not None and answer.kind == ACK:
                return self._apply(answer)

    async def _keep(self) -> bool:
        """Sleep to half of what is left, then renew. False when the lease is over or was refused."""
        left = self.lease.until - time.monotonic()
        if left <= 0:
            return False
        await asyncio.sleep(max(1.0, left / 2) if left > 1 else left)
        self._transaction = random.getrandbits(32)
        # Broadcast from the start, as RFC 2131 allows when rebinding: it needs no ARP entry and finds a restarted server.
        self._send(REQUEST, {}, client=ipaddress.IPv4Interface(self.lease.address).ip.packed)
        answer = await self._reply(min(2.0, max(0.5, left / 4)), ACK, NAK)
        if answer is not None and answer.kind == ACK:
            self._apply(answer)
        return answer is None or answer.kind == ACK

    def _apply(self, ack: Message) -> None:
        mask = ack.options.get(MASK, b"\xff\xff\xff\x00")
        address = f"{socket.inet_ntoa(ack.yours)}/{int.from_bytes(mask, 'big').bit_count()}"
        router = ack.options.get(ROUTER, b"")[:4]
        gateway = socket.inet_ntoa(router) if len(router) == 4 else ""
        if (address, gateway) != (self.lease.address, self.lease.gateway):
            self._unapply()
        with self._network(self.lease.node):
            netlink.add_address(self.lease.interface, address)
            if gateway:
                netlink.add_default_route(self.lease.interface, gateway)
        seconds = int.from_bytes(ack.options.get(LEASE_TIME, b""), "big") or 3600
        self.lease.until = time.monotonic() + max(_SHORTEST_LEASE, seconds)
        self.lease.address, self.lease.gateway = address, gateway
        self._learn(ack.options.get(NAME_SERVERS, b""))
        self.lease.server = ack.options.get(SERVER_ID, b"")
        self.lease.state = "bound"
        self.lease.bound.set()

    def _unapply(self) -> None:
        if self.lease.address:
            with contextlib.suppress(OSError), self._network(self.lease.node):
                netlink.remove_address(self.lease.interface, self.lease.address)
        self.lease.address = self.lease.gateway = ""
        self._learn(b"")
        self.lease.state = "selecting"
        self.lease.bound.clear()

    def _learn(self, servers: bytes) -> None:
        """Four bytes each (RFC 2132, 3.8)."""
        found = tuple(socket.inet_ntoa(servers[at : at + 4]) for at in range(0, len(servers) - 3, 4))
        if found != self.lease.nameservers:
            self.lease.nameservers = found
            with contextlib.suppress(OSError):  # the node went in the meantime
                self._told(self.lease.node)

    async def _reply(self, wait: float, *kinds: int) -> Message | None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                while True:
                    message = await self._replies.get()
                    if message.transaction == self._transaction and message.kind in kinds:
                        return message
        return None

    def _read(self) -> None:
        for _ in range(64):
            try:
                frame = self._socket.recv(2048)
            except OSError:
                return
            message = _from_frame(frame)
            if message is not None and message.reply and message.hardware == self._mac and not self._replies.full():
                self._replies.put_nowait(message)

    def _send(self, kind: int, more: dict[int, bytes], client: bytes = bytes(4)) -> None:
        options = {MESSAGE_TYPE: bytes([kind]), CLIENT_ID: b"\x01" + self._mac, **more}
        if kind in (DISCOVER, REQUEST):
            options[PARAMETERS] = bytes([MASK, ROUTER, NAME_SERVERS, LEASE_TIME])
        message = Message(False, self._transaction, self._mac, options, client=client)
        # A link that is down now may be up at the next attempt.
        with contextlib.suppress(OSError):
            self._socket.send(_frame(self._mac, client, message.pack()))


def _frame(mac: bytes, source: bytes, payload: bytes) -> bytes:
    """Ethernet, IPv4 and UDP to everyone. UDP's checksum may be left out in IPv4 (RFC 768)."""
    udp = struct.pack("!HHHH", 68, 67, 8 + len(payload), 0) + payload
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, source, b"\xff" * 4)
    total = sum(struct.unpack("!10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    head = head[:10] + struct.pack("!H", ~total & 0xFFFF) + head[12:]
    return b"\xff" * 6 + mac + struct.pack("!H", _IPV4) + head + udp


def _from_frame(frame: bytes) -> Message | None:
    if len(frame) < 42 or frame[14] >> 4 != 4 or frame[23] != 17:
        return None
    start = 14 + (frame[14] & 15) * 4
    if frame[start : start + 4] != struct.pack("!HH", 67, 68):
        return None
    return unpack(frame[start + 8 :])
