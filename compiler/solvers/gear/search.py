"""A binding by trying: node after node, port after port, the cheapest choice first, with a bound on the work.

Enters: `Options` and `Limits`. Leaves: the best binding there is, None when there is none, or `OutOfWorkError`. Called by `bind.py` for
sites of a few devices, so that these need no solver to be installed.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .fabric import ENTER
from .options import Choice, Options
from .price import binding_of, entry_of, home_is, homes_are, moved_device, moved_socket, price_of
from .records import NOWHERE, Binding, Limits, Price
from .traffic import Traffic

DEEP = 300  # nodes and ports: each is a call of the search within the last one's


class OutOfWorkError(Exception):
    """The search was not finished: nothing is known."""


def search(options: Options, limits: Limits, work: int, first: bool = False) -> Binding | None:
    """`work`: choices that may be tried. `first`: any binding will do."""
    if len(options.request.nodes) + sum(len(node.ports) for node in options.request.nodes) > DEEP:
        raise OutOfWorkError
    state = _Search(options, limits, work, first)
    try:
        state.node(0)
    except OutOfWorkError:
        if not (first and state.best):
            raise
    if state.best is None:
        return None
    return binding_of(options, state.best[1], state.best[2], "search", proven=not first)


class _Search:
    """`chosen`: a choice for each port so far. `price`: of these, but for the joins. `best`: the cheapest that was finished."""

    def __init__(self, options: Options, limits: Limits, work: int, first: bool) -> None:
        self.options, self.limits, self.work, self.first = options, limits, work, first
        self.request = options.request
        few = [int(node.devices.sum()) for node in self.request.nodes]
        self.order = sorted(range(len(few)), key=lambda node: (few[node], node))
        self.seats = [
            [options.seats_of(n, p) for p in range(len(node.ports))] for n, node in enumerate(self.request.nodes)
        ]
        self.devices = [NOWHERE] * len(few)
        self.chosen: list[list[Choice]] = [[] for _ in few]
        self.sockets: set[int] = set()
        self.traffic = Traffic(options.fabric.lanes)
        self.price = [0, 0, 0, 0]  # moves, worth, hops, order
        self.best: tuple[Price, tuple[int, ...], tuple[tuple[Choice, ...], ...]] | None = None

    def node(self, index: int) -> None:
        """Give a device to the node that is next in order; behind the last one, keep what is cheapest."""
        if index == len(self.order):
            self._keep()
            return
        node = self.order[index]
        free = [d for d in np.flatnonzero(self.request.nodes[node].devices).tolist() if d not in self.devices]
        for device in sorted(free, key=lambda device: self._device(node, device)):
            self._spend()
            self.devices[node] = device
            self._pay(self._device(node, device), 1)
            if not self._dear():
                self.port(index, node, 0)
            self._pay(self._device(node, device), -1)
            self.devices[node] = NOWHERE

    def _device(self, node: int, device: int) -> tuple[int, int, int, int]:
        return moved_device(self.request, node, device), self.request.site.devices[device].worth, 0, device

    def _choice(self, node: int, port: int, choice: Choice) -> tuple[int, int, int, int]:
        moved = moved_socket(self.request, node, port, choice.socket)
        return moved, 0, choice.way.hops, self.options.rank[choice.socket]

    def _pay(self, price: tuple[int, int, int, int], times: int) -> None:
        for member, cost in enumerate(price):
            self.price[member] += times * cost

    def port(self, index: int, node: int, port: int) -> None:
        if port == len(self.request.nodes[node].ports):
            home = tuple(sorted({choice.way.host for choice in self.chosen[node]} - {NOWHERE}))
            if home_is(home, self.limits, node):
                self.node(index + 1)
            return
        wire = self.options.wire.get((node, port))
        for choice in sorted(self._choices(node, port), key=lambda one: self._appeal(node, port, one)):
            self._spend()
            if wire is None or self.traffic.free(wire, choice.way):
                self._take(node, port, choice, 1)
                if self._whole(wire) and not self._dear():
                    self.port(index, node, port + 1)
                self._take(node, port, choice, -1)

    def _choices(self, node: int, port: int) -> Iterator[Choice]:
        """The first free socket of each seat stands for all of it."""
        kind = self.options.kind(node, port)
        for seat in self.seats[node][port]:
            if seat.device == self.devices[node]:
                free = next((socket for socket in seat.sockets if socket not in self.sockets), None)
                if free is not None:
                    yield from (Choice(free, way) for way in self.options.ways(kind, seat.root))

    def _appeal(self, node: int, port: int, choice: Choice) -> tuple[int, bool, int, int]:
        moved, _, hops, rank = self._choice(node, port, choice)
        return moved, choice.way.key == ENTER, hops, rank

    def _take(self, node: int, port: int, choice: Choice, times: int) -> None:
        """Take it, or with `times` -1 give it back."""
        wire = self.options.wire.get((node, port))
        self._pay(self._choice(node, port, choice), times)
        if times > 0:
            self.sockets.add(choice.socket)
            self.chosen[node].append(choice)
        else:
            self.sockets.remove(choice.socket)
            self.chosen[node].pop()
        if wire is not None:
            self.traffic.count(wire, choice.way, times)

    def _ends(self, wire: int) -> list[Choice]:
        ports = self.request.wires[wire].ports
        return [self.chosen[node][port] for node, port in ports if port < len(self.chosen[node])]

    def _whole(self, wire: int | None) -> bool:
        """Whether a wire of two patched ports, both chosen, can be cut when a test does."""
        if wire is None or len(self.request.wires[wire].ports) != 2 or not self.options.cut(wire):
            return True
        ends = self._ends(wire)
        return len(ends) < 2 or any(choice.way.cuts for choice in ends)

    def _dear(self) -> bool:
        """Whether what is chosen so far costs as much as the best; every member of the price only grows."""
        if self.best is None:
            return False
        if self.first:
            return True
        moves, worth, hops, order = self.price
        if moves != self.best[0].moves:
            return moves > self.best[0].moves
        joins = 0
        for index, wire in enumerate(self.request.wires):
            hosts = {choice.way.host for choice in self._ends(index)} - {NOWHERE}
            joins += max(len(hosts) - wire.virtual, 0)
        return Price(moves, joins, worth, hops, order) >= self.best[0]

    def _keep(self) -> None:
        entry = entry_of(self.request, self.chosen)
        if homes_are(entry.homes, self.limits):
            price = price_of(self.options, self.devices, self.chosen, entry)
            if self.best is None or price < self.best[0]:
                self.best = price, tuple(self.devices), tuple(map(tuple, self.chosen))

    def _spend(self) -> None:
        self.work -= 1
        if self.work < 0:
            raise OutOfWorkError
