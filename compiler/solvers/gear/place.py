"""Real gear and placement together: if there is an assignment of devices, ports and hosts, it is found.

Enters: a `Request`, how a placement problem follows from where gear enters, and how it is placed. Leaves: a binding with its answer.
Called by the passes `bind` and `placement` together.

A placement sees of a binding only its homes (feasibility) and anchors (cost), and more homes never place worse. So what a
failed placement teaches is a *no-good*: these nodes within these homes do not fit; the next binding must leave them somewhere
(logic-based Benders decomposition: Hooker and Ottosson, 2003). Each no-good rules out the homes that it came from, of which there
are finitely many: the loop ends. First, with every node free on all hosts that any binding could give it, a placement that fails
shows that no binding helps; one that succeeds names hosts, and a binding that enters at these fits for certain.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from ..problem import Answer, DoesNotFitError, Problem
from .bind import bind, binding, reach
from .records import Binding, Entry, Limits, Nogood, Request

CHEAPEST = 4  # bindings in order of cost that are tried before one is looked for that is certain to fit

Blame = Callable[[Problem], Collection[int]]


class NoBindingFitsError(DoesNotFitError):
    """No binding lets the lab be placed. `entry`: that of the cheapest binding, or of all of them together when even these do not
    fit; the problem that follows from it is the one whose conflict to tell."""

    def __init__(self, proven: bool, entry: Entry) -> None:
        super().__init__(proven)
        self.entry = entry


def bind_and_place(
    request: Request,
    problem_for: Callable[[Entry], Problem],
    place: Callable[[Problem], Answer],
    spot: Callable[[Answer, int], int],
    blame: Blame | None = None,
    rounds: int = 1000,
) -> tuple[Binding, Answer]:
    """`spot`: the host on which an answer has a node of the request. `blame`: of a problem that does not fit, the nodes of the request
    whose homes take part in it, a proven conflict; None or nothing known: all nodes. Raises UnbindableError when there is no binding,
    NoBindingFitsError when none can be placed, MissingSolverError as its parts do."""
    loop = _Loop(request, problem_for, place, blame)
    first = bind(request)
    found = loop.attempt(first)
    if found is not None:
        return found
    everywhere = reach(request)
    answer = loop.placed(everywhere)
    if answer is None and loop.proven:
        raise NoBindingFitsError(proven=True, entry=everywhere)
    for turn in range(rounds):
        if turn == CHEAPEST and answer is not None:
            found = loop.certain([spot(answer, node) for node in range(len(request.nodes))])
        following = None if found else binding(request, Limits(nogoods=tuple(loop.nogoods)))
        found = found or (loop.attempt(following) if following else None)
        if found is not None:
            return found
        if following is None:
            raise NoBindingFitsError(loop.proven, first.entry)
    raise NoBindingFitsError(proven=False, entry=first.entry)


class _Loop:
    """`nogoods`: what was learnt. `proven`: every placement that failed was proven to."""

    def __init__(
        self,
        request: Request,
        problem_for: Callable[[Entry], Problem],
        place: Callable[[Problem], Answer],
        blame: Blame | None,
    ) -> None:
        self.request, self.problem_for, self.place, self.blame = request, problem_for, place, blame
        self.nogoods: list[Nogood] = []
        self.proven = True

    def placed(self, entry: Entry) -> Answer | None:
        try:
            return self.place(self.problem_for(entry))
        except DoesNotFitError as failed:
            self.proven = self.proven and failed.proven
            return None

    def attempt(self, bound: Binding) -> tuple[Binding, Answer] | None:
        answer = self.placed(bound.entry)
        if answer is not None:
            return bound, answer
        homes = bound.entry.homes
        nodes = sorted(self.blame(self.problem_for(bound.entry)) if self.blame else ()) or range(len(homes))
        self.nogoods.append(Nogood(tuple(nodes), tuple(homes[node] for node in nodes)))
        return None

    def certain(self, spots: list[int]) -> tuple[Binding, Answer] | None:
        """A binding that lets each node sit where a placement had it, if there is one."""
        bound = binding(self.request, Limits(homes=tuple((host,) for host in spots)))
        return self.attempt(bound) if bound is not None else None
