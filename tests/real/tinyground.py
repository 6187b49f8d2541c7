"""The ground of probes over a TinyNet: tests of probes that need no backend."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from labc.runtime.probes.bench import BESIDE
from labc.runtime.probes.cases import End
from labc.runtime.services.house import House
from tests.real.tinynet import TinyNet


class TinyGround:
    """Ports are cut at their far end; `house` has the services that are stopped and started."""

    def __init__(self, net: TinyNet, house: House | None = None) -> None:
        self.net = net
        self.house = house
        self.loop = asyncio.get_running_loop()
        self.undone: list[tuple[str, str]] = []
        self.traced: set[str] = set()

    def network(self, node: str) -> AbstractContextManager[object]:
        return self.net.inside(node)

    @contextmanager
    def beside(self, end: End) -> Iterator[Callable[[], AbstractContextManager[object]]]:
        name = f"beside {end.node} {end.address}"
        segment = self.net.segments[end.port]
        self.net.node(name)
        far = self.net.port(name, BESIDE, segment, f"{end.address}/24")
        try:
            yield lambda: self.net.inside(name)
        finally:
            self.net.run("", f"ip link delete {far}")

    def cut(self, target: str) -> None:
        self.undone.append(("heal", target))
        self.net.run("", f"ip link set dev {self.net.far[target]} down")

    def heal(self, target: str) -> None:
        self.undone.remove(("heal", target))
        self.net.run("", f"ip link set dev {self.net.far[target]} up")

    def stop(self, target: str) -> None:
        assert self.house is not None
        self.undone.append(("start", target))
        self._in_loop(self.house.stop, target)

    def start(self, target: str) -> None:
        assert self.house is not None
        self.undone.remove(("start", target))
        self._in_loop(self.house.start, target)

    def _in_loop(self, change: Callable[..., Any], target: str) -> None:
        """Services live in the test's loop; the probes call from a thread, as they would another process."""

        async def run() -> None:
            change(lambda request: request.id == target)

        asyncio.run_coroutine_threadsafe(run(), self.loop).result(5)

    def state(self, target: str) -> str:
        if target in self.net.far:
            shown = self.net.run("", f"ip -o link show dev {self.net.far[target]}")
            return "up" if ",UP" in shown else "down"
        assert self.house is not None
        return next((str(one["state"]) for one in self.house.list() if one["id"] == target), "stopped")

    def heal_all(self) -> list[str]:
        left = [target for _, target in self.undone]
        for verb, target in list(self.undone):
            getattr(self, verb)(target)
        return left

    def tracing(self, node: str, *, on: bool) -> None:
        (self.traced.add if on else self.traced.discard)(node)


def resources(*more: dict[str, Any]) -> list[dict[str, Any]]:
    """Resources as a plan lists them, from the parts that matter to a probe."""
    return [{"host": "local", "backend": "netns", "needs": [], **one} for one in more]
