"""What `labc diff` says is made anew is what the backend makes anew."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labc.compiler.diff.difference import differences
from labc.compiler.plan.model import Resource
from labc.runtime.backends.netns.backend import NetnsBackend
from labc.runtime.backends.netns.wanted import want
from labc.runtime.decide import Observed, decide
from labc.runtime.instance import instance as instance_of
from labc.runtime.secret import Secrets
from tests.unit.compiler.diff.sides import by_hand
from tests.unit.runtime import plans

KEY = b"k" * 32


def _plan(draw: st.DrawFn) -> list[Resource]:
    """Three ports on up to two segments, each a bridge or a cable, in all the ways in which they may differ."""
    ends = st.sampled_from([["node/a", "p"], ["node/b", "q"], ["node/a", "r"]])
    resources = [plans.node("a"), plans.node("b", forward=draw(st.booleans()))]
    for name in ("s", "t"):
        direct = draw(st.booleans())
        cable: dict[str, Any] = {"ends": sorted(draw(st.lists(ends, min_size=2, max_size=2)))} if direct else {}
        resources.append(plans.segment(name, direct=direct, mtu=draw(st.sampled_from([1400, 1500])), **cable))
    for owner, port in (("a", "p"), ("b", "q"), ("a", "r")):
        form = draw(st.sampled_from(["port", "port", "loopback"]))
        on = draw(st.sampled_from(["s", "t", None])) if form == "port" else None
        spec: dict[str, Any] = {
            "form": form,
            "interface": draw(st.sampled_from([port, "other"])),
            "mtu": draw(st.sampled_from([1400, 1500])),
        }
        resources.append(plans.port(owner, port, on, *draw(st.sampled_from([(), ("10.0.0.1/24",)])), **spec))
    resources.append(plans.service("a", "http", draw(st.sampled_from(["tcp/80", "tcp/81"]))))
    resources.append(
        plans.file("a", "f", draw(st.sampled_from(["/etc/f", "/etc/g"])), draw(st.sampled_from(["x", "y"])))
    )
    return resources


@st.composite
def two_plans(draw: st.DrawFn) -> tuple[list[Resource], list[Resource]]:
    return _plan(draw), _plan(draw)


@settings(max_examples=150)
@given(two_plans())
def test_the_comparison_and_the_backend_agree_on_every_replacement(
    plans_: tuple[list[Resource], list[Resource]],
) -> None:
    """Asked about the same two plans, the one as what runs."""
    old, new = plans_
    backend = NetnsBackend(instance_of("t"), "t", None)
    running = {each.id: Observed(each.id, each.kind, each.fields) for each in want(old, Secrets(), KEY)}
    actions = decide(want(new, Secrets(), KEY), running, backend.replaces)
    changes = differences(by_hand(*old), by_hand(*new)).changes
    assert {each.id for each in changes if each.sign == "-/+"} == {
        each.id for each in actions if each.verb == "replace"
    }


def test_a_service_is_not_handed_to_another_node() -> None:
    """Its sockets are open in the one that it has."""
    backend = NetnsBackend(instance_of("t"), "t", None)
    assert backend.replaces("service", {"node": "node/a"}, {"node": "node/b"}) == {"node"}


@pytest.mark.parametrize("kind", ["node", "route", "ruleset", "file"])
def test_all_else_changes_in_place(kind: str) -> None:
    """Whatever differs."""
    backend = NetnsBackend(instance_of("t"), "t", None)
    assert not backend.replaces(kind, {"text": "a", "metric": 1}, {"text": "b", "metric": 2})
