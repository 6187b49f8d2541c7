"""Amounts and sizes in the words of people.

Enters: numbers of a question. Leaves: text. Called by `refusal.py` and `explain.py`.
"""

from __future__ import annotations

from collections.abc import Collection

from ...quantities import UNITS, Quantity
from ...site.hosts import RESOURCES
from ...source import Origin
from .question import Question

_UNITS = ("TiB", "GiB", "MiB", "KiB")


def amount(resource: int, number: int) -> str:
    """Of the resource with that index: `1.5` processors, `256MiB`."""
    if RESOURCES[resource] == "cpu":
        return f"{number / 1000:g}"
    exact = str(Quantity("size", number))
    unit = next((each for each in _UNITS if number >= UNITS[each][1]), "B")
    rounded = f"{number / UNITS[unit][1]:.2f}".rstrip("0").rstrip(".") + unit
    return min(exact, rounded, key=len)


def takes(question: Question, node: int, resources: Collection[int] | None = None) -> str:
    """`takes cpu 2, memory 1GiB`: what a node asks for, of these resources or of all."""
    rows = enumerate(zip(RESOURCES, question.demand[node], strict=True))
    sizes = [
        f"{name} {amount(at, number)}"
        for at, (name, number) in rows
        if number and at in (resources or range(len(RESOURCES)))
    ]
    return f"takes {', '.join(sizes)}"


def size_origin(question: Question, node: int) -> Origin:
    """Where a node says how much it takes: the first of its statements, else the node."""
    record = question.nodes[node]
    said = (demand.origin for demand in record.demands if demand.key in RESOURCES and demand.weight is None)
    return next(said, record.origin)
