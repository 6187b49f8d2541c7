"""Why a problem does not fit, with brute force as the judge on small ones."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import structs

from labc.compiler.solvers.conflict.conflict import conflict_of
from labc.compiler.solvers.conflict.nearest import Room
from labc.compiler.solvers.conflict.reason import Contradiction, Host, NoHostFor, Pigeonhole, Short, TooMuch
from labc.compiler.solvers.problem import Apart, Claim, Exclusive, Problem, Together
from tests.unit.compiler.solvers.labs import allow, crowded, each, fits, problem


@given(crowded())
@settings(max_examples=250)
@example(problem([[1, 1]], [[1, 1]], [Exclusive((0,))]))
@example(problem([[1, 1]] * 2, [[9, 9]] * 2, [*[allow([n], [1], 2) for n in (0, 0, 1)], Apart((0, 1), each(2))]))
def test_a_conflict_is_a_minimal_set_that_brute_force_cannot_place(small: Problem) -> None:
    """There is one exactly when nothing fits; then its demands do not fit, and any one dropped the others do."""
    conflict = conflict_of(small)
    assert (conflict is None) == fits(small)
    if conflict is not None:
        assert conflict.proven
        assert conflict.minimal
        assert not fits(small, conflict.nodes, conflict.claims)
        for node in conflict.nodes:
            assert fits(small, set(conflict.nodes) - {node}, conflict.claims)
        for claim in conflict.claims:
            assert fits(small, conflict.nodes, set(conflict.claims) - {claim})


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from([(0,), (0, 1), (1, 2)])), max_size=7))
@settings(max_examples=150)
def test_what_is_asked_twice_is_told_once(asks: list[tuple[int, tuple[int, ...]]]) -> None:
    """Three nodes apart that ask for hosts, often for the same ones again: any one dropped, the rest of the set fits."""
    asked = problem([[1, 1]] * 3, [[9, 9]] * 3, [Apart((0, 1, 2), each(3)), *(allow([n], on, 3) for n, on in asks)])
    conflict = conflict_of(asked)
    assert (conflict is None) == fits(asked)
    if conflict is not None:
        for claim in conflict.claims:
            assert fits(asked, conflict.nodes, set(conflict.claims) - {claim})


@given(crowded())
@settings(max_examples=100)
def test_what_is_nearest_makes_the_whole_problem_fit(small: Problem) -> None:
    """A single demand named as the nearest way out is one, and one that is not named is none."""
    conflict = conflict_of(small)
    if conflict is not None:
        nodes, claims = range(len(small.nodes)), range(len(small.claims))
        ways = {node for node in conflict.nodes if fits(small, set(nodes) - {node})}
        assert set(conflict.nearest.nodes) == ways
        assert set(conflict.nearest.claims) == {i for i in conflict.claims if fits(small, claims=set(claims) - {i})}


def test_a_node_without_a_host_says_for_each_host_why() -> None:
    """What is short, by how much, and which claim leaves the host out; the nearest is the host that lacks least."""
    conflict = conflict_of(problem([[8, 1], [1, 1]], [[4, 4], [6, 4], [9, 4]], [allow([0, 1], [0, 1], 3)]))
    assert conflict is not None
    assert (conflict.nodes, conflict.claims) == ((0,), (0,))
    hosts = (Host(0, (Short(0, 8, 4),), ()), Host(1, (Short(0, 8, 6),), ()), Host(2, (), (0,)))
    assert conflict.reason == NoHostFor(0, hosts)
    assert conflict.nearest.room == Room(0, 1, (Short(0, 8, 6),))


def test_twenty_big_nodes_on_nineteen_places() -> None:
    """The big ones and no small one; the nearest is nineteen of them."""
    conflict = conflict_of(problem([[1, 1]] * 30 + [[6, 1]] * 20, [[10, 20]] * 19))
    assert conflict is not None
    assert conflict.nodes == tuple(range(30, 50))
    assert isinstance(conflict.reason, Pigeonhole)
    assert conflict.reason.places == 19
    assert (conflict.nearest.fit, conflict.nearest.of) == (19, 20)
    assert conflict.nearest.nodes == conflict.nodes


def test_more_big_nodes_than_need_be_are_not_named_but_counted() -> None:
    """Of 25 on 19 places 20 conflict already; one less does not help, 19 of the 25 do fit."""
    conflict = conflict_of(problem([[6, 1]] * 25, [[10, 30]] * 19))
    assert conflict is not None
    assert len(conflict.nodes) == 20
    assert (conflict.nearest.nodes, conflict.nearest.fit, conflict.nearest.of) == ((), 19, 25)


def test_big_in_different_resources_is_a_packing_conflict_too() -> None:
    """No two of them share a host, though neither processor nor memory alone says so."""
    conflict = conflict_of(problem([[7, 2]] * 10 + [[5, 8]] * 10, [[10, 9]] * 19))
    assert conflict is not None
    assert len(conflict.nodes) == 20
    assert conflict.minimal


def test_a_sum_names_the_fewest_nodes_that_are_too_much() -> None:
    """Wanted and there, in the resource's unit."""
    conflict = conflict_of(problem([[3, 0]] * 9, [[12, 1], [12, 1]]))
    assert conflict is not None
    assert conflict.reason == TooMuch(0, 27, 24, (0, 1))


