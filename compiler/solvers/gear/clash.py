"""Why there is no binding: the fewest nodes, ports and wires that compete, and for what.

Enters: a `Request` without a binding, `Parts` to ask about. Leaves: a `Clash`. Called by `bind.py`.

Where devices alone are short, the alternating tree of a matching names a Hall violator at once; else parts are left out
until what remains is minimal.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from ..conflict.arithmetic import hall
from ..conflict.quickxplain import needed
from .crowding import crowded
from .options import Options
from .parts import Part, Parts
from .records import Request

if TYPE_CHECKING:
    from ..problem import Flags

HANDFUL = 100


class Misfit(Struct, frozen=True):
    """Why a node cannot be `device` even alone. `ports`: of the node, that compete for `sockets`, fewer than they are. Both () when
    its ports would find sockets, but not ways on."""

    device: int
    ports: tuple[int, ...]
    sockets: tuple[int, ...]


class Clash(Struct, frozen=True):
    """`nodes` cannot all have a device. `ports` (node, port) and `wires`: what of theirs is needed for that; both () when it is so
    with all ports and no wire at all. `devices`: those for which the nodes compete. `misfits`: of one node alone, each device that
    it may be and why it cannot. `minimal`: any one of these left out, the others have a binding; else that was not proven."""

    nodes: tuple[int, ...]
    ports: tuple[tuple[int, int], ...]
    wires: tuple[int, ...]
    devices: tuple[int, ...]
    misfits: tuple[Misfit, ...] = ()
    minimal: bool = True


def clash_of(request: Request, asked: Parts) -> Clash:
    bare = np.array([node.devices for node in request.nodes], dtype=np.bool_).reshape(len(request.nodes), -1)
    # Where devices alone are short, only their few nodes are looked at: ports may show that fewer still are.
    looked = hall(bare) or list(range(len(request.nodes)))
    seats = _seats(request, looked)
    short = [looked[row] for row in hall(seats[looked])]
    if len(short) > 1:
        return Clash(tuple(short), (), (), tuple(np.flatnonzero(seats[short].any(axis=0)).tolist()))
    if short:
        return Clash(tuple(short), (), (), _devices(request, short), _misfits(request, short[0]))
    kept = needed(_crowd(request) or _parts(request), lambda parts: asked.impossible(request, parts))
    nodes = tuple(sorted(node for what, node, _ in kept if what == "node"))
    return Clash(
        nodes,
        tuple(sorted((node, port) for what, node, port in kept if what == "port")),
        tuple(sorted(wire for what, wire, _ in kept if what == "wire")),
        _devices(request, nodes),
        _misfits(request, nodes[0] if len(nodes) == 1 else None),
        asked.sure,
    )


def _seats(request: Request, nodes: Iterable[int]) -> Flags:
    """nodes × devices, only for `nodes`: whether the node may be the device and its ports find sockets there, were it alone and on no wire."""
    seats = np.zeros((len(request.nodes), len(request.site.devices)), dtype=np.bool_)
    known: dict[tuple[bytes, tuple[int, ...]], bool] = {}
    sockets = _by_device(request)
    for node in nodes:
        asked = request.nodes[node]
        ports = [port.sockets for port in asked.ports]
        rows = np.array(ports, dtype=np.bool_).reshape(len(ports), len(request.site.sockets))
        for device in np.flatnonzero(asked.devices).tolist():
            open_to = rows[:, sockets[device]]
            key = open_to.tobytes(), open_to.shape
            if key not in known:
                # As many choices for each port as there are ports are enough; only fewer take a matching.
                known[key] = (open_to.shape[1] > 0 and bool((open_to.sum(axis=1) >= len(rows)).all())) or not hall(
                    open_to
                )
            seats[node, device] = known[key]
    return seats


def _all_seated(open_to: Flags) -> bool:
    """Whether each row finds a column of its own (Kuhn's augmenting paths: for a handful of ports quicker than scipy's start)."""
    choices = [np.flatnonzero(row).tolist() for row in open_to]
    taken: dict[int, int] = {}

    def seat(row: int, tried: set[int]) -> bool:
        for column in choices[row]:
            if column not in tried:
                tried.add(column)
                if column not in taken or seat(taken[column], tried):
                    taken[column] = row
                    return True
        return False

    if len(choices) > HANDFUL:
        return not hall(open_to)
    return all(seat(row, set()) for row in range(len(choices)))


def _by_device(request: Request) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in request.site.devices]
    for index, socket in enumerate(request.site.sockets):
        found[socket.device].append(index)
    return found


def _devices(request: Request, nodes: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted({d for node in nodes for d in np.flatnonzero(request.nodes[node].devices).tolist()}))


def _misfits(request: Request, node: int | None) -> tuple[Misfit, ...]:
    if node is None:
        return ()
    return tuple(_misfit(request, node, device) for device in _devices(request, [node]))


def _misfit(request: Request, node: int, device: int) -> Misfit:
    of = _by_device(request)[device]
    asked = request.nodes[node].ports
    open_to = np.array([port.sockets[of] for port in asked], dtype=np.bool_).reshape(len(asked), len(of))
    ports = hall(open_to)
    taken = np.flatnonzero(open_to[ports].any(axis=0)).tolist() if ports else []
    return Misfit(device, tuple(ports), tuple(of[position] for position in taken))


def _crowd(request: Request) -> list[Part]:
    """Wires that find too few NICs between them, with the ports of theirs that show it."""
    wires = crowded(Options(request))
    ports = [request.wires[wire].ports[0] for wire in wires]
    nodes = sorted({node for node, _ in ports})
    return [
        *(("node", node, 0) for node in nodes),
        *(("wire", wire, 0) for wire in wires),
        *(("port", node, port) for node, port in ports),
    ]


def _parts(request: Request) -> list[Part]:
    """Nodes first: they are kept rather than what hangs on them."""
    nodes = [("node", node, 0) for node in range(len(request.nodes))]
    wires = [("wire", wire, 0) for wire in range(len(request.wires))]
    ports = [("port", node, port) for node, asked in enumerate(request.nodes) for port in range(len(asked.ports))]
    return [*nodes, *wires, *ports]
