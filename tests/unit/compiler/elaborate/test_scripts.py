"""Written tests: steps, flows, checks."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Elaborating

BASE = """segment s 10.0.0.0/24
node pc1 { port e on s }
node pc2 { port e on s }
node web { port e on s; port up; serve http on tcp/8080; serve dns }
node isp
link uplink: web:up -- isp:down
group pcs = pc[*]
"""


def steps(elaborated: Elaborating, body: str) -> list[Any]:
    lab = elaborated.sound(BASE + 'test "t" {\n' + body + "\n}\n")
    return list(lab.tests["test/t"].steps)


def test_flows_are_resolved(elaborated: Elaborating) -> None:
    """Ends to ids, services to ports, times to nanoseconds."""
    send, expect, negative = steps(
        elaborated,
        "send 10 pc1 -> web udp/5000 from port 53\nwithin 10s expect pcs -> 10.0.0.9 icmp\nexpect not pc1 -> s tcp/22",
    )
    assert (send.verb, send.count, send.flow.source_port, str(send.flow.service)) == ("send", 10, 53, "udp/5000")
    assert (expect.verb, expect.within, expect.flow.sources, expect.flow.targets) == (
        "expect",
        10**10,
        ("group/pcs",),
        ("10.0.0.9",),
    )
    assert (negative.verb, negative.flow.targets) == ("expect-not", ("segment/s",))


def test_a_named_service_is_met_where_it_is_served(elaborated: Elaborating) -> None:
    """`web http` follows `serve http on tcp/8080`; elsewhere the service's own port is meant."""
    web, pc, dns = steps(elaborated, "expect pc1 -> web http\nexpect pc1 -> pc2 http\nexpect pc1 -> web dns")
    assert [(str(step.flow.service), step.flow.application) for step in (web, pc, dns)] == [
        ("tcp/8080", "http"),
        ("tcp/80", "http"),
        ("udp/53", "dns"),
    ]


def test_background_flows_are_watched_by_their_labels(elaborated: Elaborating) -> None:
    """`as` names them; without it the last one is meant. Values are in base units."""
    ping, stream, check = steps(
        elaborated,
        "ping pc1 -> web every 100ms as p\nstream pc1 -> web tcp/80\nexpect outage of p < 5s, stream alive, loss < 1%, received == 10",
    )
    assert (ping.verb, ping.every, ping.label, str(ping.flow.service)) == ("ping", 10**8, "p", "icmp")
    assert (stream.verb, stream.label) == ("stream", None)
    assert [(c.subject, c.label, c.operator, c.value) for c in check.checks] == [
        ("outage", "p", "<", 5 * 10**9),
        ("alive", None, "==", True),
        ("loss", None, "<", 10_000),
        ("received", None, "==", 10),
    ]


def test_things_are_cut_and_stopped_by_id(elaborated: Elaborating) -> None:
    """Ports, links, services, nodes."""
    made = steps(elaborated, "cut web:up\nheal web:up after 2s\ncut uplink\nstop web.http\nstart web\nafter 500ms")
    assert [(step.verb, step.target, step.after) for step in made] == [
        ("cut", "port/web/up", None),
        ("heal", "port/web/up", 2 * 10**9),
        ("cut", "link/uplink", None),
        ("stop", "service/web/http", None),
        ("start", "node/web", None),
        ("wait", None, 5 * 10**8),
    ]


def test_states_of_things(elaborated: Elaborating) -> None:
    """A check of a state names the id."""
    (check,) = steps(elaborated, "within 5s expect web:up up, web.http running, web down")
    assert check.within == 5 * 10**9
    assert [(c.subject, c.label, c.value) for c in check.checks] == [
        ("state", "port/web/up", "up"),
        ("state", "service/web/http", "running"),
        ("state", "node/web", "down"),
    ]


def test_repetition_and_loops_are_unrolled(elaborated: Elaborating) -> None:
    """`repeat` within `for`, over elements."""
    made = steps(elaborated, "for p in pc[*] { repeat 2 { expect p -> web icmp } }")
    assert [step.flow.sources for step in made] == [("node/pc1",)] * 2 + [("node/pc2",)] * 2


MISTAKES = {
    "expect pc9 -> web icmp": ("E0301", "pc9"),
    "expect pc1 -> web htpp": ("E0314", "htpp"),
    "expect pc1 -> web any": ("E0303", "any"),
    "expect pc1 -> web [tcp/80, tcp/81]": ("E0303", "[tcp/80, tcp/81]"),
    "expect pc1 -> web tcp/80 from port 70000": ("E0304", "70000"),
    "send 0 pc1 -> web icmp": ("E0304", "0"),
    "within 5 expect pc1 -> web icmp": ("E0303", "5"),
    "within 1Mbps expect pc1 -> web icmp": ("E0303", "1Mbps"),
    "cut web:nope": ("E0326", "nope"),
    "cut web": ("E0303", "web"),
    "stop web:up": ("E0303", "web:up"),
    "stop web.https": ("E0332", "web.https"),
    "cut nope:up": ("E0301", "nope"),
    "expect outrage < 5s": ("E0330", "outrage < 5s"),
    "expect outage of q < 5s": ("E0331", "q"),
    "expect outage < 5": ("E0303", "5"),
    "repeat 0 { after 1s }": ("E0304", "0"),
    "repeat 1000000 { repeat 1000000 { after 1s } }": ("E0317", "after 1s"),
    "after -1s": ("E0304", "-1s"),
}


@pytest.mark.parametrize("body", MISTAKES)
def test_a_mistake_in_a_test(elaborated: Elaborating, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One mistake, one diagnostic, at what is wrong."""
    monkeypatch.setattr("labc.compiler.elaborate.state.LIMIT", 50_000)
    assert elaborated(BASE + 'test "t" { ' + body + " }\n").spans == [MISTAKES[body]]


def test_two_tests_of_one_title(elaborated: Elaborating) -> None:
    """Titles are ids."""
    text = 'test "t" { expect pc1 -> web icmp }\ntest "t" { expect pc2 -> web icmp }\n'
    assert elaborated(BASE + text).spans == [("E0302", '"t"')]
