"""The static walk: which way a packet goes, by routes and translation alone."""

from __future__ import annotations

import pytest

from labc.compiler.addresses import Address
from labc.compiler.ir.lab import PortId
from labc.compiler.walk import Network, Way, walk
from tests.unit.compiler.building import Building, apply


def way(lab: Building, source: str, destination: str) -> Way:
    apply(lab.lab, "segments", "addresses")
    port = PortId("port/" + source.replace(":", "/"))
    return walk(Network(lab.lab), port, Address.parse(destination))


@pytest.fixture
def lab() -> Building:
    """pc – switch – fw – isp – net; fw translates 192.0.2.5 to the pc."""
    lab = Building().segment("in", "10.0.0.0/24").segment("dirty", "10.0.0.0/24")
    lab.segment("out", "192.0.2.0/29").segment("net", "198.51.100.0/24")
    lab.switch("sw").port("sw:a", "in").port("sw:b", "dirty")
    lab.node("pc").port("pc:e", "in", "10.0.0.2").gateway("pc", "10.0.0.1")
    lab.router("fw").port("fw:lan", "dirty", "10.0.0.1").port("fw:wan", "out", "192.0.2.1").gateway("fw", "192.0.2.2")
    lab.router("isp").port("isp:down", "out", "192.0.2.2").port("isp:up", "net", "198.51.100.3")
    lab.node("far").port("far:e", "net", "198.51.100.9").gateway("far", "198.51.100.3")
    return lab.nat("fw", "192.0.2.5", "pc")


def test_a_packet_passes_switches_and_routers(lab: Building) -> None:
    found = way(lab, "pc:e", "198.51.100.9")
    assert found.through == ("node/sw", "node/fw", "node/isp")
    assert found.receiver == "port/far/e"


def test_a_translated_address_leads_to_its_node(lab: Building) -> None:
    """The firewall answers for 192.0.2.5 on its own segment, and the packet arrives with the inner address."""
    found = way(lab, "far:e", "192.0.2.5")
    assert (found.receiver, str(found.address)) == ("port/pc/e", "10.0.0.2")
    assert found.entered == ("port/isp/up", "port/fw/wan")


def test_without_a_route_nothing_arrives(lab: Building) -> None:
    """The provider knows no 10.0.0.0/24."""
    assert not way(lab, "far:e", "10.0.0.2").arrives


def test_a_routers_far_address_is_reached_by_its_near_port(lab: Building) -> None:
    assert way(lab, "far:e", "192.0.2.2").receiver == "port/isp/up"


def test_a_host_does_not_forward(lab: Building) -> None:
    lab.route("far", "203.0.113.0/24", "198.51.100.3").route("isp", "203.0.113.0/24", "198.51.100.9")
    assert not way(lab, "isp:up", "203.0.113.1").arrives


def test_the_longest_prefix_wins(lab: Building) -> None:
    lab.route("isp", "192.0.2.5/32", None)
    assert not way(lab, "far:e", "192.0.2.5").arrives


@pytest.mark.parametrize("order", [1, -1])
def test_the_lower_metric_wins(lab: Building, order: int) -> None:
    """In whatever order the routes stand, and though it leads nowhere."""
    for via, metric in (("198.51.100.9", 1), ("192.0.2.1", 5))[::order]:
        lab.route("isp", "10.0.0.0/24", via, metric=metric)
    assert not way(lab, "far:e", "10.0.0.2").arrives


def test_a_circle_ends(lab: Building) -> None:
    lab.route("isp", "203.0.113.0/24", "192.0.2.1")
    assert not way(lab, "far:e", "203.0.113.1").arrives


def test_of_equal_hops_one_that_arrives_is_taken(lab: Building) -> None:
    lab.router("dead").port("dead:e", "net", "198.51.100.2")
    lab.route("far", "192.0.2.0/24", "198.51.100.3").route("far", "192.0.2.0/24", "198.51.100.2")
    assert way(lab, "far:e", "192.0.2.1").receiver == "port/fw/wan"
