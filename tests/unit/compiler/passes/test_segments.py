"""The pass `segments`: links get segments, segments join through bridging nodes."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from labc.compiler.ir.lab import Lab, PortId, SegmentId
from labc.compiler.ir.verify import verify
from tests.unit.compiler.building import Building, apply, codes


def _domain(lab: Lab, segment: str) -> str | None:
    return lab.segments[SegmentId(f"segment/{segment}")].domain


def _domains(lab: Lab) -> set[frozenset[str]]:
    """Domains as sets of the names of their segments."""
    found: dict[object, set[str]] = {}
    for segment in lab.segments.values():
        found.setdefault(segment.domain, set()).add(segment.name)
    return {frozenset(names) for names in found.values()}


def test_a_link_becomes_a_segment_with_two_ports() -> None:
    """The segment has the link's name, prefixes and MTU."""
    lab = Building().node("a").node("b").link("a:p", "b:q", "10.0.0.0/31", name="uplink", mtu=9000).lab
    apply(lab, "segments")
    segment = lab.segments[SegmentId("segment/uplink")]
    assert (segment.ports, segment.mtu, segment.direct) == (["port/a/p", "port/b/q"], 9000, True)
    assert segment.prefixes == lab.links[next(iter(lab.links))].prefixes


def test_a_link_that_takes_a_segments_name_is_told() -> None:
    """Both would be called segment/lan."""
    lab = Building().segment("lan").node("a").node("b").link("a:p", "b:q", name="lan").lab
    assert codes(apply(lab, "segments")) == ["E0401"]


def test_a_domain_runs_on_through_a_switch() -> None:
    """Two links to one switch hear each other's broadcasts."""
    lab = Building().switch("sw").node("a").node("b").link("a:p", "sw:1").link("sw:2", "b:p").lab
    apply(lab, "segments")
    assert _domains(lab) == {frozenset({"a:p--sw:1", "sw:2--b:p"})}


def test_a_domain_ends_at_a_router_and_at_a_host() -> None:
    """A host with two ports does not join them, whether it forwards or not."""
    build = Building().segment("one").segment("two").segment("three").router("r").node("h")
    lab = build.port("r:a", "one").port("r:b", "two").port("h:a", "two").port("h:b", "three").lab
    apply(lab, "segments")
    assert len(_domains(lab)) == 3


def test_a_transparent_firewall_joins_two_segments() -> None:
    """A node that bridges is no border, whatever its kind."""
    lab = Building().segment("one").segment("two").node("fw", "firewall.bridge", bridges=True).lab
    build = Building()
    build.lab = lab
    build.port("fw:a", "one").port("fw:b", "two")
    apply(lab, "segments")
    assert _domain(lab, "two") == "segment/one"


def test_vlans_of_one_switch_stay_apart() -> None:
    """A switch joins what has one VLAN, not what has one chassis."""
    build = Building().segment("red", vlan=10).segment("blue", vlan=20).switch("sw").switch("far")
    build.port("sw:trunk", "red=10 blue=20").port("far:trunk", "red=10 blue=20")
    lab = build.link("sw:trunk", "far:trunk").lab
    apply(lab, "segments")
    assert _domain(lab, "red") != _domain(lab, "blue")


def test_untagged_here_and_tagged_there_is_one_vlan() -> None:
    """A segment that declares its VLAN is the same one on access ports and on trunks of a switch."""
    build = Building().segment("red", vlan=10).segment("also-red", vlan=10).switch("sw")
    lab = build.port("sw:1", "red").port("sw:2", "also-red=10").lab
    apply(lab, "segments")
    assert _domain(lab, "red") == _domain(lab, "also-red")


def test_an_access_port_puts_its_cable_into_the_vlan() -> None:
    """The host at the far end of a cable to `untagged red` is in red, and not in blue."""
    build = Building().segment("red", vlan=10).segment("blue", vlan=20).switch("sw").node("pc")
    lab = build.port("sw:1", "red").port("sw:2", "blue").link("sw:1", "pc:eth0").lab
    apply(lab, "segments")
    assert _domain(lab, "sw:1--pc:eth0") == _domain(lab, "red")
    assert _domain(lab, "sw:1--pc:eth0") != _domain(lab, "blue")


def test_sub_interfaces_of_one_tag_meet_over_a_cable() -> None:
    """Both ends' VLAN 10 is one segment, apart from the cable's own frames and from VLAN 20."""
    build = Building().node("a").node("b").link("a:p", "b:q")
    for node, port in (("a", "p"), ("b", "q")):
        for tag in (10, 20):
            over = (PortId(f"port/{node}/{port}"),)
            build.port(f"{node}:{port}.{tag}", form="subinterface", over=over, vlan=tag)
    apply(build.lab, "segments")
    assert _domains(build.lab) == {frozenset({"a:p--b:q"}), frozenset({"a:p--b:q#10"}), frozenset({"a:p--b:q#20"})}


