"""Canonical JSON (RFC 8785) and its SHA-256: the form in which two plans can be compared byte by byte.

Enters: JSON values; `plain.py` makes such of values of the IR. Leaves: bytes and digests. Called by `write`, `map` and `read`.
Numbers are integers of at most 53 bits, so RFC 8785's rules for floats never come into play.
"""

from __future__ import annotations

import hashlib
import re

import orjson

# RFC 8785 §3.2.3 sorts keys by UTF-16 code units, orjson by code points: they differ only past the BMP.
_PAST_BMP = re.compile(rb"[\xf0-\xf4]")


def canonical(value: object) -> bytes:
    """The one spelling of a JSON value. Raises TypeError for what is no JSON or an integer of more than 53 bits."""
    data = orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER)
    if not data.isascii() and _PAST_BMP.search(data):
        return orjson.dumps(_in_utf16_order(value), option=orjson.OPT_STRICT_INTEGER)
    return data


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _in_utf16_order(value: object) -> object:
    if isinstance(value, dict):
        return {key: _in_utf16_order(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))}
    if isinstance(value, list | tuple):
        return [_in_utf16_order(item) for item in value]
    return value
