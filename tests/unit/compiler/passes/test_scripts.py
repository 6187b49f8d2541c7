"""Written tests as cases: steps in order, flows resolved to ends and packets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.compiler.compiling import OFFICE, compiled, sound


def steps(body: str, text: str = OFFICE) -> list[dict[str, Any]]:  # Any: JSON
    case = sound(text + f'test "t" {{ {body} }}\n').cases[0]
    assert case.spec["kind"] == "script"
    found: list[dict[str, Any]] = case.spec["steps"]  # type: ignore[assignment]  # JSON
    return found


def test_a_flow_has_ends_and_a_packet() -> None:
    flow = steps("expect pc1 -> db tcp/5432 from port 53")[0]["flow"]
    assert flow["from"] == {
        "node": "node/pc1",
        "port": "port/pc1/eth0",
        "interface": "eth0",
        "address": "10.1.0.11",
        "place": "inside",
    }
    assert flow["flow"] == {"protocol": "tcp", "source_port": 53, "port": 5432, "address": "10.2.0.90"}
    assert flow["service"] is None


def test_a_named_service_is_spoken_to() -> None:
    flow = steps("expect pc1 -> web http")[0]["flow"]
    assert (flow["service"], flow["application"], flow["flow"]["port"]) == ("service/web/http", "http", 80)


def test_a_hidden_node_is_sent_to_by_its_outer_address() -> None:
    assert steps("expect net -> web http")[0]["flow"]["flow"]["address"] == "192.0.2.80"


def test_an_address_leads_to_whoever_gets_it() -> None:
    flow = steps("expect net -> 192.0.2.80 http")[0]["flow"]
    assert (flow["to"]["node"], flow["to"]["address"]) == ("node/web", "10.2.0.80")


def test_a_free_address_of_a_segment_is_a_probe_beside() -> None:
    flow = steps("expect 10.1.0.77 -> db icmp")[0]["flow"]
    assert (flow["from"]["address"], flow["from"]["place"]) == ("10.1.0.77", "beside")


def test_sets_become_one_step_a_pair() -> None:
    """Every ordered pair of two nodes; nobody with himself."""
    text = OFFICE + "group clients = pc[*]\n"
    pairs = [
        (s["flow"]["from"]["node"], s["flow"]["to"]["node"]) for s in steps("expect clients -> clients icmp", text)
    ]
    nodes = [f"node/pc{i}" for i in (1, 2, 3)]
    assert pairs == [(one, other) for one in nodes for other in nodes if one != other]


def test_a_segment_stands_for_its_hosts() -> None:
    assert {step["flow"]["to"]["node"] for step in steps("expect net -> dmz icmp")} == {"node/web", "node/db"}


def test_ipv6_is_spoken_where_there_is_nothing_else() -> None:
    text = OFFICE.replace("10.2.0.90, ", "")
    assert steps("expect pc1 -> db icmp", text)[0]["flow"]["flow"]["address"] == "2001:db8:2::90"


def test_a_sender_of_several_ports_uses_the_one_that_leads_there() -> None:
    assert steps("expect fw -> db icmp")[0]["flow"]["from"]["address"] == "10.2.0.1"


@pytest.mark.parametrize(
    ("body", "alone"), [("expect pc1 -> db icmp", False), ("cut fw:srv; expect not pc1 -> db icmp", True)]
)
def test_what_takes_something_down_runs_alone(body: str, alone: bool) -> None:
    case = sound(OFFICE + f'test "t" {{ {body} }}\n').cases[0]
    assert case.spec["alone"] is alone


def test_cutting_a_link_takes_down_both_ends() -> None:
    text = OFFICE + "link up: fw:x -- net:x\n"
    step = steps("cut up; heal up after 2s; expect pc1 -> db icmp", text)[0]
    assert step["ports"] == ["port/fw/x", "port/net/x"]


def test_a_nodes_probe_stands_where_the_node_says() -> None:
    text = OFFICE.replace("node db:  linux.host {", 'node db:  linux.host { probe = "beside";')
    assert steps("expect pc1 -> db icmp", text)[0]["flow"]["to"]["place"] == "beside"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("expect pc1 -> 8.8.8.8 icmp", "E0601"),
        ("expect 8.8.8.8 -> pc1 icmp", "E0601"),
    ],
)
def test_ends_that_nobody_has_are_reported(body: str, code: str) -> None:
    found = compiled(OFFICE + f'test "t" {{ {body} }}\n').diagnostics
    assert [each.code for each in found] == [code]