def test_tags_pass_a_switch_that_knows_no_vlans() -> None:
    """Sub-interfaces at two sides of a plain switch meet."""
    build = Building().switch("sw").node("a").node("b").link("a:p", "sw:1").link("sw:2", "b:p")
    for node in "ab":
        build.port(f"{node}:p.10", form="subinterface", over=(PortId(f"port/{node}/p"),), vlan=10)
    apply(build.lab, "segments")
    assert frozenset({"a:p--sw:1#10", "sw:2--b:p#10"}) in _domains(build.lab)


def test_a_tag_on_a_cable_to_a_trunk_is_the_trunks_segment() -> None:
    """A router on a stick: its sub-interface 10 is in red, which the switch carries tagged 10."""
    build = Building().segment("red", vlan=10).switch("sw").router("r").port("sw:trunk", "red=10")
    build.link("r:p", "sw:trunk").port("r:p.10", form="subinterface", over=(PortId("port/r/p"),), vlan=10)
    apply(build.lab, "segments")
    assert _domain(build.lab, "r:p--sw:trunk#10") == _domain(build.lab, "red")
    assert _domain(build.lab, "r:p--sw:trunk") != _domain(build.lab, "red")


def test_the_cables_of_a_bond_are_one_wire() -> None:
    """Both links are one domain, on which the bond stands."""
    build = Building().node("a").node("b").link("a:p", "b:p").link("a:q", "b:q")
    for node in "ab":
        build.port(f"{node}:bond", form="bond", over=(PortId(f"port/{node}/p"), PortId(f"port/{node}/q")))
    apply(build.lab, "segments")
    assert _domains(build.lab) == {frozenset({"a:p--b:p", "a:q--b:q"})}
    assert [a.segment for a in build.lab.ports[PortId("port/a/bond")].attachments] == ["segment/a:p--b:p"]


def test_logical_ports_in_a_circle_end_the_pass_all_the_same() -> None:
    """What stands on itself gets no segment; `check` tells why."""
    build = Building().node("a").port("a:x", form="bond", over=(PortId("port/a/y"),))
    build.port("a:y", form="bond", over=(PortId("port/a/x"),))
    apply(build.lab, "segments")
    assert not build.lab.ports[PortId("port/a/x")].attachments


def test_a_probe_beside_a_node_has_a_bridge_to_stand_on() -> None:
    """A link to a node that is probed from beside is not direct."""
    lab = Building().node("a", probe="beside").node("b").link("a:p", "b:q").lab
    apply(lab, "segments")
    assert not lab.segments[SegmentId("segment/a:p--b:q")].direct


# --- Against brute force -----------------------------------------------------------------------------------

_NODES = "abcdef"
_CABLES = st.lists(
    st.tuples(st.sampled_from(_NODES), st.sampled_from(_NODES)).filter(lambda c: c[0] != c[1]), max_size=9
)


def _wired(cables: Iterable[tuple[int, tuple[str, str]]], switches: frozenset[str]) -> Lab:
    build = Building()
    for name in _NODES:
        build.node(name, bridges=name in switches)
    for number, (one, other) in cables:
        build.link(f"{one}:p{number}", f"{other}:p{number}", name=f"l{number}")
    return build.lab


def _by_flooding(cables: list[tuple[str, str]], switches: frozenset[str]) -> set[frozenset[str]]:
    """Sends a frame into each cable and follows it through the switches."""
    heard = set()
    for start in range(len(cables)):
        reached, frontier = {start}, [start]
        while frontier:
            for node in set(cables[frontier.pop()]) & switches:
                onward = {i for i, cable in enumerate(cables) if node in cable} - reached
                reached |= onward
                frontier += onward
        heard.add(frozenset(f"l{i}" for i in reached))
    return heard


@given(_CABLES, st.frozensets(st.sampled_from(_NODES)))
def test_domains_are_what_a_flooded_frame_reaches(cables: list[tuple[str, str]], switches: frozenset[str]) -> None:
    """Judged by following a broadcast cable by cable; and the order of declaration is irrelevant."""
    numbered = list(enumerate(cables))
    lab, shuffled = _wired(numbered, switches), _wired(reversed(numbered), switches)
    apply(lab, "segments")
    apply(shuffled, "segments")
    assert _domains(lab) == _by_flooding(cables, switches)
    assert {s.id: s.domain for s in lab.segments.values()} == {s.id: s.domain for s in shuffled.segments.values()}
    assert verify(lab, "segments") == []
