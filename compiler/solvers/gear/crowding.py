"""Wires that must enter at hosts and find too few NICs between them: a matching shows it, where a solver would search for long.

Enters: `Options`. Leaves: the wires, fewer NICs than they are, [] when each finds one. Called by `bind.py` and `parts.py` before CP-SAT.
"""

from __future__ import annotations

import numpy as np

from ..conflict.arithmetic import hall
from .fabric import ENTER
from .options import Options


def crowded(options: Options) -> list[int]:
    """Only the first port of each wire with something virtual is looked at: it takes a member of some last lane for itself."""
    wires, rows = [], []
    for index, wire in enumerate(options.request.wires):
        last = _last_lanes(options, *wire.ports[0]) if wire.virtual else None
        if last is not None:
            wires.append(index)
            rows.append(last)
    columns = [lane for lane in sorted(set().union(*rows)) for _ in options.fabric.lanes[lane].members]
    open_to = np.array([[lane in row for lane in columns] for row in rows], dtype=np.bool_)
    return [wires[row] for row in hall(open_to.reshape(len(rows), len(columns)))]


def _last_lanes(options: Options, node: int, port: int) -> set[int] | None:
    """The lanes to hosts that the port could use, None when it may do without one or share a trunk."""
    kind = options.kind(node, port)
    roots = {seat.root for seat in options.seats_of(node, port)}
    ways = [way for root in roots for way in options.ways(kind, root)]
    if any(way.key != ENTER or not way.lanes or not options.fabric.lanes[way.lanes[-1]].single for way in ways):
        return None
    return {way.lanes[-1] for way in ways}
