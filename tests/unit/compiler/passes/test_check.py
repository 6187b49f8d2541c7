"""The pass `check`, on labs written in the language: what it finds, and what it leaves alone.

That every code is found by the lab of its own table entry is a test of the codes; here stand the finer points.
"""

from __future__ import annotations

from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

import labc
from labc.compiler.addresses import Prefix
from labc.compiler.codes import Code
from labc.compiler.diagnostics import Diagnostic
from labc.compiler.ir.lab import PortId
from tests.unit.compiler.building import Building, apply, codes

_MINE: list[Code] = [
    code for area in ("design", "addresses", "policies") for code in import_module(f"labc.compiler.codes.{area}").CODES
]

_OFFICE = """lab office
import std.linux
segment lan 10.0.0.0/24
segment far 10.1.0.0/24
node r: linux.router { port a on lan at 10.0.0.1; port b on far at 10.1.0.1 }
"""


def _found(text: str) -> list[Diagnostic]:
    return list(labc.compile({"lab.net": text.encode()}).diagnostics)


def _codes(text: str) -> list[str]:
    return sorted(diagnostic.code for diagnostic in _found(text))


@pytest.mark.parametrize("code", [code for code in _MINE if code.example], ids=lambda code: code.code)
def test_the_lab_of_a_code_triggers_that_code_and_no_other(code: Code) -> None:
    """And the diagnostic says where, why or what to do."""
    found = _found(code.example)
    assert {diagnostic.code for diagnostic in found} == {code.code}
    for diagnostic in found:
        assert diagnostic.span is not None
        assert diagnostic.origin is not None
        assert diagnostic.label
        assert diagnostic.reason or diagnostic.help or diagnostic.labels


# --- Spans -------------------------------------------------------------------------------------------------


def test_the_address_itself_is_underlined() -> None:
    """Not the port's statement, nor a longer address that begins alike."""
    (found,) = _found(_OFFICE + "node pc: linux.host { port eth0 on lan at 10.0.0.10, 10.0.0.1 }\n")
    assert found.span is not None
    assert found.span.shown == "10.0.0.1"
    assert found.span.source.data[: found.span.start].endswith(b"10.0.0.10, ")
    assert [label.span.shown for label in found.labels] == ["10.0.0.1"]


def test_a_mistake_in_a_loop_shows_the_loop() -> None:
    """The origin leads from the port to the turn of the loop."""
    found = _found(_OFFICE + "for i in 1..2 { node pc[i]: linux.host { port eth0 on lan at 10.0.0.9 } }\n")
    assert [diagnostic.code for diagnostic in found] == ["E0506"]
    assert found[0].origin is not None
    assert any("i = " in step.note for step in found[0].origin.chain())


def test_what_follows_from_an_earlier_mistake_is_not_said_again() -> None:
    """A port on a segment that does not exist is one mistake, though its node now has no way to its gateway."""
    assert len(_found(_OFFICE + "node pc: linux.host { port eth0 on lam; gateway r }\n")) == 1


def test_mistakes_of_meaning_and_of_design_come_out_together() -> None:
    """One run tells both."""
    text = _OFFICE + "node pc: linux.host { port eth0 on lam }\nnode b: linux.host { port eth0 on lan at 10.0.0.255 }\n"
    assert "E0505" in _codes(text)
    assert len(_codes(text)) == 2


# --- What is right is left alone ---------------------------------------------------------------------------


def test_networks_behind_translation_may_share_a_prefix() -> None:
    """Two customers with 10.0.0.0/24, each behind a router that translates."""
    text = """lab customers
import std.linux
segment wan 192.0.2.0/24
for i in 1..2 {
  segment lan[i] 10.0.0.0/24
  node r[i]: linux.router { port in on lan[i] at 10.0.0.1; port out on wan; napt lan[i] to 192.0.2.{i} }
}
""".replace("192.0.2.{i}", "192.0.2.0/24 host (100 + i)")
    assert _codes(text) == []


