"""The rules of real gear as a model for OR-Tools' CP-SAT.

Enters: `Options`, then limits and what is to be least. Leaves: a model whose literals `exact.py` reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from .fabric import ENTER, Key, Way
from .options import Options, Seat
from .price import moved_device, moved_socket
from .records import NOWHERE, Limits

Literal = Any  # OR-Tools is published without types


class Model:
    """`devices`: for each node a literal a device; `seats`, `ways`: for each of its ports a literal a seat and a way. `homes`, `anchors`:
    for each node and wire a literal for each host at which it could enter."""

    def __init__(self, model: Any, options: Options) -> None:
        self.model, self.options, self.request = model, options, options.request
        nodes = self.request.nodes
        self.devices = [self._one_of(np.flatnonzero(node.devices).tolist()) for node in nodes]
        self.seats = [
            [self._one_of(options.seats_of(node, port)) for port in range(len(asked.ports))]
            for node, asked in enumerate(nodes)
        ]
        self.ways = [[self._ways(node, port) for port in range(len(asked.ports))] for node, asked in enumerate(nodes)]
        self._seat()
        self._carry()
        self.homes = [self._hosts(ports) for ports in self.ways]
        self.anchors = [
            self._hosts([self.ways[node][port] for node, port in wire.ports]) for wire in self.request.wires
        ]
        for index in range(len(self.request.wires)):
            self._one_key(index)

    def _one_of(self, values: Iterable[Any]) -> dict[Any, Literal]:
        literals = {value: self.model.new_bool_var("") for value in values}
        self.model.add_exactly_one(literals.values())
        return literals

    def _ways(self, node: int, port: int) -> dict[Way, Literal]:
        """Those that start at the root of the port's seat."""
        kind, seats = self.options.kind(node, port), self.seats[node][port]
        by_way: dict[Way, list[Literal]] = {}
        for root in sorted({seat.root for seat in seats}):
            ways = self.options.ways(kind, root)
            here = [self.model.new_bool_var("") for _ in ways]
            for way, literal in zip(ways, here, strict=True):
                by_way.setdefault(way, []).append(literal)
            self.model.add(sum(here) == sum(at for seat, at in seats.items() if seat.root == root))
        return {way: literals[0] if len(literals) == 1 else self._either(literals) for way, literals in by_way.items()}

    def _either(self, literals: list[Literal]) -> Literal:
        """A literal that says whether any of these holds."""
        one = self.model.new_bool_var("")
        self.model.add_max_equality(one, literals)
        return one

    def seated(self) -> dict[Seat, list[Literal]]:
        found: dict[Seat, list[Literal]] = {}
        for ports in self.seats:
            for seats in ports:
                for seat, at in seats.items():
                    found.setdefault(seat, []).append(at)
        return found

    def _seat(self) -> None:
        """A device is one node's; its seats take as many ports as they have sockets."""
        takers: dict[int, list[Literal]] = {}
        for node, devices in enumerate(self.devices):
            for device, at in devices.items():
                takers.setdefault(device, []).append(at)
                for seats in self.seats[node]:
                    self.model.add(sum(one for seat, one in seats.items() if seat.device == device) == at)
        for literals in takers.values():
            self.model.add_at_most_one(literals)
        for seat, literals in self.seated().items():
            self.model.add(sum(literals) <= len(seat.sockets))

    def _carry(self) -> None:
        """A single lane's members carry a wire each, towards one end; ports of a wire that meet on the way to one end go on together."""
        lanes: dict[int, dict[tuple[int, Key], Literal]] = {}
        for node, port, way, at in self.every_way():
            use = self.options.wire.get((node, port), NOWHERE), way.end
            for index in way.lanes:
                uses = lanes.setdefault(index, {})
                if use not in uses:
                    uses[use] = self.model.new_bool_var("")
                self.model.add_implication(at, uses[use])
        turns: dict[object, list[Literal]] = {}
        cables: dict[int, dict[tuple[int, Key], list[Literal]]] = {}
        for index, uses in lanes.items():
            lane = self.options.fabric.lanes[index]
            for use, at in uses.items():
                turns.setdefault((lane.start, use), []).append(at)
                if lane.single:
                    cables.setdefault(lane.cables, {}).setdefault(use, []).append(at)
        for index, both in cables.items():
            carried = [self._either(ways) if len(ways) > 1 else ways[0] for ways in both.values()]
            self.model.add(sum(carried) <= len(self.options.fabric.lanes[index].members))
        for literals in turns.values():
            self.model.add_at_most_one(literals)

    def every_way(self) -> Iterator[tuple[int, int, Way, Literal]]:
        for node, ports in enumerate(self.ways):
            for port, ways in enumerate(ports):
                for way, at in ways.items():
                    yield node, port, way, at

    def _hosts(self, ports: list[dict[Way, Literal]]) -> dict[int, Literal]:
        hosts: dict[int, list[Literal]] = {}
        for ways in ports:
            for way, at in ways.items():
                if way.host != NOWHERE:
                    hosts.setdefault(way.host, []).append(at)
        return {host: self._either(literals) for host, literals in sorted(hosts.items())}

    def _one_key(self, index: int) -> None:
        """All ports of a wire go by one key; a patch of two that a test cuts goes through a switch that can."""
        ends = [self.ways[node][port] for node, port in self.request.wires[index].ports]
        keys: dict[Key, Literal] = {}
        cutters: dict[Key, list[Literal]] = {}
        for ways in ends:
            for way, at in ways.items():
                if way.key not in keys:
                    keys[way.key] = self.model.new_bool_var("")
                self.model.add_implication(at, keys[way.key])
                if way.cuts:
                    cutters.setdefault(way.key, []).append(at)
        self.model.add_at_most_one(keys.values())
        if len(ends) == 2 and self.options.cut(index):
            for key, at in keys.items():
                if key != ENTER:
                    self.model.add_bool_or([*cutters.get(key, []), at.negated()])

    def limit(self, limits: Limits) -> None:
        for node, allowed in enumerate(limits.homes or ()):
            if allowed is not None:
                self._some([*(at for host, at in self.homes[node].items() if host in allowed), *self._nowhere(node)])
        for bad in limits.nogoods:
            ways: list[Literal] = []
            for node, allowed in zip(bad.nodes, bad.homes, strict=True):
                if allowed:
                    ways += [at for host, at in self.homes[node].items() if host not in allowed] + self._nowhere(node)
            self._some(ways)
        for homes in limits.seen:
            pairs = [
                (host in home, at) for home, hosts in zip(homes, self.homes, strict=True) for host, at in hosts.items()
            ]
            self._some([at.negated() if was else at for was, at in pairs])

    def _some(self, literals: list[Literal]) -> None:
        self.model.add_bool_or(literals)

    def _nowhere(self, node: int) -> list[Literal]:
        """A literal that says that the node enters at no host."""
        if not self.homes[node]:
            return [self.model.new_constant(1)]
        return [self._either(list(self.homes[node].values())).negated()]

    def price(self) -> Any:
        """The members of the price as one sum, each weighing more than all behind it can."""
        total, weight = 0, 1
        for part, most in reversed(self._members()):
            total += part * weight
            weight *= most + 1
        return total

    def _members(self) -> list[tuple[Any, int]]:
        """Each member of the price as an expression, with the most that it can be."""
        site, ports = self.request.site, sum(len(ports) for ports in self.ways)
        taken = [(node, device, at) for node, devices in enumerate(self.devices) for device, at in devices.items()]
        ways = list(self.every_way())
        moves = [at for node, device, at in taken if moved_device(self.request, node, device)]
        moves += [
            at
            for node, places in enumerate(self.seats)
            for port, seats in enumerate(places)
            for seat, at in seats.items()
            if moved_socket(self.request, node, port, seat.sockets[0])
        ]
        dearest = max((device.worth for device in site.devices), default=0)
        longest = max((way.hops for _, _, way, _ in ways), default=0)
        furthest = max(self.options.rank.values(), default=0)
        joins = [
            sum(at.values()) - (wire.virtual and bool(at))
            for wire, at in zip(self.request.wires, self.anchors, strict=True)
        ]
        most = sum(map(len, self.anchors))
        return [
            (sum(moves), len(self.devices) + ports),
            (sum(joins), most),
            (sum(site.devices[device].worth * at for _, device, at in taken), dearest * len(self.devices)),
            (sum(way.hops * at for _, _, way, at in ways), longest * ports),
            (sum(device * at for _, device, at in taken) + self._ranks(), len(site.devices) ** 2 + furthest * ports),
        ]

    def _ranks(self) -> Any:
        """The first sockets of a seat are used: as many as ports sit there."""
        total = 0
        for seat, literals in self.seated().items():
            used = [self.model.new_bool_var("") for _ in seat.sockets]
            self.model.add(sum(used) == sum(literals))
            total += sum(self.options.rank[socket] * at for socket, at in zip(seat.sockets, used, strict=True))
        return total
