"""The values that expressions have, beside the light ones of `addresses` and `quantities`.

Enters: nothing; these are records. `evaluate` makes them, `types` checks them, the lowering files consume them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from ..addresses import Address, Interface, Mac, Prefix
from ..ir.lab import Secret
from ..quantities import Quantity, Service

# Slots laid out by `scopes`: 0 the origin, 1 the element being built, then variables of any type.
Frame = list[Any]
Evaluate = Callable[[Frame], Any]
Run = Callable[[Frame], None]


class Poison:
    """The value of what was wrong and has been reported: whoever meets it says nothing more."""

    def __repr__(self) -> str:
        return "POISON"


POISON: Final = Poison()


class Element(NamedTuple):
    """An element of the lab by its name; `sort` is None where whatever has that name is meant."""

    name: str
    sort: str | None = None


class Bounds(NamedTuple):
    """`1ms..10s`: a range of quantities, addresses or fractions; it can be asked `in`, not counted through."""

    low: Any
    high: Any

    def __contains__(self, value: object) -> bool:
        return bool(self.low <= value <= self.high)


class Endpoint(NamedTuple):
    """`node:port`, by names."""

    node: str
    port: str


_NAMES: dict[type, str] = {
    bool: "a bool",
    int: "an int",
    float: "a float",
    str: "a string",
    Address: "an address",
    Prefix: "a prefix",
    Mac: "a MAC address",
    Service: "a service",
    Secret: "a secret",
    list: "a list",
    range: "a range",
    Bounds: "a range",
    dict: "a map",
    Endpoint: "a port",
}

SECRET_MARK: Final = "\0secret:"  # noqa: S105 - what stands in a secret's place


def describe(value: object) -> str:
    """What sort of value this is, for a sentence: `an int`, `a duration`."""
    if isinstance(value, Quantity):
        return f"a {value.dimension}"
    if isinstance(value, Interface):
        return "a prefix" if value.address == value.prefix.network else "an address with a length"
    if isinstance(value, Element):
        return f"the {value.sort or 'element'} `{value.name}`"
    return _NAMES.get(type(value), "a value")


def text_of(value: object) -> str | None:
    """The text that a value has inside a string; None for what has none (lists, maps, elements' ports).
    A secret becomes the marked placeholder that only a backend replaces."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Secret):
        return f"{SECRET_MARK}{value.reference}\0"
    if isinstance(value, Element):
        return value.name
    if isinstance(value, int | float | Quantity | Address | Prefix | Interface | Mac | Service):
        return str(value)
    return None


def shown(value: object) -> str:
    """A value for a message or the note of a loop's turn; long ones are cut."""
    if isinstance(value, Secret) or (isinstance(value, str) and SECRET_MARK in value):
        return "a secret"
    if isinstance(value, str):
        text = f'"{value}"'
    elif isinstance(value, range):
        text = f"{value.start}..{value.stop - 1}"
    elif isinstance(value, Bounds):
        text = f"{shown(value.low)}..{shown(value.high)}"
    elif isinstance(value, list):
        inner = ["[…]" if isinstance(item, list) else shown(item) for item in value[:4]]  # nests may be huge
        text = "[" + ", ".join(inner) + (", …]" if len(value) > 4 else "]")
    elif isinstance(value, dict):
        text = "a map"
    else:
        text = text_of(value) or "a value"
    return text if len(text) <= 60 else text[:57] + "…"


def as_prefix(value: object) -> Prefix | None:
    """A prefix, also where it was written as an address with a length and has no host bits."""
    if type(value) is Prefix:
        return value
    if type(value) is Interface:
        prefix = value.prefix
        return prefix if prefix.value == value.address.value else None
    return None


def same_form(value: object) -> object:
    """The form in which values are compared: prefixes as `Prefix`, ranges as lists' peers."""
    if type(value) is Interface:
        return as_prefix(value) or value
    return value
