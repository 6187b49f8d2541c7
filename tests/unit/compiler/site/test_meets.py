"""Whether a host or a device has what a node asks for."""

from __future__ import annotations

import pytest

from labc.compiler.ir.lab import Demand
from labc.compiler.quantities import Quantity
from labc.compiler.site.meets import meets
from labc.compiler.source import Origin, Source, Span

HERE = Origin(Span(Source("lab.net", b""), 0, 0))
MBPS, GBPS = Quantity("rate", 10**6), Quantity("rate", 10**9)


@pytest.mark.parametrize(
    ("operator", "wanted", "there", "met"),
    [
        ("==", True, True, True),
        ("==", True, 1, False),  # a number is no truth
        ("==", 1, True, False),
        ("==", 2, 2.0, True),
        ("==", "a", "a", True),
        ("==", "1", 1, False),
        ("==", True, None, False),
        ("!=", "a", "b", True),
        ("!=", "a", "a", False),
        ("!=", "a", None, True),
        (">=", 1, 2, True),
        (">=", 2, 1, False),
        (">=", 1, None, False),
        ("<", 1, None, False),
        (">=", 1, True, False),
        ("<", "a", 1, False),
        (">", MBPS, GBPS, True),
        (">", GBPS, MBPS, False),
        (">", Quantity("size", 1), GBPS, False),
        ("in", [1, 2], 2, True),
        ("in", range(1, 4), 3, True),
        ("in", range(1, 4), 4, False),
        ("in", [1, 2], None, False),
        ("in", [1], True, False),
    ],
)
def test_a_demand_is_compared_with_what_is_stated(operator: str, wanted: object, there: object, *, met: bool) -> None:
    """What a place does not state it does not have; values of two types are never compared."""
    fields = {} if there is None else {"key": there}
    assert meets(Demand("key", operator, wanted, HERE), fields) is met
