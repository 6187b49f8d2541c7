"""The question as arrays: what the solvers read.

Enters: a question, its nets, and what the lock keeps. Leaves: a `Problem`. Called by the pass when a solver has to run.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from ...site.hosts import RESOURCES
from ...solvers.problem import UNPLACED, Allow, Apart, Balance, Claim, Exclusive, Nets, Problem, Together, Wish
from .nets import Net
from .question import Question, Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...solvers.problem import Flags, Indices, Numbers, Strategy

MOST = 1 << 62  # of all hosts together
_FORMS: dict[str, type[Together | Apart | Balance]] = {"together": Together, "apart": Apart, "balance": Balance}


def problem_of(question: Question, nets: list[Net], kept: Sequence[int | None]) -> Problem:
    """`kept`: by node, the host that the lock holds or None. Claims stand in the order of the question's hard statements, wishes in that of its soft ones."""
    flags: dict[frozenset[int], Flags] = {}
    claims = tuple(_claim(each, question, flags) for each in question.statements if each.weight is None)
    wishes = tuple(
        Wish(_claim(each, question, flags), each.weight) for each in question.statements if each.weight is not None
    )
    resources, demand = _demand(question)
    strategy: Strategy = question.lab.strategy  # type: ignore[assignment]  # the language knows no other words
    return Problem(
        tuple(node.id for node in question.nodes),
        tuple(host.name for host in question.hosts),
        resources,
        demand,
        _capacity(question, demand),
        _nets(nets),
        claims,
        wishes,
        _kept(kept),
        strategy,
    )


def _demand(question: Question) -> tuple[tuple[str, ...], Numbers]:
    """Nodes that ask for nothing weigh nothing: to spread them evenly their number is a resource, without limit."""
    rows = [[-(-each >> by) for each, by in zip(row, question.shift, strict=True)] for row in question.demand]
    demand = np.array(rows if any(question.shift) else question.demand, np.int64).reshape(-1, len(RESOURCES))
    if question.lab.strategy != "spread" or demand.any():
        return RESOURCES, demand
    return (*RESOURCES, "nodes"), np.hstack([demand, np.ones((len(demand), 1), np.int64)])


def _kept(hosts: Sequence[int | None]) -> Indices | None:
    if all(host is None for host in hosts):
        return None
    return np.array([UNPLACED if host is None else host for host in hosts], np.int32)


def _capacity(question: Question, demand: Numbers) -> Numbers:
    """A host without a limit has room for the whole lab, and none is counted beyond that and its part of MOST: sums over hosts stay far from what 64 bits hold."""
    whole = demand.sum(axis=0).tolist()
    shift = [*question.shift, 0][: len(whole)]
    most = MOST // max(1, len(question.hosts))
    known = ([*row, None] if len(row) < len(whole) else row for row in question.capacity)
    rows = [
        [
            all_ if limit is None else min(limit >> by, max(all_, most))
            for limit, all_, by in zip(row, whole, shift, strict=True)
        ]
        for row in known
    ]
    return np.array(rows, np.int64)


def _claim(statement: Statement, question: Question, flags: dict[frozenset[int], Flags]) -> Claim:
    """Nodes that may run on the same hosts share one array."""
    if statement.form == "exclusive":
        return Exclusive(statement.members)
    if statement.form != "allow":
        return _FORMS[statement.form](statement.members, np.array(statement.places, np.int32))
    allowed = flags.get(statement.hosts)
    if allowed is None:
        allowed = flags[statement.hosts] = np.zeros(len(question.hosts), np.bool_)
        allowed[sorted(statement.hosts)] = True
    return Allow(statement.members, allowed)


def _nets(nets: list[Net]) -> Nets:
    return Nets(
        _starts(len(net.pins) for net in nets),
        _flat(net.pins for net in nets),
        np.array([net.weight for net in nets], np.int64),
        _starts(len(net.anchors) for net in nets),
        _flat(net.anchors for net in nets),
    )


def _starts(lengths: Iterable[int]) -> Numbers:
    return np.cumsum(np.array([0, *lengths], np.int64))


def _flat(rows: Iterable[tuple[int, ...]]) -> Indices:
    return np.fromiter(chain.from_iterable(rows), np.int32)
