"""The solvers' turn: a question that neither the lock nor a few additions answer.

Enters: a question. Leaves: hosts and how they were found; None after a diagnostic that says why there are none. Called by the pass.
"""

from __future__ import annotations

from ...diagnostics import Diagnostics
from ...ir.lab import Placed
from ...solvers.problem import DoesNotFitError, MissingSolverError, Problem
from ...wording import INSTALL_SOLVERS
from .held import question_digest
from .nets import Net
from .question import Question

Found = tuple[list[int], Placed]


def solve(question: Question, nets: list[Net], kept: list[int | None], diagnostics: Diagnostics) -> Found | None:
    try:
        from .arrays import problem_of  # imports numpy, which only the solvers' extra brings

        return _solved(question, nets, problem_of(question, nets, kept), kept, diagnostics)
    except MissingSolverError as error:
        _missing(question, error.package, diagnostics)
    except ImportError as error:
        _missing(question, error.name or "numpy", diagnostics)
    return None


def _solved(
    question: Question, nets: list[Net], problem: Problem, kept: list[int | None], diagnostics: Diagnostics
) -> Found | None:
    from ...solvers.placing.place import place
    from .refusal import refuse

    try:
        answer = place(problem)
    except DoesNotFitError as error:
        if any(node.device is not None for node in question.nodes):
            from .other_gear import place_with_other_gear

            return place_with_other_gear(question.lab, kept, diagnostics)
        refuse(question, problem, error, diagnostics)
        return None
    hosts = answer.hosts.tolist()
    return hosts, Placed(answer.path, answer.proven, question_digest(question, nets, hosts))


def _missing(question: Question, package: str, diagnostics: Diagnostics) -> None:
    diagnostics.error(
        "E0805",
        f"placing {len(question.nodes)} nodes on {len(question.hosts)} hosts needs {package}, which is not installed",
        question.hosts[0].origin.span,
        "the site's first host",
        reason="lab.lock does not hold a host for every node, or holds one that no longer stands",
        help=f"install the solvers, {INSTALL_SOLVERS}; or take a lab.lock that is whole",
    )
