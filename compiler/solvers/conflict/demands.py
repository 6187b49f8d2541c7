"""Sets of demands, and the units into which a set makes a problem's nodes.

Enters: a `Problem`. Leaves: `Demands` (what somebody asked for: sizes and claims) and, for a set of them, `Unit`s: nodes that
nothing in the set tells apart. Used by every file of the conflict's search.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from ..problem import Allow, Apart, Balance, Claim, Exclusive, Problem, Together

if TYPE_CHECKING:
    from ..problem import Flags, Numbers


class Demands(Struct, frozen=True):
    """What is asked: the sizes of `nodes` and the claims with these indexes. Nodes that are not in it are there, with no size."""

    nodes: frozenset[int]
    claims: frozenset[int]

    def less(self, other: Demands) -> Demands:
        return Demands(self.nodes - other.nodes, self.claims - other.claims)

    def more(self, other: Demands) -> Demands:
        return Demands(self.nodes | other.nodes, self.claims | other.claims)

    def __len__(self) -> int:
        return len(self.nodes) + len(self.claims)


NOTHING = Demands(frozenset(), frozenset())


class Unit(Struct, frozen=True):
    """`nodes` that are alike: one size each, one set of hosts on which they may run alone, the same other claims."""

    nodes: tuple[int, ...]
    size: Numbers
    hosts: Flags
    claims: tuple[int, ...]

    @property
    def count(self) -> int:
        return len(self.nodes)


class Shape:
    """A problem prepared for being asked about many sets of demands: which claims cover which node, equal flags found once."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.none = np.zeros(len(problem.resources), dtype=np.int64)
        self.everywhere = np.ones(len(problem.hosts), dtype=np.bool_)
        self.flags: dict[bytes, Flags] = {}
        self.flag_of: dict[int, bytes] = {}
        self.of_node: list[list[int]] = [[] for _ in problem.nodes]
        self.sizes = [row.tobytes() if row.any() else b"" for row in np.asarray(problem.demand, dtype=np.int64)]
        for index, claim in enumerate(problem.claims):
            self._enter(index, claim)

    def _enter(self, index: int, claim: Claim) -> None:
        if isinstance(claim, Allow):
            key = np.asarray(claim.hosts, dtype=np.bool_).tobytes()
            self.flag_of[index] = key
            self.flags.setdefault(key, np.asarray(claim.hosts, dtype=np.bool_))
        for node in claim.nodes:
            self.of_node[node].append(index)

    def all(self) -> Demands:
        """Everything that is asked: each size that is not nothing, each claim that covers a node."""
        sized = frozenset(node for node, size in enumerate(self.sizes) if size)
        return Demands(sized, frozenset(index for index, claim in enumerate(self.problem.claims) if claim.nodes))

    def allows(self, nodes: Iterable[int]) -> frozenset[int]:
        return frozenset(claim for node in nodes for claim in self.of_node[node] if claim in self.flag_of)

    def hosts_for(self, claims: Iterable[int]) -> Flags:
        """On which hosts all these Allow claims let a node run."""
        hosts = self.everywhere
        for key in {self.flag_of[claim] for claim in claims}:
            hosts = hosts & self.flags[key]
        return hosts

    def units(self, demands: Demands, fold: bool = True) -> list[Unit]:
        """The nodes that matter for `demands`, alike ones together. `fold`: Allow claims become the unit's hosts, else stay claims."""
        alone = any(isinstance(self.problem.claims[claim], Exclusive) for claim in demands.claims)
        found: dict[tuple[bytes, frozenset[bytes], tuple[int, ...]], list[int]] = {}
        for node in range(len(self.problem.nodes)):
            sized = node in demands.nodes
            claims = [claim for claim in self.of_node[node] if claim in demands.claims]
            if sized or claims or alone:
                keys = (
                    frozenset(self.flag_of[claim] for claim in claims if claim in self.flag_of) if fold else frozenset()
                )
                rest = tuple(claim for claim in claims if not (fold and claim in self.flag_of))
                found.setdefault((self.sizes[node] if sized else b"", keys, rest), []).append(node)
        return [self._unit(nodes, *key) for key, nodes in found.items()]

    def _unit(self, nodes: list[int], size: bytes, keys: frozenset[bytes], claims: tuple[int, ...]) -> Unit:
        """Of nodes without a size and with nothing but hosts to ask for, one stands for all: they may sit on one host."""
        hosts = self.everywhere
        for key in sorted(keys):
            hosts = hosts & self.flags[key]
        standing = nodes if size or claims else nodes[:1]
        row = np.asarray(self.problem.demand[nodes[0]], dtype=np.int64) if size else self.none
        return Unit(tuple(standing), row, hosts, claims)


def domains_of(claim: Together | Apart | Balance) -> list[tuple[int, list[int]]]:
    """Each domain with its hosts, in order of their numbers. A host of domain -1 is in none: no node of the claim runs there."""
    found: dict[int, list[int]] = {}
    for host, domain in enumerate(claim.domains.tolist()):
        if domain >= 0:
            found.setdefault(domain, []).append(host)
    return sorted(found.items())
