"""Why there is no binding: the fewest nodes, ports and wires that compete, and for what.

Enters: a `Request` without a binding, a way to ask about parts of it. Leaves: a `Clash`. Called by `gear_bind`.

Where devices alone are short, the alternating tree of a matching names a Hall violator at once; else parts are left out
until what remains is minimal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct, structs

from .conflict_arithmetic import hall
from .gear import Held, Request, Wire
from .quickxplain import needed

if TYPE_CHECKING:
    from .problem import Flags

Impossible = Callable[[Request, tuple[int, ...]], bool]
Part = tuple[str, int, int]


class Misfit(Struct, frozen=True):
    """Why a node cannot be `device` even alone. `ports`: of the node, that compete for `sockets`, fewer than they are. Both () when
    its ports would find sockets, but not ways on."""

    device: int
    ports: tuple[int, ...]
    sockets: tuple[int, ...]


class Clash(Struct, frozen=True):
    """`nodes` cannot all have a device. `ports` (node, port) and `wires`: what of theirs is needed for that; both () when it is so
    with all ports and no wire at all. `devices`: those for which the nodes compete. `misfits`: of one node alone, each device that
    it may be and why it cannot."""

    nodes: tuple[int, ...]
    ports: tuple[tuple[int, int], ...]
    wires: tuple[int, ...]
    devices: tuple[int, ...]
    misfits: tuple[Misfit, ...] = ()


def clash_of(request: Request, impossible: Impossible) -> Clash:
    """`impossible`: whether a request of only some nodes, given as indexes beside it, has no binding; False when unknown."""
    seats = _seats(request)
    short = hall(seats)
    if len(short) > 1:
        return Clash(tuple(short), (), (), tuple(np.flatnonzero(seats[short].any(axis=0)).tolist()))
    if short:
        return Clash(tuple(short), (), (), _devices(request, short), _misfits(request, short[0]))
    kept = needed(_parts(request), lambda parts: impossible(*part_of(request, parts)))
    nodes = tuple(sorted(node for what, node, _ in kept if what == "node"))
    return Clash(
        nodes,
        tuple(sorted((node, port) for what, node, port in kept if what == "port")),
        tuple(sorted(wire for what, wire, _ in kept if what == "wire")),
        _devices(request, nodes),
        _misfits(request, nodes[0] if len(nodes) == 1 else None),
    )


def _seats(request: Request) -> Flags:
    """nodes × devices: whether the node may be the device and its ports find sockets there, were it alone and on no wire."""
    seats = np.zeros((len(request.nodes), len(request.site.devices)), dtype=np.bool_)
    known: dict[tuple[bytes, tuple[int, ...]], bool] = {}
    for node, asked in enumerate(request.nodes):
        for device in np.flatnonzero(asked.devices).tolist():
            open_to = _sockets(request, node, device)
            key = open_to.tobytes(), open_to.shape
            if key not in known:
                known[key] = not hall(open_to)
            seats[node, device] = known[key]
    return seats


def _sockets(request: Request, node: int, device: int) -> Flags:
    of = [index for index, socket in enumerate(request.site.sockets) if socket.device == device]
    ports = request.nodes[node].ports
    return np.array([port.sockets[of] for port in ports], dtype=np.bool_).reshape(len(ports), len(of))


def _devices(request: Request, nodes: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted({d for node in nodes for d in np.flatnonzero(request.nodes[node].devices).tolist()}))


def _misfits(request: Request, node: int | None) -> tuple[Misfit, ...]:
    if node is None:
        return ()
    return tuple(_misfit(request, node, device) for device in _devices(request, [node]))


def _misfit(request: Request, node: int, device: int) -> Misfit:
    open_to = _sockets(request, node, device)
    ports = hall(open_to)
    of = [index for index, socket in enumerate(request.site.sockets) if socket.device == device]
    taken = np.flatnonzero(open_to[ports].any(axis=0)).tolist() if ports else []
    return Misfit(device, tuple(ports), tuple(of[position] for position in taken))


def _parts(request: Request) -> list[Part]:
    """Nodes first: they are kept rather than what hangs on them."""
    nodes = [("node", node, 0) for node in range(len(request.nodes))]
    wires = [("wire", wire, 0) for wire in range(len(request.wires))]
    ports = [("port", node, port) for node, asked in enumerate(request.nodes) for port in range(len(asked.ports))]
    return [*nodes, *wires, *ports]


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
