"""A binding by trying: node after node, port after port, the cheapest choice first, with a bound on the work.

Enters: `Options` and `Limits`. Leaves: the best binding there is, None when there is none, or `OutOfWorkError`. Called by `gear_bind` for
sites of a few devices, so that these need no solver to be installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from .gear import NOWHERE, Binding, Limits, Price
from .gear_options import ENTER, Key, Option, Options
from .gear_price import binding_of, entry_of, home_is, homes_are, moved_device, moved_socket, price_of

Held = TypeVar("Held")
Value = TypeVar("Value")


class OutOfWorkError(Exception):
    """The search was not finished: nothing is known."""


def search(options: Options, limits: Limits, work: int) -> Binding | None:
    """`work`: choices that may be tried."""
    state = _Search(options, limits, work)
    state.node(0)
    if state.best is None:
        return None
    return binding_of(options, state.best[1], state.best[2], "search", proven=True)


class _Search:
    """`chosen`: an option for each port so far. `carried`: what each single carrier carries, towards where. `keys`: how each wire goes."""

    def __init__(self, options: Options, limits: Limits, work: int) -> None:
        self.options, self.limits, self.work = options, limits, work
        self.request = options.request
        self.all = [[options.of(n, p) for p in range(len(node.ports))] for n, node in enumerate(self.request.nodes)]
        few = [int(node.devices.sum()) for node in self.request.nodes]
        self.order = sorted(range(len(few)), key=lambda node: (few[node], node))
        self.devices = [NOWHERE] * len(few)
        self.chosen: list[list[Option]] = [[] for _ in few]
        self.sockets: set[int] = set()
        self.carried: dict[object, list[object]] = {}
        self.keys: dict[int, list[Key]] = {}
        self.best: tuple[Price, tuple[int, ...], tuple[tuple[Option, ...], ...]] | None = None

    def node(self, index: int) -> None:
        """Give a device to the node that is next in order; behind the last one, keep what is cheapest."""
        if index == len(self.order):
            self._keep()
            return
        node = self.order[index]
        free = [d for d in self.request.nodes[node].devices.nonzero()[0].tolist() if d not in self.devices]
        for device in sorted(free, key=lambda device: (moved_device(self.request, node, device), self._worth(device))):
            self._spend()
            self.devices[node] = device
            if not self._dear():
                self.port(index, node, 0)
            self.devices[node] = NOWHERE

    def _worth(self, device: int) -> tuple[int, int]:
        return self.request.site.devices[device].worth, device

    def port(self, index: int, node: int, port: int) -> None:
        if port == len(self.request.nodes[node].ports):
            home = tuple(sorted({option.host for option in self.chosen[node]} - {NOWHERE}))
            if home_is(home, self.limits, node):
                self.node(index + 1)
            return
        wire = self.options.wire.get((node, port))
        for option in self._candidates(node, port):
            self._spend()
            if self._free(option, wire):
                self._take(node, option, wire)
                if self._whole(wire) and not self._dear():
                    self.port(index, node, port + 1)
                self._give_back(node, option, wire)

    def _candidates(self, node: int, port: int) -> Iterator[Option]:
        found = [option for option in self.all[node][port] if option.device == self.devices[node]]
        found.sort(
            key=lambda o: (moved_socket(self.request, node, port, o.socket), o.key == ENTER, len(o.path), o.socket)
        )
        seen = set()
        for option in found:
            like = self._like(node, port, option)
            if option.socket not in self.sockets and like not in seen:
                seen.add(like)
                yield option

    def _like(self, node: int, port: int, option: Option) -> object:
        """Equal for options of sockets that the rest of the search cannot tell apart: one of them is tried."""
        if self.request.held is not None:
            return option
        rest = tuple(bool(one.sockets[option.socket]) for one in self.request.nodes[node].ports[port:])
        return rest, self.options.fabric.behind(option.socket), option.key, option.path[1:]

    def _free(self, option: Option, wire: int | None) -> bool:
        if wire is None:
            return True
        keys = self.keys.get(wire)
        if keys and keys[0] != option.key:
            return False
        return all(self.carried.get(lead, [(wire, option.end)])[0] == (wire, option.end) for lead in option.carriers)

    def _take(self, node: int, option: Option, wire: int | None) -> None:
        self.sockets.add(option.socket)
        self.chosen[node].append(option)
        if wire is not None:
            self.keys.setdefault(wire, []).append(option.key)
            for lead in option.carriers:
                self.carried.setdefault(lead, []).append((wire, option.end))

    def _give_back(self, node: int, option: Option, wire: int | None) -> None:
        self.sockets.remove(option.socket)
        self.chosen[node].pop()
        if wire is not None:
            _pop(self.keys, wire)
            for lead in option.carriers:
                _pop(self.carried, lead)

    def _whole(self, wire: int | None) -> bool:
        """Whether a wire of two patched ports, both chosen, can be cut when a test does."""
        if wire is None or len(self.request.wires[wire].ports) != 2 or len(self.keys[wire]) < 2:
            return True
        ends = [self.chosen[node][port] for node, port in self.request.wires[wire].ports]
        return not self.options.cut(wire) or any(option.cuts for option in ends)

    def _dear(self) -> bool:
        """Whether what is chosen so far costs as much as the best; every member of the price only grows."""
        if self.best is None:
            return False
        taken = [(node, device) for node, device in enumerate(self.devices) if device != NOWHERE]
        moves = sum(moved_device(self.request, node, device) for node, device in taken)
        moves += sum(
            moved_socket(self.request, node, port, option.socket)
            for node, ports in enumerate(self.chosen)
            for port, option in enumerate(ports)
        )
        joins = 0
        for wire in self.request.wires:
            hosts = {self.chosen[n][p].host for n, p in wire.ports if p < len(self.chosen[n])} - {NOWHERE}
            joins += max(len(hosts) - wire.virtual, 0)
        worth = sum(self.request.site.devices[device].worth for _, device in taken)
        hops = sum(len(option.path) for ports in self.chosen for option in ports)
        order = sum(device for _, device in taken)
        order += sum(self.options.rank[option.socket] for ports in self.chosen for option in ports)
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


def _pop(held: dict[Held, list[Value]], key: Held) -> None:
    held[key].pop()
    if not held[key]:
        del held[key]
