"""Quantities are spelled as people would."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labc.compiler.quantities import UNITS, Quantity, Service


@pytest.mark.parametrize(
    ("number", "unit", "spelled"),
    [("1", "TB", "1TB"), ("1024", "MiB", "1GiB"), ("1500", "ms", "1500ms"), ("60", "s", "1min"), ("0.1", "%", "0.1%"), ("0", "s", "0ns")],
)  # fmt: skip
def test_a_quantity_is_spelled_with_the_smallest_number(number: str, unit: str, spelled: str) -> None:
    """1 TB reads as 1TB and not as 976562500KiB."""
    assert str(Quantity.parse(number, unit)) == spelled


@given(st.integers(1, 10**6), st.sampled_from(sorted(UNITS)))
def test_what_is_spelled_is_read_back(number: int, unit: str) -> None:
    """No spelling loses anything."""
    quantity = Quantity.parse(str(number), unit)
    text = str(quantity)
    digits = text.rstrip("".join(sorted({letter for name in UNITS for letter in name})))
    assert Quantity.parse(digits, text[len(digits) :]) == quantity


@pytest.mark.parametrize("text", ["tcp/0", "tcp/65536", "udp/9..3", "sctp/1", "tcp/", "tcp/1..", "icmp/1"])
def test_what_is_no_service_is_refused(text: str) -> None:
    """Ports run from 1 to 65535, and ranges upwards."""
    with pytest.raises(ValueError, match=r"service|ports"):
        Service.parse(text)
