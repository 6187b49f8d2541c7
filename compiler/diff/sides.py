"""One side of a comparison: a plan, of which only what differs is ever looked at.

Enters: the bytes of a plan. Leaves: a `Side`, whose records are still JSON text. Called by `compare.py`. Raises `PlanError` for what
is no plan. Two plans of ten thousand nodes have 60 MB each and differ in a few lines: finding these as bytes takes a tenth of
a second, reading all of it as records a second.

What labc wrote carries the digest of its very bytes, so bytes that have it are held to the schema no further. All others are read in
full, and put into canonical form.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Collection, Iterator
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
    """The members of a plan; records stay text. `placement` and `reach` are there since a lab may have several hosts."""

    format: str
    lab: str
    digest: str
    digests: Digests
    parameters: dict[str, Any]
    resources: list[msgspec.Raw]
    tests: list[msgspec.Raw]
    requirements: list[msgspec.Raw]
    placement: Any = None
    reach: dict[str, str] = {}


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

    def is_cable(self, segment: str | None) -> bool:
        """Whether a segment is one cable."""
        found = self.resource(segment) if segment else None
        return found is not None and bool(found["spec"].get("direct"))

    def resource(self, identity: str) -> dict[str, Any] | None:
        """By its id, in which order they stand."""
        at = bisect_left(self.resources, identity, key=_id_of)
        raw = self.resources[at] if at < len(self.resources) else None
        return record(raw) if raw is not None and _id_of(raw) == identity else None

    def on_segments(self, segments: Collection[str]) -> Iterator[dict[str, Any]]:
        """The ports that stand on segments."""
        for raw in self.resources:
            if b'"kind":"port"' in raw:
                port = record(raw)
                if any(on["segment"] in segments for on in port["spec"]["segments"]):
                    yield port


class _Identified(Struct):
    id: str


_ID = msgspec.json.Decoder(_Identified)
_RECORD = msgspec.json.Decoder(dict[str, Any])
_DOCUMENT = msgspec.json.Decoder(_Document)


def _id_of(raw: bytes) -> str:
    return _ID.decode(raw).id


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
