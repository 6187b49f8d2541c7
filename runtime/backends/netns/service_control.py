"""The services' process of an instance, as the backend needs it: started when first wanted, told what to serve, looked at.

Runs inside. What it serves and how is `runtime/services`' affair; here is only the way to it.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from ...services.client import SOCKET, ServicesClient, ServicesRefusedError, ServicesUnreachableError

_MODULE = "labc.runtime.services"
_SETTLE = 20.0  # seconds for all leases together
_PATIENCE = 5.0  # a process that does not even tell what it serves for so long has been stopped, or hangs


class ServiceControl:
    """One connection, opened when first needed."""

    __slots__ = ("_client", "_starting")

    def __init__(self) -> None:
        self._client: ServicesClient | None = None
        self._starting: subprocess.Popen[bytes] | None = None

    def warm(self) -> None:
        """Start the process if none answers, and do not wait for it: it starts while nodes are made."""
        if self._starting is None:
            self._clear()
            if not self._connected():
                self._starting = _start()

    def serve(self, identity: str, node: str, stated: Mapping[str, Any], settings: str) -> None:
        self._ask("serve", id=identity, node=node, **stated, shown={"settings": settings})

    def lease(self, port: str, node: str, interface: str) -> None:
        self._ask("lease", port=port, node=node, interface=interface)

    def remove(self, identities: Sequence[str]) -> None:
        if self._connected():
            self._ask("remove", ids=list(identities))

    def remove_node(self, node: str) -> None:
        if self._connected():
            self._ask("remove", node=node)

    def listed(self) -> dict[str, Any]:
        """`services` and `leases`, empty when no process runs, or one that answers nobody: it serves nobody either."""
        self._drop()
        try:
            with ServicesClient(SOCKET, timeout=_PATIENCE) as client:
                return client.ask("list")
        except ServicesUnreachableError:
            return {"services": [], "leases": []}

    def _clear(self) -> None:
        """End a process that answers nobody, so that another one can take its place."""
        self._drop()
        gone = contextlib.suppress(ServicesUnreachableError, ProcessLookupError)
        with gone, ServicesClient(SOCKET, timeout=_PATIENCE) as client:
            process = os.pidfd_open(client.peer())
            try:
                client.ask("ping")
            except ServicesUnreachableError:
                signal.pidfd_send_signal(process, signal.SIGKILL)
                select.select([process], [], [])
            finally:
                os.close(process)

    def settle(self, ports: Sequence[str]) -> None:
        self._ask("settle", ports=list(ports), within=_SETTLE)

    def _ask(self, do: str, **said: Any) -> dict[str, Any]:  # Any: JSON
        try:
            return self._there().ask(do, **said)
        except ServicesRefusedError as error:
            raise OSError(str(error)) from None
        except ServicesUnreachableError as error:
            self._client = None
            raise OSError(f"the services' process: {error}") from None

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connected(self) -> bool:
        if self._client is not None:
            return True
        try:
            self._client = ServicesClient(SOCKET)
        except ServicesUnreachableError:
            return False
        return True

    def _there(self) -> ServicesClient:
        if self._client is None and not self._connected():
            self.warm()
            _await_ready(self._starting)
            self._starting = None
            self._client = ServicesClient(SOCKET)
        assert self._client is not None
        return self._client


def _start() -> subprocess.Popen[bytes]:
    """A session of its own: it outlives us, and the holder reaps it."""
    return subprocess.Popen(
        [sys.executable, "-S", "-s", "-m", _MODULE],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        cwd="/",
    )


def _await_ready(process: subprocess.Popen[bytes] | None) -> None:
    if process is None or process.stdout is None or process.stderr is None:
        return
    if not process.stdout.readline():
        said = process.stderr.read().decode(errors="replace").strip().splitlines()
        raise OSError("the services' process did not start" + (f": {said[-1]}" if said else ""))
