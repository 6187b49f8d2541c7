"""Quantities: numbers whose unit is part of the value, and services such as `tcp/443`.

Amounts are integers in one base unit a dimension, so that `1s` and `1000ms` are one value and plans hold no floats.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, NamedTuple

Dimension = Literal["duration", "rate", "size", "ratio"]

# Base units: nanoseconds, bits a second, bytes, parts per million.
UNITS: dict[str, tuple[Dimension, int]] = {
    "ns": ("duration", 1),
    "us": ("duration", 10**3),
    "ms": ("duration", 10**6),
    "s": ("duration", 10**9),
    "min": ("duration", 60 * 10**9),
    "h": ("duration", 3600 * 10**9),
    "bps": ("rate", 1),
    "kbps": ("rate", 10**3),
    "Mbps": ("rate", 10**6),
    "Gbps": ("rate", 10**9),
    "Tbps": ("rate", 10**12),
    "B": ("size", 1),
    "kB": ("size", 10**3),
    "MB": ("size", 10**6),
    "GB": ("size", 10**9),
    "TB": ("size", 10**12),
    "KiB": ("size", 2**10),
    "MiB": ("size", 2**20),
    "GiB": ("size", 2**30),
    "TiB": ("size", 2**40),
    "%": ("ratio", 10**4),
}
_SHOWN: dict[Dimension, tuple[str, ...]] = {
    "duration": ("h", "min", "s", "ms", "us", "ns"),
    "rate": ("Tbps", "Gbps", "Mbps", "kbps", "bps"),
    "size": ("TiB", "GiB", "MiB", "KiB", "TB", "GB", "MB", "kB", "B"),
    "ratio": ("%",),
}


class Quantity(NamedTuple):
    """An amount in the base unit of its dimension: ns, bit/s, bytes, ppm."""

    dimension: Dimension
    amount: int

    @classmethod
    def parse(cls, number: str, unit: str) -> Quantity:
        """`Quantity.parse("1.5", "Gbps")`. Raises ValueError for an unknown unit or a fraction of the base unit."""
        if unit not in UNITS:
            raise ValueError(f"unknown unit {unit!r}")
        dimension, factor = UNITS[unit]
        amount = Fraction(number) * factor
        if amount.denominator != 1:
            raise ValueError(f"{number}{unit} is finer than labc counts")
        return cls(dimension, int(amount))

    def __str__(self) -> str:
        """The exact spelling with the smallest number: `1TB`, not `976562500KiB`."""
        factors = [(UNITS[unit][1], unit) for unit in _SHOWN[self.dimension] if self.amount % UNITS[unit][1] == 0]
        if self.amount and factors:
            factor, unit = max(factors)
            return f"{self.amount // factor}{unit}"
        if self.dimension == "ratio":
            return f"{self.amount / 10**4:g}%"
        return f"0{_SHOWN[self.dimension][-1]}"


class Service(NamedTuple):
    """A protocol and, for TCP and UDP, a range of destination ports. `icmp` means ICMP and ICMPv6 echo; `any` is everything."""

    protocol: Literal["tcp", "udp", "icmp", "any"]
    first: int = 0
    last: int = 0

    @classmethod
    def parse(cls, text: str) -> Service:
        """`tcp/80`, `udp/8000..8100`, `icmp`, `any`. Raises ValueError for anything else and for ports outside 1..65535."""
        if text in ("icmp", "any"):
            return cls(text)  # type: ignore[arg-type]
        protocol, _, ports = text.partition("/")
        first, dots, last = ports.partition("..")
        if not dots:
            last = first
        if protocol not in ("tcp", "udp") or not first.isdigit() or not last.isdigit():
            raise ValueError(f"not a service: {text!r}")
        low, high = int(first), int(last)
        if not 1 <= low <= high <= 65535:
            raise ValueError(f"ports run from 1 to 65535: {text!r}")
        return cls(protocol, low, high)  # type: ignore[arg-type]

    def covers(self, other: Service) -> bool:
        """Whether every packet of the other one is one of this."""
        if self.protocol == "any":
            return True
        return self.protocol == other.protocol and self.first <= other.first and other.last <= self.last

    def __str__(self) -> str:
        if self.protocol in ("icmp", "any"):
            return self.protocol
        ports = str(self.first) if self.first == self.last else f"{self.first}..{self.last}"
        return f"{self.protocol}/{ports}"
