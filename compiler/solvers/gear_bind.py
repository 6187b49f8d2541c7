"""Real gear: a device for each node, a socket and a way for each port, and the hosts at which they enter.

Enters: a `Request`, what the binding must do beyond it. Leaves: a `Binding`, or `UnbindableError` with what competes. Called by the pass
`bind`, and by `gear_place` when the first binding makes placement impossible.

Three ways, by the problem alone and never by what is installed: matchings where no choice disturbs another; trying all, within a
bound of work, for small sites; CP-SAT for the rest.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from .gear import Binding, Entry, Limits, Nogood, Request
from .gear_clash import Clash, clash_of
from .gear_exact import solve
from .gear_matching import match, plain
from .gear_options import Options
from .gear_search import OutOfWorkError, search
from .problem import DoesNotFitError

TRIES = 20_000
WORK = 10.0  # of CP-SAT's deterministic seconds

Homes = tuple[tuple[int, ...] | None, ...]


class UnbindableError(Exception):
    """No binding exists. `clash`: a minimal set of nodes, ports and wires that compete."""

    def __init__(self, clash: Clash) -> None:
        super().__init__("no binding exists")
        self.clash = clash


def bind(request: Request, homes: Homes | None = None, nogoods: tuple[Nogood, ...] = ()) -> Binding:
    """The binding that costs least. `homes`: for each node the hosts of which it must enter at one, None for any.

    Raises UnbindableError; DoesNotFitError(False) when the work ran out; MissingSolverError when it takes OR-Tools and that is not installed.
    """
    limits = Limits(homes, nogoods)
    found = binding(request, limits)
    if found is None:
        raise UnbindableError(clash_of(request, lambda part, ports: _impossible(part, _kept(limits, ports))))
    return found


def binding(request: Request, limits: Limits) -> Binding | None:
    """As `bind`, None when there is none."""
    options = Options(request)
    if plain(options, limits):
        return match(options)
    try:
        return search(options, limits, TRIES)
    except OutOfWorkError:
        return solve(options, limits, WORK)


def bindings(request: Request) -> Iterator[Binding]:
    """All that differ in the hosts at which nodes enter, the cheapest first, of each such set of hosts the cheapest one."""
    limits = Limits()
    found = binding(request, limits)
    while found is not None:
        yield found
        limits = structs.replace(limits, seen=(*limits.seen, found.entry.homes))
        found = binding(request, limits)


def reach(request: Request) -> Entry:
    """What all bindings together can do: for each node every host at which it could enter, () when it may enter nowhere; no anchors."""
    options = Options(request)
    return Entry(tuple(_reach(options, node) for node in range(len(request.nodes))), tuple(() for _ in request.wires))


def _reach(options: Options, node: int) -> tuple[int, ...]:
    ports = [options.of(node, port) for port in range(len(options.request.nodes[node].ports))]
    if all(any(option.host < 0 for option in choices) for choices in ports):
        return ()
    return tuple(sorted({option.host for choices in ports for option in choices if option.host >= 0}))


def _impossible(request: Request, limits: Limits) -> bool:
    try:
        return binding(request, limits) is None
    except DoesNotFitError:
        return False


def _kept(limits: Limits, nodes: tuple[int, ...]) -> Limits:
    """The limits for a request of only these nodes. Limits that are about others as well are left out."""
    homes = tuple(limits.homes[node] for node in nodes) if limits.homes is not None else None
    place = {node: index for index, node in enumerate(nodes)}
    nogoods = tuple(
        Nogood(tuple(place[node] for node in bad.nodes), bad.homes)
        for bad in limits.nogoods
        if set(bad.nodes) <= set(nodes)
    )
    return Limits(homes, nogoods)
