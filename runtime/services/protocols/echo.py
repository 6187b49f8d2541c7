"""echo, RFC 862: what comes is sent back. Also spoken for services that a lab defines itself."""

from __future__ import annotations

from ..exchange import EchoBack
from ..model import Answer, Request, Speech

_ECHO_PORT = 7


def stream(_request: Request) -> Speech:
    return Speech(EchoBack)


def datagram(_request: Request) -> Answer:
    # A datagram from port 7 is another echo service's answer: two would talk forever (RFC 862's old trap).
    return lambda data, peer: () if peer.port == _ECHO_PORT else (data,)
