"""A plan made real by `ip` and `nft`, and every pair of its nodes probed with raw packets: the judge of the blast radius.

No code under test takes part: neither the netns backend nor the walk. A probe is known by a number in it (TCP's sequence number, UDP's
payload, ICMP's sequence number), so that no translation hides it.
"""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

from labc.compiler.plan.model import Plan
from tests.real.tinynet import TinyNet

_QUIET = 0.15  # seconds without a packet, after which none is on its way
_MARK = 0x5AB00000
_ETHERTYPE_IP = 0x0800
_PKTINFO = 8
_RCVBUFFORCE = 33  # SO_RCVBUFFORCE


class Probe(NamedTuple):
    """`source`: the address that it claims; `goal`: the address that it is sent to; `target`: the node that should get it."""

    sender: str
    source: str
    target: str
    goal: str
    protocol: str
    port: int
    sport: int

    @property
    def service(self) -> str:
        return "icmp" if self.protocol == "icmp" else f"{self.protocol}/{self.port}"


class Seen(NamedTuple):
    arrived: bool
    answered: bool


class RealPlan:
    """A plan's nodes as namespaces."""

    def __init__(self, plan: Plan) -> None:
        self.net = TinyNet()
        self.addresses: dict[str, list[str]] = {}
        by_kind: dict[str, list[dict[str, Any]]] = {}
        for resource in plan.resources:
            by_kind.setdefault(resource.kind, []).append({"id": resource.id, **resource.spec})
        for node in by_kind.get("node", []):
            self.net.node(node["id"], forward=node["forward"])
            self.addresses[node["id"]] = []
        names = {segment["id"]: f"s{number}" for number, segment in enumerate(by_kind.get("segment", []))}
        for name in names.values():
            self.net.segment(name)
        for port in by_kind.get("port", []):
            segment = names[port["segments"][0]["segment"]]
            self.net.port(port["node"], port["interface"], segment, *port["addresses"])
            self.addresses[port["node"]] += [text.partition("/")[0] for text in port["addresses"]]
        for route in by_kind.get("route", []):
            via = f"via {route['via'][0]}" if route["via"] else "blackhole"
            word = (
                f"ip route add {route['prefix']} {via}" if route["via"] else f"ip route add blackhole {route['prefix']}"
            )
            self.net.run(route["node"], word)
        for ruleset in by_kind.get("ruleset", []):
            self.net.run(ruleset["node"], "nft -f -", text=ruleset["text"])

    def close(self) -> None:
        self.net.close()

    def probe(self, probes: Iterable[Probe]) -> dict[Probe, Seen]:
        """All at once; each is seen at its receiver or not, and its answer at its sender or not."""
        numbered = list(enumerate(probes))
        arrived: set[int] = set()
        answered: set[int] = set()
        with ExitStack() as stack:
            ears = {node: self._ear(node, stack) for node in self.addresses}
            echoes = [
                echo for node in self.addresses for echo in self._echoes(node, {p.port for _, p in numbered}, stack)
            ]
            mouths = {node: self._mouth(node, stack) for node in self.addresses}
            for number, probe in numbered:
                packet = _packet(probe, number)
                try:
                    mouths[probe.sender].sendto(packet, (probe.goal, 0))
                except OSError:
                    continue  # the sender itself knows no way, or its own filter forbids it
            waiting = {ear.fileno(): (node, ear) for node, ear in ears.items()} | {e.fileno(): ("", e) for e in echoes}
            while ready := select.select(list(waiting), [], [], _QUIET)[0]:
                for descriptor in ready:
                    node, heard = waiting[descriptor]
                    if not node:
                        _echo(heard)
                        continue
                    for number, is_answer in _heard(heard):
                        if number < len(numbered):
                            probe = numbered[number][1]
                            if is_answer and node == probe.sender:
                                answered.add(number)
                            elif not is_answer and node == probe.target:
                                arrived.add(number)
        arrived |= answered
        return {probe: Seen(number in arrived, number in answered) for number, probe in numbered}

    def _ear(self, node: str, stack: ExitStack) -> socket.socket:
        with self.net.inside(node):
            ear = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETHERTYPE_IP))
        ear.setblocking(False)
        ear.setsockopt(socket.SOL_SOCKET, _RCVBUFFORCE, 1 << 24)  # a probe that is not read in time would seem lost
        return stack.enter_context(ear)

    def _mouth(self, node: str, stack: ExitStack) -> socket.socket:
        with self.net.inside(node):
            mouth = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        return stack.enter_context(mouth)

    def _echoes(self, node: str, ports: set[int], stack: ExitStack) -> Iterator[socket.socket]:
        with self.net.inside(node):
            for port in sorted(ports - {0}):
                echo = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                echo.setsockopt(socket.IPPROTO_IP, _PKTINFO, 1)
                echo.bind(("", port))
                echo.setblocking(False)
                yield stack.enter_context(echo)


