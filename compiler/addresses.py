"""Addresses, prefixes and MACs as light values.

The standard library's `ipaddress` objects cost 2–6 µs each and labs hold hundreds of thousands; these are
tuples of two or three integers with C-speed hashing and comparison. IPv4 and IPv6 alike: `family` is 4 or 6.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import NamedTuple

BITS = {4: 32, 6: 128}
_AF = {4: socket.AF_INET, 6: socket.AF_INET6}


class Address(NamedTuple):
    """An IPv4 (RFC 791) or IPv6 (RFC 4291) address; text form as RFC 5952."""

    family: int
    value: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """Raises ValueError for text that is no address. Leading zeros in IPv4 are refused, as RFC 6943 advises."""
        family = 6 if ":" in text else 4
        try:
            packed = socket.inet_pton(_AF[family], text)
        except (OSError, UnicodeEncodeError):
            raise ValueError(f"not an address: {text!r}") from None
        return cls(family, int.from_bytes(packed, "big"))

    @property
    def packed(self) -> bytes:
        return self.value.to_bytes(BITS[self.family] // 8, "big")

    def __add__(self, count: int) -> Address:  # type: ignore[override]
        """The address `count` further on. Raises ValueError past either end of the family."""
        value = self.value + count
        if not 0 <= value < 1 << BITS[self.family]:
            raise ValueError(f"{self} + {count} lies outside IPv{self.family}")
        return Address(self.family, value)

    def __str__(self) -> str:
        family, value = self
        if family == 4:  # most of them, and on the way of every resource
            return socket.inet_ntop(socket.AF_INET, value.to_bytes(4, "big"))
        return socket.inet_ntop(socket.AF_INET6, value.to_bytes(16, "big"))


class Prefix(NamedTuple):
    """A prefix with host bits zero. `Interface` is an address with a length."""

    family: int
    value: int
    length: int

    @classmethod
    def parse(cls, text: str) -> Prefix:
        """Raises ValueError for text that is no prefix, or that has host bits set."""
        interface = Interface.parse(text)
        if interface.address.value != interface.prefix.value:
            raise ValueError(f"host bits are set in {text}")
        return interface.prefix

    @property
    def size(self) -> int:
        """How many addresses it spans."""
        return 1 << (BITS[self.family] - self.length)

    @property
    def network(self) -> Address:
        return Address(self.family, self.value)

    @property
    def last(self) -> Address:
        """The highest address: IPv4's broadcast address where there is one."""
        return Address(self.family, self.value + self.size - 1)

    @property
    def hosts(self) -> range:
        """Values that a port may have. IPv4 leaves out network and broadcast, except /31 (RFC 3021) and /32;
        IPv6 leaves out the subnet-router anycast address (RFC 4291 §2.6.1), except /127 (RFC 6164) and /128."""
        bits = BITS[self.family]
        if self.length >= bits - 1:
            return range(self.value, self.value + self.size)
        return range(self.value + 1, self.value + self.size - (1 if self.family == 4 else 0))

    def __contains__(self, other: object) -> bool:
        """Whether an address or a prefix of the same family lies inside."""
        if isinstance(other, Address):
            return other.family == self.family and 0 <= other.value - self.value < self.size
        if isinstance(other, Prefix):
            return (
                other.family == self.family
                and other.length >= self.length
                and 0 <= other.value - self.value < self.size
            )
        return False

    def holds(self, other: Address | Prefix) -> bool:
        """As `other in self`, for type checkers, to whom a tuple of integers contains integers."""
        return other in self  # type: ignore[comparison-overlap]

    def overlaps(self, other: Prefix) -> bool:
        return self.holds(other) or other.holds(self)

    def subnet(self, length: int, index: int) -> Prefix:
        """The `index`-th (from 0; negative from the end) subnet of that length. Raises ValueError when there is none."""
        if not self.length <= length <= BITS[self.family]:
            raise ValueError(f"{self} has no subnets of length {length}")
        count = 1 << (length - self.length)
        if not -count <= index < count:
            raise ValueError(f"{self} has {count} subnets of length {length}; there is no number {index}")
        return Prefix(self.family, self.value + (index % count << (BITS[self.family] - length)), length)

    def host(self, index: int) -> Address:
        """The `index`-th address (0 is the network address; negative from the end). Raises ValueError past the end."""
        if not -self.size <= index < self.size:
            raise ValueError(f"{self} has {self.size} addresses; there is no number {index}")
        return Address(self.family, self.value + index % self.size)

    def subnets(self, length: int) -> Iterator[Prefix]:
        step = 1 << (BITS[self.family] - length)
        for value in range(self.value, self.value + self.size, step):
            yield Prefix(self.family, value, length)

    def __str__(self) -> str:
        return f"{self.network}/{self.length}"


class Interface(NamedTuple):
    """An address on a port: the address and the length of its prefix."""

    address: Address
    length: int

    @classmethod
    def parse(cls, text: str) -> Interface:
        """Raises ValueError for text that is no `ADDRESS/LENGTH`."""
        address_text, slash, length_text = text.partition("/")
        address = Address.parse(address_text)
        if not slash or not length_text.isascii() or not length_text.isdigit():
            raise ValueError(f"not a prefix: {text!r}")
        length = int(length_text)
        if length > BITS[address.family]:
            raise ValueError(f"an IPv{address.family} prefix has at most {BITS[address.family]} bits: {text!r}")
        return cls(address, length)

    @property
    def prefix(self) -> Prefix:
        family, value = self.address
        shift = BITS[family] - self.length
        return Prefix(family, value >> shift << shift, self.length)

    def __str__(self) -> str:
        return f"{self.address}/{self.length}"


class Mac(NamedTuple):
    """A 48-bit MAC address (IEEE 802), written in lower case with colons."""

    value: int

    @classmethod
    def parse(cls, text: str) -> Mac:
        """Raises ValueError for text that is not six pairs of hex digits joined by `:` or `-`."""
        pairs = text.replace("-", ":").split(":")
        if len(pairs) != 6 or any(len(pair) != 2 for pair in pairs):
            raise ValueError(f"not a MAC address: {text!r}")
        return cls(int("".join(pairs), 16))

    def __str__(self) -> str:
        return self.value.to_bytes(6, "big").hex(":")
