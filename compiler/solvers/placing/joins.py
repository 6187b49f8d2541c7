"""Nets over units: each pin once, and nets that cannot cost anything left out.

Enters: the nets of a problem and the unit of each node. Leaves: `Joins`, rows both by net and by unit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

if TYPE_CHECKING:
    from ..problem import Indices, Nets, Numbers


class Joins(Struct):
    """Net i joins units `pins[start[i]:start[i + 1]]` and hosts `anchors[anchor_start[i]:anchor_start[i + 1]]`; unit u is in
    the nets `nets[unit_start[u]:unit_start[u + 1]]`. `base`: what the anchors alone cost."""

    start: Numbers
    pins: Indices
    weight: Numbers
    anchor_start: Numbers
    anchors: Indices
    unit_start: Numbers
    nets: Indices
    base: int

    @property
    def count(self) -> int:
        return len(self.weight)


def contracted(nets: Nets, unit: Indices, count: int) -> Joins:
    """The nets over `count` units."""
    lines = len(nets.weight)
    row, pin = _rows(nets.start, unit[nets.pins], lines, max(count, 1))
    anchor_row, anchor = _rows(nets.anchor_start, nets.anchors, lines, int(nets.anchors.max(initial=0)) + 1)
    pins, anchored = np.bincount(row, minlength=lines), np.bincount(anchor_row, minlength=lines)
    live = (pins > 0) & (pins + anchored > 1) & (nets.weight > 0)
    idle = ~live & (anchored > 1)
    number = np.cumsum(live) - 1
    row, pin = number[row[live[row]]], pin[live[row]]
    anchor_row, anchor = number[anchor_row[live[anchor_row]]], anchor[live[anchor_row]]
    base = int(((anchored - 1) * nets.weight)[idle].sum())
    return _joins(row, pin, anchor_row, anchor, nets.weight[live], count, base)


def rows_of(row: Numbers, pin: Numbers, anchor_row: Numbers, anchor: Numbers, weight: Numbers, count: int) -> Joins:
    """Joins of `len(weight)` nets over `count` units from pairs in any order: (row, pin) each once, (row, anchor) at will."""
    order = np.lexsort((pin, row))
    pairs = np.unique(np.stack([anchor_row, anchor], axis=1).astype(np.int64).reshape(-1, 2), axis=0)
    return _joins(row[order], pin[order], pairs[:, 0], pairs[:, 1], weight, count, 0)


def _joins(
    row: Numbers, pin: Numbers, anchor_row: Numbers, anchor: Numbers, weight: Numbers, count: int, base: int
) -> Joins:
    by_unit = np.lexsort((row, pin))
    return Joins(
        start=_starts(row, len(weight)),
        pins=pin.astype(np.int32),
        weight=weight.astype(np.int64),
        anchor_start=_starts(anchor_row, len(weight)),
        anchors=anchor.astype(np.int32),
        unit_start=_starts(pin[by_unit], count),
        nets=row[by_unit].astype(np.int32),
        base=base,
    )


def _rows(start: Numbers, values: Indices, lines: int, width: int) -> tuple[Numbers, Numbers]:
    """Pairs (row, value), sorted, each once."""
    pairs = np.unique(np.repeat(np.arange(lines, dtype=np.int64), np.diff(start)) * width + values)
    return pairs // width, pairs % width


def _starts(row: Numbers, count: int) -> Numbers:
    return np.concatenate([[0], np.cumsum(np.bincount(row, minlength=count))]).astype(np.int64)
