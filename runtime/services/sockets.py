"""Listening sockets for both families at once. The caller stands in the node's namespace when it calls."""

from __future__ import annotations

import socket

IP_PKTINFO = 8  # named by the socket module from Python 3.14 on
_BACKLOG = 128


def listen_tcp(port: int, *, shared: bool = True) -> socket.socket:
    """A TCP socket that listens on every address of the namespace, IPv4 and IPv6. Raises OSError."""
    opened = _bound(socket.SOCK_STREAM, port, shared=shared)
    opened.listen(_BACKLOG)
    return opened


def listen_udp(port: int, *, shared: bool = True) -> socket.socket:
    """A UDP socket bound to every address of the namespace, IPv4 and IPv6. Raises OSError."""
    return _bound(socket.SOCK_DGRAM, port, shared=shared)


def listen_udp4(port: int) -> socket.socket:
    """A UDP socket for IPv4 alone, for protocols that broadcast. Raises OSError."""
    return _bind(socket.AF_INET, socket.SOCK_DGRAM, "0.0.0.0", port, shared=True)  # noqa: S104  # inside the node


def _bound(form: socket.SocketKind, port: int, *, shared: bool) -> socket.socket:
    try:
        return _bind(socket.AF_INET6, form, "::", port, shared=shared)
    except OSError:
        # A kernel without IPv6. Where the port is taken, this fails in the same way.
        return _bind(socket.AF_INET, form, "0.0.0.0", port, shared=shared)  # noqa: S104  # inside the node


def _bind(
    family: socket.AddressFamily, form: socket.SocketKind, address: str, port: int, *, shared: bool
) -> socket.socket:
    opened = socket.socket(family, form | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    try:
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        # A probe sends from a served port (source port 53) while the service listens: then both say so, and are of one user.
        if shared or form == socket.SOCK_STREAM:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        opened.bind((address, port))
    except BaseException:
        opened.close()
        raise
    return opened
