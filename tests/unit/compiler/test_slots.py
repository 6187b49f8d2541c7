"""Slots: who gets which place in a pool."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labc.compiler.slots import Claim, allot


def _free(slot: int) -> bool:
    return False


def test_a_claim_alone_is_at_home() -> None:
    """Modulo the size of the pool."""
    assert allot([Claim("a", 103)], 100, _free) == {"a": 3}


def test_a_home_that_two_want_goes_to_the_shorter_name() -> None:
    """So `pc10`, which comes later than `pc9`, drives nobody away; of equal lengths the lesser has it."""
    assert allot([Claim("pc10", 5), Claim("pc9", 5)], 100, _free)["pc9"] == 5
    assert allot([Claim("b", 5), Claim("a", 5)], 100, _free)["a"] == 5


def test_what_the_lock_holds_comes_before_a_home() -> None:
    """Even when the holder ranks behind."""
    found = allot([Claim("a", 5), Claim("later", 7, held=5)], 100, _free)
    assert found["later"] == 5
    assert found["a"] != 5


def test_a_held_place_that_is_taken_is_given_up() -> None:
    """The text states it now; the claim goes home."""
    assert allot([Claim("a", 5, held=9)], 100, lambda slot: slot == 9) == {"a": 5}


@given(st.dictionaries(st.text("abc", min_size=1, max_size=4), st.integers(0, 50), max_size=12), st.integers(1, 12))
def test_every_place_is_given_before_anyone_goes_without(homes: dict[str, int], size: int) -> None:
    """No place twice, none while somebody has none, whatever the homes."""
    found = allot([Claim(name, home) for name, home in homes.items()], size, _free)
    given_out = [slot for slot in found.values() if slot is not None]
    assert len(given_out) == len(set(given_out)) == min(len(homes), size)
    assert all(0 <= slot < size for slot in given_out)


@given(st.permutations(["a", "b", "aa", "bb", "ab"]))
def test_the_order_of_claims_is_irrelevant(names: list[str]) -> None:
    """All of one home."""
    expected = allot([Claim(name, 1) for name in sorted(names)], 7, _free)
    assert allot([Claim(name, 1) for name in names], 7, _free) == expected
