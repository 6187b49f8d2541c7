"""Real gear and placement together: brute force over both is the judge."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from labc.compiler.solvers.conflict.conflict import conflict_of
from labc.compiler.solvers.gear.bind import UnbindableError
from labc.compiler.solvers.gear.place import NoBindingFitsError, bind_and_place
from labc.compiler.solvers.gear.records import (
    Binding,
    Device,
    Entry,
    Held,
    Lead,
    Nic,
    Node,
    Port,
    Request,
    Site,
    Socket,
    ToNic,
    ToSocket,
    Wire,
)
from labc.compiler.solvers.problem import Answer, Apart, Claim, Cost, DoesNotFitError, Problem, Together
from tests.unit.compiler.solvers.labs import allow, each, fits, holds, problem
from tests.unit.compiler.solvers.sites import all_bindings, requests


class Lab:
    """Virtual nodes behind the real ones of a request; a real node has no size and sits on one of its homes."""

    def __init__(
        self, request: Request, demand: Sequence[int], capacity: Sequence[int], claims: Sequence[Claim]
    ) -> None:
        self.request, self.demand, self.capacity, self.claims = request, demand, capacity, claims
        self.asked: list[Entry] = []

    def problem_for(self, entry: Entry) -> Problem:
        self.asked.append(entry)
        hosts = len(self.capacity)
        at_home = [allow([node], home, hosts) for node, home in enumerate(entry.homes) if home]
        sizes = [[0]] * len(self.request.nodes) + [[size] for size in self.demand]
        return problem(sizes, [[room] for room in self.capacity], [*self.claims, *at_home])

    def blame(self, impossible: Problem) -> list[int]:
        conflict = conflict_of(impossible)
        assert conflict is not None
        homes = [claim for claim in conflict.claims if claim >= len(self.claims)]
        return [node for claim in homes for node in impossible.claims[claim].nodes]


def place(asked: Problem) -> Answer:
    for at in itertools.product(range(len(asked.hosts)), repeat=len(asked.nodes)):
        used = [0] * len(asked.hosts)
        for node, host in enumerate(at):
            used[host] += int(asked.demand[node, 0])
        if all(use <= room for use, room in zip(used, asked.capacity[:, 0].tolist(), strict=True)) and all(
            holds(claim, at) for claim in asked.claims
        ):
            return Answer(np.array(at, dtype=np.int32), "exact", True, Cost(0, 0, 0, 0, 0))
    raise DoesNotFitError(proven=True)


def spot(answer: Answer, node: int) -> int:
    return int(answer.hosts[node])


@st.composite
def labs(draw: st.DrawFn) -> Lab:
    chance = Random(draw(st.integers(0, 2**32)))
    request = draw(requests()) if draw(st.booleans()) else _entering(chance)
    hosts, real = len(request.site.hosts), len(request.nodes)
    demand = [chance.randint(0, 3) for _ in range(chance.randint(1, 3))]
    claims: list[Claim] = []
    for _ in range(chance.randint(1, 3)):
        nodes = tuple(sorted(chance.sample(range(real + len(demand)), 2)))
        flags = [host for host in range(hosts) if chance.random() < 0.6]
        kinds: list[Claim] = [Together(nodes, each(hosts)), Apart(nodes, each(hosts)), allow(nodes[1:], flags, hosts)]
        claims.append(chance.choice(kinds))
    return Lab(request, demand, [chance.randint(2, 6) for _ in range(hosts)], claims)


@given(labs(), st.booleans())
@settings(max_examples=200)
def test_an_assignment_of_devices_ports_and_hosts_is_found_if_there_is_one(lab: Lab, blaming: bool) -> None:
    """Whatever binding it takes; and none is found when no binding can be placed."""
    every = all_bindings(lab.request)
    homes = {entry.homes: entry for _, _, entry in every}
    possible = any(fits(lab.problem_for(entry)) for entry in homes.values())
    found = _outcome(lab, blaming)
    if isinstance(found, UnbindableError):
        assert not every
    elif isinstance(found, NoBindingFitsError):
        assert every
        assert not possible
        assert found.proven
        assert not fits(lab.problem_for(found.entry))
    else:
        binding, answer = found
        assert (binding.price, binding.sockets, binding.entry) in every
        assert all(holds(claim, answer.hosts.tolist()) for claim in lab.problem_for(binding.entry).claims)


def _outcome(lab: Lab, blaming: bool) -> tuple[Binding, Answer] | UnbindableError | NoBindingFitsError:
    try:
        return bind_and_place(lab.request, lab.problem_for, place, spot, lab.blame if blaming else None)
    except (UnbindableError, NoBindingFitsError) as failed:
        return failed


def _entering(chance: Random) -> Request:
    """Every socket at a NIC of some host: a device more or less is a matter of where it enters."""
    hosts, devices = chance.randint(2, 3), chance.randint(2, 4)
    sockets = range(devices * 2)
    nics = tuple(Nic(chance.randrange(hosts), f"e{i}") for i in sockets)
    site = Site(
        tuple(f"h{i}" for i in range(hosts)),
        tuple(Device(f"d{i}") for i in range(devices)),
        tuple(Socket(i // 2, f"s{i}", ToNic(i)) for i in sockets),
        nics,
    )
    every, which = np.ones(len(sockets), dtype=np.bool_), np.ones(devices, dtype=np.bool_)
    nodes = tuple(Node(f"n{i}", which, (Port("p", every),)) for i in range(chance.randint(1, min(devices, 3))))
    return Request(site, nodes, tuple(Wire(((i, 0),), virtual=True) for i in range(len(nodes))))


def _two_devices() -> Request:
    """One node, two devices alike, the first at host 0 and the second at host 1."""
    site = Site(
        ("h0", "h1"),
        (Device("a"), Device("b")),
        (Socket(0, "eth", ToNic(0)), Socket(1, "eth", ToNic(1))),
        (Nic(0, "e0"), Nic(1, "e1")),
    )
    any_socket = np.ones(2, dtype=np.bool_)
    return Request(site, (Node("fw", any_socket, (Port("eth", any_socket),)),), (Wire(((0, 0),), virtual=True),))


def test_the_second_device_is_taken_when_the_first_makes_placement_impossible() -> None:
    """A node that needs host 1 must be together with the firewall."""
    lab = Lab(_two_devices(), [1], [4, 4], [Together((0, 1), each(2)), allow([1], [1], 2)])
    binding, answer = bind_and_place(lab.request, lab.problem_for, place, spot)
    assert binding.devices == (1,)
    assert answer.hosts.tolist() == [1, 1]


def test_what_no_binding_can_mend_is_said_after_one_question_more() -> None:
    """With the firewall free on all hosts that it could have, the lab does not fit either: no further binding is tried."""
    lab = Lab(_two_devices(), [9], [4, 4], [])
    with pytest.raises(NoBindingFitsError) as raised:
        bind_and_place(lab.request, lab.problem_for, place, spot)
    assert raised.value.proven
    assert raised.value.entry.homes == ((0, 1),)
    assert len(lab.asked) == 2


def test_an_unproven_failure_to_place_is_no_proof_that_nothing_fits() -> None:
    """The placement's solver gave up: so does the loop, without claiming more."""

    def give_up(asked: Problem) -> Answer:
        raise DoesNotFitError(proven=False)

    lab = Lab(_two_devices(), [1], [4, 4], [])
    with pytest.raises(NoBindingFitsError) as raised:
        bind_and_place(lab.request, lab.problem_for, give_up, spot)
    assert not raised.value.proven


