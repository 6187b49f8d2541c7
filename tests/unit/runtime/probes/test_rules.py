"""From a rule as the kernel prints it to the line of the configuration that made it."""

from __future__ import annotations

import doctest
from typing import Any

import pytest

from labc.runtime.probes import rules, trace
from labc.runtime.probes.cases import Packet
from labc.runtime.probes.rules import locate, read, template_line
from labc.runtime.probes.trace import Decision

TEXT = """# edge
table inet filter {
  set web { type inet_service; elements = { 80,
    443 } }
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state established,related accept # answers
    iifname "lan" tcp dport { https, http } accept comment "a # b; c }"
    udp sport 53 accept; tcp dport 53 drop
    ip saddr {
      10.0.0.1,
      10.0.0.2
    } accept
  }
  chain other { udp dport 9 accept
  }
}
add rule inet filter forward icmp type echo-request accept
"""
RULESET: dict[str, Any] = {
    "id": "ruleset/fw/filter",
    "spec": {"text": TEXT, "template": "fw.nft.j2", "node": "node/fw"},
}


def decision(rule: str, chain: str = "forward", verdict: str = "accept") -> Decision:
    return Decision("fw", "inet", "filter", chain, rule, verdict)


def test_its_example_is_true() -> None:
    """The doctest of `read`."""
    assert doctest.testmod(rules).failed == 0


def test_statements_have_their_lines() -> None:
    """Sets, comments, several statements in a line, rules over many lines, commands."""
    found = [(one.chain, one.line, one.text) for one in read(TEXT) if not one.text.startswith(("type", "policy"))]
    assert found == [
        ("forward", 7, "ct state established,related accept"),
        ("forward", 8, 'iifname "lan" tcp dport { https, http } accept comment "a # b; c }"'),
        ("forward", 9, "udp sport 53 accept"),
        ("forward", 9, "tcp dport 53 drop"),
        ("forward", 10, "ip saddr { 10.0.0.1, 10.0.0.2 } accept"),
        ("other", 15, "udp dport 9 accept"),
        ("forward", 18, "icmp type echo-request accept"),
    ]


@pytest.mark.parametrize(
    ("rule", "listed", "line"),
    [
        ("udp sport 53 accept", [], 9),
        ('iifname "lan" tcp dport { 80, 443 } accept comment "a # b; c }"', [], 8),
        ("ip saddr { 10.0.0.1, 10.0.0.2 } accept", [], 10),
        # The place in the chain decides where the spelling has nothing in common.
        ("meta x y z", ["a", "meta x y z", "c", "d", "e", "f"], 8),
    ],
)
def test_a_rule_is_found_by_its_place_or_its_likeness(rule: str, listed: list[str], line: int) -> None:
    """Whatever the kernel made of its spelling."""
    found = locate(decision(rule), [RULESET], listed)
    assert found is not None
    assert (found["line"], found["template"]) == (line, "fw.nft.j2")


def test_a_policy_is_found_where_it_stands() -> None:
    """The default drop of a chain has a line too."""
    found = locate(decision("", verdict="drop"), [RULESET], [])
    assert found is not None
    assert found["line"] == 6


def test_a_rule_of_nobody_is_not_blamed_on_a_line() -> None:
    """What was added by hand is in no configuration."""
    assert locate(decision("meta mark 7 ip dscp cs3 accept"), [RULESET], []) is None
    assert locate(Decision("fw", "ip", "nat", "forward", "udp sport 53 accept", "accept"), [RULESET], []) is None


class _Tracer(trace.Tracer):
    """A tracer that is told lines instead of reading them."""

    def __init__(self) -> None:
        self.node, self.decisions, self._table = "fw", [], "labc_trace_1"
        self._ours, self._packets, self._last = {}, [], ("", False)
        self._answer = trace._mark_of_answer(Packet("udp", 4000, 53, "10.0.0.2"), "10.0.0.1")


