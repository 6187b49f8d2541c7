"""Canonical JSON (RFC 8785) and its SHA-256: the form in which two plans can be compared byte by byte.

Enters: JSON values, or values of the IR through `plain`. Leaves: bytes and digests. Called by `schedule`, `tests`, `write`,
`map` and `read`. Numbers are integers of at most 53 bits, so RFC 8785's rules for floats never come into play.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

import orjson

from ..addresses import Address, Interface, Mac, Prefix
from ..ir.lab import Secret
from ..quantities import Quantity, Service

# RFC 8785 §3.2.3 sorts keys by UTF-16 code units, orjson by code points: they differ only past the BMP.
_PAST_BMP = re.compile(rb"[\xf0-\xf4]")
_EXACT = 2**53 - 1  # RFC 7493 §2.2: integers beyond are not read alike by everyone


def canonical(value: object) -> bytes:
    """The one spelling of a JSON value. Raises TypeError for what is no JSON or an integer of more than 53 bits."""
    data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)
    if not data.isascii() and _PAST_BMP.search(data):
        return orjson.dumps(_in_utf16_order(value), option=orjson.OPT_STRICT_INTEGER)
    return data


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def plain(value: object) -> object:
    """A value of a parameter or field as JSON.

    Quantities become amounts in their base unit, addresses and services text, a secret `{"secret": REFERENCE}`, and a
    number that RFC 8785 would need a float for `{"number": TEXT}`.
    """
    form = _PLAIN.get(type(value))
    return form(value) if form is not None else _of_family(value)


def _in_utf16_order(value: object) -> object:
    if isinstance(value, dict):
        return {key: _in_utf16_order(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))}
    if isinstance(value, list | tuple):
        return [_in_utf16_order(item) for item in value]
    return value


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
