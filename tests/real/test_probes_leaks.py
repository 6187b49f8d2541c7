"""Firewalls broken on purpose, from the lab's text to the verdict: each leak fails a case that labc made of the policy itself."""

from __future__ import annotations

import os

import pytest

from labc import compile as compile_lab
from labc.compiler.plan.read import read_plan
from labc.runtime.engine import down, up
from labc.runtime.probes.run import run_tests

pytestmark = [pytest.mark.root, pytest.mark.program("nft")]

LAB = """
lab leaks
import std.linux, std.firewall
segment outside 192.0.2.0/24
segment dmz     10.0.0.0/25
segment lan2    10.0.0.128/25
node fw: firewall.nftables {
  port wan on outside at 192.0.2.1
  port srv on dmz at 10.0.0.1
  port lan on lan2 at 10.0.0.129
  napt dmz, lan2 to 192.0.2.9
  config "fw.nft.j2"
}
node net: linux.host { port e on outside at 192.0.2.7; gateway fw }
node web: linux.host { port e on dmz at 10.0.0.80; gateway fw; serve http }
node tv: linux.host { port e on lan2 at 10.0.0.200; gateway fw }
policy p {
  outside -> dmz allow tcp/80 icmp
  dmz -> outside allow icmp tcp/443
  otherwise deny
}
"""
RULES = """
table inet filter {
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept
    iifname "wan" ip daddr 10.0.0.0/25 tcp dport 80 accept
    iifname "wan" ip daddr 10.0.0.0/25 icmp type echo-request accept
    iifname "srv" oifname "wan" icmp type echo-request accept
    iifname "srv" oifname "wan" tcp dport 443 accept
  }
}
"""
FORWARD = """
table ip extra {
  chain pre {
    type nat hook prerouting priority -110;
    ip daddr 192.0.2.9 tcp dport 8080 dnat to 10.0.0.80:80
  }
}
"""


def verdicts(rules: str, lab: str = LAB) -> dict[str, tuple[str, str]]:
    """What does not pass with these rules: by case its verdict and what its evidence says was found."""
    compiled = compile_lab({"lab.net": lab.encode(), "fw.nft.j2": rules.encode()}, main="lab.net")
    assert compiled.plan is not None, [str(one) for one in compiled.diagnostics]
    plan = read_plan(compiled.plan)
    name = f"test-leaks-{os.getpid()}"
    try:
        assert up(plan, name).status == 0
        tested = run_tests(plan, name).tested
        assert any(one.case.startswith("deny/") for one in tested)
        return {one.case: (one.verdict, str(one.evidence.get("found"))) for one in tested if one.verdict != "passed"}
    finally:
        down(name)


def test_a_sound_firewall_passes() -> None:
    assert verdicts(RULES) == {}


def test_a_rule_too_wide_towards_a_segment_that_nobody_named_is_found() -> None:
    """/24 where the policy's segment is a /25: the other half is another segment."""
    found = verdicts(RULES.replace("10.0.0.0/25 tcp", "10.0.0.0/24 tcp"))
    assert found.keys() == {"deny/net/tv"}
    verdict, why = found["deny/net/tv"]
    assert verdict == "failed"
    assert 'iifname "wan" ip daddr 10.0.0.0/24 tcp dport 80 accept' in why


def test_a_rule_too_wide_from_a_segment_that_nobody_named_is_found() -> None:
    """The rule forgets its incoming port: lan2 may then do what only the outside may."""
    found = verdicts(RULES.replace('iifname "srv" oifname "wan" icmp', 'oifname "wan" icmp'))
    assert found.keys() == {"deny/tv/net"}
    assert found["deny/tv/net"][0] == "failed"


