"""Another binding of real gear, when the first one makes placement impossible.

Enters: a lab that is bound, but does not fit so. Leaves: the lab bound otherwise, with hosts; None after a diagnostic that says why no
binding helps. Called by `solve.py`.
"""

from __future__ import annotations

from collections.abc import Collection

from ...diagnostics import Diagnostics
from ...ir.lab import Lab, Placed
from ...site.gear import Asked
from ...solvers.conflict.conflict import conflict_of
from ...solvers.gear.bind import UnbindableError
from ...solvers.gear.place import NoBindingFitsError, bind_and_place
from ...solvers.gear.records import Binding, Entry
from ...solvers.placing.place import place
from ...solvers.problem import Answer, Problem
from .arrays import problem_of
from .held import question_digest
from .nets import nets_of
from .question import Question
from .refusal import refuse

Found = tuple[list[int], Placed]


def place_with_other_gear(lab: Lab, kept: list[int | None], diagnostics: Diagnostics) -> Found | None:
    search = _Search(lab, kept, by_name=True)
    try:
        binding, answer = search.run()
    except (NoBindingFitsError, UnbindableError):
        search = _Search(lab, kept, by_name=False)
        return _any_name(search, diagnostics)
    return search.enter(binding, answer)


def _any_name(search: _Search, diagnostics: Diagnostics) -> Found | None:
    try:
        return search.enter(*search.run())
    except NoBindingFitsError as error:
        refuse(search.question_for(error.entry), search.problem_for(error.entry), error, diagnostics)
        return None


class _Search:
    """What the loop over bindings asks of a lab."""

    def __init__(self, lab: Lab, kept: list[int | None], *, by_name: bool) -> None:
        self.lab, self.kept, self.asked = lab, kept, Asked(lab, by_name=by_name)
        number = Question(lab).number
        self.spots = [number[node.id] for node in self.asked.nodes]

    def run(self) -> tuple[Binding, Answer]:
        return bind_and_place(self.asked.request, self.problem_for, place, self.spot, self.blame)

    def enter(self, binding: Binding, answer: Answer) -> Found:
        self.asked.enter(binding)
        question = Question(self.lab)
        hosts = answer.hosts.tolist()
        digest = question_digest(question, nets_of(question), hosts)
        return hosts, Placed(answer.path, answer.proven, digest)

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
