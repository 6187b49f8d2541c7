"""ssh: a real key exchange by asyncssh, the field `banner`, and nobody gets in."""

from __future__ import annotations

import contextlib
import functools
import logging
import socket

import asyncssh

from ..model import Request, Speech

_LOGIN_TIME = 30
# Refused logins and port scans are this server's daily bread; asyncssh would log each.
logging.getLogger("asyncssh").setLevel(logging.CRITICAL)


def stream(request: Request) -> Speech:
    banner = str(request.fields.get("banner", ""))

    async def take(connection: socket.socket) -> None:
        with contextlib.suppress(asyncssh.Error, OSError):
            server = await asyncssh.run_server(
                connection,
                server_factory=lambda: Refusing(banner),
                server_host_keys=[_host_key()],
                login_timeout=_LOGIN_TIME,
                server_version="labc",
            )
            await server.wait_closed()

    return Speech(take=take, greets=True)


class Refusing(asyncssh.SSHServer):
    """Shows the banner, asks for a password, and refuses every one."""

    def __init__(self, banner: str) -> None:
        self._banner = banner
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    def begin_auth(self, username: str) -> bool:
        if self._banner and self._connection is not None:
            self._connection.send_auth_banner(self._banner.rstrip("\n") + "\r\n")
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return False


@functools.cache
def _host_key() -> asyncssh.SSHKey:
    """One key a process: a lab's hosts are known by it until the lab is made anew."""
    return asyncssh.generate_private_key("ssh-ed25519")
