"""The blast radius on small labs whose answer everyone can tell. That it leaves nothing out is judged by packets: tests/real/test_radius.py."""

from __future__ import annotations

import sys

import pytest

from labc.compiler.diff.changes import Difference
from labc.compiler.diff.difference import differences
from labc.compiler.diff.forms.text import text
from labc.compiler.style import Style
from tests.unit.compiler.diff.sides import between, by_hand
from tests.unit.runtime import plans

LAB = """\
lab office
import std.linux, std.firewall
segment lan 10.1.0.0/24, fd00:1::/64
segment srv 10.2.0.0/24, fd00:2::/64
node fw: firewall.nftables { port lan on lan at 10.1.0.1, fd00:1::1; port srv on srv at 10.2.0.1, fd00:2::1 }
node pc1: linux.host { port eth0 on lan at 10.1.0.10, fd00:1::10; gateway fw }
node pc2: linux.host { port eth0 on lan at 10.1.0.11, fd00:1::11; gateway fw }
node web: linux.host { port eth0 on srv at 10.2.0.10, fd00:2::10; gateway fw }
node db:  linux.host { port eth0 on srv at 10.2.0.20, fd00:2::20; gateway fw }
zone clients = lan
policy p {
  clients -> web allow tcp/80
  otherwise deny
}
"""
OWN = LAB.replace("port lan on lan", 'config "own.nft.j2"; port lan on lan')
FILTER = "table inet own {{ chain f {{ type filter hook forward priority filter; policy drop;\nct state established,related accept\n{}\n}} }}\n"

Row = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], str, str]


def rows(found: Difference) -> set[Row]:
    return {(each.sources, each.targets, each.services, each.old, each.new) for each in found.radius}


def test_a_service_that_a_policy_opens_is_all_that_is_listed() -> None:
    """By the names of the policy, both families at once."""
    found = between(LAB, LAB.replace("allow tcp/80", "allow tcp/80 tcp/443"))
    assert rows(found) == {(("clients",), ("web",), ("tcp/443",), "denied", "allowed")}
    assert found.radius[0].why == ""


def test_a_plan_alone_calls_its_ends_by_their_nodes() -> None:
    """It has no zones."""
    found = between(LAB, LAB.replace("allow tcp/80", "allow tcp/443"), named=False)
    assert rows(found) == {
        (("pc1", "pc2"), ("web",), ("tcp/443",), "denied", "allowed"),
        (("pc1", "pc2"), ("web",), ("tcp/80",), "allowed", "denied"),
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("node pc2:", "# a remark\nnode pc2:"),
        ("clients -> web allow tcp/80", "clients -> web allow tcp/80 tcp/80"),
        ("gateway fw }\nzone", "gateway fw; serve http }\nzone"),
        ("node db:  linux.host { port eth0 on srv", "node db:  linux.host { port eth0 on srv mac 02:00:00:00:00:77"),
        ("10.1.0.11, fd00:1::11", "10.1.0.12, fd00:1::12"),
        ("port srv on srv", "port other on srv"),
    ],
    ids=[
        "a remark",
        "a rule said twice",
        "a service",
        "a hardware address",
        "another address of the same standing",
        "a port's name",
    ],
)
def test_what_no_packet_can_notice_has_no_radius(old: str, new: str) -> None:
    """Or notices, and fares the same."""
    assert rows(between(LAB, LAB.replace(old, new))) == set()


def test_a_lost_gateway_strands_its_node() -> None:
    """In both directions, since answers need it too."""
    found = rows(between(LAB, LAB.replace("fd00:1::10; gateway fw", "fd00:1::10"), named=False))
    assert (("pc1",), ("web",), ("tcp/80",), "allowed", "unreachable") in found
    assert not any("pc2" in sources and "web" in targets for sources, targets, *_ in found)


def test_nodes_that_come_and_go_bring_their_pairs() -> None:
    """Unreachable where they are not."""
    gone = LAB.replace("node db:  linux.host { port eth0 on srv at 10.2.0.20, fd00:2::20; gateway fw }\n", "")
    assert (("fw", "web"), ("db",), ("any",), "allowed", "unreachable") in rows(between(LAB, gone, named=False))
    assert (("fw", "web"), ("db",), ("any",), "unreachable", "allowed") in rows(between(gone, LAB, named=False))


