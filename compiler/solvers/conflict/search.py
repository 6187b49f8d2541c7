"""From demands that do not fit to a minimal set of them: chunks dropped first, then counts of alike ones, then each one.

Enters: a `Shape` and demands that are known not to fit together. Leaves: a subset that does not fit and of which every proper subset
fits, with whether both were proven. Called by `conflict`.

QuickXplain over groups of alike demands; in a group of k alike ones, bisection for how many are needed.
"""

from __future__ import annotations

from msgspec import Struct

from ..problem import Allow
from . import model
from .demands import NOTHING, Demands, Shape
from .greedy import placed
from .quickxplain import needed
from .sums import proven

# The work of arithmetic, for each demand, and for each demand on each host: about seconds, as CP-SAT's deterministic ones are.
LOOK, LOOK_AT_HOST = 2e-6, 2e-8


class Oracle:
    """Answers whether demands fit, cheapest way first, and counts the work; once it is spent, unknown is the answer."""

    def __init__(self, shape: Shape, work: float, each: float) -> None:
        self.shape = shape
        self.left = work
        self.each = each
        self.known: dict[Demands, bool | None] = {}

    def fits(self, demands: Demands) -> bool | None:
        if demands not in self.known:
            self.known[demands] = self._ask(demands)
        return self.known[demands]

    def _ask(self, demands: Demands) -> bool | None:
        if self.left <= 0:
            return None
        self.left -= (len(demands) + 100) * (LOOK + LOOK_AT_HOST * len(self.shape.problem.hosts))
        if proven(self.shape, demands) is not None:
            return False
        if placed(self.shape, demands):
            return True
        verdict, spent = model.fits(self.shape, demands, min(self.each, self.left))
        self.left -= spent
        return verdict


class Minimal(Struct, frozen=True):
    """`proven`: the demands certainly do not fit together. `minimal`: any one dropped, the others certainly do."""

    demands: Demands
    proven: bool
    minimal: bool


def minimal(oracle: Oracle, demands: Demands, tight: bool) -> Minimal:
    """`demands` must be known not to fit together. `tight`: most of them are needed, as of those that a sum was made of."""
    demands = _said_once(oracle.shape, demands)
    oracle.known[demands] = False
    if not tight:
        parts = needed(groups(oracle.shape, demands), lambda parts: oracle.fits(_all(parts)) is False)
        demands = _counted(oracle, parts)
    return _each(oracle, demands)


def _said_once(shape: Shape, demands: Demands) -> Demands:
    """Of claims that leave one node the same hosts the first: alike ones could not be exchanged if one node had several."""
    first: dict[object, int] = {}
    for claim in sorted(demands.claims):
        own = _own(shape, claim)
        first.setdefault((shape.problem.claims[claim].nodes, shape.flag_of[claim]) if own else claim, claim)
    return Demands(demands.nodes, frozenset(first.values()))


def groups(shape: Shape, demands: Demands, by: Demands | None = None) -> list[Demands]:
    """Demands that nothing in `by` (the demands themselves) tells apart, together; claims first, then sizes, the greatest first."""
    by = by or demands
    found: dict[object, Demands] = {}
    for claim in sorted(demands.claims):
        key = _claim_kind(shape, claim, by)
        found[key] = found.get(key, NOTHING).more(Demands(frozenset(), frozenset({claim})))
    share = _share(shape)
    for node in sorted(demands.nodes, key=lambda node: (-share[node], node)):
        kind = ("size", node_kind(shape, node, by))
        found[kind] = found.get(kind, NOTHING).more(Demands(frozenset({node}), frozenset()))
    return list(found.values())


def _share(shape: Shape) -> list[float]:
    """How much of all the room that there is each node takes, in its scarcest resource."""
    room = shape.problem.capacity.sum(axis=0).clip(min=1)
    return [float(part) for part in (shape.problem.demand / room).max(axis=1, initial=0)]


def node_kind(shape: Shape, node: int, demands: Demands) -> object:
    """Equal for nodes that the demands do not tell apart."""
    claims = [claim for claim in shape.of_node[node] if claim in demands.claims]
    own = frozenset(shape.flag_of[claim] for claim in claims if _own(shape, claim))
    size = shape.sizes[node] if node in demands.nodes else b""
    return size, own, frozenset(claim for claim in claims if not _own(shape, claim))


def _own(shape: Shape, claim: int) -> bool:
    return isinstance(shape.problem.claims[claim], Allow) and len(shape.problem.claims[claim].nodes) == 1


def _claim_kind(shape: Shape, claim: int, demands: Demands) -> object:
    if _own(shape, claim):
        return shape.flag_of[claim], node_kind(shape, shape.problem.claims[claim].nodes[0], demands)
    return claim


def _all(parts: list[Demands]) -> Demands:
    return Demands(
        frozenset().union(*(part.nodes for part in parts)), frozenset().union(*(part.claims for part in parts))
    )


def _counted(oracle: Oracle, parts: list[Demands]) -> Demands:
    """How many of each group are needed, by bisection; the last groups give way first."""
    kept = list(parts)
    for index in reversed(range(len(kept))):
        others = _all(kept[:index] + kept[index + 1 :])
        alike = members(kept[index])
        low, high = 1, len(alike)
        while low < high:
            middle = (low + high) // 2
            if oracle.fits(others.more(_all(alike[:middle]))) is False:
                high = middle
            else:
                low = middle + 1
        kept[index] = _all(alike[:high])
    return _all(kept)


def members(part: Demands) -> list[Demands]:
    nodes = [Demands(frozenset({node}), frozenset()) for node in sorted(part.nodes)]
    return nodes + [Demands(frozenset(), frozenset({claim})) for claim in sorted(part.claims)]


def _each(oracle: Oracle, demands: Demands) -> Minimal:
    """Drop one after the other, the smallest size first. Of alike ones that are needed, one speaks for all; and a size speaks for
    greater ones that may run on no other hosts: where one of these is dropped, the smaller node takes its place."""
    sure, shown = True, _Needed(oracle.shape)
    for part in reversed(groups(oracle.shape, demands)):
        kept: list[Demands] = []
        for one in members(part)[::-1]:
            # Alike by what is left: what was dropped meanwhile may have told them apart.
            if any(_alike(oracle.shape, one, other, demands) for other in kept) or shown.covers(one, demands):
                continue
            verdict = oracle.fits(demands.less(one))
            if verdict is False:
                demands = demands.less(one)
                continue
            kept.append(one)
            sure = sure and verdict is True
            if verdict is True:
                shown.add(one)
    return Minimal(demands, oracle.fits(demands) is False, sure)


def _alike(shape: Shape, one: Demands, other: Demands, demands: Demands) -> bool:
    """Two of one group: whether nothing in the demands tells them apart still."""
    return len(groups(shape, one.more(other), demands)) == 1


class _Needed:
    """Nodes whose size was shown to be needed."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.nodes: list[int] = []

    def add(self, one: Demands) -> None:
        self.nodes.extend(one.nodes)

    def covers(self, one: Demands, demands: Demands) -> bool:
        return any(self._below(small, great, demands) for great in one.nodes for small in self.nodes)

    def _below(self, small: int, great: int, demands: Demands) -> bool:
        demand = self.shape.problem.demand
        kinds = [node_kind(self.shape, node, Demands(frozenset(), demands.claims)) for node in (small, great)]
        return kinds[0] == kinds[1] and bool((demand[small] <= demand[great]).all())
