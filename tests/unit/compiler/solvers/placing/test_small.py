"""Small problems: the answer is the best of all, and "does not fit" is said when nothing fits."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
from hypothesis import given, settings

from labc.compiler.solvers.cost import cost_of, violations
from labc.compiler.solvers.placing.place import place
from labc.compiler.solvers.problem import Answer, DoesNotFitError, Problem
from tests.unit.compiler.solvers.problems import best_of_all, problem, small_problems


def _placed(asked: Problem) -> Answer | None:
    with suppress(DoesNotFitError):
        return place(asked)
    return None


@given(small_problems(most_nodes=5))
@settings(max_examples=150)
def test_no_small_answer_is_worse_than_the_best_of_all(asked: Problem) -> None:
    """Of every assignment that breaks nothing, none costs less than a proven answer, and all small answers are proven."""
    best, answer = best_of_all(asked), _placed(asked)
    assert (answer is None) == (best is None)
    if answer is not None and best is not None:
        assert violations(asked, answer.hosts) == []
        assert answer.cost == cost_of(asked, answer.hosts)
        assert answer.proven
        assert (answer.cost.moves, answer.cost.strategy, answer.cost.cut) == (best.moves, best.strategy, best.cut)


def test_a_full_site_is_filled() -> None:
    """Hosts of exactly the room that some placement takes, in two resources: an answer is found before a cheap one is sought."""
    rng = np.random.default_rng(0)
    demand, at = rng.integers(1, 9, (48, 2)), rng.integers(0, 12, 48)
    rooms = np.zeros((12, 2), np.int64)
    np.add.at(rooms, at, demand)
    asked = problem(demand.tolist(), rooms.tolist(), [((i, (i + 1) % 48), ()) for i in range(48)])
    assert violations(asked, place(asked).hosts) == []
