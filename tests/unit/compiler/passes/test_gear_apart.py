"""Segments on real gear stay apart: in the VLANs of the patch fabric, on NICs, and in what the plan says of both."""

from __future__ import annotations

from collections import defaultdict
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .test_bind import build

TWO = "segment s1 10.1.0.0/24 { vlan = 10 }\nsegment s2 10.2.0.0/24 { vlan = 20 }\n"
FABRIC = """site bench
host h1 { nic eth0 { address = 192.0.2.1/24; mtu = 9000 }; nic t { trunk = true }; nic u; nic w }
device da { port e0 cable sw:p4 }
device db { port f0 cable sw:p2 }
device dc { port f0 cable sw:p3 }
device dd { port f0 cable sw:p5 }
switch sw { port p1 cable h1:t { trunk = true }; port p2; port p3; port p4; port p5 }
"""
GA = 'node ga: linux.switch { physical = true; port x tagged s1, s2; needs name = "da" }\n'
GB = 'node gb: box { port y on s1; needs name = "db" }\n'
GC = 'node gc: box { port y on s2; needs name = "dc" }\n'
V = "node v: linux.host { port e on s1; port f on s2 }\n"
SUB = 'node ga: box { port x; port x10 over x on s1 vlan 10; port x20 over x on s2 vlan 20; needs name = "da" }\n'


def planned(text: str) -> dict[str, Any]:
    compiled = build(text)
    assert compiled.plan is not None, [(each.code, each.summary, each.reason) for each in compiled.diagnostics]
    return {each["id"]: each for each in orjson.loads(compiled.plan)["resources"]}


def vlan(resources: dict[str, Any], port: str) -> int:
    return int(resources[f"attachment/{port}"]["spec"]["vlan"])


def patched(resources: dict[str, Any], port: str) -> dict[str, Any]:
    specs: list[dict[str, Any]] = [each["spec"] for each in resources.values() if each["kind"] == "patch"]
    return next(spec for spec in specs if f"port/{port}" in spec["carries"])


@pytest.mark.parametrize("trunk", [GA, SUB])
@pytest.mark.parametrize("virtual", [V, ""])
def test_ports_of_one_segment_do_not_share_the_wire_of_a_port_that_has_both_tagged(trunk: str, virtual: str) -> None:
    """gb on s1 and gc on s2 would hear each other in the VLAN of ga, which carries both: each has its own, and the host joins them."""
    resources = planned(FABRIC + TWO + trunk + GB + GC + virtual)
    assert len({vlan(resources, port) for port in ("ga/x", "gb/y", "gc/y")}) == 3
    for spec in (each["spec"] for each in resources.values() if each["kind"] == "patch"):
        assert len([port["name"] for port in spec["ports"] if not port["tagged"]]) == 1, spec
    assert resources["attachment/ga/x"]["spec"]["segments"] == [
        {"segment": "segment/s1", "tag": 10},
        {"segment": "segment/s2", "tag": 20},
    ]
    assert resources["attachment/gb/y"]["spec"]["segments"] == [{"segment": "segment/s1", "tag": None}]
    assert set(resources["attachment/ga/x"]["needs"]) == {"segment/s1", "segment/s2"}


def test_tags_are_stacked_where_frames_have_tags_of_their_own() -> None:
    """A switch's port that merely took frames untagged would read the device's tags as VLANs of the fabric."""
    resources = planned(FABRIC + TWO + GA + GB + GC + V)
    assert {port: patched(resources, port)["stacks"] for port in ("ga/x", "gb/y", "gc/y")} == {
        "ga/x": True,
        "gb/y": False,
        "gc/y": False,
    }


def test_one_cable_cannot_lead_two_segments_untagged() -> None:
    """Neither the NIC nor the switch's port is a trunk: it carries gb or gc."""
    site = FABRIC.replace(" { trunk = true }; nic u", "; nic u").replace(" { trunk = true }; port p2", "; port p2")
    site = site.replace("cable sw:p4", "cable h1:u")
    assert [each.code for each in build(site + TWO + GA + GB + GC + V).diagnostics] == ["E0808"]


def test_ports_with_the_same_tags_share_a_wire() -> None:
    """They may be patched: whatever one of them carries, the other does as well."""
    other = GA.replace("ga", "gd").replace('"da"', '"dd"')
    resources = planned(FABRIC + TWO + GA + other)
    assert patched(resources, "ga/x")["carries"] == ["port/ga/x", "port/gd/x"]
    assert "attachment/ga/x" not in resources


def test_ports_of_one_segment_with_other_tags_meet_on_a_host() -> None:
    """A switch cannot translate: what da tags db has untagged."""
    resources = planned(FABRIC + TWO + GA.replace(", s2", "") + GB)
    assert vlan(resources, "ga/x") != vlan(resources, "gb/y")


def test_what_is_on_a_sub_interface_of_gear_is_carried_where_the_port_enters() -> None:
    """The host has a part of s1, and the virtual node goes there."""
    site = FABRIC.replace("host h1", "host h0 { nic eth0 { address = 192.0.2.9/24; mtu = 9000 } }\nhost h1")
    resources = planned(site + TWO + SUB + V)
    assert resources["node/v"]["host"] == "h1"
    assert resources["segment/s1"]["host"] == "h1"


def test_a_trunk_behind_which_is_a_switch_that_nobody_lists_tells_segments_apart() -> None:
    """Two devices are cabled to one NIC: each segment has a VLAN there, none is untagged."""
    site = FABRIC.replace("cable sw:p2", "cable h1:t").replace("cable sw:p3", "cable h1:t")
    resources = planned(site + TWO + GB + GC + V)
    assert vlan(resources, "gb/y") != vlan(resources, "gc/y")


