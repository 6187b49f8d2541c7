"""In which row each node stands, were the paper as wide as it likes.

Enters: a picture. Leaves: rows of node ids, and for each bar the row above it. Called by `place.py`; `fold.py` fits the rows
to a paper.

Rows are distances from the top: the nodes that default routes lead to. Since distances along a wire differ by one step at
most, a bar always stands between two neighbouring rows and a link joins neighbouring rows or two nodes of one row. A segment
that joins several nodes of the top, as a backbone does, stands above them.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping

from msgspec import Struct

from ..ir.lab import NodeId, SegmentId
from .picture import Picture, counting

_BACKBONE = 3  # as many nodes of the top on one segment put it above them


class Layers(Struct):
    """`rows[0]` is the top one. `above[bar]` is the index of the row over the bar, -1 over all."""

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
        top = _top_of(picture, part, around)
        start = dict.fromkeys(_backbones(picture, top, around), -1) | dict.fromkeys(top, 0)
        _walk(start, around, distance)
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
        _walk({box: 0}, around, reached)
        seen |= reached
        parts.append([NodeId(name) for name in reached if name in picture.boxes])
    return sorted(parts, key=lambda part: -len(part))


def _backbones(picture: Picture, top: list[NodeId], around: Mapping[str, list[str]]) -> list[str]:
    bars = Counter(name for node in top for name in around[node] if name in picture.bars)
    return [name for name, count in bars.items() if count >= _BACKBONE]


def _walk(start: Mapping[str, int], around: Mapping[str, list[str]], distance: dict[str, int]) -> None:
    """Breadth first from nodes whose distance is known; fills `distance`."""
    queue = deque(start)
    distance.update(start)
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
