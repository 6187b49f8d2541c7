"""Sites with real gear and requests for it, small enough for brute force, and the brute force."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from random import Random
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from labc.compiler.solvers.gear.records import (
    NOWHERE,
    Binding,
    Device,
    Entry,
    Held,
    Lead,
    Nic,
    Node,
    Port,
    Price,
    Request,
    Site,
    Socket,
    Switch,
    SwitchPort,
    ToNic,
    ToSocket,
    ToSwitch,
    Wire,
)

if TYPE_CHECKING:
    from labc.compiler.solvers.problem import Flags

Found = tuple[Price, tuple[tuple[int, ...], ...], Entry]


def requests(nodes: int = 3) -> st.SearchStrategy[Request]:
    """Drawn by a seed: hypothesis's own draws are too plain to cable a fabric."""
    return st.integers(0, 2**32).map(lambda seed: _request(Random(seed), nodes))


def _request(chance: Random, nodes: int) -> Request:
    site = _fabric(chance) if chance.random() < 0.4 else _site(chance)
    asked = tuple(_node(chance, site) for _ in range(chance.randint(1, nodes)))
    held = None
    if chance.random() < 0.25:
        held = Held(
            tuple(chance.randint(NOWHERE, len(site.devices) - 1) for _ in asked),
            tuple(tuple(chance.randint(NOWHERE, len(site.sockets) - 1) for _ in node.ports) for node in asked),
        )
    return Request(site, asked, _wires(chance, asked), held)


def _site(chance: Random) -> Site:
    hosts, owners = chance.randint(1, 3), sorted(chance.choices(range(chance.randint(2, 4)), k=chance.randint(3, 7)))
    nics = [Nic(chance.randrange(hosts), f"eth{i}", chance.random() < 0.3) for i in range(chance.randint(1, 3))]
    switches = [Switch(f"sw{i}", chance.random() < 0.5) for i in range(chance.choice([0, 1, 1, 2, 2]))]
    ports = [
        SwitchPort(chance.randrange(len(switches)), f"p{i}", None, chance.random() < 0.3)
        for i in range(chance.randint(5, 12) if switches else 0)
    ]
    cables = _cabling(chance, len(owners), len(nics), len(ports))
    sockets = [Socket(device, f"s{i}", cables.get(ToSocket(i))) for i, device in enumerate(owners)]
    ports = [SwitchPort(port.switch, port.name, cables.get(ToSwitch(i)), port.trunk) for i, port in enumerate(ports)]
    devices = tuple(Device(f"d{i}", chance.randint(0, 2)) for i in range(max(owners) + 1))
    names = tuple(f"h{i}" for i in range(hosts))
    return Site(names, devices, tuple(sockets), tuple(nics), tuple(switches), tuple(ports))


def _fabric(chance: Random) -> Site:
    """Every socket on a switch, a few cables between the switches, fewer uplinks: what makes ways cross."""
    switches, owners = chance.randint(2, 3), sorted(chance.choices(range(3), k=chance.randint(3, 5)))
    ends: list[tuple[int, Lead | None]] = [(chance.randrange(switches), None) for _ in owners]
    for _ in range(chance.randint(1, 3)):
        one, other = chance.sample(range(switches), 2)
        ends += [(one, None), (other, ToSwitch(len(ends)))]
    nics = chance.randint(1, 2)
    ends += [(chance.randrange(switches), ToNic(nic)) for nic in range(nics)]
    order = list(range(len(ends)))
    chance.shuffle(order)
    place = {old: new for new, old in enumerate(order)}
    ports = []
    for old in order:
        switch, lead = ends[old]
        far = ToSwitch(place[lead.port]) if isinstance(lead, ToSwitch) else lead
        ports.append(SwitchPort(switch, f"p{old}", far, chance.random() < 0.2))
    leads = [ToSwitch(place[socket]) for socket in range(len(owners))]
    return Site(
        tuple(f"h{i}" for i in range(nics)),
        tuple(Device(f"d{i}") for i in range(max(owners) + 1)),
        tuple(Socket(device, f"s{i}", leads[i]) for i, device in enumerate(owners)),
        tuple(Nic(i, "eth", chance.random() < 0.5) for i in range(nics)),
        tuple(Switch(f"sw{i}", chance.random() < 0.5) for i in range(switches)),
        tuple(ports),
    )


