"""What the cases of a run share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, cast

from labc.runtime.probes.bench import Bench
from labc.runtime.probes.cases import End
from labc.runtime.probes.ground import Ground
from labc.runtime.probes.lab import Lab

PORT = {"id": "port/dut/eth0", "kind": "port", "spec": {"node": "node/dut", "addresses": ["10.0.0.1/24", "fd00::1/64"]}}


class _Ground:
    """Remembers who stood beside."""

    def __init__(self) -> None:
        self.stood: list[str] = []

    @contextmanager
    def beside(self, end: End) -> Iterator[Callable[[], AbstractContextManager[object]]]:
        self.stood.append(end.address)
        yield nullcontext


def _stood(*addresses: str) -> list[str]:
    async def stand() -> list[str]:
        ground: Any = _Ground()
        bench = Bench(cast("Ground", ground), Lab.of([PORT]))
        try:
            for address in addresses:
                with bench.place(End("dut", "port/dut/eth0", "eth0", address, "beside")):
                    pass
        finally:
            bench.close()
        return list(ground.stood)

    return asyncio.run(stand())


def test_one_probe_stands_in_for_all_addresses_of_a_port() -> None:
    """Two with the node's MAC on one bridge would take each other's packets away."""
    assert _stood("10.0.0.1", "fd00:0::1", "10.0.0.1") == ["10.0.0.1"]


def test_probes_with_addresses_of_their_own_stand_alone() -> None:
    """Each has a MAC of its own."""
    assert _stood("10.0.0.7", "10.0.0.8", "10.0.0.7") == ["10.0.0.7", "10.0.0.8"]
