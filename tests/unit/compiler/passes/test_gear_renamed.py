"""Renames keep real gear where it is: devices, sockets, ways, VLANs of the fabric and VNIs."""

from __future__ import annotations

from labc.compiler.ir.lab import Lab, PortId

from .test_bind import HOSTS, TWO, build, device, fitting, locked
from .test_gear_lock import BOTH, FABRIC, ONE, VIRTUAL, told, vlan

SEGMENTS = "segment s1 10.1.0.0/24 { vlan = 10 }\nsegment s2 10.2.0.0/24 { vlan = 20 }\n"
GEAR = "node fa: box { port x on s2 }\nnode v: linux.host { port e on s2 }\n"


def ways(lab: Lab, name: str) -> tuple[str, object]:
    port = lab.ports[PortId(f"port/{name}")]
    return port.socket, port.path


def test_renamed_nodes_keep_their_devices_sockets_and_ways() -> None:
    """The names' order is the other one now; the lock is taken whole, and the next build finds the new names there."""
    before = fitting(TWO + BOTH + VIRTUAL)
    text = TWO + BOTH.replace("node fa", "node zz was fa").replace("node fb", "node aa was fb") + VIRTUAL
    after = build(text, locked(before))
    assert after.lab is not None
    for lab in (after.lab, fitting(text, locked(after.lab))):
        assert (device(lab, "zz"), device(lab, "aa")) == ("d1", "d2")
        assert ways(lab, "zz/x") == ways(before, "fa/x")
        assert ways(lab, "aa/x") == ways(before, "fb/x")
    assert told(after) == []


def test_a_renamed_node_whose_question_changed_keeps_its_device() -> None:
    """The solvers run, from what the lock holds under the old name."""
    before = fitting(TWO + ONE.replace("node fa: box {", 'node fa: box { needs name = "d2";') + VIRTUAL)
    text = TWO + ONE.replace("node fa:", "node zz was fa:") + VIRTUAL
    assert device(fitting(text, locked(before)), "zz") == "d2"


def test_a_device_that_a_renamed_node_loses_is_told() -> None:
    """By its name now."""
    lock = locked(fitting(TWO + ONE + VIRTUAL))
    site = HOSTS + TWO.splitlines()[-1] + "\n"
    compiled = build(site + ONE.replace("node fa", "node zz was fa") + VIRTUAL, lock)
    assert ("N0904", "zz is d2 now; lab.lock had d1") in told(compiled)


def test_a_renamed_segment_keeps_its_vlan() -> None:
    """With the lock and without."""
    before = fitting(FABRIC + SEGMENTS + GEAR)
    text = FABRIC + SEGMENTS.replace("segment s2", "segment s9 was s2") + GEAR.replace("on s2", "on s9")
    assert vlan(fitting(text, locked(before)), "fa/x") == vlan(before, "fa/x")
    assert vlan(fitting(text), "fa/x") == vlan(before, "fa/x")


def test_a_segment_more_on_a_port_changes_no_vlan() -> None:
    """Although its name is less; and no later build says that two things hold one VLAN."""
    before = fitting(FABRIC + SEGMENTS + GEAR)
    text = FABRIC + SEGMENTS + GEAR.replace("port x on s2", "port x tagged s1, s2")
    after = fitting(text, locked(before))
    assert vlan(after, "fa/x") == vlan(before, "fa/x")
    assert told(build(text, locked(after))) == []


def test_two_wires_that_claim_one_old_name_share_no_vlan() -> None:
    """A rename never joins what is apart."""
    text = SEGMENTS.replace("segment s1", "segment s8 was old").replace("segment s2", "segment s9 was old")
    gear = "node fa: box { port x on s8 }\nnode fb: box { port x on s9 }\nnode v: linux.host { port e on s8; port f on s9 }\n"
    lab = fitting(FABRIC + text + gear)
    assert vlan(lab, "fa/x") != vlan(lab, "fb/x")


def test_a_link_keeps_its_vni_when_a_node_at_its_end_is_renamed() -> None:
    """It has no name of its own, so it is renamed with the node."""
    text = (
        HOSTS + "node r2: linux.router { port b; on h1 }\nnode r3: linux.router { port b; on h2 }\nlink r2:b -- r3:b\n"
    )
    before = fitting(text)
    renamed = text.replace("node r3", "node s3 was r3").replace("r3:b", "s3:b")

    def vni(lab: Lab) -> int | None:
        return next(segment.vni for segment in lab.segments.values() if segment.link)

    assert vni(before) is not None
    assert vni(fitting(renamed, locked(before))) == vni(before)
    assert vni(fitting(renamed)) == vni(before)
