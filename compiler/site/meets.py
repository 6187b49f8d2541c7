"""Whether a host or a device has what a node asks for.

Enters: a demand, and the fields that the site states. Leaves: yes or no. Called by the passes `bind` and `placement`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from ..ir.lab import Demand
from ..quantities import Quantity

_NUMBERS = (int, float)
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def meets(demand: Demand, fields: Mapping[str, object]) -> bool:
    """`isdn >= 1` of a place that says `isdn = 2`. What a place does not state it does not have.

    >>> from labc.compiler.ir.lab import Demand
    >>> meets(Demand("isdn", ">=", 1, None), {"isdn": 2}), meets(Demand("kvm", "==", True, None), {})
    (True, False)
    """
    wanted, there = demand.value, fields.get(demand.key)
    if demand.operator == "==":
        return _same(there, wanted)
    if demand.operator == "!=":
        return not _same(there, wanted)
    if demand.operator == "in":
        return isinstance(wanted, list | tuple | range) and any(_same(there, each) for each in wanted)
    if not _comparable(there, wanted):
        return False
    return _COMPARISONS[demand.operator](there, wanted)


def _same(there: object, wanted: object) -> bool:
    """`kvm = 1` is not `kvm = true`."""
    return isinstance(there, bool) == isinstance(wanted, bool) and there == wanted


def _comparable(there: object, wanted: object) -> bool:
    if isinstance(there, bool) or isinstance(wanted, bool):
        return False
    if isinstance(there, _NUMBERS) and isinstance(wanted, _NUMBERS):
        return True
    if isinstance(there, Quantity) and isinstance(wanted, Quantity):
        return there.dimension == wanted.dimension
    return isinstance(there, str) and isinstance(wanted, str)
