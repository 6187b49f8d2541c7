"""Sites with real gear and requests for it, small enough for brute force, and the brute force."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from hypothesis import strategies as st

from labc.compiler.solvers.gear import (
    NOWHERE,
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

Found = tuple[Price, tuple[tuple[int, ...], ...], Entry]


@st.composite
def requests(draw: st.DrawFn, nodes: int = 3) -> Request:
    site = draw(_sites())
    asked = tuple(draw(_nodes(site)) for _ in range(draw(st.integers(1, nodes))))
    held = None
    if draw(st.integers(0, 3)) == 0:
        held = Held(
            tuple(draw(st.integers(NOWHERE, len(site.devices) - 1)) for _ in asked),
            tuple(tuple(draw(st.integers(NOWHERE, len(site.sockets) - 1)) for _ in node.ports) for node in asked),
        )
    return Request(site, asked, draw(_wires(asked)), held)


@st.composite
def _sites(draw: st.DrawFn) -> Site:
    hosts = draw(st.integers(1, 3))
    nics = [
        Nic(draw(st.integers(0, hosts - 1)), f"eth{i}", draw(st.booleans())) for i in range(draw(st.integers(1, 4)))
    ]
    switches = [Switch(f"sw{i}", draw(st.booleans())) for i in range(draw(st.integers(0, 2)))]
    ports = [
        SwitchPort(draw(st.integers(0, len(switches) - 1)), f"p{i}", None, draw(st.booleans()))
        for i in range(draw(st.integers(0, 6)) if switches else 0)
    ]
    owners = sorted(draw(st.lists(st.integers(0, draw(st.integers(0, 3))), min_size=1, max_size=5)))
    free: list[Lead] = [*map(ToNic, range(len(nics))), *map(ToSwitch, range(len(ports)))]
    free += map(ToSocket, range(len(owners)))
    free = draw(st.permutations(free))
    ports, sockets, busy = list(ports), [Socket(device, f"s{i}") for i, device in enumerate(owners)], set()
    for one, other in zip(free[::2], free[1::2], strict=False):
        for end, far in ((one, other), (other, one)):
            if isinstance(end, ToSocket) and end not in busy:
                sockets[end.socket] = Socket(owners[end.socket], f"s{end.socket}", far)
                busy |= {end, far}
            elif isinstance(end, ToSwitch) and not isinstance(far, ToSocket) and end not in busy:
                old = ports[end.port]
                ports[end.port] = SwitchPort(old.switch, old.name, far, old.trunk)
                busy |= {end, far}
    devices = tuple(Device(f"d{i}", draw(st.integers(0, 2))) for i in range(max(owners) + 1))
    return Site(
        tuple(f"h{i}" for i in range(hosts)), devices, tuple(sockets), tuple(nics), tuple(switches), tuple(ports)
    )


@st.composite
def _nodes(draw: st.DrawFn, site: Site) -> Node:
    ports = tuple(
        Port(f"p{i}", _flags(draw, len(site.sockets)), draw(st.integers(0, 3)) == 0)
        for i in range(draw(st.integers(0, 2)))
    )
    return Node("n", _flags(draw, len(site.devices)), ports)


def _flags(draw: st.DrawFn, count: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Mostly set."""
    return np.array([draw(st.integers(0, 3)) > 0 for _ in range(count)], dtype=np.bool_)


@st.composite
def _wires(draw: st.DrawFn, nodes: Sequence[Node]) -> tuple[Wire, ...]:
    ports = draw(st.permutations([(n, p) for n, node in enumerate(nodes) for p in range(len(node.ports))]))
    wires = []
    while ports:
        count = draw(st.integers(0, min(3, len(ports))))
        if count:
            wires.append(Wire(tuple(sorted(ports[:count])), draw(st.booleans())))
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
    for index, wire in enumerate(request.wires):
        ends = [walks[port] for port in wire.ports]
        cut = [request.nodes[n].ports[p].cut for n, p in wire.ports]
        if not _wire(request.site, wire, ends, cut):
            return False
        for _, walk in ends:
            goal: object = walk[-1:] if walk and isinstance(walk[-1], ToNic) else "patch"
            for lead in walk[1:] if walk and isinstance(walk[0], ToSwitch) else walk:
                if _single(request.site, lead):
                    uses.setdefault(lead, set()).add((index, goal))
    return all(len(carried) == 1 for carried in uses.values())


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