@pytest.mark.parametrize(
    "rule",
    [
        "tcp flags & (fin | syn | rst | ack) == syn | ack accept",
        "tcp flags & (syn | ack) == ack accept",
        "tcp flags ack accept",
    ],
)
def test_a_rule_that_takes_a_flag_for_a_connection_is_found(rule: str) -> None:
    """`established` as stateless routers know it."""
    found = verdicts(
        RULES.replace("ct state established,related accept", f"ct state established,related accept\n    {rule}")
    )
    assert {"deny/net/web", "deny/web/net", "deny/net/tv", "deny/tv/net"} <= found.keys()
    assert {verdict for verdict, _ in found.values()} == {"failed"}
    assert "tcp flags" in found["deny/net/web"][1]


def test_a_stateless_rule_for_answers_is_found() -> None:
    """What web sends from port 80 counts as an answer, with nobody asking."""
    rule = 'iifname "srv" tcp sport 80 tcp flags ack accept'
    found = verdicts(
        RULES.replace("ct state established,related accept", f"ct state established,related accept\n    {rule}")
    )
    assert "tcp sport 80" in found["deny/web/net"][1]


@pytest.mark.parametrize(
    ("rule", "case"),
    [
        ("ip daddr 10.0.0.50 tcp dport 22 accept", "deny/net/dmz:10.0.0.50"),
        ("ip daddr 10.0.0.50-10.0.0.60 tcp dport 22 accept", "deny/net/dmz:10.0.0.50"),
        ("ip daddr 10.0.0.50/31 udp dport 9999 accept", "deny/net/dmz:10.0.0.51"),
        ("ip saddr 192.0.2.77 accept", "deny/outside:192.0.2.77/web"),
        ("ip saddr { 192.0.2.60, 198.51.100.0/24 } tcp dport { 22, 3389 } accept", "deny/outside:192.0.2.60/web"),
        ("tcp dport vmap { 25 : accept, 110 : drop }", "deny/net/web"),
        ("tcp dport > 60000 accept", "deny/net/web"),
        ("tcp dport 0x7a69 accept", "deny/net/web"),
        ("tcp dport mysql accept", "deny/net/web"),
        ("ip daddr . tcp dport { 10.0.0.80 . 8443 } accept", "deny/net/web"),
        ("ip daddr 10.0.0.81 accept", "deny/net/mail"),
        ("ip saddr 192.0.2.8 udp sport 53 accept", "deny/resolver/web"),
        ("ip saddr 8.8.8.0/24 accept", "deny/outside:8.8.8.1/web"),
        ("ip saddr 198.51.100.7 tcp dport { 22, 3389 } accept", "deny/outside:198.51.100.7/web"),
    ],
)
def test_a_rule_is_found_wherever_its_constants_stand(rule: str, case: str) -> None:
    """An address that nobody has, one of several hosts, a port in a map, a set, a comparison or another spelling."""
    found = verdicts(
        RULES.replace(
            "    ct state established,related accept", f"    ct state established,related accept\n    {rule}"
        ),
        LAB + "node mail: linux.host { port e on dmz at 10.0.0.81; gateway fw }\n"
        "node resolver: linux.host { port e on outside at 192.0.2.8; gateway fw }\n",
    )
    assert found[case][0] == "failed"
    assert rule.rsplit(maxsplit=1)[-1] in found[case][1]


def test_a_forgotten_port_forward_is_found() -> None:
    """The address that the inside leaves by lets somebody in at 8080."""
    found = verdicts(RULES + FORWARD)
    assert found.keys() == {"deny/net/web@192.0.2.9"}
    verdict, why = found["deny/net/web@192.0.2.9"]
    assert verdict == "failed"
    assert "tcp dport 80 accept" in why


def test_a_chain_of_nat_is_not_blamed() -> None:
    """Without a filter on the way nothing held the packet back; that NAT's chain passed it on decided nothing."""
    rules = "table ip extra {\n chain pre {\n type nat hook prerouting priority -110;\n ip daddr 192.0.2.99 dnat to 10.0.0.80\n }\n}\n"
    verdict, why = verdicts(rules)["deny/net/web"]
    assert verdict == "failed"
    assert "no rule and no filter saw it on its way" in why
    assert "let through by" not in why
