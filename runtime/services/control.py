"""The control socket: JSON lines over a unix socket, one answer a request, in order.

    {"do": "ping"}                         → {"ok": true, "pid": 7}
    {"do": "list"}                         → {"ok": true, "services": [{"id", "node", "service", "listens", "fields",
                                              "state": running|stopped, "network": inode}], "leases": [{"port", "node",
                                              "interface", "state", "address", "gateway", "network"}]}
    {"do": "serve", "id": "service/web/http", "node": "web", "service": "http", "listens": ["tcp/80"], "fields": {…},
     "shown": {…} or left out}             → {"ok": true} once it listens
    {"do": "remove", "id": …} or {"do": "remove", "ids": […]} (services and leases) or {"do": "remove", "node": …}
    {"do": "lease", "port": "port/pc/eth0", "node": "pc", "interface": "eth0"} → {"ok": true}; it works on in the background
    {"do": "settle", "ports": […] or left out: all, "within": seconds} → {"ok": true} when bound; else what is missing
    {"do": "stop", "id": … or "node": …}   → {"ok": true, "ids": [what ran]}; remembered, and opened again by
    {"do": "start", "id": … or "node": … or neither: all}

A request that cannot be met: {"ok": false, "error": text}. Names of nodes are bare (`web`); `node/web` is understood too.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .house import House
from .leases import Leases
from .model import Request, ServiceError

_LINE_LIMIT = 4 * 1024 * 1024
Said = dict[str, Any]  # Any: JSON


class Control:
    """Answers requests about one house and its leases."""

    def __init__(self, house: House, leases: Leases) -> None:
        self._house = house
        self._leases = leases

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, from its first line to its end."""
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await self.answer(line)).encode() + b"\n")
                await writer.drain()
        except (OSError, ValueError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def answer(self, line: bytes) -> Said:
        """The answer to one request; no line, however broken, gives an exception."""
        try:
            said = json.loads(line)
            verb = getattr(self, f"_do_{said['do']}", None)
            return (
                {"ok": False, "error": f"no such request: {said['do']!r}"}
                if verb is None
                else {"ok": True, **await verb(said)}
            )
        except ServiceError as refused:
            return {"ok": False, "error": str(refused)}
        except (ValueError, KeyError, TypeError) as broken:
            return {"ok": False, "error": f"not a request: {type(broken).__name__}: {broken}"}
        except OSError as failure:
            return {"ok": False, "error": str(failure)}

    async def _do_ping(self, said: Said) -> Said:
        return {"pid": os.getpid()}

    async def _do_list(self, said: Said) -> Said:
        return {"services": self._house.list(), "leases": self._leases.list()}

    async def _do_serve(self, said: Said) -> Said:
        self._house.serve(_request(said))
        return {}

    async def _do_remove(self, said: Said) -> Said:
        if "node" in said:
            node = _node(said["node"])
            ids = [s["id"] for s in self._house.list() if s["node"] == node]
            ids += [s["port"] for s in self._leases.list() if s["node"] == node]
        else:
            ids = list(said["ids"]) if "ids" in said else [said["id"]]
        self._house.remove(ids)
        self._leases.remove(ids)
        return {}

    async def _do_lease(self, said: Said) -> Said:
        self._leases.add(str(said["port"]), _node(said["node"]), str(said["interface"]))
        return {}

    async def _do_settle(self, said: Said) -> Said:
        await self._leases.settle(said.get("ports"), float(said.get("within", 10)))
        return {}

    async def _do_stop(self, said: Said) -> Said:
        if "id" not in said and "node" not in said:
            raise ServiceError("stop what? say id or node")
        return {"ids": self._house.stop(_chosen(said))}

    async def _do_start(self, said: Said) -> Said:
        return {"ids": self._house.start(_chosen(said))}


async def listen(path: Path, control: Control) -> asyncio.AbstractServer:
    """Open the control socket; one left by a killed process is replaced."""
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    _bind(opened, path)
    return await asyncio.start_unix_server(control.talk, sock=opened, limit=_LINE_LIMIT)


def _bind(opened: socket.socket, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    opened.bind(str(path))
    path.chmod(0o600)


def _request(said: Said) -> Request:
    return Request(
        id=str(said["id"]),
        node=_node(said["node"]),
        service=str(said["service"]),
        listens=tuple(str(listen) for listen in said["listens"]),
        fields=dict(said.get("fields") or {}),
        shown=said.get("shown"),
    )


def _node(name: object) -> str:
    return str(name).removeprefix("node/")


def _chosen(said: Said) -> Callable[[Request], bool]:
    if "id" in said:
        return lambda request: request.id == said["id"]
    if "node" in said:
        return lambda request: request.node == _node(said["node"])
    return lambda _request: True