def test_nodes_that_can_be_cabled_to_each_other_may_sit_anywhere() -> None:
    """The lock holds sockets at host 0, where the lab does not fit; over the cable between the devices it does."""
    leads: list[Lead] = [ToSocket(2), ToNic(0), ToSocket(0), ToNic(1)]
    sockets = tuple(Socket(i // 2, "ab"[i % 2], lead) for i, lead in enumerate(leads))
    site = Site(("h0", "h1"), (Device("a"), Device("b")), sockets, (Nic(0, "e0"), Nic(0, "e1")))
    every, which = np.ones(4, dtype=np.bool_), np.ones(2, dtype=np.bool_)
    nodes = tuple(Node(name, which, (Port("p", every),)) for name in "xy")
    held = Held((0, 1), ((1,), (3,)))
    request = Request(site, nodes, (Wire(((0, 0), (1, 0)), virtual=False),), held)
    lab = Lab(request, [1], [4, 4], [Together((0, 2), each(2)), allow([2], [1], 2)])
    binding, answer = bind_and_place(request, lab.problem_for, place, spot)
    assert binding.sockets == ((0,), (2,))
    assert answer.hosts.tolist()[0] == 1


def test_bindings_that_all_fail_end_the_loop() -> None:
    """Two nodes that must be together have one device at each host; a third node, on no wire, sits anywhere and is no way out."""
    request = _two_devices()
    site = structs.replace(request.site, devices=(*request.site.devices, Device("c")))
    devices = [
        np.array([d < 2 for d in range(3)], dtype=np.bool_),
        np.array([d == 2 for d in range(3)], dtype=np.bool_),
    ]
    ports = request.nodes[0].ports
    nodes = (Node("x", devices[0], ports), Node("y", devices[0], ports), Node("z", devices[1], ()))
    wires = (Wire(((0, 0),), virtual=True), Wire(((1, 0),), virtual=True))
    lab = Lab(Request(site, nodes, wires), [], [4, 4], [Together((0, 1), each(2))])
    with pytest.raises(NoBindingFitsError) as raised:
        bind_and_place(lab.request, lab.problem_for, place, spot)
    assert raised.value.proven
