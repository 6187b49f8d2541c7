"""Real gear bound to devices, sockets and ways, with brute force as the judge on small sites."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from ortools.sat.python import cp_model

from labc.compiler.solvers.gear.bind import UnbindableError, bind, bindings
from labc.compiler.solvers.gear.clash import Clash, Misfit
from labc.compiler.solvers.gear.crowding import crowded
from labc.compiler.solvers.gear.exact import solve
from labc.compiler.solvers.gear.exact_model import Model
from labc.compiler.solvers.gear.options import Options
from labc.compiler.solvers.gear.parts import part_of
from labc.compiler.solvers.gear.records import (
    Device,
    Held,
    Limits,
    Nic,
    Node,
    Port,
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
from labc.compiler.solvers.gear.search import search
from labc.compiler.solvers.gear.traffic import Traffic
from tests.unit.compiler.solvers.sites import all_bindings, is_allowed, requests


@given(requests())
@settings(max_examples=250)
def test_a_binding_is_found_exactly_when_brute_force_finds_one_and_costs_as_little(request: Request) -> None:
    """Price by price, whichever way decided."""
    every = all_bindings(request)
    try:
        found = bind(request)
    except UnbindableError:
        assert not every
    else:
        assert (found.price, found.proven) == (min(price for price, _, _ in every), True)
        assert (found.price, found.sockets, found.entry) in every
        assert is_allowed(request, found)


@given(requests())
@settings(max_examples=200)
def test_the_solver_finds_what_trying_finds(request: Request) -> None:
    """CP-SAT takes over where trying gives up, so both must have one notion of what a binding is and costs."""
    tried = search(Options(request), Limits(), 1_000_000)
    solved = solve(Options(request), Limits(), 10.0, 10.0)
    assert (tried is None) == (solved is None)
    if tried is not None and solved is not None:
        assert tried.price == solved.price
        assert is_allowed(request, solved)


@given(requests())
@settings(max_examples=80)
def test_a_clash_is_minimal(request: Request) -> None:
    """Its parts have no binding, and without any one of them the others do."""
    try:
        bind(request)
    except UnbindableError as error:
        clash = error.clash
        ports = clash.ports
        if not clash.ports and not clash.wires:  # devices, with all ports that each node has
            ports = tuple((node, port) for node in clash.nodes for port in range(len(request.nodes[node].ports)))
        parts = [*(("node", n, 0) for n in clash.nodes), *(("wire", w, 0) for w in clash.wires)]
        parts += [("port", node, port) for node, port in ports]
        assert not all_bindings(part_of(request, parts)[0])
        for part in parts if ports is clash.ports else parts[: len(clash.nodes)]:
            assert all_bindings(part_of(request, [other for other in parts if other != part])[0])


@given(requests())
@settings(max_examples=80)
def test_further_bindings_differ_in_homes_and_cost_ever_more(request: Request) -> None:
    """Every set of homes that brute force finds comes once, with the least price that it can have."""
    best: dict[object, object] = {}
    for price, _, entry in sorted(all_bindings(request), key=lambda one: one[0]):
        best.setdefault(entry.homes, price)
    found = [(one.entry.homes, one.price) for one in bindings(request)]
    assert dict(found) == best
    assert len(found) == len(best)
    assert [price for _, price in found] == sorted(price for _, price in found)


def _site(sockets: list[Socket], *, trunk: bool = False, cuts: bool = False) -> Site:
    """Hosts 0 and 1 with a NIC each behind a switch, which has a port for each of four sockets."""
    devices = max(socket.device for socket in sockets) + 1
    ports = [SwitchPort(0, f"p{i}") for i in range(4)]
    ports += [SwitchPort(0, f"up{i}", ToNic(i), trunk) for i in range(2)]
    nics = (Nic(0, "eth1", trunk), Nic(1, "eth1", trunk))
    names = ("ssg1", "ssg2", "ssg3", "ssg4")[:devices]
    return Site(("h0", "h1"), tuple(map(Device, names)), tuple(sockets), nics, (Switch("s", cuts),), tuple(ports))


def _node(site: Site, name: str, ports: int = 1, devices: tuple[int, ...] | None = None, *, cut: bool = False) -> Node:
    flags = np.array([devices is None or d in devices for d in range(len(site.devices))], dtype=np.bool_)
    sockets = np.ones(len(site.sockets), dtype=np.bool_)
    return Node(name, flags, tuple(Port(f"p{i}", sockets, cut) for i in range(ports)))


CABLED = [Socket(0, "a", ToSocket(2)), Socket(0, "b", ToSwitch(0)), Socket(1, "a"), Socket(1, "b", ToSwitch(1))]


def test_two_real_nodes_use_the_cable_between_them() -> None:
    """A cable is shorter than a patch, a patch joins no host, and an overlay comes last."""
    site = _site(CABLED)
    found = bind(Request(site, (_node(site, "x"), _node(site, "y")), (Wire(((0, 0), (1, 0)), virtual=False),)))
    assert found.paths == (((ToSocket(2),),), ((ToSocket(0),),))
    assert found.price.joins == 0


def test_a_link_that_a_test_cuts_is_patched_through_a_switch_that_can() -> None:
    """Never over the cable; without such a switch it enters at hosts."""
    for cuts, hosts in ((True, ((), ())), (False, ((0,), (0,)))):
        site = _site(CABLED, trunk=True, cuts=cuts)
        nodes = (_node(site, "x", cut=True), _node(site, "y"))
        found = bind(Request(site, nodes, (Wire(((0, 0), (1, 0)), virtual=False),)))
        assert found.sockets == ((1,), (3,))
        assert found.entry.homes == hosts


def test_a_nic_that_is_no_trunk_carries_one_segment() -> None:
    """Two segments with virtual nodes take a NIC each; a third has none left, and all three compete."""
    site = _site([Socket(i, "a", ToSwitch(i)) for i in range(3)])
    nodes = tuple(_node(site, name) for name in ("x", "y", "z"))
    wires = tuple(Wire(((i, 0),), virtual=True) for i in range(3))
    found = bind(Request(site, nodes[:2], wires[:2]))
    assert sorted(found.hosts) == [(0,), (1,)]
    with pytest.raises(UnbindableError) as raised:
        bind(Request(site, nodes, wires))
    assert (raised.value.clash.nodes, raised.value.clash.wires) == ((0, 1, 2), (0, 1, 2))


def test_a_trunk_carries_any_number() -> None:
    """Each segment in a VLAN of its own."""
    site = _site([Socket(i, "a", ToSwitch(i)) for i in range(3)], trunk=True)
    nodes = tuple(_node(site, name) for name in ("x", "y", "z"))
    found = bind(Request(site, nodes, tuple(Wire(((i, 0),), virtual=True) for i in range(3))))
    assert found.entry.anchors == ((0,), (0,), (0,))


def test_two_nodes_that_need_the_one_device_compete_for_it() -> None:
    """As "fw needs isdn, and the only device with isdn is taken by edge"; a third node is not named."""
    site = _site([Socket(i, "a", ToSwitch(i)) for i in range(3)], trunk=True)
    nodes = (_node(site, "dmz"), _node(site, "edge", devices=(1,)), _node(site, "fw", devices=(1,)))
    with pytest.raises(UnbindableError) as raised:
        bind(Request(site, nodes, ()))
    assert raised.value.clash == Clash(nodes=(1, 2), ports=(), wires=(), devices=(1,))


def test_ports_that_compete_for_one_socket_are_named_for_each_device() -> None:
    """Two ports, and devices of one socket each."""
    site = _site([Socket(i, "a", ToSwitch(i)) for i in range(2)])
    with pytest.raises(UnbindableError) as raised:
        bind(Request(site, (_node(site, "fw", ports=2),), ()))
    assert raised.value.clash.nodes == (0,)
    assert raised.value.clash.misfits == (Misfit(0, (0, 1), (0,)), Misfit(1, (0, 1), (1,)))


def test_a_rare_device_is_left_to_those_that_need_it() -> None:
    """The first in order is worth more, so the second one is taken."""
    sockets = [Socket(i, "a", ToNic(i)) for i in range(2)]
    site = Site(("h",), (Device("isdn", 1), Device("plain")), tuple(sockets), (Nic(0, "a"), Nic(0, "b")))
    assert bind(Request(site, (_node(site, "x"),), ())).devices == (1,)


def test_what_the_lock_holds_is_kept_before_all_else() -> None:
    """Held: a device that is worth more, and a socket that is not the first."""
    sockets = [Socket(i // 2, "a", ToNic(i)) for i in range(4)]
    site = Site(("h",), (Device("plain"), Device("rare", 5)), tuple(sockets), tuple(Nic(0, f"e{i}") for i in range(4)))
    found = bind(Request(site, (_node(site, "x"),), (Wire(((0, 0),), virtual=True),), Held((1,), ((3,),))))
    assert (found.devices, found.sockets, found.price.moves) == ((1,), ((3,),), 0)


def test_a_thousand_ports_are_matched() -> None:
    """125 nodes of eight ports on 250 devices, where no choice disturbs another: matchings decide, and prove."""
    sockets = tuple(Socket(i // 8, "a", ToNic(i)) for i in range(2000))
    nics = tuple(Nic(i % 40, "e") for i in range(2000))
    site = Site(tuple(f"h{i:02}" for i in range(40)), tuple(Device(f"d{i:03}") for i in range(250)), sockets, nics)
    nodes = tuple(_node(site, f"n{i:03}", ports=8) for i in range(125))
    wires = tuple(Wire(((n, p),), virtual=True) for n in range(125) for p in range(8))
    found = bind(Request(site, nodes, wires))
    assert (found.way, found.proven, sorted(found.devices)) == ("matching", True, list(range(125)))


def test_a_fabric_too_large_for_trying_goes_to_the_solver() -> None:
    """Twelve nodes in pairs on one switch with few uplinks: patched, none over hosts."""
    ports = [SwitchPort(0, f"p{i}") for i in range(48)]
    sockets = [Socket(i // 4, "a", ToSwitch(i)) for i in range(48)]
    site = Site(
        ("h",), tuple(Device(f"d{i}", 12 - i) for i in range(12)), tuple(sockets), (), (Switch("s"),), tuple(ports)
    )
    nodes = tuple(_node(site, f"n{i}") for i in range(12))
    found = bind(Request(site, nodes, tuple(Wire(((i, 0), (i + 1, 0)), virtual=False) for i in range(0, 12, 2))))
    assert (found.way, found.price.joins, found.proven) == ("exact", 0, True)


@given(requests())
@settings(max_examples=80)
def test_wires_said_to_find_too_few_nics_have_no_binding(request: Request) -> None:
    """The matching is asked before the solver and believed."""
    if crowded(Options(request)):
        assert not all_bindings(request)


def test_a_fabric_with_too_few_uplinks_names_one_segment_more_than_there_are() -> None:
    """Thirty segments for the virtual nodes of a lab, and nine NICs: any ten of them conflict."""
    ports = [SwitchPort(0, f"p{i}") for i in range(40)]
    ports += [SwitchPort(0, f"up{i}", ToNic(i)) for i in range(9)]
    sockets = tuple(Socket(i, "a", ToSwitch(i)) for i in range(40))
    devices, nics = tuple(Device(f"d{i}") for i in range(40)), tuple(Nic(i % 3, f"e{i}") for i in range(9))
    site = Site(("h0", "h1", "h2"), devices, sockets, nics, (Switch("s"),), tuple(ports))
    nodes = tuple(_node(site, f"n{i}") for i in range(30))
    with pytest.raises(UnbindableError) as raised:
        bind(Request(site, nodes, tuple(Wire(((i, 0),), virtual=True) for i in range(30))))
    clash = raised.value.clash
    assert (len(clash.nodes), len(clash.wires), clash.minimal) == (10, 10, True)


def test_two_segments_that_cross_between_switches_take_a_cable_each() -> None:
    """One from the first switch to the second, one the other way; the cables' ports stand crosswise."""
    ports = [
        SwitchPort(0, "p0", ToSwitch(3)),
        SwitchPort(0, "p1", ToSwitch(2)),
        SwitchPort(1, "p2"),
        SwitchPort(1, "p3"),
    ]
    ports += [SwitchPort(0, "up", ToNic(0)), SwitchPort(1, "up", ToNic(1)), SwitchPort(0, "x"), SwitchPort(1, "y")]
    sockets = (Socket(0, "a", ToSwitch(6)), Socket(1, "a", ToSwitch(7)))
    nics, switches = (Nic(0, "e"), Nic(1, "e")), (Switch("s0"), Switch("s1"))
    site = Site(("h0", "h1"), (Device("a"), Device("b")), sockets, nics, switches, tuple(ports))
    nodes = (_node(site, "x", devices=(0,)), _node(site, "y", devices=(1,)))
    wires = (Wire(((0, 0),), virtual=True), Wire(((1, 0),), virtual=True))
    request = Request(site, nodes, wires)
    found = bind(request, homes=((1,), (0,)))
    assert found.hosts == ((1,), (0,))
    assert is_allowed(request, found)


