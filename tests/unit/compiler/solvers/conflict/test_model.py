"""The three judges that a search for a conflict asks, each against brute force."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from labc.compiler.solvers.conflict.demands import Demands, Shape
from labc.compiler.solvers.conflict.greedy import placed
from labc.compiler.solvers.conflict.model import core
from labc.compiler.solvers.conflict.model import fits as solved
from labc.compiler.solvers.conflict.sums import proven
from labc.compiler.solvers.problem import Problem
from tests.unit.compiler.solvers.labs import crowded, fits


@st.composite
def asked(draw: st.DrawFn) -> tuple[Problem, Demands]:
    """A problem with some of its demands, mostly all."""
    whole = draw(crowded(nodes=4))
    nodes = frozenset(n for n in range(len(whole.nodes)) if draw(st.integers(0, 5)))
    return whole, Demands(nodes, frozenset(c for c in range(len(whole.claims)) if draw(st.integers(0, 5))))


@given(asked())
@settings(max_examples=300)
def test_the_model_of_counts_says_what_brute_force_says(part: tuple[Problem, Demands]) -> None:
    """Alike nodes counted together, alike hosts in order: no placement is lost, none is made up."""
    problem, demands = part
    assert solved(Shape(problem), demands, 10.0)[0] == fits(problem, demands.nodes, demands.claims)


@given(asked())
@settings(max_examples=300)
def test_arithmetic_is_right_when_it_says_anything(part: tuple[Problem, Demands]) -> None:
    """A sum proves that demands do not fit, a quick placement that they do; either may say nothing."""
    problem, demands = part
    found = proven(Shape(problem), demands)
    if found is not None:
        assert found.nodes <= demands.nodes
        assert found.claims <= demands.claims
        assert not fits(problem, found.nodes, found.claims)
    if placed(Shape(problem), demands):
        assert fits(problem, demands.nodes, demands.claims)


@given(crowded(nodes=4))
@settings(max_examples=200)
def test_a_core_of_claims_cannot_hold_and_is_found_when_they_cannot(whole: Problem) -> None:
    """Whatever the sizes."""
    claims = frozenset(range(len(whole.claims)))
    found = core(Shape(whole), claims, 10.0)[0]
    assert (found is None) == fits(whole, (), claims)
    if found is not None:
        assert not fits(whole, (), found)
