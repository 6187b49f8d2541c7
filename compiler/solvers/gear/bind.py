"""Real gear: a device for each node, a socket and a way for each port, and the hosts at which they enter.

Enters: a `Request`, what the binding must do beyond it. Leaves: a `Binding`, or `UnbindableError` with what competes. Called by the pass
`bind`, and by `place.py` when the first binding makes placement impossible.

Three ways, by the problem alone and never by what is installed: matchings where no choice disturbs another; trying all, within a
bound of work, for small sites; CP-SAT for the rest.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from .clash import Clash, clash_of
from .crowding import crowded
from .exact import solve
from .matching import match, plain
from .options import Options
from .parts import Parts
from .records import NOWHERE, Binding, Entry, Limits, Nogood, Request
from .search import OutOfWorkError, search

TRIES = 20_000
FIND = 12.0  # of CP-SAT's deterministic seconds for finding a binding
BEST = 4.0  # and then for finding the cheapest

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
        raise UnbindableError(clash_of(request, Parts(limits)))
    return found


def binding(request: Request, limits: Limits) -> Binding | None:
    """As `bind`, None when there is none."""
    options = Options(request)
    if plain(options, limits):
        return match(options)
    try:
        return search(options, limits, TRIES)
    except OutOfWorkError:
        return None if crowded(options) else solve(options, limits, FIND, BEST)


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
    hosts, free = set(), True
    for port in range(len(options.request.nodes[node].ports)):
        kind = options.kind(node, port)
        ends = {way.host for seat in options.seats_of(node, port) for way in options.ways(kind, seat.root)}
        hosts |= ends
        free = free and NOWHERE in ends
    return () if free else tuple(sorted(hosts - {NOWHERE}))
