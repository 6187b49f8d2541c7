"""Canonical JSON, and the values of the IR as JSON."""

from __future__ import annotations

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from labc.compiler.addresses import Address, Interface, Mac, Prefix
from labc.compiler.ir.lab import NodeId, Secret
from labc.compiler.plan.canonical import canonical
from labc.compiler.plan.plain import plain
from labc.compiler.quantities import Quantity, Service

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
LEAVES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner))


@given(JSON)
def test_canonical_is_rfc_8785(value: object) -> None:
    """Any JSON with integers of 53 bits is written byte for byte as the reference library writes it."""
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]  # its type of JSON is recursive


def test_keys_past_the_bmp_sort_by_utf16() -> None:
    """U+10000 is two surrogates in UTF-16, which sort before U+FFFF."""
    assert canonical({"\uffff": 1, "\U00010000": 2}) == '{"\U00010000":2,"\uffff":1}'.encode()


@pytest.mark.parametrize("value", [2**53, -(2**53)])
def test_integers_that_readers_disagree_about_are_refused(value: int) -> None:
    with pytest.raises(TypeError):
        canonical(value)


@pytest.mark.parametrize(
    ("value", "json"),
    [
        (Quantity("duration", 10_000_000), 10_000_000),
        (Service("tcp", 80, 80), "tcp/80"),
        (Address.parse("2001:db8::1"), "2001:db8::1"),
        (Prefix.parse("10.0.0.0/8"), "10.0.0.0/8"),
        (Interface.parse("10.0.0.1/8"), "10.0.0.1/8"),
        (Mac(1), "00:00:00:00:00:01"),
        (Secret("env:X"), {"secret": "env:X"}),
        (0.5, {"number": "0.5"}),
        (2**60, {"number": str(2**60)}),
        (NodeId("node/web"), "node/web"),
        ([Secret("env:X"), {"a": 1.0}], [{"secret": "env:X"}, {"a": {"number": "1.0"}}]),
        ((True, None), [True, None]),
    ],
)
def test_plain_gives_each_value_one_form(value: object, json: object) -> None:
    """Amounts in base units, text for addresses, and marks where JSON has no exact form."""
    assert plain(value) == json
    assert orjson.loads(canonical(plain(value))) == json
