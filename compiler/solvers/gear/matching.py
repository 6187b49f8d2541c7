"""A binding by matchings alone, where no choice disturbs another: each wire has one port of real gear, and its way is its own.

Enters: `Options`. Leaves: the best binding there is, or None when there is none. Called by `bind.py` when `plain` says so.

Ports to sockets within each pair of node and device, then nodes to devices: two assignments of least cost
(scipy's linear_sum_assignment). Pairs of equal flags are solved once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from ..problem import MissingSolverError
from .fabric import ENTER, Root, Way
from .options import Choice, Kind, Options
from .price import binding_of, moved_device, moved_socket
from .records import Binding, Limits

if TYPE_CHECKING:
    from numpy import float64, intp
    from numpy.typing import NDArray

    Costs = NDArray[float64]

EXACT = 1 << 50  # sums of prices below this are whole numbers in scipy's doubles


class Weights(Struct, frozen=True):
    """What a unit of each member of the price weighs, more than all behind it can. `proven`: the order still counts too."""

    moves: int
    joins: int
    worth: int
    hops: int
    order: int
    proven: bool


def plain(options: Options, limits: Limits) -> bool:
    """Whether each port can go its cheapest way from any socket whatever the others do."""
    request = options.request
    if limits != Limits() or any(len(wire.ports) > 1 for wire in request.wires):
        return False
    kinds = {options.kind(node, port) for node, asked in enumerate(request.nodes) for port in range(len(asked.ports))}
    roots = {options.fabric.root(socket) for socket in range(len(request.site.sockets))}
    ways = [_cheapest(options, kind, root) for kind in kinds for root in roots]
    lanes = options.fabric.lanes
    return not any(lanes[lane].single for way in ways if way is not None for lane in way.lanes)


def _cheapest(options: Options, kind: Kind, root: Root) -> Way | None:
    """A port alone on its wire: a host more counts only when nothing virtual has to be reached."""
    ways = options.ways(kind, root)
    return min(ways, key=lambda way: (not kind.virtual and way.key == ENTER, way.hops), default=None)


def match(options: Options) -> Binding | None:
    return _Match(options).binding()


class _Match:
    """`base`: for each kind of port what each socket costs; `pairs`: assignments of ports to a device's sockets, by their costs."""

    def __init__(self, options: Options) -> None:
        self.options, self.request = options, options.request
        self.weights = _weights(options)
        self.assign = _assignment()
        self.base: dict[Kind, Costs] = {}
        self.pairs: dict[bytes, tuple[float, list[int]]] = {}

    def binding(self) -> Binding | None:
        nodes, devices = self.request.nodes, self.request.site.devices
        if not nodes:
            return binding_of(self.options, (), (), "matching", proven=True)
        costs = np.full((len(nodes), len(devices)), np.inf)
        for node, asked in enumerate(nodes):
            rows = self._rows(node)
            for device in asked.devices.nonzero()[0].tolist():
                costs[node, device] = self._own(node, device) + self._pair(rows, device)[0]
        try:
            taken = self.assign(costs)[1].tolist()
        except ValueError:  # "cost matrix is infeasible": no way to give each node a device
            return None
        if len(taken) < len(nodes):
            return None
        chosen = [self._chosen(node, device) for node, device in enumerate(taken)]
        return binding_of(self.options, taken, chosen, "matching", self.weights.proven)

    def _own(self, node: int, device: int) -> int:
        moved = moved_device(self.request, node, device)
        worth = self.request.site.devices[device].worth
        return moved * self.weights.moves + worth * self.weights.worth + device * self.weights.order

    def _rows(self, node: int) -> Costs:
        """ports × sockets: what each choice costs, infinite where it cannot be."""
        ports = self.request.nodes[node].ports
        rows = np.full((len(ports), len(self.request.site.sockets)), np.inf)
        for port, asked in enumerate(ports):
            base = self._base(self.options.kind(node, port))
            rows[port][asked.sockets] = base[asked.sockets]
            if self.request.held is not None:
                rows[port] += [
                    moved_socket(self.request, node, port, socket) * self.weights.moves
                    for socket in range(rows.shape[1])
                ]
        return rows

    def _base(self, kind: Kind) -> Costs:
        if kind not in self.base:
            self.base[kind] = np.array(
                [self._socket(kind, socket) for socket in range(len(self.request.site.sockets))], dtype=np.float64
            )
        return self.base[kind]

    def _socket(self, kind: Kind, socket: int) -> float:
        way = _cheapest(self.options, kind, self.options.fabric.root(socket))
        if way is None:
            return np.inf
        joins = not kind.virtual and way.key == ENTER
        rank = self.options.rank[socket]
        return joins * self.weights.joins + way.hops * self.weights.hops + rank * self.weights.order

    def _pair(self, rows: Costs, device: int) -> tuple[float, list[int]]:
        """The least cost of a node's ports on a device, and the position of each port's socket."""
        costs = rows[:, self.options.of_device[device]]
        if costs.shape[0] > costs.shape[1]:
            return np.inf, []
        key = costs.tobytes() + costs.shape[1].to_bytes(4, "big")
        if key not in self.pairs:
            try:
                row, column = self.assign(costs)
                self.pairs[key] = float(costs[row, column].sum()), column.tolist()
            except ValueError:  # as above: two ports compete
                self.pairs[key] = np.inf, []
        return self.pairs[key]

    def _chosen(self, node: int, device: int) -> list[Choice]:
        sockets = self.options.of_device[device]
        found = []
        for port, position in enumerate(self._pair(self._rows(node), device)[1]):
            socket = sockets[position]
            way = _cheapest(self.options, self.options.kind(node, port), self.options.fabric.root(socket))
            assert way is not None  # the assignment costs less than infinity
            found.append(Choice(socket, way))
        return found


def _weights(options: Options) -> Weights:
    request = options.request
    ports = [(node, port) for node, asked in enumerate(request.nodes) for port in range(len(asked.ports))]
    furthest = len(request.site.devices) + max(map(len, options.of_device), default=0)
    worth = max((device.worth for device in request.site.devices), default=0) * len(request.nodes)
    alone = sum(not wire.virtual for wire in request.wires)
    held = (len(request.nodes) + len(ports)) * (request.held is not None)
    for order in (1, 0):
        hops = order * (len(request.nodes) + len(ports)) * furthest + 1
        per_worth = hops * (len(ports) * (2 * len(request.site.switches) + 2) + 1)
        joins = per_worth * (worth + 1)
        moves = joins * (alone + 1)
        if moves * (held + 1) < EXACT:
            break
    return Weights(moves, joins, per_worth, hops, order, proven=bool(order))


def _assignment() -> Callable[[Costs], tuple[NDArray[intp], NDArray[intp]]]:
    try:
        from scipy.optimize import linear_sum_assignment
    except ImportError as missing:
        raise MissingSolverError("scipy") from missing
    return linear_sum_assignment  # type: ignore[no-any-return]