def test_networks_that_share_a_prefix_and_a_router_are_told() -> None:
    """The same without translation."""
    text = "lab l\nimport std.linux\nsegment a 10.0.0.0/24\nsegment b 10.0.0.0/24\nsegment c 10.9.0.0/24\n"
    text += "node r: linux.router { port p on a; port q on c }\nnode s: linux.router { port p on b; port q on c }\n"
    assert _codes(text) == ["E0510"]


def test_networks_without_a_way_between_them_may_share_a_prefix() -> None:
    """Nothing forwards from one to the other."""
    text = "lab l\nimport std.linux\nsegment a 10.0.0.0/24\nsegment b 10.0.0.0/24\n"
    assert _codes(text + "node x: linux.host { port p on a }\nnode y: linux.host { port p on b }\n") == []


def test_one_host_in_two_networks_of_one_prefix_is_told() -> None:
    """It need not forward to be confused."""
    text = "lab l\nimport std.linux\nsegment a 10.0.0.0/24\nsegment b 10.0.0.0/24\n"
    assert _codes(text + "node x: linux.host { port p on a at 10.0.0.1; port q on b at 10.0.0.2 }\n") == ["E0510"]


def test_a_route_to_translated_addresses_resolves() -> None:
    """The next hop has no port in the prefix, but translates addresses of it."""
    text = _OFFICE + "node isp: linux.router { port p on far; route 192.0.2.0/30 via fw }\n"
    text += "node fw: linux.router { port p on far; port q on lan; nat 192.0.2.1 <-> r }\n"
    assert _codes(text) == []


def test_a_daemon_may_know_the_way() -> None:
    """A router with a configuration of its own is not told that its routes lead nowhere."""
    text = _OFFICE + "node pc: linux.host { port p on lan; route 192.0.2.0/24 via q }\n"
    text += 'node q: linux.router { port p on lan; config "bird.conf.j2" to "/etc/bird.conf" }\n'
    found = labc.compile({"lab.net": text.encode(), "bird.conf.j2": b"router id 1;\n"})
    assert [diagnostic.code for diagnostic in found.diagnostics if diagnostic.code.startswith("E04")] == []


def test_tcp_and_udp_of_one_port_are_two_listeners() -> None:
    """dns listens on both."""
    assert _codes(_OFFICE + "node d: linux.host { port p on lan; serve dns }\n") == []


def test_dhcp_is_heard_through_a_switch() -> None:
    """The server is on another segment of the same broadcast domain."""
    text = _OFFICE + "node sw: linux.switch { port up on lan }\nnode pc: linux.host { port eth0 at dhcp }\n"
    text += "link pc:eth0 -- sw:p1\nnode d: linux.host { port p on lan; serve dhcp }\n"
    assert _codes(text) == []


def test_a_leased_ports_gateway_is_the_servers_to_tell() -> None:
    """No route can be made over a port without an address; who states one is told where it belongs."""

    def text(told: str, route: str) -> str:
        server = f"node d: linux.host {{ port p on lan; serve dhcp {told} }}\n"
        return _OFFICE + server + f"node pc: linux.host {{ port e on lan at dhcp; {route} }}\n"

    for told, route, said in (
        ("", "gateway r", "let the DHCP server of d tell it instead: `serve dhcp { gateway = r }`"),
        ("{ gateway = r }", "gateway r", "leave it out"),
        ("{ gateway = r }", "gateway 10.0.0.77", "leave it out"),
        ("{ gateway = r }", "route 192.0.2.0/24 via r", "an address of its own"),
    ):
        (found,) = labc.compile({"lab.net": text(told, route).encode()}).diagnostics
        assert (found.code, said in (found.help or "")) == ("E0425", True), found
    assert _codes(text("{ gateway = r }", "")) == []
    assert _codes(text("{ gateway = r }", "port f on far; gateway 10.1.0.1")) == []


def test_the_same_mac_in_two_domains_is_right() -> None:
    """Routers use that on purpose."""
    text = _OFFICE + "node x: linux.host { port p on lan mac 02:00:00:00:00:01; port q on far mac 02:00:00:00:00:01 }\n"
    assert _codes(text) == []


