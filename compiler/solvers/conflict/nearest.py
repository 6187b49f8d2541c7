"""The nearest thing to a conflict that would fit: one demand less, fewer of alike nodes, or more room on a host.

Enters: the oracle and the conflict's demands. Leaves: a `Nearest`. Called by `conflict`.
"""

from __future__ import annotations

from msgspec import Struct

from .demands import NOTHING, Demands, Shape
from .reason import NoHostFor, Pigeonhole, Reason, Short
from .search import Oracle, groups, members, node_kind


class Room(Struct, frozen=True):
    """`node` would run on `host` if that had what is `short` and nothing else ran there."""

    node: int
    host: int
    short: tuple[Short, ...]


class Nearest(Struct, frozen=True):
    """`nodes`, `claims`: any single one of these dropped, the whole problem fits; none are named when that was not shown.
    `fit`, `of`: of all the lab's nodes that are like those of the conflict, the greatest number that fits beside everything else
    that is asked; `of` is 0 when the conflict is not about several alike nodes, or the number was not found.
    `room`: for a node that no host takes, the host that lacks least."""

    nodes: tuple[int, ...] = ()
    claims: tuple[int, ...] = ()
    fit: int = 0
    of: int = 0
    room: Room | None = None


def nearest_to(oracle: Oracle, demands: Demands, reason: Reason) -> Nearest:
    shape, whole = oracle.shape, oracle.shape.all()
    free = NOTHING
    for part in groups(shape, demands, whole):
        if oracle.fits(whole.less(members(part)[0])) is True:
            free = free.more(part)
    fit, of = _fitting(oracle, demands, whole, reason)
    return Nearest(tuple(sorted(free.nodes)), tuple(sorted(free.claims)), fit, of, _room(reason))


def _fitting(oracle: Oracle, demands: Demands, whole: Demands, reason: Reason) -> tuple[int, int]:
    """By bisection over the sizes of the lab's nodes that are like most of the conflict's."""
    if isinstance(reason, Pigeonhole) and not demands.nodes:
        return reason.places, len(reason.nodes)
    kind, alike = _commonest(oracle.shape, demands, whole)
    if kind < 2:
        return 0, 0
    low, high = 0, len(alike)
    while low < high:
        middle = (low + high + 1) // 2
        if oracle.fits(whole.less(Demands(frozenset(alike[middle:]), frozenset()))) is True:
            low = middle
        else:
            high = middle - 1
    return (low, len(alike)) if low else (0, 0)


def _commonest(shape: Shape, demands: Demands, whole: Demands) -> tuple[int, list[int]]:
    """How many of the conflict's nodes are of the kind that most of them are, and all the lab's nodes of that kind."""
    if not demands.nodes:
        return 0, []
    most = max(groups(shape, Demands(demands.nodes, frozenset()), whole), key=len)
    kind = node_kind(shape, min(most.nodes), whole)
    return len(most), [node for node in sorted(whole.nodes) if node_kind(shape, node, whole) == kind]


def _room(reason: Reason) -> Room | None:
    """The host that no claim leaves out and whose worst shortage is the least part of what it has."""
    if not isinstance(reason, NoHostFor):
        return None
    rooms = [Room(reason.node, host.host, host.short) for host in reason.hosts if host.short and not host.claims]
    return min(rooms, key=_lack, default=None)


def _lack(room: Room) -> tuple[float, int]:
    return max((short.wanted - short.there) / max(short.there, 1) for short in room.short), room.host