def test_a_template_of_the_users_is_followed_as_far_as_nft_is_understood() -> None:
    """A leak by source port is told as one."""
    texts = (
        FILTER.format('iifname "lan" tcp dport 80 accept'),
        FILTER.format('iifname "lan" tcp dport 80 accept\nudp sport 53 accept'),
    )
    found = between(OWN, OWN, named=False, files=({"own.nft_j2": texts[0]}, {"own.nft_j2": texts[1]}))
    assert {(each.old, each.new) for each in found.radius} == {("denied", "allowed")}
    assert all("from source port 53" in each.why for each in found.radius)


def test_an_opaque_rule_that_differs_makes_its_pairs_unknown() -> None:
    """With the reason; pairs that do not pass it are not listed."""
    texts = FILTER.format("limit rate 5/second accept"), FILTER.format("limit rate 9/second accept")
    found = between(OWN, OWN, named=False, files=({"own.nft_j2": texts[0]}, {"own.nft_j2": texts[1]}))
    assert {(each.old, each.new) for each in found.radius} == {("unknown", "unknown")}
    assert all("labc cannot see what it does" in each.why for each in found.radius)
    assert not any({"pc1", "pc2"} >= {*each.sources, *each.targets} for each in found.radius)


def test_an_opaque_rule_that_stays_with_all_around_it_is_equal() -> None:
    """What changes elsewhere is followed all the same."""
    text = FILTER.format("limit rate 5/second accept")
    moved = OWN.replace("10.1.0.11, fd00:1::11; gateway fw", "10.1.0.11, fd00:1::11")
    found = between(OWN, moved, named=False, files=({"own.nft_j2": text}, {"own.nft_j2": text}))
    assert found.radius
    assert not any("pc1" in each.sources and "web" in each.targets for each in found.radius)


def test_a_rule_that_may_send_packets_elsewhere_hides_everything_behind_it() -> None:
    """Whatever differs, wherever."""
    text = FILTER.format("meta mark set 7 accept")
    found = between(
        OWN,
        OWN.replace("fd00:2::20; gateway fw", "fd00:2::20"),
        named=False,
        files=({"own.nft_j2": text}, {"own.nft_j2": text}),
    )
    assert any({"pc1"} <= {*each.sources} and "web" in each.targets and each.new == "unknown" for each in found.radius)


def test_a_file_that_differs_is_opaque() -> None:
    """Nobody can say here what reads it."""
    found = differences(
        by_hand(plans.node("a"), plans.file("a", "f", "/etc/f", "x")),
        by_hand(plans.node("a"), plans.file("a", "f", "/etc/f", "y")),
    )
    (reach,) = found.radius
    assert (reach.sources, reach.targets, reach.new, reach.through) == (("any",), ("any",), "unknown", ("node/a",))


def test_a_narrower_way_is_not_shown_to_be_equal() -> None:
    """Big packets may be lost on it."""
    found = between(
        LAB, LAB.replace("segment srv 10.2.0.0/24, fd00:2::/64", "segment srv 10.2.0.0/24, fd00:2::/64 { mtu = 1400 }")
    )
    assert {(each.old, each.new) for each in found.radius} == {("allowed", "unknown")}
    assert "1400 bytes at most instead of 1500" in found.radius[0].why


def test_clients_without_an_address_of_their_own_are_unknown() -> None:
    """A lease decides which rules are theirs."""
    text = LAB.replace("port eth0 on lan at 10.1.0.11, fd00:1::11; gateway fw", "port eth0 on lan at dhcp").replace(
        "node fw: firewall.nftables {",
        "node fw: firewall.nftables { serve dhcp { first = 10.1.0.100; last = 10.1.0.120 };",
    )
    found = between(text, text.replace("allow tcp/80", "allow tcp/443"), named=False)
    assert any("pc2" in each.sources and each.new == "unknown" and "DHCP" in each.why for each in found.radius)


