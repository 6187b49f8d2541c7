"""Policies: ends, services by name, loops."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Elaborating

BASE = """segment inside 10.0.0.0/24
segment outside 10.1.0.0/24
node web { port e on inside }
node pc { port e on inside }
group pcs = pc
zone world = outside
"""


def said(elaborated: Elaborating, rules: str) -> list[tuple[Any, ...]]:
    policy = elaborated.sound(BASE + "policy p {\n" + rules + "\n}\n").policies["policy/p"]
    return [(r.sources, r.targets, r.action, [str(s) for s in r.services]) for r in policy.rules]


def test_ends_are_ids_and_texts(elaborated: Elaborating) -> None:
    """Zones, segments, groups, nodes; prefixes and addresses stand for themselves."""
    assert said(elaborated, "inside, pcs -> web, world allow tcp/80 icmp\n10.9.0.0/16 -> 192.0.2.1 deny") == [
        (("segment/inside", "group/pcs"), ("node/web", "zone/world"), "allow", ["tcp/80", "icmp"]),
        (("10.9.0.0/16",), ("192.0.2.1",), "deny", []),
    ]


def test_both_ways_are_two_rules(elaborated: Elaborating) -> None:
    """`<->`."""
    assert said(elaborated, "inside <-> outside allow icmp") == [
        (("segment/inside",), ("segment/outside",), "allow", ["icmp"]),
        (("segment/outside",), ("segment/inside",), "allow", ["icmp"]),
    ]


def test_services_have_names(elaborated: Elaborating) -> None:
    """Of the library, and of the lab itself; a node of that name does not disturb."""
    text = (
        BASE
        + "service ldap on tcp/389, tcp/636 { }\nnode http { port e on inside }\npolicy p { inside -> web allow http dns ldap }\n"
    )
    rule = elaborated.sound(text).policies["policy/p"].rules[0]
    assert [str(service) for service in rule.services] == ["tcp/80", "udp/53", "tcp/53", "tcp/389", "tcp/636"]


def test_rules_come_from_loops_and_conditions(elaborated: Elaborating) -> None:
    """Elements are known by then, so loops may go through them."""
    rules = 'for s in [tcp/80, [udp/53, udp/123]] { for n in nodes("*") { n -> world allow s } }\nif false { pc -> web deny }'
    assert [rule[0] + rule[1] + tuple(rule[3]) for rule in said(elaborated, rules)] == [
        ("node/pc", "zone/world", "tcp/80"),
        ("node/web", "zone/world", "tcp/80"),
        ("node/pc", "zone/world", "udp/53", "udp/123"),
        ("node/web", "zone/world", "udp/53", "udp/123"),
    ]


def test_otherwise_is_kept_apart(elaborated: Elaborating) -> None:
    """A policy without it is silent about the rest."""
    lab = elaborated.sound(BASE + "policy p { pc -> web allow }\npolicy q { otherwise deny }\n")
    assert [policy.otherwise for policy in lab.policies.values()] == [None, "deny"]


MISTAKES = {
    "inside -> wbe allow http": [("E0301", "wbe")],
    "inside -> web allow htpp": [("E0314", "htpp")],
    "inside -> web allow 80": [("E0303", "80")],
    "inside -> 10.0.0.1/24 allow": [("E0305", "10.0.0.1/24")],
    "iside -> wbe allow htpp": [("E0301", "iside"), ("E0301", "wbe"), ("E0314", "htpp")],
    "otherwise deny; otherwise allow": [("E0302", "otherwise allow")],
    "if pc { pc -> web allow }": [("E0303", "pc")],
}


@pytest.mark.parametrize("rules", MISTAKES)
def test_a_mistake_in_a_policy(elaborated: Elaborating, rules: str) -> None:
    """Each wrong end and service is told, and nothing beside."""
    assert elaborated(BASE + "policy p { " + rules + " }\n").spans == MISTAKES[rules]
