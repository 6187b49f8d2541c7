"""Filters for addresses and prefixes: `{{ ports.lan.prefix | host(5) }}`, `{{ ports.lan.address | wildcard }}`.

Enters: an address, an address with its length, a prefix, or the text of one. Leaves: the same kinds of value, which print as text.
Named in the sandbox by `FILTERS`; a new filter is a function here and its name there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from jinja2.exceptions import TemplateError
from msgspec import Struct

from ...addresses import BITS, Address, Interface, Prefix
from .words import said


class Placed(Struct, frozen=True):
    """The address of a port: prints as an address and knows its prefix, so that `| netmask` and `| host(1)` work on it."""

    address: Address
    length: int

    @property
    def family(self) -> int:
        return self.address.family

    @property
    def prefix(self) -> Prefix:
        return Interface(self.address, self.length).prefix

    def __str__(self) -> str:
        return str(self.address)


Networked = Address | Interface | Prefix
Value = TypeVar("Value", Address, Prefix)


def _parsed(value: object) -> Networked:
    if isinstance(value, Address | Interface | Prefix):
        return value
    if isinstance(value, Placed):
        return Interface(value.address, value.length)
    if not isinstance(value, str):
        raise TemplateError(f"{said(value)} is no address and no prefix")
    try:
        return Interface.parse(str(value)) if "/" in str(value) else Address.parse(str(value))
    except ValueError as error:
        raise TemplateError(str(error)) from None


def prefix(value: object) -> Prefix:
    """The prefix around an address with a length; a bare address is a prefix of its own."""
    parsed = _parsed(value)
    if isinstance(parsed, Prefix):
        return parsed
    if isinstance(parsed, Interface):
        return parsed.prefix
    return Prefix(parsed.family, parsed.value, BITS[parsed.family])


def network(value: object) -> Address:
    """The first address of the prefix: 10.0.0.0 of 10.0.0.5/24."""
    return prefix(value).network


def broadcast(value: object) -> Address:
    """The last address of the prefix: 10.0.0.255 of 10.0.0.5/24."""
    return prefix(value).last


def host(value: object, index: int) -> Address:
    """The address number `index` of the prefix; negative from its end."""
    return _or_mistake(lambda: prefix(value).host(int(index)))


def subnet(value: object, length: int, index: int) -> Prefix:
    """The subnet number `index` (from 0) of that length."""
    return _or_mistake(lambda: prefix(value).subnet(int(length), int(index)))


def ip(value: object) -> Address:
    """The address without its length: 10.0.0.5 of 10.0.0.5/24."""
    parsed = _parsed(value)
    if isinstance(parsed, Interface):
        return parsed.address
    return parsed.network if isinstance(parsed, Prefix) else parsed


def prefixlen(value: object) -> int:
    """24 of 10.0.0.5/24."""
    return prefix(value).length


def netmask(value: object) -> Address:
    """255.255.255.0 of 10.0.0.5/24."""
    family, _, length = prefix(value)
    return Address(family, (1 << BITS[family]) - (1 << BITS[family] - length))


def wildcard(value: object) -> Address:
    """0.0.0.255 of 10.0.0.5/24, as access lists of some makers want it."""
    family, _, length = prefix(value)
    return Address(family, (1 << BITS[family] - length) - 1)


def family(value: object) -> int:
    """4 or 6."""
    return prefix(value).family


def ipv4(values: object) -> list[object]:
    """Those of a list that are IPv4."""
    return [value for value in values if family(value) == 4]  # type: ignore[attr-defined]  # anything a template gives


def ipv6(values: object) -> list[object]:
    """Those of a list that are IPv6."""
    return [value for value in values if family(value) == 6]  # type: ignore[attr-defined]  # anything a template gives


def _or_mistake(make: Callable[[], Value]) -> Value:
    try:
        return make()
    except (ValueError, TypeError) as error:
        raise TemplateError(str(error)) from None


FILTERS: dict[str, Callable[..., object]] = {
    "prefix": prefix,
    "network": network,
    "broadcast": broadcast,
    "host": host,
    "subnet": subnet,
    "ip": ip,
    "prefixlen": prefixlen,
    "netmask": netmask,
    "wildcard": wildcard,
    "family": family,
    "ipv4": ipv4,
    "ipv6": ipv6,
}
