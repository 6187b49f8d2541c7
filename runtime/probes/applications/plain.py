"""Any service of labc's: its own words, sent back as they are (`services/exchange.py`)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Any

from ...services.exchange import MARK


async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _fields: Mapping[str, Any]) -> str:
    said = MARK + os.urandom(16)
    writer.write(said)
    # A service that greets may have said so before it saw the mark.
    await reader.readuntil(said)
    return "exchange"


def question(_fields: Mapping[str, Any]) -> bytes:
    return MARK + os.urandom(16)


def heard(question: bytes, data: bytes, _fields: Mapping[str, Any]) -> str | None:
    return "exchange" if data == question else None
