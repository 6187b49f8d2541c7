"""https: a TLS handshake, its certificate taken as it is, then as http."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any

from . import Wrong, http


async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fields: Mapping[str, Any]) -> str:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        await writer.start_tls(context)
    except ssl.SSLError as failure:
        raise Wrong(f"no TLS: {failure.reason or failure}") from None
    return await http.talk(_reader, writer, fields)