def _cabling(chance: Random, sockets: int, nics: int, ports: int) -> dict[Lead, Lead]:
    """Cables between any two ends but two NICs; each is stated at one end or at both."""
    ends: list[Lead] = [*map(ToSocket, range(sockets)), *map(ToNic, range(nics)), *map(ToSwitch, range(ports))]
    chance.shuffle(ends)
    cables: dict[Lead, Lead] = {}
    for one, other in zip(ends[::2], ends[1::2], strict=False):
        if not (isinstance(one, ToNic) and isinstance(other, ToNic)):
            cables[one] = other
            if chance.random() < 0.5 or isinstance(one, ToNic):
                cables[other] = one
    return cables


def _node(chance: Random, site: Site) -> Node:
    ports = tuple(
        Port(f"p{i}", _flags(chance, len(site.sockets)), chance.random() < 0.2)
        for i in range(chance.choice([0, 1, 1, 2]))
    )
    return Node("n", _flags(chance, len(site.devices)), ports)


def _flags(chance: Random, count: int) -> Flags:
    """Mostly set."""
    return np.array([chance.random() < 0.9 for _ in range(count)], dtype=np.bool_)


def _wires(chance: Random, nodes: Sequence[Node]) -> tuple[Wire, ...]:
    ports = [(n, p) for n, node in enumerate(nodes) for p in range(len(node.ports))]
    chance.shuffle(ports)
    wires = []
    while ports:
        count = chance.choice([0, 1, 2, 2, 3])
        if count:
            wires.append(Wire(tuple(sorted(ports[:count])), chance.random() < 0.4))
        ports = ports[max(count, 1) :]
    return tuple(wires)


def all_bindings(request: Request) -> list[Found]:
    """Every choice of devices, sockets and walks over cables that the rules of `gear` allow."""
    found = []
    devices = [node.devices.nonzero()[0].tolist() for node in request.nodes]
    for taken in itertools.product(*devices):
        if len(set(taken)) == len(taken):
            found += [(_price(request, taken, walks), *_rest(request, walks)) for walks in _seated(request, taken)]
    return found


Walk = tuple[int, tuple[Lead, ...]]  # a socket, and the leads behind it


def _seated(request: Request, devices: Sequence[int]) -> Iterator[dict[tuple[int, int], Walk]]:
    every = [(n, p) for n, node in enumerate(request.nodes) for p in range(len(node.ports))]
    cables = _cables(request.site)
    options = [
        [
            (socket, walk)
            for socket in request.nodes[n].ports[p].sockets.nonzero()[0].tolist()
            if request.site.sockets[socket].device == devices[n]
            for walk in [(), *_walks(request.site, cables, ToSocket(socket))]
        ]
        for n, p in every
    ]
    for picks in itertools.product(*options):
        walks = dict(zip(every, picks, strict=True))
        if len({socket for socket, _ in picks}) == len(picks) and _carried(request, walks):
            yield walks


def is_allowed(request: Request, binding: Binding) -> bool:
    """Whether the paths of a binding, lead by lead, are walks that the rules allow."""
    cables = _cables(request.site)
    walks = {
        (node, port): (socket, path)
        for node, sockets in enumerate(binding.sockets)
        for port, (socket, path) in enumerate(zip(sockets, binding.paths[node], strict=True))
    }
    cabled = all(path in [(), *_walks(request.site, cables, ToSocket(socket))] for socket, path in walks.values())
    return cabled and _carried(request, walks)


def _cables(site: Site) -> dict[Lead, Lead]:
    ends: list[tuple[Lead, Lead | None]] = [(ToSocket(i), socket.lead) for i, socket in enumerate(site.sockets)]
    ends += [(ToSwitch(i), port.lead) for i, port in enumerate(site.switch_ports)]
    known = {one: other for one, other in ends if other is not None}
    return {other: one for one, other in known.items()} | known


def _walks(site: Site, cables: dict[Lead, Lead], start: Lead) -> Iterator[tuple[Lead, ...]]:
    """Along cables and through switches, no switch twice; a walk may end wherever it is."""
    if start not in cables:
        return
    stack: list[tuple[Lead, ...]] = [(cables[start],)]
    while stack:
        walk = stack.pop()
        yield walk
        if isinstance(walk[-1], ToSwitch):
            switch = site.switch_ports[walk[-1].port].switch
            for index, port in enumerate(site.switch_ports):
                out, far = ToSwitch(index), cables.get(ToSwitch(index))
                if port.switch == switch and out not in walk and far is not None and not isinstance(far, ToSocket):
                    visited = {site.switch_ports[lead.port].switch for lead in walk if isinstance(lead, ToSwitch)}
                    if not (isinstance(far, ToSwitch) and site.switch_ports[far.port].switch in visited):
                        stack.append((*walk, out, far))


