"""The IR's contract: each breach is found."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labc.compiler.addresses import Interface, Mac
from labc.compiler.ir.lab import Attachment, Lab, NodeId, PortId, Resource, SegmentId
from labc.compiler.ir.verify import verify
from tests.unit.compiler.building import Building, apply


def _lab() -> Lab:
    build = Building().segment("dmz", "10.0.0.0/24").router("r").node("web")
    lab = build.port("r:lan", "dmz").port("web:eth0", "dmz").link("r:up", "web:up").zone("all", "segment/dmz").lab
    apply(lab, "segments", "addresses")
    return lab


def test_a_sound_lab_breaks_nothing() -> None:
    """After the passes nothing is reported."""
    assert verify(_lab(), "addresses") == []


_WEB = PortId("port/web/eth0")


def _refile(lab: Lab) -> None:
    lab.nodes[NodeId("node/other")] = lab.nodes.pop(NodeId("node/web"))


def _detach(lab: Lab) -> None:
    lab.ports[_WEB].attachments.clear()


def _attach_to_nothing(lab: Lab) -> None:
    lab.ports[_WEB].attachments.append(Attachment(SegmentId("segment/none")))


def _name_nobody(lab: Lab) -> None:
    next(iter(lab.zones.values())).members = ("node/nobody",)


def _leave_the_prefix(lab: Lab) -> None:
    lab.ports[_WEB].addresses = (Interface.parse("10.9.0.1/24"),)


def _give_twice(lab: Lab) -> None:
    lab.ports[_WEB].addresses = lab.ports[PortId("port/r/lan")].addresses


def _lose_the_mac(lab: Lab) -> None:
    lab.ports[_WEB].mac = None


def _call_alike(lab: Lab) -> None:
    lab.ports[PortId("port/web/up")].interface = "eth0"


def _misname_the_domain(lab: Lab) -> None:
    lab.segments[SegmentId("segment/dmz")].domain = SegmentId("segment/zzz")


def _lose_the_links_segment(lab: Lab) -> None:
    lab.segments[SegmentId("segment/r:up--web:up")].link = None


@pytest.mark.parametrize(
    ("breaking", "said"),
    [
        (_refile, "filed under"),
        (_detach, "lists other ports"),
        (_name_nobody, "names node/nobody"),
        (_leave_the_prefix, "outside its segments"),
        (_give_twice, "another port was given too"),
        (_lose_the_mac, "has no MAC"),
        (_call_alike, "called alike"),
        (_misname_the_domain, "is called segment/zzz"),
        (_lose_the_links_segment, "is not its segment"),
    ],
)
def test_a_breach_is_named(breaking: Callable[[Lab], None], said: str) -> None:
    """The sentence names what is broken."""
    lab = _lab()
    breaking(lab)
    assert any(said in breach for breach in verify(lab, "addresses"))


def test_a_dangling_attachment_is_named_before_anything_follows_it() -> None:
    """The promises of `expand` can be asked for alone, of a lab that no pass could walk."""
    lab = _lab()
    _attach_to_nothing(lab)
    assert verify(lab, "expand") == ["port/web/eth0 is on segment/none, which does not exist"]


def test_a_need_that_is_no_resource_is_named() -> None:
    """The plan's graph is closed."""
    lab = _lab()
    lab.resources = [Resource("node/web", "node", "local", "netns", {}, ["node/gone"], lab.origin)]
    assert verify(lab, "schedule") == ["node/web needs node/gone, which does not exist"]


def test_macs_of_passes_are_unicast_and_local() -> None:
    """The two lowest bits of the first octet are 1 0."""
    for port in _lab().ports.values():
        assert isinstance(port.mac, Mac)
        assert port.mac.value >> 40 & 3 == 2
