"""Talk to the services' process: blocking calls over its control socket. Called by backends and probes, inside the instance."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SOCKET = Path("/run/labc/services.sock")
_CREDENTIALS = 12  # the size of struct ucred


class ServicesUnreachableError(Exception):
    """The process is gone, or hung up."""


class ServicesRefusedError(Exception):
    """The process answered that it cannot."""


class ServicesClient:
    """One connection. `ask` for one request, `ask_all` for many in one go; `control.py` lists the requests."""

    def __init__(self, path: Path = SOCKET, timeout: float = 30.0) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        self._socket.settimeout(timeout)
        try:
            self._socket.connect(str(path))
        except OSError as failure:
            self._socket.close()
            raise ServicesUnreachableError(f"{path}: {failure.strerror}") from None
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def peer(self) -> int:
        """The pid of the process that listens, as our pid namespace knows it."""
        (pid,) = struct.unpack_from("=i", self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS))
        return int(pid)

    def ask(self, do: str, **said: Any) -> dict[str, Any]:  # Any: JSON
        """One request. Raises ServicesRefusedError, ServicesUnreachableError."""
        answer = self.ask_all([{"do": do, **said}])[0]
        if not answer.get("ok"):
            raise ServicesRefusedError(answer.get("error", "no reason given"))
        return answer

    def ask_all(self, requests: Iterable[dict[str, Any]], batch: int = 200) -> list[dict[str, Any]]:
        """Many requests; answers in their order, refusals among them. Raises ServicesUnreachableError."""
        waiting = list(requests)
        answers: list[dict[str, Any]] = []
        for start in range(0, len(waiting), batch):
            part = waiting[start : start + batch]
            try:
                self._socket.sendall(b"".join(json.dumps(request).encode() + b"\n" for request in part))
                answers += [json.loads(self._line()) for _ in part]
            except OSError as failure:
                raise ServicesUnreachableError(str(failure)) from None
        return answers

    def _line(self) -> bytes:
        line = self._file.readline()
        if not line.endswith(b"\n"):
            raise ServicesUnreachableError("the services' process hung up")
        return line
