"""Another binding of real gear, when the first one makes placement impossible.

Enters: a lab that is bound, but does not fit so. Leaves: the lab bound otherwise, with hosts; None after a diagnostic that says why no
binding helps. Called by `solve.py`.
"""

from __future__ import annotations

from collections.abc import Collection

from ...diagnostics import Diagnostics
from ...ir.lab import Lab, Placed
from ...site.gear import Asked
from ...solvers.conflict import conflict_of
from ...solvers.gear import Entry
from ...solvers.gear_place import NoBindingFitsError, bind_and_place
from ...solvers.place import place
from ...solvers.problem import Answer, Problem
from .arrays import problem_of
from .held import question_digest
from .nets import nets_of
from .question import Question
from .refusal import refuse


def place_with_other_gear(
    lab: Lab, kept: list[int | None], diagnostics: Diagnostics
) -> tuple[list[int], Placed] | None:
    search = _Search(lab, kept)
    try:
        binding, answer = bind_and_place(search.asked.request, search.problem_for, place, search.spot, search.blame)
    except NoBindingFitsError as error:
        refuse(search.question_for(error.entry), search.problem_for(error.entry), error, diagnostics)
        return None
    search.asked.enter(binding)
    question = Question(lab)
    return answer.hosts.tolist(), Placed(answer.path, answer.proven, question_digest(question, nets_of(question)))


class _Search:
    """What the loop over bindings asks of a lab."""

    def __init__(self, lab: Lab, kept: list[int | None]) -> None:
        self.lab, self.kept, self.asked = lab, kept, Asked(lab)
        number = Question(lab).number
        self.spots = [number[node.id] for node in self.asked.nodes]

    def question_for(self, entry: Entry) -> Question:
        return Question(self.lab, self.asked.homes(entry))

    def problem_for(self, entry: Entry) -> Problem:
        question = self.question_for(entry)
        return problem_of(question, nets_of(question, self.asked.anchors(entry)), self.kept)

    def spot(self, answer: Answer, node: int) -> int:
        return int(answer.hosts[self.spots[node]])

    def blame(self, problem: Problem) -> Collection[int]:
        """The real gear that the conflict's claims are about: those outside it need no other homes."""
        conflict = conflict_of(problem)
        if conflict is None or not conflict.proven:
            return ()
        about = {node for claim in conflict.claims for node in problem.claims[claim].nodes}
        return [at for at, spot in enumerate(self.spots) if spot in about]
