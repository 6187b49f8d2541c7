"""What the parts of the services' process hand each other: a request to serve, and how a protocol answers."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

# Stand in the network namespace of the node so named, for the time of a `with`.
Network = Callable[[str], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class Request:
    """Serve `service` in `node` on `listens` ("tcp/80"); `fields` as the service declares them, secrets replaced.

    `shown` stands for the fields in `list`, for callers whose fields hold what must not be said again.
    """

    id: str
    node: str
    service: str
    listens: tuple[str, ...]
    fields: dict[str, Any] = field(default_factory=dict)  # Any: JSON
    shown: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Peer:
    """Who sent a datagram: address, port, the interface it came by."""

    address: str
    port: int
    interface: int


class Closable(Protocol):
    """An open listener: `close` stops it and ends what it holds, at once."""

    def close(self) -> None: ...


Answer = Callable[[bytes, Peer], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Speech:
    """How a service talks on a TCP connection: by a protocol of asyncio, or by `take`, which is given the socket.

    `greets`: the server speaks first, so it may not wait for the client's first bytes.
    """

    protocol: Callable[[], asyncio.Protocol] | None = None
    tls: ssl.SSLContext | None = None
    take: Callable[[socket.socket], Awaitable[object]] | None = None
    greets: bool = False


class ServiceError(Exception):
    """A request that cannot be met; its text is for people. `taken`: because somebody else has the port."""

    def __init__(self, text: str, *, taken: bool = False) -> None:
        super().__init__(text)
        self.taken = taken