@pytest.mark.parametrize("end", ["nic t { trunk = true }", "cable h1:t { trunk = true }"])
def test_a_trunk_at_one_end_only_is_none(end: str) -> None:
    """Both ends of a cable say the same: frames bear the VLAN there, or they do not."""
    resources = planned(FABRIC.replace(end, end.replace(" { trunk = true }", "")) + TWO + GB + V)
    assert resources["attachment/gb/y"]["spec"]["vlan"] is None
    assert not any(port["tagged"] for port in patched(resources, "gb/y")["ports"])


def test_a_trunk_towards_a_device_is_untagged() -> None:
    """The device knows nothing of the fabric's VLANs."""
    resources = planned(FABRIC.replace("port p2;", "port p2 { trunk = true };") + TWO + GB + V)
    assert {port["name"]: port["tagged"] for port in patched(resources, "gb/y")["ports"]} == {"p1": True, "p2": False}


def test_no_vlan_carries_two_segments_untagged() -> None:
    """Of everything above at once."""
    resources = planned(FABRIC + TWO + GA + GB + GC + V + GB.replace("gb", "gd").replace('"db"', '"dd"'))
    untagged = defaultdict(set)
    for each in resources.values():
        if each["kind"] == "attachment":
            names = [on["segment"] for on in each["spec"]["segments"] if on["tag"] is None]
            untagged[each["spec"]["nic"], each["spec"]["vlan"]].update(names)
    assert all(len(names) <= 1 for names in untagged.values())
    assert patched(resources, "gb/y")["carries"] == ["port/gb/y", "port/gd/y"]


def _lab(chance: Random) -> str:
    """Three devices on one or two switches, ports on some of three segments, tagged, untagged or by sub-interfaces."""

    def trunk() -> str:
        return " { trunk = true }" if chance.random() < 0.7 else ""

    site = "site bench\n"
    for host in ("h1", "h2")[: chance.randint(1, 2)]:
        site += f"host {host} {{ nic eth0 {{ address = 192.0.2.{host[1]}/24; mtu = 9000 }}; nic t{trunk()}; nic u }}\n"
    ups = "".join(f"; port u{at} cable h1:{nic}{trunk()}" for at, nic in enumerate(("t", "u")))
    far = " cable h2:t" if "h2" in site else ""
    site += "".join(f"device d{at} {{ port e0 cable sw:p{at}; port e1 cable tw:p{at} }}\n" for at in range(3))
    site += f"switch sw {{ port p0; port p1; port p2{ups}; port x{trunk()} }}\n"
    site += f"switch tw {{ port p0; port p1; port p2; port x cable sw:x{trunk()}; port u{far}{trunk()} }}\n"
    text = site + "".join(f"segment s{at} 10.{at}.0.0/24 {{ vlan = {at}0 }}\n" for at in (1, 2, 3))
    nodes = [_gear(chance, at) for at in range(chance.randint(1, 3))]
    virtual = "".join(f"node v{at}: linux.host {{ port e on s{at} }}\n" for at in (1, 2, 3) if chance.random() < 0.4)
    return text + "".join(nodes) + virtual


def _gear(chance: Random, at: int) -> str:
    on = sorted(chance.sample((1, 2, 3), chance.randint(1, 3)))
    form = chance.choice(("tagged", "over", "plain"))
    if form == "plain":
        ports = f"port a on s{on[0]}" + (f"; port b on s{on[1]}" if len(on) > 1 else "")
    elif form == "tagged":
        ports = "port a tagged " + ", ".join(f"s{each}" for each in on)
    else:
        ports = "port a; " + "; ".join(f"port a{each} over a on s{each} vlan {each}0" for each in on)
    return f"node g{at}: box {{ {ports} }}\n"


def _sets(resources: dict[str, Any]) -> dict[str, frozenset[tuple[str, int | None]]]:
    """What each port of gear carries, by what the plan says of it and of the sub-interfaces on it."""
    found = {}
    ports = [
        each for each in resources.values() if each["kind"] == "port" and each["spec"]["node"].startswith("node/g")
    ]
    for each in ports:
        here = {(on["segment"], on["tag"]) for on in each["spec"]["segments"]}
        for other in ports:
            if other["spec"]["node"] == each["spec"]["node"] and each["spec"]["name"] in other["spec"]["over"]:
                here |= {(on["segment"], other["spec"]["vlan"]) for on in other["spec"]["segments"]}
        found[each["id"]] = frozenset(here)
    return found


@given(st.integers(0, 2**32))
@settings(max_examples=150)
def test_whatever_the_site_ports_of_one_vlan_or_nic_carry_the_same(seed: int) -> None:
    """In each VLAN of the fabric, at each port of a switch that is not tagged, and at each NIC within each VLAN."""
    compiled = build(_lab(Random(seed)))
    if compiled.plan is None:
        return
    resources = {each["id"]: each for each in orjson.loads(compiled.plan)["resources"]}
    sets = _sets(resources)
    heard: dict[object, set[frozenset[tuple[str, int | None]]]] = defaultdict(set)
    untagged: dict[object, set[int]] = defaultdict(set)
    for each in resources.values():
        spec = each["spec"]
        if each["kind"] == "attachment":
            heard[each["host"], spec["nic"], spec["vlan"]].add(sets[spec["port"]])
            assert {(on["segment"], on["tag"]) for on in spec["segments"]} == sets[spec["port"]]
        elif each["kind"] == "patch":
            heard[spec["vlan"]].update(sets[port] for port in spec["carries"])
            for port in spec["ports"]:
                if not port["tagged"]:
                    untagged[spec["switch"], port["name"]].add(spec["vlan"])
    assert all(len(found) == 1 for found in heard.values()), heard
    assert all(len(found) == 1 for found in untagged.values()), untagged
