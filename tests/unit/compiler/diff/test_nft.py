"""Rule sets of nftables: what is understood is ruled as nft would, what is not is never guessed."""

from __future__ import annotations

from typing import Any

import pytest

from labc.compiler.addresses import Address
from labc.compiler.diff.nft import Packet, Ruling, parse

WRAPPED = "table inet t {{ set web {{ type inet_service; flags interval; elements = {{ 80,\n 8000-8010 }} }}\n chain c {{ type filter hook forward priority filter; policy drop;\n {} \n}} }}"


def ruled(rule: str, **packet: Any) -> Ruling:
    rules = parse(WRAPPED.format(rule))
    assert not rules.murky
    ((table, chain),) = rules.bases("forward")
    stated: dict[str, Any] = {
        "protocol": "tcp",
        "sport": 50000,
        "dport": 80,
        "kind": "",
        "entered": "lan",
        "leaving": "wan",
    }
    ends = Address.parse(packet.pop("source", "10.0.0.1")), Address.parse(packet.pop("target", "10.1.0.1"))
    return rules.run(table, chain, Packet(*ends, **(stated | packet)))


@pytest.mark.parametrize(
    ("rule", "packet", "verdict"),
    [
        ("accept", {}, "accept"),
        ("tcp dport 80 accept", {}, "accept"),
        ("tcp dport 80 accept", {"dport": 81}, "drop"),
        ('tcp dport { 22, 80-90 } counter accept comment "it; {is}"', {"dport": 85}, "accept"),
        ("tcp dport @web accept", {"dport": 8010}, "accept"),
        ("tcp dport != @web accept", {"dport": 8011}, "accept"),
        ("udp dport 80 accept", {}, "drop"),
        ("th dport http accept", {"protocol": "udp"}, "accept"),
        ("tcp sport 53 accept", {"sport": 53}, "accept"),
        ("ip saddr 10.0.0.0/24 ip daddr { 10.1.0.1, 10.2.0.0/16 } accept", {}, "accept"),
        ("ip saddr 10.0.0.2-10.0.0.9 accept", {}, "drop"),
        ("ip6 saddr ::/0 accept", {}, "drop"),
        ("ip6 saddr fd00::/8 accept", {"source": "fd00::1", "target": "fd01::1"}, "accept"),
        ('iifname "la*" oifname { "wan", "dmz" } accept', {}, "accept"),
        ('iifname != "lan" accept', {}, "drop"),
        ("icmp type echo-request accept", {"protocol": "icmp", "kind": "echo-request"}, "accept"),
        ("icmp type echo-request accept", {"protocol": "icmp", "kind": "echo-reply"}, "drop"),
        ("meta l4proto { icmp, ipv6-icmp } accept", {"protocol": "icmpv6"}, "accept"),
        ("ip protocol 6 accept", {}, "accept"),
        ("meta nfproto ipv6 accept", {}, "drop"),
        ("ct state established,related accept", {"state": "established"}, "accept"),
        ("ct state established,related accept", {}, "drop"),
        ("ct state vmap { established : accept, new : accept }", {}, "accept"),
        ("ct state vmap { invalid : drop }\n accept", {}, "accept"),
        ("ct original ip daddr 10.9.0.1 accept", {"original": Address.parse("10.9.0.1")}, "accept"),
        ('log prefix "x: " level info\n accept', {}, "accept"),
        ("reject with icmp type admin-prohibited\n accept", {}, "drop"),
        ("# accept\n drop\n accept", {}, "drop"),
        ("return\n accept", {}, "drop"),
    ],
)  # fmt: skip
def test_a_packet_meets_the_verdict_that_nft_would_give(rule: str, packet: dict[str, Any], verdict: str) -> None:
    """One rule in a chain that drops."""
    assert ruled(rule, **packet) == Ruling(verdict)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "rule",
    ["limit rate 5/second accept", "tcp flags syn accept", "tcp dport $web accept", "ip saddr . tcp dport { 10.0.0.1 . 80 } accept", "meta hour < 5 drop"],
)  # fmt: skip
def test_what_is_not_known_is_unclear_and_only_to_those_that_come_to_it(rule: str) -> None:
    """A rule before it decides for its own packets."""
    assert ruled(rule).unclear
    assert not ruled(f"tcp dport 80 accept\n {rule}").unclear
    assert ruled(f"iifname lan {rule}").unclear
    assert not ruled(f"iifname wan {rule}").unclear


@pytest.mark.parametrize(
    "text",
    ["flush ruleset\ntable ip x { }", "define a = 1", "table bridge x { }", "table ip x { chain c { type route hook output priority 0; } }", "table ip x {"],
)  # fmt: skip
def test_a_text_that_is_no_list_of_known_tables_is_murky_as_a_whole(text: str) -> None:
    """Nothing of it is guessed."""
    assert parse(text).murky


def test_jumps_return_and_go_on() -> None:
    """`jump` comes back, `goto` does not."""
    text = "table ip t {{ chain a {{ tcp dport 80 accept }} chain c {{ type filter hook forward priority 0; policy drop; {} a; accept }} }}"
    packet = Packet(Address.parse("10.0.0.1"), Address.parse("10.0.0.2"), "tcp", 1, 81)
    verdicts = []
    for verb in ("jump", "goto"):
        rules = parse(text.format(verb))
        verdicts.append(rules.run(*rules.bases("forward")[0], packet).verdict)
    assert verdicts == ["accept", "drop"]


def test_a_set_that_packets_fill_is_unclear() -> None:
    """Its elements are not those of the text."""
    text = "table ip t { set s { type ipv4_addr; flags dynamic; elements = { 10.0.0.1 } }\n chain c { type filter hook forward priority 0; ip saddr @s drop } }"
    rules = parse(text)
    packet = Packet(Address.parse("10.0.0.1"), Address.parse("10.0.0.2"), "tcp", 1, 81)
    assert rules.run(*rules.bases("forward")[0], packet).unclear


def test_rules_that_may_change_packets_are_told_from_those_that_only_drop() -> None:
    """After the first kind nothing more is known."""
    assert parse(WRAPPED.format("meta mark set 1")).alters
    assert parse(WRAPPED.format("dnat to 10.0.0.1-10.0.0.9")).alters
    assert not parse(WRAPPED.format("limit rate 5/second drop")).alters
