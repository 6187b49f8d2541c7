"""A quick placement of a set of demands, the largest first: a witness that they fit, found without a solver.

Enters: a `Shape` and `Demands`. Leaves: True when a placement was found; False says nothing. Called by the conflict's oracle.

Nodes of claims that look beyond one node come first, a group of `Together` at a time; then the others, counted by unit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from ..problem import Apart, Balance, Exclusive, Together
from .demands import Demands, Shape, Unit

if TYPE_CHECKING:
    pass


def placed(shape: Shape, demands: Demands) -> bool:
    attempt = _Attempt(shape, demands)
    bound = [unit for unit in attempt.units if unit.claims]
    if any(isinstance(claim, Balance) for claim in attempt.strict):
        return False
    plain = [unit for unit in attempt.units if not unit.claims]
    return all(attempt.group(group) for group in attempt.groups(bound)) and all(
        map(attempt.fill, attempt.ordered(plain))
    )


class _Attempt:
    """`room`: what is left on each host. `owner`: for which Exclusive claims a host is set apart, None for an empty one."""

    def __init__(self, shape: Shape, demands: Demands) -> None:
        self.claims = shape.problem.claims
        self.units = shape.units(demands)
        self.strict = [self.claims[claim] for claim in sorted({claim for unit in self.units for claim in unit.claims})]
        self.room = np.array(shape.problem.capacity, dtype=np.int64)
        self.share = shape.problem.capacity.sum(axis=0).clip(min=1)
        self.owner: list[frozenset[int] | None] = [None] * len(shape.problem.hosts)
        self.used: dict[int, set[int]] = {}

    def ordered(self, units: list[Unit]) -> list[Unit]:
        return sorted(units, key=lambda unit: (int(unit.hosts.sum()), -self._part(unit), unit.nodes))

    def _part(self, unit: Unit) -> float:
        return float((unit.size / self.share).max(initial=0))

    def groups(self, units: list[Unit]) -> list[list[tuple[int, Unit]]]:
        """Nodes that `Together` ties to each other; those with fewest hosts first, Exclusive ones before others."""
        tied = {node: node for unit in units for node in unit.nodes}

        def root(node: int) -> int:
            while tied[node] != node:
                node = tied[node]
            return node

        for claim in self.strict:
            if isinstance(claim, Together):
                for node in claim.nodes[1:]:
                    tied[root(node)] = root(claim.nodes[0])
        found: dict[int, list[tuple[int, Unit]]] = {}
        for unit in units:
            for node in unit.nodes:
                found.setdefault(root(node), []).append((node, unit))
        return sorted(found.values(), key=self._urgency)

    def _urgency(self, group: list[tuple[int, Unit]]) -> tuple[bool, int, float, int]:
        hosts = min(int(unit.hosts.sum()) for _, unit in group)
        return not self._owners(group[0][1]), hosts, -sum(self._part(unit) for _, unit in group), group[0][0]

    def group(self, group: list[tuple[int, Unit]]) -> bool:
        """All of them on one host, which satisfies `Together` by any domain."""
        if len({self._owners(unit) for _, unit in group}) > 1:
            return False
        size = sum((unit.size for _, unit in group), start=0 * self.share)
        fits = (self.room >= size).all(axis=1) & np.logical_and.reduce([unit.hosts for _, unit in group])
        slack = ((self.room - size) / self.share).sum(axis=1)
        for host in sorted(np.flatnonzero(fits).tolist(), key=lambda host: (-slack[host], host)):
            if all(self._may(unit, host) for _, unit in group) and self._apart(group, host):
                self.room[host] -= size
                self.owner[host] = self._owners(group[0][1])
                return True
        return False

    def _may(self, unit: Unit, host: int) -> bool:
        together = [claim for claim in self._of(unit) if isinstance(claim, Together)]
        return self.owner[host] in (None, self._owners(unit)) and all(
            int(claim.domains[host]) >= 0 for claim in together
        )

    def _of(self, unit: Unit) -> Iterable[object]:
        return (self.claims[claim] for claim in unit.claims)

    def _owners(self, unit: Unit) -> frozenset[int]:
        return frozenset(claim for claim in unit.claims if isinstance(self.claims[claim], Exclusive))

    def _apart(self, group: list[tuple[int, Unit]], host: int) -> bool:
        """Whether no `Apart` of the group has somebody in the host's domain; if so the domains are taken."""
        taken = []
        for _, unit in group:
            for index in unit.claims:
                claim = self.claims[index]
                if isinstance(claim, Apart):
                    taken.append((index, int(claim.domains[host])))
        if len(set(taken)) < len(taken) or any(domain < 0 or domain in self.used.get(i, ()) for i, domain in taken):
            return False
        for index, domain in taken:
            self.used.setdefault(index, set()).add(domain)
        return True

    def fill(self, unit: Unit) -> bool:
        """The hosts with the least room for it first, as many on each as go."""
        left = unit.count
        open_to = [host for host in np.flatnonzero(unit.hosts).tolist() if not self.owner[host]]
        wanted = unit.size > 0
        if not wanted.any():
            return bool(open_to)
        most = (self.room[open_to][:, wanted] // unit.size[wanted]).min(axis=1)
        for index in np.argsort(most, kind="stable").tolist():
            here = min(left, int(most[index]))
            self.room[open_to[index]] -= here * unit.size
            left -= here
            if left == 0:
                return True
        return False
