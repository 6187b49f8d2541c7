"""dns: a question about a name that the service knows, or about the root, and an answer to it."""

from __future__ import annotations

import asyncio
import random
import struct
from collections.abc import Mapping
from typing import Any

from . import Wrong

_A, _AAAA, _TXT, _NS, _IN = 1, 28, 16, 2, 1
_REFUSED = {1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}


async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fields: Mapping[str, Any]) -> str:
    asked = question(fields)
    writer.write(len(asked).to_bytes(2, "big") + asked)
    size = int.from_bytes(await reader.readexactly(2), "big")
    said = heard(asked, await reader.readexactly(size), fields)
    if said is None:
        raise Wrong("the answer is to no question of ours")
    return said


def question(fields: Mapping[str, Any]) -> bytes:
    """A query with a random id for the first name of the records."""
    name, kind = _subject(fields)
    labels = b"".join(bytes([len(label)]) + label for label in _labels(name))
    return (
        struct.pack("!HHHHHH", random.getrandbits(16), 0x0100, 1, 0, 0, 0) + labels + struct.pack("!BHH", 0, kind, _IN)
    )


def heard(question: bytes, data: bytes, fields: Mapping[str, Any]) -> str | None:
    if len(data) < 12 or data[:2] != question[:2] or not data[2] & 0x80:
        return None
    code, answers = data[3] & 15, int.from_bytes(data[6:8], "big")
    if fields.get("records") and (code or not answers):
        raise Wrong(f"the answer is {_REFUSED.get(code, code) if code else 'empty'}")
    return "answer" if answers else "empty answer"


def _subject(fields: Mapping[str, Any]) -> tuple[str, int]:
    records = fields.get("records")
    if not isinstance(records, Mapping) or not records:
        return "", _NS
    name = min(records)
    value = str(records[name][0] if isinstance(records[name], list) else records[name])
    if ":" in value and all(c in "0123456789abcdefABCDEF:." for c in value):
        return name, _AAAA
    parts = value.split(".")
    return name, _A if len(parts) == 4 and all(part.isdigit() for part in parts) else _TXT


def _labels(name: str) -> list[bytes]:
    return [label.encode("idna") if not label.isascii() else label.encode() for label in name.split(".") if label]
