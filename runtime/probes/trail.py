"""The way of one packet through the lab: which nodes saw it come in and go out, and its answer on the way back.

A packet socket in each node that may see it; the packet is known by its cookie, so that NAT cannot hide it. Called by
`evidence.py` for cases that failed.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from . import packets
from .capture import Key, cookie_key, tuple_key
from .ground import Place
from .packets import Seen
from .wire import Prepared

_ALL = 0x0003
_OUTGOING, _OTHER_HOST = 4, 3
TIMESTAMP = 35  # SO_TIMESTAMPNS_OLD, and the type of its message
_MOST_NODES = 128


class Step(NamedTuple):
    """A sight of the packet. `reply`: it was the answer. `out`: it left the node there. `when`: kernel's time, ns."""

    when: int
    node: str
    interface: str
    out: bool
    reply: bool
    seen: Seen

    def __str__(self) -> str:
        ports = f":{self.seen.port}" if self.seen.port else ""
        return f"{self.node} {self.interface} {'out' if self.out else 'in'} ({self.seen.source} → {self.seen.target}{ports})"


@dataclass(slots=True)
class Trail:
    """All sights, and the frames themselves by node, for the captures of a report."""

    steps: list[Step] = field(default_factory=list)
    frames: dict[str, list[tuple[float, bytes]]] = field(default_factory=dict)

    def way(self, *, reply: bool) -> list[Step]:
        return sorted(step for step in self.steps if step.reply == reply)

    def directions(self, node: str) -> frozenset[bool]:
        """What a node saw: the packet (False), its answer (True). One that saw nothing may have dropped what it was to send."""
        return frozenset(step.reply for step in self.steps if step.node == node) or frozenset((False,))

    def nodes(self) -> list[str]:
        """Who saw it, in order."""
        return list(dict.fromkeys(step.node for step in sorted(self.steps)))


def clock() -> socket.socket:
    """A socket that makes the kernel time every packet as it passes, as long as it is open.

    The kernel begins to do so some time after it is asked, and times earlier packets when they are read: in no order.
    """
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    opened.setsockopt(socket.SOL_SOCKET, TIMESTAMP, 1)
    return opened


class Watcher:
    """Packet sockets in many nodes, for a moment."""

    def __init__(self, places: Mapping[str, Place]) -> None:
        self.trail = Trail()
        self._keys: dict[Key, bool] = {}
        self._answers: dict[Key, str] = {}  # to the address that must be theirs, where the ports alone do not tell
        self._changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._sockets: dict[str, socket.socket] = {}
        for node, place in itertools.islice(places.items(), _MOST_NODES):
            with contextlib.suppress(OSError):
                self._open(node, place)

    def _open(self, node: str, place: Place) -> None:
        with place():
            form = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
            opened = socket.socket(socket.AF_PACKET, form, socket.htons(_ALL))
        opened.setsockopt(socket.SOL_SOCKET, TIMESTAMP, 1)
        self._sockets[node] = opened
        self._loop.add_reader(opened, self._read, node, opened)

    def expect(self, prepared: Prepared) -> None:
        """This packet, and what answers it, belong to the trail."""
        for key in prepared.keys:
            self._keys[key] = False
        if prepared.packet.protocol != "icmp":
            alike = prepared.packet.port == prepared.source_port
            key = (prepared.packet.protocol, prepared.packet.port, prepared.source_port)
            self._answers[key] = prepared.source if alike else ""

    async def until_quiet(self, quiet: float, most: float) -> None:
        """Wait until nothing new has been seen for `quiet` seconds, `most` in all."""
        end = self._loop.time() + most
        while (left := end - self._loop.time()) > 0:
            self._changed.clear()
            try:
                async with asyncio.timeout(min(quiet, left)):
                    await self._changed.wait()
            except TimeoutError:
                if not self._overlooked():
                    return

    def _overlooked(self) -> bool:
        """Whether sights were waiting to be read: on a busy machine the time is over before anybody looks."""
        known = len(self.trail.steps)
        for node, opened in self._sockets.items():
            self._read(node, opened)
        return len(self.trail.steps) > known

    def close(self) -> None:
        for opened in self._sockets.values():
            self._loop.remove_reader(opened)
            opened.close()

    def _read(self, node: str, opened: socket.socket) -> None:
        while True:
            try:
                frame, ancillary, _flags, sender = opened.recvmsg(65535, 64)
            except OSError:
                return
            if sender[2] == _OTHER_HOST or sender[0] == "lo":
                continue
            seen = packets.from_frame(frame)
            reply = self._is_ours(seen)
            if seen is None or reply is None:
                continue
            seconds, rest = struct.unpack("=qq", ancillary[0][2]) if ancillary else (0, 0)
            self.trail.steps.append(Step(seconds * 10**9 + rest, node, sender[0], sender[2] == _OUTGOING, reply, seen))
            self.trail.frames.setdefault(node, []).append((seconds + rest / 1e9, frame))
            self._changed.set()

    def _is_ours(self, seen: Seen | None) -> bool | None:
        """Whether it is the answer (True), the packet (False), or neither (None)."""
        if seen is None:
            return None
        if cookie_key(seen.protocol, seen.cookie) in self._keys:
            return seen.echoed
        if seen.first and tuple_key(seen.protocol, seen.source, seen.source_port, seen.port) in self._keys:
            return False
        # An answer's ports are the packet's, swapped.
        answered = self._answers.get((seen.protocol, seen.source_port, seen.port))
        return True if answered is not None and answered in ("", seen.target) else None


def in_order(steps: Sequence[Step]) -> list[str]:
    """The way as lines for people, each sight once."""
    return list(dict.fromkeys(str(step) for step in steps))
