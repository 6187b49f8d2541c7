"""Segments, links, groups and zones."""

from __future__ import annotations

import pytest

from labc.compiler.addresses import Prefix
from labc.compiler.ir.lab import Attachment, SegmentId
from labc.compiler.quantities import Quantity

from .conftest import Elaborating


def test_a_segment_has_prefixes_and_attributes(elaborated: Elaborating) -> None:
    """Both families, MTU, VLAN, split, former name."""
    text = "segment s was old 10.0.0.0/24, 2001:db8::/64 { mtu = 1400; vlan = 10; split = true }\n"
    segment = elaborated.sound(text).segments["segment/s"]
    assert segment.prefixes == (Prefix.parse("10.0.0.0/24"), Prefix.parse("2001:db8::/64"))
    assert (segment.mtu, segment.vlan, segment.split, segment.was) == (1400, 10, True, "old")


def test_a_link_makes_the_ports_that_are_missing(elaborated: Elaborating) -> None:
    """Those that are declared know of it; it is named by its ends."""
    lab = elaborated.sound(
        "node a { port p at 10.0.0.0/31 }\nnode b\nlink a:p -- b:q on 10.0.0.0/31 { mtu = 9000; rate = 1Gbps }\n"
    )
    link = lab.links["link/a:p--b:q"]
    assert link.ends == ("port/a/p", "port/b/q")
    assert lab.nodes["node/b"].ports == ["port/b/q"]
    assert lab.ports["port/a/p"].link == lab.ports["port/b/q"].link == link.id
    assert (link.prefixes, link.mtu, link.rate) == ((Prefix.parse("10.0.0.0/31"),), 9000, Quantity("rate", 10**9))


def test_a_link_may_have_a_name_of_its_own(elaborated: Elaborating) -> None:
    """`link NAME: A:P -- B:Q`."""
    assert list(elaborated.sound("node a\nnode b\nlink up: a:p -- b:q\n").links) == ["link/up"]


def test_loops_may_link_what_exists(elaborated: Elaborating) -> None:
    """Links run when all nodes are known, so loops around them may go through sets of nodes."""
    lab = elaborated.sound('for n in pc[*] { link n:up -- hub:"p{n.name}" }\nnode pc1\nnode pc2\nnode hub\n')
    assert list(lab.links) == ["link/pc1:up--hub:ppc1", "link/pc2:up--hub:ppc2"]


def test_groups_hold_nodes_and_the_nodes_of_groups(elaborated: Elaborating) -> None:
    """In any order of declaration, each node once."""
    lab = elaborated.sound("group all = few, pc3, pc1\ngroup few = pc[1..2]\nfor i in 1..3 { node pc[i] }\n")
    assert lab.groups["group/all"].members == ("node/pc1", "node/pc2", "node/pc3")


def test_zones_hold_what_they_name(elaborated: Elaborating) -> None:
    """Ids, and prefixes and addresses as text; a zone named as a segment can hold that segment."""
    text = "segment dmz 10.0.0.0/24\nnode n { port e on dmz }\nzone dmz = dmz\nzone world = dmz, n, 10.1.0.0/16, 192.0.2.1\n"
    zones = elaborated.sound(text).zones
    assert zones["zone/dmz"].members == ("segment/dmz",)
    assert zones["zone/world"].members == ("zone/dmz", "node/n", "10.1.0.0/16", "192.0.2.1")


def test_names_are_made_in_loops(elaborated: Elaborating) -> None:
    """`users[l]` and `"pc{i}"` are names with numbers in them."""
    lab = elaborated.sound(
        'for i in 1..2 { segment s[i] 10.0.0.0/8 subnet 24 at i; node "pc{i}" { port e on s[i] } }\n'
    )
    assert lab.ports["port/pc2/e"].attachments == [Attachment(SegmentId("segment/s2"))]


MISTAKES = {
    "segment s 10.0.0.1/24": ("E0305", "10.0.0.1/24"),
    "segment s 10.0.0.1": ("E0303", "10.0.0.1"),
    'segment s 10.0.0.0/24 { mtu = "x" }': ("E0303", '"x"'),
    "segment s 10.0.0.0/24 { colour = 1 }": ("E0310", "colour"),
    "segment s 10.0.0.0/24\nsegment s 10.0.1.0/24": ("E0302", "s"),
    "node a\nlink a:p -- b:q": ("E0301", "b"),
    "node a\nnode b\nlink a:p -- b:q\nlink a:p -- b:q": ("E0302", "link a:p -- b:q"),
    "node a\nnode b\nlink a:p -- b:q on 10.0.0.1/31": ("E0305", "10.0.0.1/31"),
    "node a1\nnode a2\nlink a[1..2]:p -- a1:q": ("E0303", "a[1..2]"),
    "group g = nope": ("E0301", "nope"),
    "segment s 10.0.0.0/24\ngroup g = s": ("E0303", "s"),
    "group g = h\ngroup h = g": ("E0315", "group g = h"),
    "zone z = nope": ("E0301", "nope"),
    "zone z = y\nzone y = z": ("E0315", "zone z = y"),
    "zone z = 5ms": ("E0303", "5ms"),
    "node x\nsegment x 10.0.0.0/24\nzone z = x": ("E0325", "x"),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_in_a_joint(elaborated: Elaborating, text: str) -> None:
    """One mistake, one diagnostic, at what is wrong."""
    assert elaborated(text + "\n").spans == [MISTAKES[text]]
