"""telnet: the server says its banner, or asks for options, before anything else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from . import Wrong


async def talk(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter, fields: Mapping[str, Any]) -> str:
    banner = fields.get("banner")
    wanted = banner.strip().splitlines()[0].encode() if isinstance(banner, str) and banner.strip() else b""
    said = b""
    while wanted not in said or not said:
        more = await reader.read(1024)
        if not more:
            raise Wrong("the banner is not the one that the service was given")
        said += more
    return "banner"
