"""http: GET /, status 200, and the page that the service was given."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from . import Wrong

_LONGEST = 16 * 1024 * 1024


async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fields: Mapping[str, Any]) -> str:
    address, port = writer.get_extra_info("peername")[:2]
    host = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    writer.write(f"GET / HTTP/1.1\r\nHost: {host}\r\nUser-Agent: labc\r\nConnection: close\r\n\r\n".encode())
    status = (await reader.readline()).decode("latin-1").strip()
    words = status.split()
    if len(words) < 2 or not words[0].startswith("HTTP/"):
        raise Wrong(f"the answer is no HTTP: {status[:60]!r}")
    if words[1] != "200":
        raise Wrong(f"the answer is {status}")
    while (await reader.readline()).strip():
        pass
    body = await reader.read(_LONGEST)
    while more := await reader.read(_LONGEST):
        body += more
    page = fields.get("page")
    if isinstance(page, str) and body != page.encode():
        raise Wrong(f"the page is not the one that the service was given ({len(body)} bytes)")
    return status
