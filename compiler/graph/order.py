"""The order of items within each layer, so that few wires cross.

Enters: layers as they were made. Leaves: the same, sorted. Called by `place.py`. The barycentre method, in a fixed number of
sweeps: each item goes to the mean of its neighbours in the layer before, and where that says nothing keeps its rank.
"""

from __future__ import annotations

from collections.abc import Sequence

from .picture import counting
from .strata import Item

_SWEEPS = 9  # the last one goes down, which leaves the nodes of one segment side by side


def order(layers: Sequence[list[Item]]) -> None:
    """Sorts every layer in place."""
    names = {item: counting(item.name) for layer in layers for item in layer}
    place = {item: item.rank for layer in layers for item in layer}
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for layer in layers if down else reversed(layers):
            weight = {item: _mean(item.up if down else item.down, place, place[item]) for item in layer}
            layer.sort(key=lambda item: (weight[item], item.rank, names[item]))
            for index, item in enumerate(layer):
                place[item] = (index + 0.5) / len(layer)  # from 0 to 1, so that short and long layers compare


def _mean(neighbours: Sequence[Item], place: dict[Item, float], own: float) -> float:
    return round(sum(place[other] for other in neighbours) / len(neighbours), 9) if neighbours else own