def test_a_translation_is_followed() -> None:
    """One that is taken away takes its outside address with it."""
    text = """\
lab x
import std.linux, std.firewall
segment out 203.0.113.0/28
segment srv 10.2.0.0/24
node fw: firewall.nftables { port out on out at 203.0.113.1; port srv on srv at 10.2.0.1; nat 203.0.113.5 <-> web }
node web: linux.host { port eth0 on srv at 10.2.0.10; gateway fw }
node far: linux.host { port eth0 on out at 203.0.113.9 }
policy p { out -> web allow tcp/80; otherwise deny }
"""
    found = between(text, text.replace("; nat 203.0.113.5 <-> web", ""))
    (reach,) = (each for each in found.radius if "out" in each.sources)
    assert (reach.targets, reach.old, reach.new) == (("web",), "allowed", "unreachable")
    assert reach.why == "sent to 203.0.113.5"


def test_a_lab_too_big_to_follow_says_so_instead_of_leaving_out() -> None:
    """Every pair that may be touched is unknown."""
    routers = [plans.node(f"r{number}", forward=True) for number in range(200)]
    ports = [plans.port(f"r{number}", "p", "s", f"10.0.{number}.1/16") for number in range(200)]
    edited = [plans.port("r7", "p", "s", "10.0.7.2/16") if port.id == "port/r7/p" else port for port in ports]
    found = differences(by_hand(plans.segment("s"), *routers, *ports), by_hand(plans.segment("s"), *routers, *edited))
    (reach,) = found.radius
    assert (reach.sources, reach.targets, reach.through, reach.new) == (("any",), ("any",), ("node/r7",), "unknown")
    assert "too many" in reach.why


def test_a_segment_that_is_spread_over_hosts_stays_one_segment() -> None:
    """Its parts are joined by their tunnels; moving a node is nothing that packets notice."""
    from msgspec.structs import replace

    from labc.compiler.plan.model import Resource

    def lab(host: str) -> list[Resource]:
        tunnels = [Resource(f"tunnel/s@{each}", "tunnel", each, "overlay", {"vni": 1}, ()) for each in ("h1", "h2")]
        segments = [replace(plans.segment(f"s@{each}"), host=each) for each in ("h1", "h2")]
        a = [plans.node("a"), plans.port("a", "p", "s@h1", "10.0.0.1/24")]
        b = [plans.node("b"), plans.port("b", "p", f"s@{host}", "10.0.0.2/24")]
        return [
            *tunnels,
            *segments,
            *(replace(each, host="h1") for each in a),
            *(replace(each, host=host) for each in b),
        ]

    assert differences(by_hand(*lab("h1")), by_hand(*lab("h2"))).radius == ()
    without = [each for each in lab("h2") if not each.id.startswith("tunnel")]
    assert differences(by_hand(*lab("h2")), by_hand(*without)).radius


def test_a_new_node_among_too_many_has_all_its_pairs_in_two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of one for each node that is there."""
    monkeypatch.setattr(sys.modules["labc.compiler.diff.radius.radius"], "PACKETS", 0)
    hosts = "".join(f"node h{n}: linux.host {{ port a on lan; port b on srv }}\n" for n in range(9))
    base = "lab x\nimport std.linux\nsegment lan 10.1.0.0/24\nsegment srv 10.2.0.0/24\n" + hosts
    new = between(base, base + "node new: linux.host { port eth0 on lan }\n")
    assert rows(new) == {
        (("new",), ("any",), ("any",), "unreachable", "unknown"), (("any",), ("new",), ("any",), "unreachable", "unknown")
    }  # fmt: skip
    gone = between(base + "node new: linux.host { port eth0 on lan }\n", base)
    assert (("new",), ("any",), ("any",), "unknown", "unreachable") in rows(gone)


def test_one_cause_is_said_once() -> None:
    """A narrower segment concerns many pairs and services."""
    found = between(LAB, LAB.replace("fd00:2::/64", "fd00:2::/64 { mtu = 1400 }"))
    lines = [line for line in text(found, Style(colour=False)) if "1400 bytes" in line]
    assert len(lines) == 1
    assert lines[0].strip().startswith(f"these {len(found.radius)}: ")
