"""How long it takes to say why a lab does not fit, as a minimal set of demands, against five seconds.

Attributes: 3,000 nodes on 40 hosts. Packing: 20 big nodes on 19 places, amid 600 small ones. Both kinds of affinity. Ports: 1,000 of real gear on
2,000 sockets, and a patch fabric with fewer uplinks than segments. A conflict that is not proven, not minimal or not the one that was built
in counts as not answered.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np

from labc.compiler.solvers.conflict.conflict import conflict_of
from labc.compiler.solvers.gear.bind import UnbindableError, bind
from labc.compiler.solvers.gear.records import (
    Device,
    Nic,
    Node,
    Port,
    Request,
    Site,
    Socket,
    Switch,
    SwitchPort,
    ToNic,
    ToSwitch,
    Wire,
)
from labc.compiler.solvers.problem import Allow, Apart, Claim, Nets, Problem, Together

from .result import Result

SECONDS = 5
HOSTS = 40
OWN = np.arange(HOSTS, dtype=np.int32)


def attributes() -> Iterator[Result]:
    """Every node needs kvm, which half of the hosts have; and then something else."""
    kvm = [_allow(node, range(20)) for node in range(3000)]
    yield _measured("a node that needs kvm and isdn", _lab([*kvm, _allow(77, [30])]), 0, 2)
    spread = Apart(tuple(range(0, 105, 5)), OWN)
    yield _measured("21 nodes apart on the 20 hosts with kvm", _lab([*kvm, spread]), 0, 22)
    pinned: list[Claim] = [_allow(77, [3]), _allow(90, [4]), Together((77, 78), OWN), Together((78, 90), OWN)]
    yield _measured("a chain of together between two pins", _lab([*kvm, *pinned]), 0, 4)
    mixed: list[Claim] = [Together((1, 2, 3), OWN), Apart((3, 4), OWN), Together((4, 5, 1), OWN)]
    yield _measured("together and apart that contradict", _lab([*kvm, *mixed]), 0, 3)
    twelve: list[Claim] = [Apart(tuple(range(12)), OWN), *(_allow(node, range(11)) for node in range(12))]
    yield _measured("12 nodes apart on 11 hosts", _lab([*kvm, *twelve]), 0, 13)


def packing() -> Iterator[Result]:
    big = [[9000, 40 << 30, 1 << 30]] * 20
    yield _measured("20 big nodes on 19 hosts", _packed(big), 20, 0)
    sides = [[13000, 8 << 30, 1 << 30]] * 10 + [[8000, 44 << 30, 1 << 30]] * 10
    yield _measured("20 nodes big in one resource or another", _packed(sides), 20, 0)
    pairs = [[5500, 20 << 30, 1 << 30]] * 39
    yield _measured("39 nodes of which a host takes two", _packed(pairs), 39, 0)


def _measured(what: str, problem: Problem, nodes: int, claims: int) -> Result:
    name = f"conflict: {what}"
    start = time.perf_counter()
    found = conflict_of(problem)
    took = time.perf_counter() - start
    if (
        found is None
        or not found.proven
        or not found.minimal
        or (len(found.nodes), len(found.claims)) != (nodes, claims)
    ):
        return Result.missing(name, f"no minimal conflict of {nodes} sizes and {claims} claims", f"<= {SECONDS} s")
    return Result.at_most(name, took, "s", f"{SECONDS} seconds", SECONDS, 1)


def _lab(claims: Sequence[Claim]) -> Problem:
    return _problem(_small(3000), [[24000, 64 << 30, 500 << 30]] * HOSTS, claims)


def _packed(big: list[list[int]]) -> Problem:
    return _problem(big + _small(600), [[16000, 64 << 30, 900 << 30]] * 19, ())


def _small(count: int) -> list[list[int]]:
    """Many sizes, as labs have that were written by hand."""
    rng = np.random.default_rng(3)
    return [[int(rng.integers(1, 5)) * 50, int(rng.integers(1, 6)) * (64 << 20), 1 << 30] for _ in range(count)]


def _allow(node: int, hosts: Sequence[int]) -> Allow:
    return Allow((node,), np.isin(OWN, hosts))


def _problem(demand: list[list[int]], capacity: list[list[int]], claims: Sequence[Claim]) -> Problem:
    start, none = np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32)
    return Problem(
        tuple(f"n{i:04}" for i in range(len(demand))),
        tuple(f"h{i:02}" for i in range(len(capacity))),
        ("cpu", "memory", "disk"),
        np.array(demand, dtype=np.int64),
        np.array(capacity, dtype=np.int64),
        Nets(start, none, np.zeros(0, dtype=np.int64), start, none),
        tuple(claims),
    )


def ports() -> Iterator[Result]:
    plain = _gear(2)
    yield _clash("2 nodes that need one device, 1,000 ports on 2,000", plain, 2, 0)
    start = time.perf_counter()
    bind(_gear(0))
    yield Result.at_most(
        "bind: 1,000 ports on 2,000", time.perf_counter() - start, "s", f"{SECONDS} seconds", SECONDS, 1
    )
    yield _clash("60 segments on a fabric of 19 uplinks", _fabric(60, 19), 20, 20)


def _clash(what: str, request: Request, nodes: int, wires: int) -> Result:
    name = f"conflict: {what}"
    start = time.perf_counter()
    try:
        bind(request)
    except UnbindableError as error:
        took, clash = time.perf_counter() - start, error.clash
        if clash.minimal and (len(clash.nodes), len(clash.wires)) == (nodes, wires):
            return Result.at_most(name, took, "s", f"{SECONDS} seconds", SECONDS, 1)
    return Result.missing(name, f"no minimal clash of {nodes} nodes and {wires} wires", f"<= {SECONDS} s")


def _gear(scarce: int) -> Request:
    """125 nodes with eight ports on 250 devices with eight sockets, seven in ten of which suit; the last `scarce` nodes need one device."""
    rng = np.random.default_rng(3)
    sockets = tuple(Socket(i // 8, "eth", ToNic(i)) for i in range(2000))
    nics = tuple(Nic(int(rng.integers(HOSTS)), "eth") for _ in range(2000))
    devices = tuple(Device(f"d{i:03}", i % 3) for i in range(250))
    site = Site(tuple(f"h{i:02}" for i in range(HOSTS)), devices, sockets, nics)
    nodes = []
    for node in range(125):
        fit = rng.random(250) < 0.7 if node < 125 - scarce else np.arange(250) == 7
        nodes.append(Node(f"n{node:03}", fit, tuple(Port("eth", rng.random(2000) < 0.9) for _ in range(8))))
    return Request(site, tuple(nodes), tuple(Wire(((n, p),), virtual=True) for n in range(125) for p in range(8)))


def _fabric(segments: int, uplinks: int) -> Request:
    ports = [SwitchPort(0, "p") for _ in range(100)] + [SwitchPort(0, "up", ToNic(i)) for i in range(uplinks)]
    sockets = tuple(Socket(i, "eth", ToSwitch(i)) for i in range(100))
    devices, nics = tuple(Device(f"d{i:03}") for i in range(100)), tuple(Nic(i % 3, "eth") for i in range(uplinks))
    site = Site(("h0", "h1", "h2"), devices, sockets, nics, (Switch("s"),), tuple(ports))
    every = np.ones(100, dtype=np.bool_)
    nodes = tuple(Node(f"n{i:02}", every, (Port("eth", every),)) for i in range(segments))
    return Request(site, nodes, tuple(Wire(((i, 0),), virtual=True) for i in range(segments)))


BENCHES = (attributes, packing, ports)
