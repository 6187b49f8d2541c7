"""Comparisons of labs with real gear: every kind of resource that only such labs have, and what nobody can say of gear from here."""

from __future__ import annotations

from labc.compiler.diff.changes import Difference
from labc.compiler.diff.difference import differences
from labc.compiler.diff.sides import Side
from tests.unit.compiler.diff.sides import between, by_hand
from tests.unit.runtime import plans

SITE = """\
site bench
host h1 { cpu = 8; nic eth0 { address = 192.0.2.1/24; mtu = 9000 }; nic eth1; nic eth2 }
host h2 { cpu = 8; nic eth0 { address = 192.0.2.2/24; mtu = 9000 }; nic eth1 { trunk = true } }
device ssg1 { isdn = 1; port e0 cable h1:eth1; port e1 cable patch1:p2 }
device ssg2 { port e0 cable patch1:p3; port e1 cable patch1:p4 }
switch patch1 { cuts = true; port p1 cable h2:eth1 { trunk = true }; port p2; port p3; port p4 }
"""
LAB = """\
lab bound
import std.linux
import "gear.net"
kind ssg extends linux.router { physical = true; probe = "beside" }
segment outside 203.0.113.0/24
segment inside  10.0.0.0/24
node fw:  ssg { port wan on outside at 203.0.113.1; port lan on inside at 10.0.0.1; needs isdn >= 1 }
node web: linux.host { port eth0 on outside; gateway fw; on h1 }
node pc:  linux.host { port eth0 on inside; gateway fw; on h2 }
"""
SECOND = "node near: linux.host { port eth0 on inside; gateway fw; on h1 }\n"
PRINTER = """\
kind box extends linux.host { physical = true; probe = "beside" }
node printer: box { port lan on inside at 10.0.0.9; needs isdn >= 1 }
"""
PLAIN = LAB.replace("needs isdn >= 1", "").replace("ssg { port", "linux.router { port")


def of(old: str, new: str) -> Difference:
    return between(old, new, files=({"gear_net": SITE}, {"gear_net": SITE}))


def test_every_kind_of_resource_that_gear_brings_is_compared() -> None:
    """Attachments, patches, and tunnels of a segment that gear is on; each is told in a few words when it is new."""
    found = of(PLAIN, LAB + SECOND)
    briefs = {change.id: change.brief for change in found.changes}
    assert briefs["attachment/fw/wan"] == "NIC eth1 on outside, on host h1"
    assert "VLAN" in next(brief for name, brief in briefs.items() if name.startswith("patch/patch1/"))
    assert {change.kind for change in found.changes} >= {"attachment", "patch", "tunnel", "segment", "port", "node"}
    assert of(LAB + SECOND, LAB + SECOND).is_empty


def test_what_passes_gear_is_unknown_when_something_differs() -> None:
    """What it filters and translates stands in no plan; beside it, packets are followed as ever."""
    found = of(LAB, LAB + SECOND)
    through = {(s, t) for each in found.radius if "real gear" in each.why for s in each.sources for t in each.targets}
    assert {("pc", "web"), ("web", "near"), ("near", "fw")} <= through
    beside = [each for each in found.radius if {*each.sources} == {*each.targets} == {"near", "pc"}]
    assert [(each.old, each.new, each.why) for each in beside] == [("unreachable", "allowed", "")]


def test_gear_that_passes_nothing_on_is_opaque_to_its_own_pairs_only() -> None:
    """Whether it answers, nobody can say; whether others do is nothing of its."""
    found = of(PLAIN, PLAIN + PRINTER)
    rows = {(s, t, each.new) for each in found.radius for s in each.sources for t in each.targets}
    assert ("pc", "printer", "unknown") in rows
    assert all("printer" in pair for *pair, _ in rows)
    assert not of(PLAIN + PRINTER, PLAIN + PRINTER + "segment spare 10.7.0.0/24\n").radius


def test_other_gear_in_the_place_of_the_same_node_is_a_difference() -> None:
    """It has the node's addresses, and may do anything else."""
    found = of(PLAIN + PRINTER, PLAIN + PRINTER.replace("isdn >= 1", 'name = "ssg2"'))
    assert any("printer" in each.targets and each.new == "unknown" for each in found.radius)
    assert not any({"printer"}.isdisjoint({*each.sources, *each.targets}) for each in found.radius)


def test_gear_on_a_segment_that_crosses_hosts_is_on_all_of_it() -> None:
    """It is cabled to one host, and the tunnels lead there from the others."""
    spread = PLAIN + SECOND.replace("gateway fw; ", "")
    rows = {
        (s, t, each.new) for each in of(spread, spread + PRINTER).radius for s in each.sources for t in each.targets
    }
    assert {("near", "printer", "unknown"), ("pc", "printer", "unknown")} <= rows


def test_two_devices_with_ports_of_one_name_are_two() -> None:
    """What the node's record says of its device is all that tells them apart."""

    def lab(device: str) -> Side:
        box = plans.node("box", "device", device=device)
        return by_hand(
            box, plans.port("box", "e", "s", "10.0.0.1/24", backend="device", socket="e0"), plans.segment("s"),
            plans.node("pc"), plans.port("pc", "e", "s", "10.0.0.2/24"),
        )  # fmt: skip

    (reach,) = differences(lab("one"), lab("two")).radius
    assert reach.sources == reach.targets == ("pc", "box")
    assert (reach.new, reach.why) == ("unknown", "the real gear box differs: labc cannot see what it does")
