"""How far right each item stands.

Enters: layers in order. Leaves: `x` of every item and block. Called by `place.py`. Each item goes as near to its neighbours' mean as
order and width allow, down and up in turn; that wires pass where they are straight falls out of the same means.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .strata import Item

_SETTLING = 12
_BOXES, _PILLS, _PASSING, _BESIDE = 26, 16, 4, 12


def set_columns(layers: Sequence[Sequence[Item]]) -> None:
    """Gives every item its place from left to right; nothing is cut off at 0 yet."""
    offsets = [_offsets(layer) for layer in layers]
    for layer, steps in zip(layers, offsets, strict=True):
        for item, step in zip(layer, steps, strict=True):
            item.x = step - steps[-1] / 2
    for turn in range(_SETTLING):
        down = turn % 2 == 0
        for index in range(len(layers)) if down else range(len(layers) - 1, -1, -1):
            layer = layers[index]
            _settle(layer, offsets[index], [_wish(item, item.up if down else item.down) for item in layer])
    for layer in layers:
        for item in layer:
            if item.block:
                item.block.x = item.x


def _offsets(layer: Sequence[Item]) -> list[float]:
    """Where items would stand side by side."""
    offsets = [0.0] if layer else []
    for one, other in pairwise(layer):
        offsets.append(offsets[-1] + (one.width + other.width) / 2 + _between(one, other))
    return offsets


def _between(one: Item, other: Item) -> float:
    if one.passes or other.passes:
        return _PASSING if one.passes and other.passes else _BESIDE
    return _BOXES if one.block else _PILLS


def _wish(item: Item, neighbours: Sequence[Item]) -> float:
    return sum(other.x for other in neighbours) / len(neighbours) if neighbours else item.x


def _settle(layer: Sequence[Item], offsets: Sequence[float], wishes: Sequence[float]) -> None:
    """Least squares under order and distance: isotonic regression by pooling neighbours that collide."""
    pools: list[tuple[float, int]] = []
    for wish, offset in zip(wishes, offsets, strict=True):
        mean, size = wish - offset, 1
        while pools and pools[-1][0] > mean:
            other, count = pools.pop()
            mean, size = (mean * size + other * count) / (size + count), size + count
        pools.append((mean, size))
    bases = [mean for mean, size in pools for _ in range(size)]
    for item, base, offset in zip(layer, bases, offsets, strict=True):
        item.x = base + offset
