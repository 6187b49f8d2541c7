"""Parts of a request: some nodes, ports and wires of it, and whether these alone have a binding.

Enters: a `Request`, the limits of the whole, parts by name. Leaves: the smaller request, or an answer about it. Used by `clash.py`.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import structs

from .crowding import crowded
from .exact import possible
from .matching import match, plain
from .options import Options
from .records import Held, Limits, Nogood, Request, Wire
from .search import OutOfWorkError, search

TRIES = 3_000
WORK = 4.0  # of CP-SAT's deterministic seconds for all questions together
EACH = 0.5

Part = tuple[str, int, int]


class Parts:
    """`sure`: every question so far was answered."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = WORK
        self.sure = True

    def impossible(self, request: Request, parts: Iterable[Part]) -> bool:
        """Whether these parts certainly have no binding."""
        part, nodes = part_of(request, parts)
        verdict = self._bindable(Options(part), _kept(self.limits, nodes))
        self.sure = self.sure and verdict is not None
        return verdict is False

    def _bindable(self, options: Options, limits: Limits) -> bool | None:
        if plain(options, limits):
            return match(options) is not None
        try:
            return search(options, limits, TRIES, first=True) is not None
        except OutOfWorkError:
            if crowded(options):
                return False
            verdict, spent = possible(options, limits, min(EACH, self.left)) if self.left > 0 else (None, 0.0)
            self.left -= spent
            return verdict


def _kept(limits: Limits, nodes: tuple[int, ...]) -> Limits:
    """The limits for a request of only these nodes. Those that are about others as well are left out."""
    homes = tuple(limits.homes[node] for node in nodes) if limits.homes is not None else None
    place = {node: index for index, node in enumerate(nodes)}
    return Limits(
        homes,
        tuple(
            Nogood(tuple(place[node] for node in bad.nodes), bad.homes)
            for bad in limits.nogoods
            if place.keys() >= set(bad.nodes)
        ),
    )


def part_of(request: Request, parts: Iterable[Part]) -> tuple[Request, tuple[int, ...]]:
    """The request with only these parts, and which node of the whole each of its nodes is."""
    kept = set(parts)
    nodes = tuple(node for node in range(len(request.nodes)) if ("node", node, 0) in kept)
    ports = {
        (node, port): (row, column)
        for row, node in enumerate(nodes)
        for column, port in enumerate(
            port for port in range(len(request.nodes[node].ports)) if ("port", node, port) in kept
        )
    }
    of_node = {node: [port for other, port in ports if other == node] for node in nodes}
    asked = tuple(
        structs.replace(request.nodes[node], ports=tuple(request.nodes[node].ports[port] for port in of_node[node]))
        for node in nodes
    )
    wires = tuple(
        Wire(tuple(ports[port] for port in wire.ports if port in ports), wire.virtual)
        for index, wire in enumerate(request.wires)
        if ("wire", index, 0) in kept and not ports.keys().isdisjoint(wire.ports)
    )
    return Request(request.site, asked, wires, _held(request, nodes, of_node)), nodes


def _held(request: Request, nodes: tuple[int, ...], ports: dict[int, list[int]]) -> Held | None:
    if request.held is None:
        return None
    held = request.held
    return Held(
        tuple(held.devices[node] for node in nodes),
        tuple(tuple(held.sockets[node][port] for port in ports[node]) for node in nodes),
    )
