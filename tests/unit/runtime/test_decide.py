"""Decide: differences, reasons, order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from labc.runtime.decide import Observed, Wanted, decide

NOTHING_FINAL = lambda kind, before, after: ()  # noqa: E731 - reads as a value

fields = st.dictionaries(st.sampled_from(["mtu", "mac", "up"]), st.integers(0, 3), min_size=1)
ids = st.sampled_from([f"{kind}/{name}" for kind in ("node", "port", "segment") for name in "abc"])
states = st.dictionaries(ids, fields)


def wanted(state: dict[str, dict[str, int]]) -> list[Wanted]:
    return [Wanted(id, id.partition("/")[0], each) for id, each in state.items()]


def observed(state: dict[str, dict[str, int]]) -> dict[str, Observed]:
    return {id: Observed(id, id.partition("/")[0], each) for id, each in state.items()}


@given(states)
def test_what_stands_as_wanted_is_left_alone(state: dict[str, dict[str, int]]) -> None:
    """No action where nothing differs."""
    assert decide(wanted(state), observed(state), NOTHING_FINAL) == []


@given(states, states)
def test_carrying_out_the_actions_leaves_nothing_to_do(
    here: dict[str, dict[str, int]], there: dict[str, dict[str, int]]
) -> None:
    """Decide is complete: its actions make the one state of the other."""
    now = {id: dict(each) for id, each in here.items()}
    for action in decide(wanted(there), observed(here), NOTHING_FINAL):
        if action.verb == "delete":
            del now[action.id]
        else:
            now[action.id] = dict(action.after or {})
    assert decide(wanted(there), observed(now), NOTHING_FINAL) == []


def test_a_reason_names_the_field_with_both_values() -> None:
    """`mtu: 1400 → 1500`."""
    (action,) = decide(wanted({"port/a": {"mtu": 1500}}), observed({"port/a": {"mtu": 1400}}), NOTHING_FINAL)
    assert (action.verb, action.reasons) == ("update", ("mtu: 1400 → 1500",))


def test_a_final_field_replaces_and_says_so() -> None:
    """The field that cannot be changed in place is the one with the reason."""
    (action,) = decide(
        wanted({"port/a": {"mtu": 1, "mac": 2}}), observed({"port/a": {"mtu": 1, "mac": 1}}), lambda *_: {"mac"}
    )
    assert (action.verb, action.reasons) == ("replace", ("mac: 1 → 2, which cannot be changed in place",))


def test_what_is_observed_beyond_the_wanted_fields_does_not_matter() -> None:
    """The kernel may tell more than a plan states."""
    assert decide(wanted({"port/a": {"mtu": 1}}), observed({"port/a": {"mtu": 1, "mac": 1}}), NOTHING_FINAL) == []


def test_ports_are_removed_before_segments_and_nodes() -> None:
    """What stands on others goes before them."""
    there = observed({"node/a": {"up": 1}, "segment/a": {"up": 1}, "port/a": {"up": 1}})
    assert [action.id for action in decide([], there, NOTHING_FINAL)] == ["port/a", "segment/a", "node/a"]


def test_content_stands_in_no_reason_and_no_comparison() -> None:
    """Secrets travel as content only."""
    (action,) = decide([Wanted("file/a", "file", {"text": "hash"}, (), {"text": "s3cret"})], {}, NOTHING_FINAL)
    assert "s3cret" not in str(action)
    assert "s3cret" not in "".join(action.reasons)
