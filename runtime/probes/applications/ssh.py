"""ssh: both sides say who they are (RFC 4253, 4.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from . import Wrong

_LINES = 20


async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _fields: Mapping[str, Any]) -> str:
    writer.write(b"SSH-2.0-labc_probe\r\n")
    for _ in range(_LINES):
        line = await reader.readline()
        if line.startswith(b"SSH-"):
            return line.decode("latin-1").strip()
        if not line:
            break
    raise Wrong("the answer is no SSH")
