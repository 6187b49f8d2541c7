"""In which row each node stands, and in which order within its row.

Enters: a picture. Leaves: rows of node ids, and for each bar the row above it. Called by `place.py`.

Rows are distances from the top: the nodes that default routes lead to. Since distances along a wire differ by one step at
most, a bar always stands between two neighbouring rows and a link joins neighbouring rows or two nodes of one row.
The order within rows follows the means of the neighbours (the barycentre method), a fixed number of sweeps: no chance in it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from msgspec import Struct

from ..ir.lab import NodeId, SegmentId
from .picture import Picture, counting

_SWEEPS = 9  # the last one goes down, which leaves the nodes of one segment side by side


class Layers(Struct):
    """`rows[0]` is the top one. `above[bar]` is the index of the row over the bar."""

    rows: list[list[NodeId]]
    above: dict[SegmentId, int]


def layers_of(picture: Picture) -> Layers:
    """Every node in a row."""
    around = _neighbours(picture)
    distance = _distances(picture, around)
    count = max((steps // 2 for name, steps in distance.items() if name in picture.boxes), default=-1) + 1
    rows: list[list[NodeId]] = [[] for _ in range(count)]
    for name, steps in distance.items():  # in the order of discovery, which keeps the branches of a tree together
        if name in picture.boxes:
            rows[steps // 2].append(NodeId(name))
    _order(rows, around)
    return Layers(rows, {bar: distance[bar] // 2 for bar in picture.bars})


def _neighbours(picture: Picture) -> dict[str, list[str]]:
    """Nodes know their bars and links, bars and links their nodes; a link is a point between two nodes."""
    around: dict[str, list[str]] = {name: [] for name in (*picture.boxes, *picture.bars)}
    for number, wire in enumerate(picture.wires):
        middle = f"link {number}" if wire.is_link else wire.to
        ends = (wire.node, wire.to) if wire.is_link else (wire.node,)
        for end in ends:
            around.setdefault(middle, []).append(end)
            around[end].append(middle)
    return around


def _distances(picture: Picture, around: Mapping[str, list[str]]) -> dict[str, int]:
    distance: dict[str, int] = {}
    for part in _parts(picture, around):
        _walk(_top_of(picture, part, around), around, distance)
    for bar in picture.bars:
        distance.setdefault(bar, 1)
    return distance


def _parts(picture: Picture, around: Mapping[str, list[str]]) -> list[list[NodeId]]:
    """The connected parts, each as its nodes; the biggest part first."""
    seen: dict[str, int] = {}
    parts = []
    for box in picture.boxes:
        if box in seen:
            continue
        reached: dict[str, int] = {}
        _walk([box], around, reached)
        seen |= reached
        parts.append([NodeId(name) for name in reached if name in picture.boxes])
    return sorted(parts, key=lambda part: -len(part))


def _walk(start: Iterable[str], around: Mapping[str, list[str]], distance: dict[str, int]) -> None:
    """Breadth first; fills `distance`."""
    queue = deque(start)
    distance.update(dict.fromkeys(queue, 0))
    while queue:
        here = queue.popleft()
        for there in around[here]:
            if there not in distance:
                distance[there] = distance[here] + 1
                queue.append(there)


def _top_of(picture: Picture, part: list[NodeId], around: Mapping[str, list[str]]) -> list[NodeId]:
    """Where all default routes end; where none says, the node with the most wires."""
    wanted = {target for node in part for target in picture.boxes[node].up}
    top = [node for node in part if node in wanted and not picture.boxes[node].up]
    if not top:
        top = [min(part, key=lambda node: (not picture.boxes[node].forwards, -len(around[node]), counting(node)))]
    return sorted(top, key=counting)


def _order(rows: list[list[NodeId]], around: Mapping[str, list[str]]) -> None:
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        order = range(1, len(rows)) if down else range(len(rows) - 2, -1, -1)
        for index in order:
            fixed = _positions(rows[index - 1] if down else rows[index + 1])
            own = _positions(rows[index])
            weight = {node: _mean(node, around, fixed, own) for node in rows[index]}
            hangs = {node: _hangs_on(node, around, fixed) for node in rows[index]}
            rows[index].sort(key=lambda node: (weight[node], hangs[node], counting(node)))


def _hangs_on(node: str, around: Mapping[str, list[str]], fixed: Mapping[str, float]) -> str:
    """The bar towards the fixed row, by which nodes of equal weight are kept together; nothing for a link, which no other shares."""
    bars = (middle for middle in around[node] if middle.startswith("segment/"))
    return next((bar for bar in bars if any(other in fixed for other in around[bar])), "")


def _positions(row: list[NodeId]) -> dict[str, float]:
    """Places from 0 to 1, so that short and long rows compare."""
    return {node: (index + 0.5) / len(row) for index, node in enumerate(row)}


def _mean(node: str, around: Mapping[str, list[str]], fixed: Mapping[str, float], own: Mapping[str, float]) -> float:
    """The mean place of the nodes of the fixed row that share a bar or link with this one; else where it is."""
    places = [fixed[other] for middle in around[node] for other in around[middle] if other in fixed]
    return round(sum(places) / len(places), 9) if places else own[node]