def _carried(request: Request, walks: dict[tuple[int, int], Walk]) -> bool:
    on_wire = {port for wire in request.wires for port in wire.ports}
    if any(walk for port, (_, walk) in walks.items() if port not in on_wire):
        return False
    uses: dict[Lead, set[object]] = {}
    turns: dict[object, set[Lead]] = {}
    for index, wire in enumerate(request.wires):
        ends = [walks[port] for port in wire.ports]
        cut = [request.nodes[n].ports[p].cut for n, p in wire.ports]
        if not _wire(request.site, wire, ends, cut):
            return False
        for _, walk in ends:
            goal: object = walk[-1:] if walk and isinstance(walk[-1], ToNic) else "patch"
            for lead in walk[1::2] if walk and isinstance(walk[0], ToSwitch) else ():
                assert isinstance(lead, ToSwitch)  # out of a switch
                turns.setdefault((request.site.switch_ports[lead.port].switch, index, goal), set()).add(lead)
            for lead in walk[1:] if walk and isinstance(walk[0], ToSwitch) else walk:
                if _single(request.site, lead):
                    uses.setdefault(lead, set()).add((index, goal))
    return all(len(one) == 1 for one in uses.values()) and all(len(one) == 1 for one in turns.values())


def _single(site: Site, lead: Lead) -> bool:
    if isinstance(lead, ToNic):
        return not site.nics[lead.nic].trunk
    return isinstance(lead, ToSwitch) and not site.switch_ports[lead.port].trunk


def _wire(site: Site, wire: Wire, ends: Sequence[Walk], cut: Sequence[bool]) -> bool:
    if len(ends) == 1 and not wire.virtual and not cut[0]:
        return ends[0][1] == ()
    if any(walk == () for _, walk in ends):
        return False
    last = [walk[-1] for _, walk in ends]
    if all(isinstance(lead, ToNic) for lead in last):
        return True
    if wire.virtual:
        return False
    if all(isinstance(lead, ToSocket) for lead in last):
        return len(ends) == 2 and not any(cut) and last == [ToSocket(ends[1][0]), ToSocket(ends[0][0])]
    if not all(isinstance(lead, ToSwitch) for lead in last):
        return False
    if len({site.switch_ports[lead.port].switch for lead in last if isinstance(lead, ToSwitch)}) > 1:
        return False
    able = [
        any(site.switches[site.switch_ports[lead.port].switch].cuts for lead in walk if isinstance(lead, ToSwitch))
        for _, walk in ends
    ]
    if len(ends) == 2:
        return any(able) or not any(cut)
    return all(can for can, wanted in zip(able, cut, strict=True) if wanted)


def _host(site: Site, walk: tuple[Lead, ...]) -> int:
    return site.nics[walk[-1].nic].host if walk and isinstance(walk[-1], ToNic) else NOWHERE


def _rest(request: Request, walks: dict[tuple[int, int], Walk]) -> tuple[tuple[tuple[int, ...], ...], Entry]:
    hosts = {port: _host(request.site, walk) for port, (_, walk) in walks.items()}
    nodes = range(len(request.nodes))
    homes = tuple(tuple(sorted({h for (n, _), h in hosts.items() if n == node} - {NOWHERE})) for node in nodes)
    anchors = tuple(tuple(sorted({hosts[port] for port in wire.ports} - {NOWHERE})) for wire in request.wires)
    sockets = tuple(tuple(walks[n, p][0] for p in range(len(request.nodes[n].ports))) for n in nodes)
    return sockets, Entry(homes, anchors)


def _price(request: Request, devices: Sequence[int], walks: dict[tuple[int, int], Walk]) -> Price:
    sockets, entry = _rest(request, walks)
    held = request.held or Held((NOWHERE,) * len(devices), tuple((NOWHERE,) * len(ports) for ports in sockets))
    pairs = list(zip(devices, held.devices, strict=True))
    for now, before in zip(sockets, held.sockets, strict=True):
        pairs += zip(now, before, strict=True)
    of = [socket.device for socket in request.site.sockets]
    return Price(
        sum(1 for now, before in pairs if before not in (NOWHERE, now)),
        sum(max(len(a) - wire.virtual, 0) for a, wire in zip(entry.anchors, request.wires, strict=True)),
        sum(request.site.devices[device].worth for device in devices),
        sum(len(walk) for _, walk in walks.values()),
        sum(devices) + sum(of[:socket].count(of[socket]) for ports in sockets for socket in ports),
    )
