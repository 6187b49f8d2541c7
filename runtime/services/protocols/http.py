"""http: answers every GET and HEAD with the field `page` (RFC 9112, as much as a test and a browser need)."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from ..model import Request, Speech

_HEAD_LIMIT = 16 * 1024


def stream(request: Request) -> Speech:
    page = str(request.fields.get("page", ""))
    return Speech(lambda: Http(page.encode()))


class Http(asyncio.Protocol):
    """One connection, kept open between requests as HTTP/1.1 says."""

    def __init__(self, page: bytes) -> None:
        self._page = page
        self._head = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._head += data
        while b"\r\n\r\n" in self._head and not self._closing:
            head, self._head = self._head.split(b"\r\n\r\n", 1)
            self._answer(head)
        if len(self._head) > _HEAD_LIMIT:
            self._say(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, b"", keep=False)

    def pause_writing(self) -> None:
        assert self._transport is not None
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        assert self._transport is not None
        self._transport.resume_reading()

    @property
    def _closing(self) -> bool:
        return self._transport is None or self._transport.is_closing()

    def _answer(self, head: bytes) -> None:
        first, *fields = head.lstrip(b"\r\n").split(b"\r\n")
        words = first.split()
        if len(words) != 3 or not words[2].startswith(b"HTTP/1."):
            self._say(HTTPStatus.BAD_REQUEST, b"", keep=False)
            return
        headers = {
            name.strip().lower(): value.strip().lower() for name, _, value in (f.partition(b":") for f in fields)
        }
        # A body is not read, so the connection ends after the answer to a request that has one.
        body = headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers
        connection = headers.get(b"connection", b"keep-alive" if words[2] == b"HTTP/1.1" else b"close")
        keep = connection != b"close" and not body
        if words[0] not in (b"GET", b"HEAD"):
            self._say(HTTPStatus.METHOD_NOT_ALLOWED, b"", keep=keep)
            return
        self._say(HTTPStatus.OK, self._page, keep=keep, body=words[0] == b"GET")

    def _say(self, status: HTTPStatus, page: bytes, *, keep: bool, body: bool = True) -> None:
        assert self._transport is not None
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\nServer: labc\r\nContent-Type: text/html; charset=utf-8\r\n"
            f"Content-Length: {len(page)}\r\nConnection: {'keep-alive' if keep else 'close'}\r\n\r\n"
        )
        self._transport.write(head.encode() + (page if body else b""))
        if not keep:
            self._transport.close()
