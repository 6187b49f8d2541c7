"""Hosts that a unit is allowed and what it costs there, a row for each kind of unit rather than for each unit.

Enters: the claims and wishes of a problem, and the unit of each node. Leaves: an index of rows for the units, and the rows.
Called by `units`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..problem import JOIN, Allow, Exclusive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..problem import Flags, Indices, Numbers, Problem


def allowed_rows(problem: Problem, unit: Indices, count: int) -> tuple[Indices, Flags]:
    """`kind` and `allowed`: `allowed[kind[u]]` flags the hosts that all nodes of unit u are allowed."""
    rows = _Rows(count, np.ones(len(problem.hosts), np.int64), np.minimum)
    for claim in problem.claims:
        if isinstance(claim, Exclusive):
            continue
        flags = claim.hosts if isinstance(claim, Allow) else claim.domains >= 0
        if not flags.all():
            rows.put(unit[list(claim.nodes)].tolist(), flags.astype(np.int64))
    kind, allowed = rows.table()
    return kind, allowed.astype(bool)


def fee_rows(problem: Problem, unit: Indices, count: int) -> tuple[Indices, Numbers, Numbers]:
    """`tariff`, `fees` and `waste`: what unit u costs at each host by wishes, and how many of its nodes are wasted there."""
    hosts = len(problem.hosts)
    rows = _Rows(count, np.zeros(2 * hosts, np.int64), np.add)
    nothing = np.zeros(hosts, np.int64)
    for wish in problem.wishes:
        if isinstance(wish.claim, Allow):
            price = np.where(wish.claim.hosts, 0, wish.weight * JOIN)
            rows.put(unit[list(wish.claim.nodes)].tolist(), np.concatenate([price, nothing]))
    for nodes, wasted in _waste(problem):
        rows.put(unit[nodes].tolist(), np.concatenate([nothing, wasted]))
    tariff, table = rows.table()
    return tariff, table[:, :hosts], table[:, hosts:]


def _waste(problem: Problem) -> Iterable[tuple[Indices, Numbers]]:
    """Nodes that are entitled to equal hosts among those that some claim singles out, and the flags of the others."""
    entitled = _Rows(len(problem.nodes), np.zeros(len(problem.hosts), np.int64), np.maximum)
    for claim in problem.claims:
        if isinstance(claim, Allow) and not claim.hosts.all():
            entitled.put(list(claim.nodes), claim.hosts.astype(np.int64))
    kind, rows = entitled.table()
    singled = rows.max(axis=0, initial=0)
    for index, row in enumerate(rows):
        wasted = singled - row
        if wasted.any():
            yield np.flatnonzero(kind == index).astype(np.int32), wasted


class _Rows:
    """Members that share a row: `put` joins a row to the one that a member has, made once for all that had that one."""

    def __init__(self, count: int, row: Numbers, join: Callable[[Numbers, Numbers], Numbers]) -> None:
        self._of = [0] * count
        self._rows = [row]
        self._join = join
        self._made: dict[tuple[int, bytes], int] = {}

    def put(self, members: list[int], row: Numbers) -> None:
        key = row.tobytes()
        for member in members:
            old = self._of[member]
            new = self._made.get((old, key))
            if new is None:
                new = self._made[old, key] = len(self._rows)
                self._rows.append(self._join(self._rows[old], row))
            self._of[member] = new

    def table(self) -> tuple[Indices, Numbers]:
        """The index of each member, and the rows that are in use, each once."""
        used, of = np.unique(np.array(self._of, np.int64), return_inverse=True)
        rows, index = np.unique(np.array(self._rows, np.int64)[used], axis=0, return_inverse=True)
        return index.reshape(-1)[of].astype(np.int32), rows
