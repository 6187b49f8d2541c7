"""Why a problem does not fit: a minimal set of what was asked, what is short, and the nearest thing that would fit.

Enters: a `Problem` for which no placement was found. Leaves: a `Conflict`, or None when it fits after all. Called by the pass
`placement` when a solver says that nothing fits; the pass turns the records into words and spans.

The demands of a problem are its claims and the sizes of its nodes (the rows of `demand`). All nodes are always there: a node whose
size is dropped runs somewhere still, as light as nothing, and its claims still hold. So fewer demands never fit worse,
and *minimal* means: the set does not fit, and without any one of its demands the rest of the set does. When the problem holds
one conflict only, the whole problem then fits too; `Nearest` says for which demands that is so, `more` whether there
are further conflicts that share nothing with this one.

Sums come first (`arithmetic.py`), then the claims alone with a literal each, then everything as a model of counts
(`model.py`); `search.py` makes the set minimal. Work is counted, never time: the same answer on any machine.
"""

from __future__ import annotations

from msgspec import Struct

from ..problem import Allow, Problem
from . import model
from .arithmetic import eligible, few
from .demands import NOTHING, Demands, Shape
from .nearest import Nearest, nearest_to
from .reason import NoHostFor, Reason, reason_of
from .search import Minimal, Oracle, minimal
from .sums import many, proven

WORK = 2.4  # of CP-SAT's deterministic seconds for the set; half as much for what is nearest
EACH = 0.8  # and for one question
MORE = 8  # further conflicts that are counted


class Conflict(Struct, frozen=True):
    """`nodes`: whose sizes are part of it. `claims`: indexes of the problem's claims. `proven`: these do certainly not fit together;
    `minimal`: without any one of them the others certainly do. `more`: further conflicts that sums show, sharing nothing with
    this one, 8 at most."""

    nodes: tuple[int, ...]
    claims: tuple[int, ...]
    proven: bool
    minimal: bool
    reason: Reason
    nearest: Nearest
    more: int


def conflict_of(problem: Problem, work: float = WORK) -> Conflict | None:
    """None: the problem fits. Raises MissingSolverError when sums do not tell and OR-Tools is not installed.

    Without any host the conflict is empty: whatever is dropped, nothing runs.
    """
    if problem.nodes and not problem.hosts:
        return Conflict((), (), True, True, NoHostFor(0, ()), Nearest(), 0)
    shape = Shape(problem)
    oracle = Oracle(shape, work, min(EACH, work))
    found = _found(oracle)
    if found is None:
        return None
    demands = found.demands
    reason = reason_of(shape, demands)
    oracle.left = work / 2
    return Conflict(
        nodes=tuple(sorted(demands.nodes)),
        claims=tuple(sorted(demands.claims)),
        proven=found.proven,
        minimal=found.minimal,
        reason=reason,
        nearest=nearest_to(oracle, demands, reason),
        more=_more(shape, demands),
    )


def _found(oracle: Oracle) -> Minimal | None:
    whole = oracle.shape.all()
    hosts = eligible(oracle.shape, whole)
    start = few(oracle.shape, whole, hosts) or _claims(oracle, whole)
    if start is not None:
        return minimal(oracle, start, tight=False)
    start = many(oracle.shape, whole, hosts)
    if start is not None:
        return minimal(oracle, start, tight=True)
    verdict = oracle.fits(whole)
    if verdict is False:
        return minimal(oracle, whole, tight=False)
    return None if verdict else Minimal(whole, proven=False, minimal=False)


def _claims(oracle: Oracle, whole: Demands) -> Demands | None:
    """Claims that contradict each other whatever the sizes: those of which something else than hosts is asked, and what touches them."""
    shape = oracle.shape
    strict = {claim for claim in whole.claims if not isinstance(shape.problem.claims[claim], Allow)}
    if not strict:
        return None
    nodes = {node for claim in strict for node in shape.problem.claims[claim].nodes}
    found, spent = model.core(shape, frozenset(strict) | (shape.allows(nodes) & whole.claims), oracle.each)
    oracle.left -= spent
    return Demands(frozenset(), found) if found is not None else None


def _more(shape: Shape, demands: Demands) -> int:
    left = shape.all().less(demands)
    for count in range(MORE):
        found = proven(shape, left)
        if found is None or found == NOTHING:
            return count
        left = left.less(found)
    return MORE
