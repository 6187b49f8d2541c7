"""Schedule: what a lab's things become in a plan."""

from __future__ import annotations

import pytest

from labc.compiler.ir.lab import Resource
from tests.unit.compiler.compiling import OFFICE, sound

ROUTED = """lab x
import std.linux
segment a 10.0.0.0/24, 2001:db8::/64
segment back 10.9.0.0/16
segment other 10.8.0.0/16
node r: linux.router {
  port p on a at 10.0.0.1, 2001:db8::1
  port q
  route 10.9.0.0/16 via h
  route 10.9.0.0/16 via g
  route 10.8.0.0/16 via h metric 5
  route 192.0.2.0/24 blackhole
}
node h: linux.router { port e on a at 10.0.0.2, 2001:db8::2; port f on back; port k on other; gateway r }
node g: linux.router { port e on a at 10.0.0.3; port f on back; gateway r }
node odd_name: linux.host { port "GigabitEthernet0/0/1" }
link r:q -- odd_name:"GigabitEthernet0/0/1" { mtu = 9000; rate = 10Mbps }
"""


def resources(text: str) -> dict[str, Resource]:
    return {each.id: each for each in sound(text).resources}


@pytest.mark.parametrize("ports", [("wan", "lan"), ("lan", "wan")])
def test_dhcp_tells_the_gateways_address_on_the_segment_of_its_clients(ports: tuple[str, str]) -> None:
    """Whichever port stands first; where it has no client yet, the one on a segment that it shares with the server."""
    at = {"wan": "port wan on out at 203.0.113.1", "lan": "port lan on lan at 10.0.0.1"}
    text = "lab l\nimport std.linux\nsegment out 203.0.113.0/24\nsegment lan 10.0.0.0/24\n"
    text += f"node gate: linux.router {{ {at[ports[0]]}; {at[ports[1]]}; serve dhcp {{ gateway = gate }} }}\n"
    text += "node pc: linux.host { port eth0 on lan at dhcp }\n"
    assert _told(text, "service/gate/dhcp")["gateway"] == "10.0.0.1"
    apart = text.replace("serve dhcp { gateway = gate }", "")
    apart += "node names: linux.host { port eth0 on lan; serve dhcp { gateway = gate } }\n"
    assert _told(apart, "service/names/dhcp")["gateway"] == "10.0.0.1"


def _told(text: str, service: str) -> dict[str, object]:
    fields = resources(text)[service].spec["fields"]
    assert isinstance(fields, dict)
    return fields


@pytest.fixture(scope="module")
def routed() -> dict[str, Resource]:
    """A router with routes of every kind, and a link to a port that Linux cannot name."""
    return resources(ROUTED)


def test_routes_of_one_prefix_are_one_with_several_hops(routed: dict[str, Resource]) -> None:
    assert routed["route/r/10.9.0.0/16"].spec["via"] == ["10.0.0.2", "10.0.0.3"]


def test_a_metric_stands_in_the_id(routed: dict[str, Resource]) -> None:
    assert routed["route/r/10.8.0.0/16/5"].spec["metric"] == 5


def test_a_black_hole_has_no_hop(routed: dict[str, Resource]) -> None:
    assert routed["route/r/192.0.2.0/24"].spec["via"] == []


def test_a_gateway_is_a_default_route_of_each_family(routed: dict[str, Resource]) -> None:
    assert routed["route/h/0.0.0.0/0"].spec["via"] == ["10.0.0.1"]
    assert routed["route/h/::/0"].spec["via"] == ["2001:db8::1"]


def test_a_route_needs_the_port_that_leads_to_its_hop(routed: dict[str, Resource]) -> None:
    assert routed["route/h/0.0.0.0/0"].needs == ["node/h", "port/h/e"]


def test_a_link_gives_its_mtu_and_rate_to_both_ports(routed: dict[str, Resource]) -> None:
    port = routed["port/odd_name/GigabitEthernet0/0/1"].spec
    assert (port["mtu"], port["rate"]) == (9000, 10_000_000)


def test_a_port_that_linux_cannot_name_keeps_its_name_beside_a_short_one(routed: dict[str, Resource]) -> None:
    port = routed["port/odd_name/GigabitEthernet0/0/1"].spec
    assert port["name"] == "GigabitEthernet0/0/1"
    assert len(str(port["interface"])) <= 15


def test_a_cable_is_direct_and_needs_both_nodes(routed: dict[str, Resource]) -> None:
    cable = next(each for each in routed.values() if each.kind == "segment" and each.spec["direct"])
    assert sorted(cable.needs) == ["node/odd_name", "node/r"]
    assert len(cable.spec["ends"]) == 2  # type: ignore[arg-type]  # a list


def test_hostnames_are_what_the_kernel_takes(routed: dict[str, Resource]) -> None:
    assert routed["node/odd_name"].spec["hostname"] == "odd-name"


def test_a_firewall_answers_for_the_addresses_that_it_translates() -> None:
    """Nobody on the segment could send to 192.0.2.80 if no one answered ARP for it."""
    addresses = resources(OFFICE)["port/fw/wan"].spec["addresses"]
    assert addresses == ["192.0.2.1/24", "2001:db8:f::1/64", "192.0.2.9/32", "192.0.2.80/32"]
    assert "192.0.2.80/32" not in str(resources(OFFICE)["port/fw/lan"].spec["addresses"])


def test_a_rule_set_names_the_tables_that_it_owns() -> None:
    found = resources(OFFICE)
    assert found["ruleset/fw/nat"].spec["tables"] == ["ip labc_nat"]
    assert [each.spec["tables"] for each in found.values() if each.kind == "ruleset"] == [
        ["inet labc_policy"],
        ["ip labc_nat"],
    ]


def test_a_service_needs_its_node_and_ports() -> None:
    assert resources(OFFICE)["service/web/http"].needs == ["node/web", "port/web/eth0"]


@pytest.mark.parametrize("dns", ["10.0.0.53", "names", "[names]", '"10.0.0.53"'])
def test_dhcp_tells_addresses_whether_nodes_or_addresses_are_written(dns: str) -> None:
    """A client can do nothing with a node's name."""
    lab = f"""
lab t
import std.linux
segment lan 10.0.0.0/24, 2001:db8::/64
node names: linux.host {{ port eth0 on lan at 2001:db8::53, 10.0.0.53; serve dns }}
node gate: linux.router {{ port a on lan at 10.0.0.1; serve dhcp {{ gateway = gate; dns = {dns} }} }}
"""
    fields = resources(lab)["service/gate/dhcp"].spec["fields"]
    assert isinstance(fields, dict)
    assert (fields["gateway"], fields["dns"]) == ("10.0.0.1", ["10.0.0.53"])