def _echo(heard: socket.socket) -> None:
    """Answer from the very address that was asked."""
    while True:
        try:
            data, more, _, sender = heard.recvmsg(256, 256)
        except BlockingIOError:
            return
        except OSError:
            continue  # an error about an answer of before
        if not data.startswith(b"Q"):
            continue  # an answer to a probe from this very port
        mine = next(blob[8:12] for _, kind, blob in more if kind == _PKTINFO)
        try:
            heard.sendmsg(
                [b"A" + data[1:]], [(socket.IPPROTO_IP, _PKTINFO, struct.pack("=I4s4s", 0, mine, b"\0" * 4))], 0, sender
            )
        except OSError:
            continue


def _heard(ear: socket.socket) -> Iterator[tuple[int, bool]]:
    """The numbers of probes that came in, and whether each was an answer."""
    while True:
        try:
            data, address = ear.recvfrom(2048)
        except BlockingIOError:
            return
        if address[2] == socket.PACKET_OUTGOING or data[0] >> 4 != 4:
            continue
        body = data[(data[0] & 15) * 4 :]
        if data[9] == socket.IPPROTO_TCP:
            sequence, acknowledged, flags = (*struct.unpack("!II", body[4:12]), body[13])
            if flags & 0x10 and acknowledged - 1 >= _MARK:
                yield acknowledged - 1 - _MARK, True
            elif flags & 0x02 and sequence >= _MARK:
                yield sequence - _MARK, False
        elif data[9] == socket.IPPROTO_UDP and body[9:13] == b"labc":
            yield struct.unpack("!I", body[13:17])[0], body[8:9] == b"A"
        elif data[9] == socket.IPPROTO_ICMP and body[0] in (0, 8):
            yield struct.unpack("!H", body[6:8])[0], body[0] == 0


def _packet(probe: Probe, number: int) -> bytes:
    source, goal = socket.inet_aton(probe.source), socket.inet_aton(probe.goal)
    sport = probe.sport or 20000 + number
    if probe.protocol == "tcp":
        kind, body = 6, struct.pack("!HHIIBBHHH", sport, probe.port, _MARK + number, 0, 0x50, 0x02, 8192, 0, 0)
        body = body[:16] + struct.pack("!H", _checksum(_pseudo(source, goal, kind, body) + body)) + body[18:]
    elif probe.protocol == "udp":
        data = b"Qlabc" + struct.pack("!I", number)
        kind, body = 17, struct.pack("!HHHH", sport, probe.port, 8 + len(data), 0) + data
        body = body[:6] + struct.pack("!H", _checksum(_pseudo(source, goal, kind, body) + body)) + body[8:]
    else:
        kind, body = 1, struct.pack("!BBHHH", 8, 0, 0, 4711 + number, number) + b"labc"
        body = body[:2] + struct.pack("!H", _checksum(body)) + body[4:]
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, 64, kind, 0) + source + goal + body


def _pseudo(source: bytes, goal: bytes, kind: int, body: bytes) -> bytes:
    return source + goal + struct.pack("!BBH", 0, kind, len(body))


def _checksum(data: bytes) -> int:
    """RFC 1071."""
    total: int = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