def test_an_mtu_is_compared_through_a_switch() -> None:
    """Segments that a switch joins are one broadcast domain."""
    text = "lab l\nimport std.linux\nsegment a 10.0.0.0/24 { mtu = 9000 }\nsegment b { mtu = 1500 }\n"
    assert _codes(text + "node sw: linux.switch { port p on a; port q on b }\n") == ["E0409"]


# --- Policies and tests ------------------------------------------------------------------------------------


def test_a_rule_that_is_decided_in_part_is_right() -> None:
    """An exception before the general rule."""
    text = _OFFICE + "policy p {\n  far -> lan deny tcp/22\n  far -> lan allow any\n  otherwise deny\n}\n"
    assert not {"E0621", "W0622"} & set(_codes(text))


def test_a_rule_is_covered_by_several_services() -> None:
    """tcp/1..100 covers both, whatever their order."""
    text = _OFFICE + "policy p {\n  far -> lan allow tcp/1..100\n  10.1.0.0/25 -> lan deny tcp/22 tcp/80\n}\n"
    assert "E0621" not in _codes(text)  # the prefix may hold addresses that the segment's stations do not have
    wider = _OFFICE + "policy p {\n  10.1.0.0/16 -> lan allow tcp/1..100\n  10.1.0.0/25 -> lan deny tcp/22 tcp/80\n}\n"
    assert "E0621" in _codes(wider)


def test_a_background_flow_is_looked_at_by_its_label() -> None:
    """The check on `a` leaves `b` without one."""
    text = _OFFICE + 'test "t" {\n  ping r -> 10.1.0.1 as a\n  ping r -> 10.0.0.1 as b\n  expect loss of a < 1%\n}\n'
    assert [d.code for d in _found(text) if d.code == "W0628"] == ["W0628"]


# --- Overlaps, against brute force ------------------------------------------------------------------------

_PREFIXES = st.builds(
    lambda length, bits: Prefix(4, (10 << 24) | (bits << (32 - length) & 0xFFFFFF), length),
    st.integers(9, 28),
    st.integers(0, 7),
)


@given(st.lists(_PREFIXES, min_size=2, max_size=8))
def test_overlaps_are_found_as_by_comparing_all_pairs(prefixes: list[Prefix]) -> None:
    """Every segment that overlaps another one is part of what is told, and none else."""
    build = Building().router("r")
    for number, prefix in enumerate(prefixes):
        build.segment(f"s{number}", str(prefix)).port(f"r:p{number}", f"s{number}", dhcp=True)
    told = apply(build.lab, "segments", "addresses", "check")
    overlaps = any(one.overlaps(other) for i, one in enumerate(prefixes) for other in prefixes[:i])
    assert ("E0510" in codes(told)) == overlaps
    inner = {
        number
        for number, prefix in enumerate(prefixes)
        if any(other.holds(prefix) for at, other in enumerate(prefixes) if at != number)
    }
    marked = {d.summary for d in told if d.code == "E0510"}
    assert len(marked) <= len(inner)


def test_a_deep_stack_of_ports_is_walked_without_recursion() -> None:
    """Five thousand sub-interfaces on each other are a strange lab, not a traceback."""
    build = Building().segment("lan", "10.0.0.0/24").node("a").port("a:p0", "lan")
    for depth in range(1, 5000):
        over = (PortId(f"port/a/p{depth - 1}"),)
        build.port(f"a:p{depth}", form="subinterface", over=over, vlan=depth % 4094 + 1)
    assert codes(apply(build.lab, "segments", "addresses", "check")) == []


def test_a_test_with_a_broken_step_is_not_told_that_it_checks_nothing() -> None:
    """Its `expect` is there; the mistake in it was told."""
    text = _OFFICE + 'test "t" {\n  ping r -> 10.1.0.1 as beat\n  expect loss of heart < 1%\n}\n'
    assert [diagnostic.severity for diagnostic in _found(text)] == ["error"]