def test_ports_of_one_segment_go_on_together_once_they_meet() -> None:
    """Two ways lead from their switch to the NIC: taken both, the segment would be a loop."""
    ends = [(0, 1), (0, 2), (1, 3), (2, 3)]
    ports = [SwitchPort(3, "up", ToNic(0))]
    for one, other in ends:
        ports += [SwitchPort(one, "a", ToSwitch(len(ports) + 1), True), SwitchPort(other, "b", None, True)]
    ports += [SwitchPort(0, f"p{i}") for i in range(2)]
    sockets = tuple(Socket(i, "a", ToSwitch(9 + i)) for i in range(2))
    devices, switches = (Device("a"), Device("b")), tuple(Switch(f"s{i}") for i in range(4))
    site = Site(("h",), devices, sockets, (Nic(0, "e"),), switches, tuple(ports))
    request = Request(site, (_node(site, "x"), _node(site, "y")), (Wire(((0, 0), (1, 0)), virtual=True),))
    options = Options(request)
    left, right = options.ways(options.kind(0, 0), ("switch", 0, 0))
    traffic = Traffic(options.fabric.lanes)
    traffic.count(0, left, 1)
    assert (traffic.free(0, left), traffic.free(0, right)) == (True, False)
    for second, status in ((left, cp_model.OPTIMAL), (right, cp_model.INFEASIBLE)):
        model = Model(cp_model.CpModel(), options)
        model.model.add_bool_and([model.ways[0][0][left], model.ways[1][0][second]])
        assert cp_model.CpSolver().solve(model.model) == status


def test_hundreds_of_nodes_go_to_the_solver_at_once() -> None:
    """A search that tries goes a call deeper with each of them, and Python's stack ends at a thousand."""
    sockets = (Socket(0, "a", ToSocket(1)), Socket(1, "a"))
    site = Site(("h",), tuple(Device(f"d{i}") for i in range(1200)), sockets)
    nodes = [_node(site, f"n{i}", ports=int(i < 2), devices=(i,)) for i in range(1200)]
    found = bind(Request(site, tuple(nodes), (Wire(((0, 0), (1, 0)), virtual=False),)))
    assert (found.way, found.price.hops) == ("exact", 2)
