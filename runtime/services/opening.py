"""From a request to open listeners. Called by `house.py`; a service's protocol is found by its name."""

from __future__ import annotations

import errno
import importlib
from collections.abc import Callable
from contextlib import ExitStack
from types import ModuleType

from .datagram import DatagramListener
from .model import Closable, Network, Request, ServiceError
from .sockets import listen_tcp, listen_udp
from .stream import StreamListener

# A service that a lab defines and labc has no protocol for answers as echo does: there is something to test against.
_UNKNOWN = "echo"


def open_listeners(request: Request, network: Network, *, shared: bool = True) -> list[Closable]:
    """Open all that the request asks for, or nothing. Raises ServiceError.

    `shared`: a probe may send from these ports meanwhile; without it, a port where anyone listens is taken.
    """
    protocol = _protocol(request.service)
    if hasattr(protocol, "open_service"):
        return list(protocol.open_service(request, network))
    if not request.listens:
        raise ServiceError(f"{request.id} says no port to listen on")
    with ExitStack() as undo:
        opened = []
        for listen in request.listens:
            listener = _open(request, listen, protocol, network, shared=shared)
            undo.callback(listener.close)
            opened.append(listener)
        undo.pop_all()
    return opened


def _protocol(service: str) -> ModuleType:
    name = service if service.isidentifier() and not service.startswith("_") else _UNKNOWN
    package = f"{__package__}.protocols"
    try:
        return importlib.import_module(f"{package}.{name}")
    except ModuleNotFoundError as missing:
        if missing.name != f"{package}.{name}":
            raise ServiceError(f"the service {service} needs the Python package {missing.name}") from None
    return importlib.import_module(f"{package}.{_UNKNOWN}")


def _open(request: Request, listen: str, protocol: ModuleType, network: Network, *, shared: bool) -> Closable:
    transport, port = _split(request, listen)
    speak: Callable[[Request], object] | None = getattr(protocol, {"tcp": "stream", "udp": "datagram"}[transport], None)
    if speak is None:
        raise ServiceError(f"the service {request.service} does not speak {transport}")
    said = speak(request)
    try:
        with network(request.node):
            listening = listen_tcp(port, shared=shared) if transport == "tcp" else listen_udp(port, shared=shared)
    except OSError as failure:
        taken = failure.errno == errno.EADDRINUSE
        said = f"{request.id} cannot listen on {listen} in {request.node}: {failure.strerror}"
        raise ServiceError(said, taken=taken) from None
    if transport == "tcp":
        return StreamListener(listening, said)  # type: ignore[arg-type]
    return DatagramListener(listening, said)  # type: ignore[arg-type]


def _split(request: Request, listen: str) -> tuple[str, int]:
    transport, _, port = listen.partition("/")
    if transport not in ("tcp", "udp") or not port.isdigit() or not 1 <= int(port) <= 65535:
        raise ServiceError(f"{request.id} cannot listen on {listen!r}: not tcp/PORT or udp/PORT")
    return transport, int(port)