def test_a_trace_is_read() -> None:
    """Rules with their verdicts, policies, and which lines are about the answer."""
    tracer = _Tracer()
    for line in (
        'trace id 1a inet labc_trace_1 pre packet: iif "lan" ip saddr 10.0.0.1 udp sport 4000 udp dport 53 udp length 9',
        "trace id 1a inet labc_trace_1 pre rule udp sport 4000 meta nftrace set 1 (verdict continue)",
        'trace id 1a inet filter forward rule iifname "lan" udp dport 53 jump names (verdict jump names)',
        "trace id 1a inet filter names rule udp dport 53 accept (verdict accept)",
        'trace id 2b inet labc_trace_1 pre packet: iif "srv" ip saddr 10.0.0.2 udp sport 53 udp dport 4000 udp length 9',
        "trace id 2b inet labc_trace_1 pre rule udp dport 4000 meta nftrace set 1 (verdict continue)",
        "trace id 2b inet filter forward verdict continue",
        "trace id 2b inet filter forward policy drop",
        "garbage",
    ):
        tracer._take(line)
    assert [(one.chain, one.rule, one.verdict, one.reply) for one in tracer.decisions] == [
        ("forward", 'iifname "lan" udp dport 53 jump names', "jump names", False),
        ("names", "udp dport 53 accept", "accept", False),
        ("forward", "", "drop", True),
    ]


def _packet(table: str, identifier: str, sport: int, dport: int, *, rule: bool) -> list[str]:
    lines = [
        f"trace id {identifier} inet {table} pre packet: iif a ip saddr 10.0.0.1 udp sport {sport} udp dport {dport} udp"
    ]
    if rule:
        lines.append(
            f"trace id {identifier} inet {table} pre rule udp dport {dport} meta nftrace set 1 (verdict continue)"
        )
    return lines


def test_a_trace_leaves_out_what_other_cases_send() -> None:
    """Cases trace in one node at once, and each monitor shows the packets of all."""
    tracer = _Tracer()
    for line in (
        *_packet("labc_trace_2", "9f", 4001, 53, rule=True),
        *_packet("labc_trace_1", "9f", 4001, 53, rule=False),
        "trace id 9f inet filter forward rule udp dport 53 drop (verdict drop)",
    ):
        tracer._take(line)
    assert (tracer.decisions, tracer.told()) == ([], set())


def test_a_trace_is_told_when_a_later_packet_is() -> None:
    """The monitor may be read between a packet's acceptance and the drop of its answer."""
    tracer = _Tracer()
    told = []
    for line in (
        *_packet("labc_trace_1", "1a", 4000, 53, rule=True),
        "trace id 1a inet filter forward rule udp dport 53 accept (verdict accept)",
        *_packet("labc_trace_1", "2b", 53, 4000, rule=True),
        "trace id 2b inet filter forward policy drop",
        *_packet("labc_trace_1", "1a", 4000, 53, rule=True),  # the kernel uses an id again
    ):
        tracer._take(line)
        told.append(tracer.told())
    assert told == [set(), set(), set(), set(), {False}, {False}, {False}, {False, True}]


TEMPLATE = """table inet filter {
  chain forward {
    type filter hook forward priority 0; policy drop;
    ip saddr {{ inside.prefix }} tcp dport { {{ ports | join(", ") }} } accept
    {% for port in open %}
    tcp dport {{ port }} accept
    {% endfor %}
    {{ extra }}
    udp sport 53 accept
    {% if log %}log prefix "{{ node }}: " {% endif %}drop
    counter
    counter
  }
}
"""


@pytest.mark.parametrize(
    ("rendered", "line"),
    [
        ("ip saddr 10.0.0.0/24 tcp dport { 80, 443 } accept", 4),
        ("tcp dport 8080 accept", 6),
        ("udp sport 53 accept", 9),
        ('log prefix "edge: " drop', 10),
        ("drop", 10),
        ("counter", None),
        ("icmp type echo-request accept", None),
    ],
)
def test_a_rendered_line_is_found_in_its_template(rendered: str, line: int | None) -> None:
    """By what stands outside of the braces; where that does not decide, nothing is made up."""
    assert template_line(rendered, TEMPLATE) == line


def test_of_two_lines_the_one_that_says_more_gave_it() -> None:
    """The other is nearly all braces."""
    assert template_line("tcp dport 80 accept", "{{ rule }} accept\ntcp dport {{ port }} accept\n") == 2
