"""Wanted and observed: a plan and a kernel's facts as the same fields."""

from __future__ import annotations

from typing import Any

import pytest

from labc.compiler.plan.model import Resource
from labc.runtime.backends.netns import links
from labc.runtime.backends.netns.observed import observed
from labc.runtime.backends.netns.wanted import refuse, want
from labc.runtime.decide import Wanted, decide
from labc.runtime.errors import NotYet
from labc.runtime.secret import Secrets
from tests.unit.runtime import plans

KEY = b"k" * 32


def wanted(*resources: Resource) -> list[Wanted]:
    return want(resources, Secrets(), KEY)


def facts(**nodes: Any) -> dict[str, Any]:
    return {"fabric": [], "nodes": nodes, "services": [], "leases": []}


def node_facts(name: str, **more: Any) -> dict[str, Any]:
    from labc.runtime.backends.netns import etc

    stated = {
        "label": f"node/{name}", "forward": False, "rp_filter": False, "proxy_arp": False, "ipv6": False, "bridge": False,
        "rules": "as made", "tables": [], "neighbours": [], "links": [], "addresses": [], "routes": [],
        "rates": {}, "network": 1, "rulesets": {}, "files": {},
        "etc": {"hostname": name, "hosts": etc.digest(etc.hosts([], name)), "nameservers": []},
    }  # fmt: skip
    return stated | more


def link_facts(index: int, name: str, **more: Any) -> dict[str, Any]:
    stated = {
        "index": index, "name": name, "kind": "veth", "up": True, "flaws": "", "mac": "", "mtu": 1500, "master": 0, "peer": index, "alias": "",
        "queueing": "", "ours": True, "forward": False, "ipv6": False,
    }  # fmt: skip
    return stated | more


def test_a_node_as_wanted_leaves_nothing_to_do() -> None:
    """The two sides speak of the same fields."""
    plan = wanted(plans.node("a"))
    assert decide(plan, observed(facts(a=node_facts("a")), plan), lambda *_: ()) == []


def test_ipv6_is_on_only_where_an_address_needs_it() -> None:
    """Without one a namespace starts faster and is quieter."""
    plan = wanted(
        plans.node("four"), plans.node("six"), plans.segment("x"),
        plans.port("four", "e", "x", "10.0.0.1/24"), plans.port("six", "e", "x", "2001:db8::1/64"),
    )  # fmt: skip
    assert [each.fields["ipv6"] for each in plan if each.kind == "node"] == [False, True]


def test_all_that_cannot_be_made_is_named_at_once() -> None:
    """Each with its id."""
    bond, svi = plans.port("a", "b0", None, form="bond"), plans.port("a", "v1", None, form="svi")
    with pytest.raises(NotYet) as caught:
        refuse([plans.node("a"), bond, svi])
    assert "port/a/b0" in caught.value.message
    assert "port/a/v1" in caught.value.message


def test_a_secret_leaves_only_as_content(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fields hold a keyed hash, which another key makes another."""
    monkeypatch.setenv("LABC_TEST_KEY", "s3cret")
    made = plans.ruleset("a", "x", "\0secret:env:LABC_TEST_KEY\0")
    (one,), (other,) = want([made], Secrets(), KEY), want([made], Secrets(), b"another")
    assert "s3cret" not in repr(one.fields)
    assert one.content == {"text": "s3cret"}
    assert one.fields["text"] != other.fields["text"]


def test_a_link_that_labc_did_not_make_is_left_alone() -> None:
    """Somebody's tunnel in a node is no affair of ours."""
    plan = wanted(plans.node("a"))
    strange = node_facts("a", links=[link_facts(5, "tun0", kind="tun", ours=False)])
    assert decide(plan, observed(facts(a=strange), plan), lambda *_: ()) == []


def test_a_labelled_link_that_the_plan_does_not_know_is_unwanted() -> None:
    """Under the id in its label."""
    plan = wanted(plans.node("a"))
    left = node_facts("a", links=[link_facts(5, "eth9", alias="port/a/eth9")])
    assert [str(action) for action in decide(plan, observed(facts(a=left), plan), lambda *_: ())] == [
        "- port/a/eth9 (is not in the plan)"
    ]


def test_a_far_end_whose_node_is_gone_is_unwanted() -> None:
    """It has no other end that could be seen."""
    left = facts() | {"fabric": [link_facts(7, links.fabric_name("port/x/e"), alias="port/x/e")]}
    assert list(observed(left, [])) == ["port/x/e"]


def test_a_pin_without_namespace_is_no_node() -> None:
    """A wanted one is made anew, another is removed."""
    broken = facts(a=None, b=None)
    plan = wanted(plans.node("a"))
    assert [action.verb for action in decide(plan, observed(broken, plan), lambda *_: ())] == ["delete", "create"]


def test_loopback_addresses_belong_to_the_ports_that_want_them() -> None:
    """Several loopback ports share `lo`; a stranger's address is the first one's drift."""
    plan = wanted(
        plans.node("a"),
        plans.port("a", "lo0", None, "10.255.0.1/32", form="loopback"),
        plans.port("a", "lo1", None, "10.255.0.2/32", form="loopback"),
    )
    own = [[1, "127.0.0.1/8", True], [1, "10.255.0.1/32", True], [1, "10.255.0.2/32", True], [1, "9.9.9.9/32", True]]
    found = observed(facts(a=node_facts("a", addresses=own)), plan)
    assert found["port/a/lo0"].fields["addresses"] == ["10.255.0.1/32", "9.9.9.9/32"]
    assert found["port/a/lo1"].fields["addresses"] == ["10.255.0.2/32"]