def test_a_mistake_of_a_thousand_turns_is_told_once() -> None:
    """With the number of the others."""
    (found,) = _found(_OFFICE + "for i in 1..1000 { node pc[i]: linux.host { port eth0 } }\n")
    assert found.code == "W0421"
    assert "999 more" in found.reason


def test_a_link_local_next_hop_needs_no_prefix() -> None:
    """It is a neighbour by nature, as long as somebody there has the address."""
    text = "lab l\nimport std.linux\nsegment lan 2001:db8::/64\n"
    text += "node r: linux.router { port p on lan at 2001:db8::1, fe80::1 }\n"
    assert _codes(text + "node pc: linux.host { port p on lan; gateway fe80::1 }\n") == []
    assert _codes(text + "node pc: linux.host { port p on lan; gateway fe80::2 }\n") == ["W0415"]


def test_a_second_address_may_stand_alone() -> None:
    """10.0.0.9/32 beside the segment's /24."""
    assert _codes(_OFFICE + "node v: linux.host { port p on lan at 10.0.0.8, 10.0.0.9/32 }\n") == []


# --- Between two statements --------------------------------------------------------------------------------


def test_an_outside_address_that_a_neighbour_has_is_a_duplicate() -> None:
    """The translating node answers for it, and so does the neighbour; for `nat` and for `napt`."""
    neighbour = (
        "node z: linux.host { port eth0 on far at 10.1.0.9 }\nnode pc: linux.host { port eth0 on lan; gateway r }\n"
    )
    for translation in ("nat 10.1.0.9 <-> pc", "napt lan to 10.1.0.9"):
        (found,) = _found(_OFFICE.replace("10.1.0.1 }", "10.1.0.1; " + translation + " }") + neighbour)
        assert found.code == "E0506"
        assert found.span is not None
        assert found.span.shown == "10.1.0.9"


def test_a_segment_too_small_for_ipv6_is_said_once() -> None:
    """Linux takes IPv6 away from a port below 1280 bytes; IPv4 alone may have less."""
    ports = "node a: linux.host { port e on s }\nnode b: linux.host { port e on s }\n"
    (found,) = _found("lab x\nimport std.linux\nsegment s 2001:db8::/64 { mtu = 1000 }\n" + ports)
    assert found.code == "E0410"
    assert found.span is not None
    assert found.span.shown == "1000"
    assert not _found("lab x\nimport std.linux\nsegment s 10.0.0.0/24 { mtu = 1000 }\n" + ports)


def test_dhcp_tells_of_name_servers_in_ipv4_only() -> None:
    """Its option has four bytes for each."""
    (said,) = _found(
        _OFFICE + "node a: linux.host { port eth0 on lan; serve dhcp { dns = [10.0.0.1, 2001:db8::53] } }\n"
    )
    assert (said.code, "2001:db8::53" in said.summary) == ("E0515", True)


_RING = """lab ring
import std.linux
segment lan 10.0.0.0/24
"""


def test_default_routes_in_a_circle_are_told_once() -> None:
    """With who sends it on; hosts behind the circle say nothing of their own."""
    text = _RING + "".join(
        f"node {name}: linux.router {{ port e on lan; gateway {to} }}\n" for name, to in ("ab", "bc", "ca")
    )
    text += "node pc: linux.host { port e on lan; gateway a }\n"
    assert _codes(text) == ["W0424"]


@pytest.mark.parametrize("last", ["", "gateway pc", "route 0.0.0.0/0 via 10.0.0.77", "route 0.0.0.0/0 blackhole"])
def test_default_routes_that_end_are_no_circle(last: str) -> None:
    """Where a router has none, or one that leads elsewhere."""
    text = (
        _RING
        + f"node a: linux.router {{ port e on lan; gateway b }}\nnode b: linux.router {{ port e on lan; {last} }}\n"
    )
    assert "W0424" not in _codes(text + "node pc: linux.router { port e on lan }\n")
