"""Values of the IR as JSON: quantities, addresses, secrets and whatever else a parameter or a field may hold.

Called by `schedule`, `tests`, `digests` and `write`. Apart from `canonical.py`, so that who reads a plan loads no IR.
"""

from __future__ import annotations

from collections.abc import Callable

from ..addresses import Address, Interface, Mac, Prefix
from ..ir.lab import Secret
from ..quantities import Quantity, Service

_EXACT = 2**53 - 1  # RFC 7493 §2.2: integers beyond are not read alike by everyone


def plain(value: object) -> object:
    """A value of a parameter or field as JSON.

    Quantities become amounts in their base unit, addresses and services text, a secret `{"secret": REFERENCE}`, and a
    number that RFC 8785 would need a float for `{"number": TEXT}`.
    """
    form = _PLAIN.get(type(value))
    return form(value) if form is not None else _of_family(value)


def _of_family(value: object) -> object:
    """Ids and the like: types made of a type that has a form."""
    return next((form(value) for known, form in _PLAIN.items() if isinstance(value, known)), str(value))


def _integer(value: int) -> object:
    return value if -_EXACT <= value <= _EXACT else {"number": str(value)}


def _keep(value: object) -> object:
    return value


_PLAIN: dict[type, Callable[..., object]] = {
    bool: _keep,
    type(None): _keep,
    str: _keep,
    int: _integer,
    float: lambda value: {"number": repr(value)},
    Quantity: lambda value: _integer(value.amount),
    Secret: lambda value: {"secret": value.reference},
    Service: str,
    Address: str,
    Prefix: str,
    Interface: str,
    Mac: str,
    list: lambda value: [plain(item) for item in value],
    tuple: lambda value: [plain(item) for item in value],
    dict: lambda value: {str(key): plain(item) for key, item in value.items()},
}
