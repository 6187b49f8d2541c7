"""Disjoint sets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labc.compiler.ir.unions import Unions

_NAMES = st.sampled_from("abcdefgh")


@given(st.lists(st.tuples(_NAMES, _NAMES)))
def test_the_name_of_a_set_does_not_depend_on_the_order_of_joining(pairs: list[tuple[str, str]]) -> None:
    """A set is called by its least member, whoever was joined first."""
    one, other = Unions(), Unions()
    for pair in pairs:
        one.join(*pair)
    for left, right in reversed(pairs):
        other.join(right, left)
    assert [one.find(name) for name in "abcdefgh"] == [other.find(name) for name in "abcdefgh"]


def test_what_was_never_joined_is_alone() -> None:
    """A name that nobody joined is its own set."""
    assert Unions().find("alone") == "alone"


def test_a_set_is_called_by_its_least_member() -> None:
    """Whichever way round it was joined."""
    unions = Unions()
    unions.join("c", "b")
    unions.join("b", "a")
    assert {unions.find(name) for name in "abc"} == {"a"}
