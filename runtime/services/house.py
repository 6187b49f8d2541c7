"""All that is served, by id: serve, remove, stop, start, list. Called by `control.py`, alone and in one thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .model import Closable, Network, Request, ServiceError
from .opening import open_listeners


@dataclass(slots=True)
class Served:
    """A service and its open listeners; none while it is stopped. `network`: inode of the namespace they stand in."""

    request: Request
    network: int
    listeners: list[Closable] = field(default_factory=list)

    @property
    def state(self) -> str:
        return "running" if self.listeners else "stopped"

    def close(self) -> None:
        for listener in self.listeners:
            listener.close()
        self.listeners.clear()


class House:
    """The services of one instance."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._served: dict[str, Served] = {}
        self._holders: dict[tuple[str, str], str] = {}  # who listens, by node and "tcp/80"

    def serve(self, request: Request) -> None:
        """Serve, from when this returns; what had the id gives way. The same request again changes nothing."""
        old = self._served.get(request.id)
        here = self._inode(request.node)
        if old is not None and (old.request, old.network, old.state) == (request, here, "running"):
            return
        self._refuse_shared_ports(request)
        if old is not None:
            self._drop(request.id)
        self._keep(Served(request, here, open_listeners(request, self._network)))

    def remove(self, ids: Iterable[str]) -> None:
        """Close and forget; ids that are not served are no mistake."""
        for key in ids:
            if key in self._served:
                self._drop(key)

    def stop(self, chosen: Callable[[Request], bool]) -> list[str]:
        """Close but remember, for a test that takes services down. Gives the ids that were running."""
        stopped = [key for key, served in self._served.items() if chosen(served.request) and served.listeners]
        for key in stopped:
            self._served[key].close()
        return stopped

    def start(self, chosen: Callable[[Request], bool]) -> list[str]:
        """Open again what was stopped. Gives the ids that were."""
        started = [key for key, served in self._served.items() if chosen(served.request) and not served.listeners]
        for key in started:
            served = self._served[key]
            served.network = self._inode(served.request.node)
            served.listeners = open_listeners(served.request, self._network)
        return started

    def list(self) -> list[dict[str, Any]]:
        """What is served, sorted by id."""
        return [_described(served) for _, served in sorted(self._served.items())]

    def close(self) -> None:
        self.remove(list(self._served))

    def _inode(self, node: str) -> int:
        try:
            with self._network(node):
                return Path("/proc/thread-self/ns/net").stat().st_ino
        except OSError as failure:
            raise ServiceError(f"there is no node {node} to serve in: {failure.strerror}") from None

    def _refuse_shared_ports(self, request: Request) -> None:
        # SO_REUSEPORT would let two services share a port without a word.
        for listen in request.listens:
            holder = self._holders.get((request.node, listen), request.id)
            if holder != request.id and self._served[holder].listeners:
                raise ServiceError(f"{request.id} cannot listen on {listen}: {holder} does")

    def _keep(self, served: Served) -> None:
        self._served[served.request.id] = served
        for listen in served.request.listens:
            self._holders[served.request.node, listen] = served.request.id

    def _drop(self, key: str) -> None:
        served = self._served.pop(key)
        served.close()
        for listen in served.request.listens:
            if self._holders.get((served.request.node, listen)) == key:
                del self._holders[served.request.node, listen]


def _described(served: Served) -> dict[str, Any]:
    request = served.request
    return {
        "id": request.id,
        "node": request.node,
        "service": request.service,
        "listens": list(request.listens),
        "fields": request.fields if request.shown is None else request.shown,
        "state": served.state,
        "network": served.network,
    }
