"""What is wrong with a site as a whole."""

from __future__ import annotations

import pytest

from tests.unit.compiler.elaborate.conftest import Elaborated, Elaborating

HOST = "host h1 { nic e0; nic e1; nic e2 }\n"


def check(text: str) -> Elaborated:
    return Elaborating()(text)


WRONG = {
    "two lines of a pool overlap": ("pool vni 1..9\npool vni 9..20\n", "E0351", "pool vni 9..20"),
    "a pool holds a range twice": ("pool vni 1..9, 5\n", "E0351", "pool vni 1..9, 5"),
    "prefixes overlap": ("pool links 10.0.0.0/8\npool links 10.1.0.0/16\n", "E0351", "pool links 10.1.0.0/16"),
    "a share outside of the pool": ("pool vni 1..9\nlab x uses vni 5..10\n", "E0352", "lab x uses vni 5..10"),
    "a share outside of the default": ("lab x uses vni 100\n", "E0352", "lab x uses vni 100"),
    "a share of what is reserved": ("pool vni 1..9 except 5\nlab x uses vni 5..6\n", "E0352", "lab x uses vni 5..6"),
    "instances use what is reserved": ("pool vni 1..9 except 5\ninstances use vni 5\n", "E0352", "instances use vni 5"),
    "a prefix outside": (
        "pool links 10.0.0.0/8\nlab x uses links 11.0.0.0/24\n",
        "E0352",
        "lab x uses links 11.0.0.0/24",
    ),
    "two labs": ("pool vni 1..9\nlab x uses vni 1..4\nlab y uses vni 4..9\n", "E0353", "lab y uses vni 4..9"),
    "a lab and instances": ("instances use vni 5000..6000\nlab x uses vni 6000\n", "E0353", "lab x uses vni 6000"),
    "two ports in one NIC": (
        HOST + "device a { port p cable h1:e0 }\ndevice b { port p cable h1:e0 }\n",
        "E0354",
        "port p cable h1:e0",
    ),
    "two ports of one device in one NIC": (
        HOST + "device a { port p cable h1:e0; port q cable h1:e0 }\n",
        "E0354",
        "port q cable h1:e0",
    ),
    "two cables in one port of gear": (
        HOST
        + "switch s { port a; port b cable h1:e0 }\ndevice a { port p cable s:a }\ndevice b { port p cable s:a; port q cable h1:e1 }\n",
        "E0354",
        "port p cable s:a",
    ),
    "both ends disagree": (
        HOST + "switch s { port a cable d:q; port b cable h1:e0 }\ndevice d { port p cable s:a; port q }\n",
        "E0354",
        "port p cable s:a",
    ),
    "a cable to itself": (HOST + "device d { port p cable d:p; port q cable h1:e0 }\n", "E0355", "port p cable d:p"),
    "a device without ports": (HOST + "device d\n", "W0356", "device d"),
    "a device cabled to nothing": (HOST + "device d { port p }\n", "W0356", "device d { port p }"),
    "gear that only meets gear": (
        HOST + "switch s { port a }\ndevice d { port p cable s:a }\n",
        "W0356",
        "device d { port p cable s:a }",
    ),
    "one address for two hosts": (
        "host a { nic e { address = 192.0.2.1/24 } }\nhost b { nic f { address = 192.0.2.1/25 } }\n",
        "E0357",
        "nic f { address = 192.0.2.1/25 }",
    ),
    "two addresses, none marked": (
        "host a { nic e { address = 192.0.2.1/24 }; nic f { address = 2001:db8::1/64 } }\nhost b\n",
        "E0358",
        "host a { nic e { address = 192.0.2.1/24 }; nic f { address = 2001:db8::1/64 } }",
    ),
    "two NICs marked": (
        "host a { nic e { address = 192.0.2.1/24; overlay = true }; nic f { address = 198.51.100.1/24; overlay = true } }\n",
        "E0358",
        "nic f { address = 198.51.100.1/24; overlay = true }",
    ),
    "a marked NIC without an address": ("host a { nic e { overlay = true } }\n", "E0358", "nic e { overlay = true }"),
    "an exception of nothing": ("pool vni 10..19 except 20\n", "W0359", "pool vni 10..19 except 20"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_mistake_is_told_at_the_later_statement(what: str) -> None:
    """Once, with its code."""
    text, code, span = WRONG[what]
    assert check(text).spans == [(code, span)]


SOUND = {
    "parts of a pool that touch": "pool vni 1..9\npool vni 10..20\n",
    "a share that spans two parts": "pool vni 1..9, 10..20\nlab x uses vni 5..15\n",
    "a lab's own shares": "pool vni 1..9\nlab x uses vni 1..4\nlab x uses vni 4..6\n",
    "instances beside the pool": "pool vni 1..9\ninstances use vni 20..30\n",
    "other pools": "pool vni 1..9\npool vlan 1..9\nlab x uses vni 1..9\nlab y uses vlan 1..9\n",
    "a share of a pool without a default": "lab x uses links 10.0.0.0/8\n",
    "one cable said at both ends": HOST
    + "switch s { port a cable d:p; port b cable h1:e0 }\ndevice d { port p cable s:a }\n",
    "a trunk": "host h1 { nic e { trunk = true } }\ndevice a { port p cable h1:e }\ndevice b { port p cable h1:e }\n",
    "a loop of a device to itself": HOST + "device d { port p cable d:q; port q; port r cable h1:e0 }\n",
    "a device behind two switches": HOST
    + "device d { port p cable s:a }\nswitch s { port a; port b cable t:a }\nswitch t { port a; port b cable h1:e0 }\n",
    "two addresses on the only host": "host a { nic e { address = 192.0.2.1/24 }; nic f { address = 192.0.2.2/24 } }\n",
    "management networks alike": "host a { nic m { address = 10.0.0.1/24 }; nic e { address = 192.0.2.1/24; overlay = true } }\n"
    "host b { nic m { address = 10.0.0.1/24 }; nic e { address = 192.0.2.2/24; overlay = true } }\n",
}


@pytest.mark.parametrize("what", SOUND)
def test_nothing_is_said_of_what_is_sound(what: str) -> None:
    """Not even advice."""
    assert check(SOUND[what]).spans == []


@pytest.mark.parametrize(
    "text", ["pool vni 1..100\nlab a uses vni 1..100\nlab a uses vni 2..3\nlab b uses vni 50..60\n"]
)
def test_a_clash_behind_an_overlap_of_ones_own_is_seen(text: str) -> None:
    """The nearest range that starts before another need not be the one that clashes with it."""
    assert check(text).codes == ["E0353"]


def test_a_clash_names_both_and_what_they_share() -> None:
    """The earlier statement is labelled."""
    told = check("pool vni 1..99\nlab x uses vni 1..40\nlab y uses vni 30..50\n").only
    assert told.summary == "the lab `x` and the lab `y` both draw from 30..40"
    assert told.labels[0].span.shown == "lab x uses vni 1..40"


def test_many_shares_are_compared_in_no_time() -> None:
    """Not each with each: a site may keep a range for each of thousands of labs."""
    lines = [f"lab l{number} uses vni {4096 + 2 * number}..{4097 + 2 * number}" for number in range(4000)]
    assert check("\n".join([*lines, "lab last uses vni 5000"]) + "\n").codes == ["E0353"]
