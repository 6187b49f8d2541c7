"""One side of a comparison: a plan, of which only what differs is ever looked at.

Enters: the bytes of a plan. Leaves: a `Side`, whose records are still JSON text. Called by `compare.py`. Raises `PlanError` for what
is no plan. Two plans of ten thousand nodes have 60 MB each and differ in a few lines: finding these as bytes takes a tenth of
a second, reading all of it as records a second.

What labc wrote carries the digest of its very bytes, so bytes that have it are held to the schema no further. All others are read in
full, and put into canonical form.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any

import msgspec
from msgspec import Struct

from ..plan.canonical import canonical
from ..plan.model import Digests
from ..plan.read import PlanError, check_format, read_plan

_MEMBER = b'{"digest":"sha256:'
_BODY = len(_MEMBER) + 64 + 2  # behind `",`


class _Document(Struct):
    """The members of a plan; records stay text. `placement` is there since a lab may have several hosts."""

    format: str
    lab: str
    digest: str
    digests: Digests
    parameters: dict[str, Any]
    resources: list[msgspec.Raw]
    tests: list[msgspec.Raw]
    requirements: list[msgspec.Raw]
    placement: Any = None


class Side:
    """A plan. `where` is how people call it."""

    def __init__(self, data: bytes, where: str = "") -> None:
        self.where = where
        self.data = data
        self.document = _decode(data)

    @cached_property
    def resources(self) -> list[bytes]:
        return list(map(bytes, self.document.resources))

    @cached_property
    def tests(self) -> list[bytes]:
        return list(map(bytes, self.document.tests))

    @cached_property
    def requirements(self) -> list[bytes]:
        return list(map(bytes, self.document.requirements))

    @cached_property
    def cables(self) -> frozenset[str]:
        """The ids of the segments that are one cable."""
        found = (raw for raw in self.resources if b'"direct":true' in raw and b'"kind":"segment"' in raw)
        return frozenset(each.id for each in map(_ID.decode, found))

    def on_segment(self, segment: str) -> list[dict[str, Any]]:
        """The ports that stand on a segment."""
        mark = b'"segment":' + msgspec.json.encode(segment)
        found = (record(raw) for raw in self.resources if mark in raw and b'"kind":"port"' in raw)
        return [each for each in found if any(on["segment"] == segment for on in each["spec"]["segments"])]


class _Identified(Struct):
    id: str


_ID = msgspec.json.Decoder(_Identified)
_RECORD = msgspec.json.Decoder(dict[str, Any])
_DOCUMENT = msgspec.json.Decoder(_Document)


def record(raw: bytes) -> dict[str, Any]:
    return _RECORD.decode(raw)


def read_side(data: bytes, where: str = "") -> Side:
    """Raises PlanError."""
    if not _is_as_written(data):
        read_plan(data)
        data = _as_written(data)
    return Side(data, where)


def _is_as_written(data: bytes) -> bool:
    """Whether these are bytes that `build` wrote: their digest stands first and is that of all that follows."""
    if not data.startswith(_MEMBER) or data[_BODY - 2 : _BODY] != b'",':
        return False
    found = hashlib.sha256(b"{")
    found.update(memoryview(data)[_BODY:])
    return found.hexdigest().encode() == data[len(_MEMBER) : _BODY - 2]


def _as_written(data: bytes) -> bytes:
    return canonical(msgspec.json.decode(data))


def _decode(data: bytes) -> _Document:
    try:
        document = _DOCUMENT.decode(data)
    except msgspec.MsgspecError as error:
        read_plan(data)  # says it better, and where
        raise PlanError(f"this is no plan: {error}") from None
    check_format(document.format)
    return document
