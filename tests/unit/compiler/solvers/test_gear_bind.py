"""Real gear bound to devices, sockets and ways, with brute force as the judge on small sites."""

from __future__ import annotations

from hypothesis import given, settings

from labc.compiler.solvers.gear import Limits, Request
from labc.compiler.solvers.gear_bind import UnbindableError, bind, bindings
from labc.compiler.solvers.gear_exact import solve
from labc.compiler.solvers.gear_options import Options
from labc.compiler.solvers.gear_parts import part_of
from labc.compiler.solvers.gear_search import search

from .sites import all_bindings, requests


@given(requests())
@settings(max_examples=150)
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


@given(requests())
@settings(max_examples=80)
def test_the_solver_finds_what_trying_finds(request: Request) -> None:
    """CP-SAT takes over where trying gives up, so both must have one notion of what a binding is and costs."""
    tried = search(Options(request), Limits(), 1_000_000)
    solved = solve(Options(request), Limits(), 10.0)
    assert (tried is None) == (solved is None)
    if tried is not None and solved is not None:
        assert tried.price == solved.price


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
