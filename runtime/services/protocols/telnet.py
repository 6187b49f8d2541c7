"""telnet (RFC 854): the field `banner`, a login prompt, and nobody gets in. Every option is refused."""

from __future__ import annotations

import asyncio

from ..model import Request, Speech

_IAC, _DONT, _DO, _WONT, _WILL, _SB, _SE = 255, 254, 253, 252, 251, 250, 240
_ATTEMPTS = 3
_LINE_LIMIT = 1024


def stream(request: Request) -> Speech:
    banner = str(request.fields.get("banner", ""))
    return Speech(lambda: Telnet(banner.encode().replace(b"\xff", b"\xff\xff")), greets=True)


class Telnet(asyncio.Protocol):
    """One connection. `_pending` holds the bytes of a command or a line that has not ended yet."""

    def __init__(self, banner: bytes) -> None:
        self._banner = banner
        self._pending = b""
        self._line = b""
        self._attempts = 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        lines = self._banner.rstrip(b"\n").replace(b"\n", b"\r\n")
        transport.write((lines + b"\r\n" if lines else b"") + b"login: ")

    def data_received(self, data: bytes) -> None:
        self._pending += data
        while self._pending and (used := self._take(self._pending)):
            self._pending = self._pending[used:]
        if len(self._pending) > _LINE_LIMIT:
            assert self._transport is not None
            self._transport.abort()

    def _take(self, data: bytes) -> int:
        """Take one byte of text or one command from the front; gives its length, 0 while it has not ended."""
        if data[0] != _IAC:
            self._text(data[0])
            return 1
        if len(data) < 2:
            return 0
        if data[1] == _SB:
            end = data.find(bytes([_IAC, _SE]))
            return end + 2 if end >= 0 else 0
        if data[1] < _WILL or data[1] == _IAC:
            return 2
        if len(data) < 3:
            return 0
        if data[1] in (_DO, _WILL):
            assert self._transport is not None
            self._transport.write(bytes([_IAC, _WONT if data[1] == _DO else _DONT, data[2]]))
        return 3

    def _text(self, byte: int) -> None:
        if byte != 10:
            self._line = (self._line + bytes([byte]))[-_LINE_LIMIT:]
            return
        self._line = b""
        self._attempts += 1
        assert self._transport is not None
        if self._attempts < _ATTEMPTS:
            self._transport.write(b"Login incorrect\r\nlogin: ")
        else:
            self._transport.close()
