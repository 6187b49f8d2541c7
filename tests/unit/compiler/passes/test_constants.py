"""Constants of rendered configurations: ports by their side, addresses, prefixes and their edges."""

from __future__ import annotations

import pytest

from labc.compiler.addresses import Prefix
from labc.compiler.passes.tests.constants import Constants, constants_in, edges_of


def test_constants_of_a_rule_set_know_their_side() -> None:
    text = (
        'udp sport { 53, 123 } tcp dport 22 # dport 99\nth dport 1000-2000 accept comment "dport 98"\ntcp dport https'
    )
    found = constants_in(text, "nft")
    assert found.senders == {53, 123}
    assert found.receivers == {22, 443, 999, 1000, 2000, 2001}


def test_constants_of_another_syntax_count_as_destinations() -> None:
    found = constants_in("access-list 101 permit tcp any host 10.0.0.1 eq 8080", "file")
    assert 8080 in found.receivers
    assert Prefix.parse("10.0.0.1/32") in found.prefixes


def test_text_that_looks_like_an_address_and_is_none_is_left_out() -> None:
    only = Prefix.parse("2001:db8::/32")
    assert constants_in("ip daddr 999.1.1.1 ip6 daddr 2001:db8::/32 a::b::c", "nft") == Constants(
        prefixes={only}, together=[frozenset({only})]
    )


@pytest.mark.parametrize(
    ("text", "senders", "receivers"),
    [
        ("tcp dport vmap { 25 : accept, 110 : drop }", set(), {25, 110}),
        ("tcp dport > 60000 accept", set(), {59999, 60000, 60001}),
        ("udp sport lt 20 accept", {19, 20, 21}, set()),
        ("tcp dport 0x7a69 accept", set(), {31337}),
        ("tcp dport { mysql, \\\n 31337 } accept", set(), {3306, 31337}),
        ("set p {\n elements = { 80,\n 443 }\n}\ntcp dport @p accept", {80, 443}, {80, 443}),
        ("define WEB = { 80, 8080 }\ntcp dport $WEB accept", {80, 8080}, {80, 8080}),
        ("ip daddr . tcp dport { 10.0.0.80 . 8443 } accept", {8443}, {8443}),
    ],
)
def test_ports_are_found_wherever_a_rule_has_them_from(text: str, senders: set[int], receivers: set[int]) -> None:
    """Maps, comparisons, sets, definitions, concatenations, names and numbers of another base."""
    found = constants_in(text, "nft")
    assert found.senders >= senders
    assert found.receivers >= receivers
    assert Prefix.parse("8.44.0.0/32") not in found.prefixes


def test_edges_lie_on_both_sides() -> None:
    assert [str(address) for address in sorted(edges_of([Prefix.parse("10.0.0.128/25")]))] == [
        "10.0.0.127", "10.0.0.128", "10.0.0.129", "10.0.0.254", "10.0.0.255", "10.0.1.0",
    ]  # fmt: skip