def test_nodes_kept_apart_with_too_few_hosts() -> None:
    """Twelve on eleven: the claim alone is the conflict, and eleven of twelve is the nearest."""
    conflict = conflict_of(problem([[1, 1]] * 40, [[20, 20]] * 11, [Apart(tuple(range(12)), each(11))]))
    assert conflict is not None
    assert (conflict.nodes, conflict.claims) == ((), (0,))
    assert conflict.reason == Pigeonhole(tuple(range(12)), tuple(range(11)), (1,) * 11, 11)
    assert (conflict.nearest.fit, conflict.nearest.of) == (11, 12)


def test_claims_that_contradict_each_other() -> None:
    """Together, together and apart: all three and nothing else."""
    claims: list[Claim] = [
        Together((4, 5), each(3)),
        Together((0, 1), each(3)),
        Together((1, 2), each(3)),
        Apart((0, 2), each(3)),
    ]
    conflict = conflict_of(problem([[1, 1]] * 6, [[9, 9]] * 3, claims))
    assert conflict is not None
    assert conflict.reason == Contradiction((1, 2, 3), (0, 1, 2))
    assert conflict.nearest.claims == (1, 2, 3)


def test_a_group_too_heavy_for_any_host() -> None:
    """The claim, the sizes that are too much, and what the roomiest host has."""
    conflict = conflict_of(problem([[3, 1]] * 4, [[10, 9], [9, 9]], [Together((0, 1, 2, 3), each(2))]))
    assert conflict is not None
    assert conflict.claims == (0,)
    assert conflict.reason == TooMuch(0, 12, 10, (0,))


def test_hosts_of_their_own_for_more_claims_than_hosts() -> None:
    """Two hosts, two nodes that want one each, and a third node that has to run somewhere."""
    conflict = conflict_of(problem([[1, 1]] * 3, [[9, 9]] * 2, [Exclusive((0,)), Exclusive((2,))]))
    assert conflict is not None
    assert conflict.claims == (0, 1)
    assert conflict.nearest.claims == (0, 1)


def test_further_conflicts_are_counted() -> None:
    """Each shares nothing with the one that is told."""
    conflict = conflict_of(problem([[8, 1], [1, 1], [9, 1]], [[4, 4]] * 2))
    assert conflict is not None
    assert (conflict.nodes, conflict.more, conflict.nearest.nodes) == ((0,), 1, ())


def test_without_work_nothing_is_claimed_to_be_proven() -> None:
    """Big in different resources on hosts of two sizes takes a solver; with no budget the answer says that it is no proof."""
    hard = problem([[3, 2], [3, 2], [5, 2], [4, 5], [2, 5]], [[9, 9], [8, 8]])
    assert not fits(hard)
    conflict = conflict_of(hard, work=0.0)
    assert conflict is not None
    assert not conflict.proven
    assert not conflict.minimal


def test_without_hosts_nothing_is_to_blame() -> None:
    """No demand dropped would help, so none is named."""
    conflict = conflict_of(structs.replace(problem([[1]], [[1]]), hosts=(), capacity=np.zeros((0, 1), dtype=np.int64)))
    assert conflict is not None
    assert (conflict.nodes, conflict.claims, conflict.reason) == ((), (), NoHostFor(0, ()))


def test_more_exclusive_nodes_than_hosts_are_counted() -> None:
    """Not a contradiction of claims but a number: twenty with a host each, and one more node that needs a place."""
    conflict = conflict_of(problem([[1, 1]] * 25, [[9, 9]] * 20, [Exclusive((node,)) for node in range(25)]))
    assert conflict is not None
    assert conflict.reason == Pigeonhole(tuple(range(21)), tuple(range(20)), (1,) * 20, 20)
