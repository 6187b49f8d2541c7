"""What each port of real gear may choose of: seats, which are sockets that nothing tells apart, and ways on from there.

Enters: a `Request`. Leaves: `Options`. Made by `bind.py`, used by its searches.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from msgspec import Struct

from .fabric import ENTER, LOOSE, Fabric, Root, Way
from .records import Request


class Kind(Struct, frozen=True):
    """All of a port's wire that its own ways depend on."""

    loose: bool
    virtual: bool
    pair: bool
    cut: bool

    def allows(self, way: Way) -> bool:
        if way.key == ENTER:
            return True
        if self.virtual:
            return False
        if way.key[0] == "cable":
            return self.pair and not self.cut
        return way.cuts or self.pair or not self.cut


class Seat(Struct, frozen=True):
    """Sockets of one device, in order, with one root, each of which suits the same ports of the request."""

    device: int
    sockets: tuple[int, ...]
    root: Root


class Choice(Struct, frozen=True):
    """What one port gets."""

    socket: int
    way: Way


class Options:
    """`wire`: the wire of (node, port). `of_device`: sockets. `rank`: a socket's position on its device."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.fabric = Fabric(request.site)
        self.wire = {port: index for index, one in enumerate(request.wires) for port in one.ports}
        self.of_device: list[list[int]] = [[] for _ in request.site.devices]
        for index, socket in enumerate(request.site.sockets):
            self.of_device[socket.device].append(index)
        self.rank = {socket: rank for sockets in self.of_device for rank, socket in enumerate(sockets)}
        self._ways: dict[tuple[Kind, Root], list[Way]] = {}

    def kind(self, node: int, port: int) -> Kind:
        cut = self.request.nodes[node].ports[port].cut
        if (node, port) not in self.wire:
            return Kind(loose=True, virtual=False, pair=False, cut=cut)
        wire = self.request.wires[self.wire[node, port]]
        loose = len(wire.ports) == 1 and not wire.virtual and not cut
        return Kind(loose, wire.virtual, len(wire.ports) == 2, cut)

    def ways(self, kind: Kind, root: Root) -> list[Way]:
        if kind.loose:
            return [Way((), LOOSE, LOOSE, cuts=False, host=-1, hops=0)]
        if (kind, root) not in self._ways:
            self._ways[kind, root] = [way for way in self.fabric.ways(root) if kind.allows(way)]
        return self._ways[kind, root]

    @cached_property
    def seats(self) -> list[list[Seat]]:
        """For each device. A socket that the lock holds for somebody is a seat of its own."""
        ports = [port.sockets for node in self.request.nodes for port in node.ports]
        suits = np.array(ports, dtype=np.bool_).reshape(len(ports), len(self.request.site.sockets))
        held = {socket for sockets in self.request.held.sockets for socket in sockets} if self.request.held else set()
        return [self._seated(device, suits, held) for device in range(len(self.of_device))]

    def _seated(
        self, device: int, suits: np.ndarray[tuple[int, int], np.dtype[np.bool_]], held: set[int]
    ) -> list[Seat]:
        found: dict[object, list[int]] = {}
        for socket in self.of_device[device]:
            own = socket if socket in held else -1
            found.setdefault((self.fabric.root(socket), suits[:, socket].tobytes(), own), []).append(socket)
        return [Seat(device, tuple(sockets), self.fabric.root(sockets[0])) for sockets in found.values()]

    def seats_of(self, node: int, port: int) -> list[Seat]:
        """On which the port may sit and from which it finds a way."""
        asked, kind = self.request.nodes[node], self.kind(node, port)
        return [
            seat
            for device in np.flatnonzero(asked.devices).tolist()
            for seat in self.seats[device]
            if asked.ports[port].sockets[seat.sockets[0]] and self.ways(kind, seat.root)
        ]

    def cut(self, wire: int) -> bool:
        return any(self.request.nodes[node].ports[port].cut for node, port in self.request.wires[wire].ports)
