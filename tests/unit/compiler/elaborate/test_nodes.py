"""Nodes and their bodies: ports, routes, translation, services, configurations, demands."""

from __future__ import annotations

import pytest

from labc.compiler.addresses import Address, Interface, Mac, Prefix
from labc.compiler.ir.lab import Affinity, Attachment, SegmentId
from labc.compiler.quantities import Quantity, Service

from .conftest import Elaborating

TWO = "segment red 10.0.0.0/24 { vlan = 10 }\nsegment blue 10.1.0.0/24 { vlan = 20 }\n"


def test_a_port_says_where_it_stands_and_what_it_is(elaborated: Elaborating) -> None:
    """Segment, addresses of both families, MAC, MTU, rate, former name."""
    text = "node n { port eth0 was old on red at 10.0.0.1, 2001:db8::1/64 mac 02:00:00:00:00:01 { mtu = 1400; rate = 10Mbps } }"
    port = elaborated.sound(TWO + text).ports["port/n/eth0"]
    assert port.attachments == [Attachment(SegmentId("segment/red"))]
    assert port.wanted == (Address.parse("10.0.0.1"), Interface.parse("2001:db8::1/64"))
    assert (port.mac, port.mtu, port.rate) == (Mac.parse("02:00:00:00:00:01"), 1400, Quantity("rate", 10_000_000))
    assert (port.was, port.dhcp, port.form, port.node) == ("old", False, "port", "node/n")


def test_a_port_is_tagged_with_the_segments_vlan(elaborated: Elaborating) -> None:
    """`tagged` takes the tag from the segment; `untagged` and `on` have none."""
    port = elaborated.sound(TWO + "node n { port t tagged red, blue untagged blue }").ports["port/n/t"]
    assert [attachment.tag for attachment in port.attachments] == [10, 20, None]


def test_logical_ports_stand_on_ports(elaborated: Elaborating) -> None:
    """Sub-interface, bond, SVI and loopback, also before the ports under them."""
    lab = elaborated.sound(
        TWO
        + "node n { port b0.10 over b0 vlan 10 on red; bond b0 over p, q; port p; port q; svi v on blue; loopback lo at 10.9.0.1/32 }"
    )
    forms = {port.name: (port.form, port.over, port.vlan) for port in lab.ports.values()}
    assert forms["b0.10"] == ("subinterface", ("port/n/b0",), 10)
    assert forms["b0"] == ("bond", ("port/n/p", "port/n/q"), None)
    assert forms["v"][0] == "svi"
    assert forms["lo"][0] == "loopback"


def test_a_port_can_be_leased(elaborated: Elaborating) -> None:
    """`at dhcp` states no address."""
    port = elaborated.sound(TWO + "node n { port e on red at dhcp }").ports["port/n/e"]
    assert port.dhcp
    assert port.wanted == ()


def test_routes_and_gateways_keep_what_was_said(elaborated: Elaborating) -> None:
    """Next hops are nodes or addresses; several gateways are several routes; a black hole has none."""
    text = """node a { port e on red }
    node n { port e on red; gateway a; gateway 10.0.0.9, 10.0.0.8; route 10.5.0.0/16 via a metric 7; route 10.6.0.0/16 blackhole }"""
    routes = elaborated.sound(TWO + text).nodes["node/n"].routes
    said = [(route.prefix, route.via_node, route.via, route.metric, route.blackhole) for route in routes]
    assert said == [
        (None, "node/a", (), 0, False),
        (None, None, (Address.parse("10.0.0.9"), Address.parse("10.0.0.8")), 0, False),
        (Prefix.parse("10.5.0.0/16"), "node/a", (), 7, False),
        (Prefix.parse("10.6.0.0/16"), None, (), 0, True),
    ]


def test_translation_names_inside_and_outside(elaborated: Elaborating) -> None:
    """`nat` to a node or an address, `napt` from segments, nodes and prefixes."""
    text = "node w { port e on red }\nnode n { nat 203.0.113.5 <-> w; nat 203.0.113.7 <-> 10.0.0.7; napt red, w, 10.9.0.0/16 to 203.0.113.6 }"
    node = elaborated.sound(TWO + text).nodes["node/n"]
    assert [(rule.inside_node, rule.inside) for rule in node.nat] == [
        ("node/w", None),
        (None, Address.parse("10.0.0.7")),
    ]
    assert node.napt[0].source_ids == ("segment/red", "node/w", "10.9.0.0/16")


def test_a_service_has_all_its_fields(elaborated: Elaborating) -> None:
    """Defaults of the library are written out, places can be changed."""
    lab = elaborated.sound('node n { serve http on tcp/8080 { page = "hello" }; serve dns }')
    http, dns = lab.nodes["node/n"].services
    assert (http.name, http.listens, http.fields) == ("http", (Service("tcp", 8080, 8080),), {"page": "hello"})
    assert [str(place) for place in dns.listens] == ["udp/53", "tcp/53"]
    assert dns.fields == {"records": {}}


def test_every_service_of_the_library_can_be_served(elaborated: Elaborating) -> None:
    """All eight, without an import."""
    names = ["http", "https", "dns", "dhcp", "ntp", "ssh", "telnet", "echo"]
    lab = elaborated.sound("node n { " + "; ".join(f"serve {name}" for name in names) + " }")
    assert [serving.name for serving in lab.nodes["node/n"].services] == names


def test_templates_are_read_beside_the_file_that_says_them(elaborated: Elaborating) -> None:
    """Rule sets are loaded, others are files at their path."""
    files = {"t/edge.nft.j2": "table {}", "frr.conf.j2": "router"}
    text = 'node n { config "t/edge.nft.j2"; config "frr.conf.j2" to "/etc/frr/frr.conf" }'
    nft, frr = elaborated.sound(text, files=files).nodes["node/n"].configs
    assert (nft.name, nft.loader, nft.template, nft.source) == ("edge.nft", "nft", "t/edge.nft.j2", "table {}")
    assert (frr.name, frr.loader, frr.path, frr.source) == ("etc/frr/frr.conf", "file", "/etc/frr/frr.conf", "router")


def test_demands_and_preferences(elaborated: Elaborating) -> None:
    """A bare key is `true`; weights make them soft."""
    demands = (
        elaborated.sound("node n { needs cpu = 2, isdn >= 1, kvm; prefers ssd weight 10 }").nodes["node/n"].demands
    )
    assert [(d.key, d.operator, d.value, d.weight) for d in demands] == [
        ("cpu", "==", 2, None),
        ("isdn", ">=", 1, None),
        ("kvm", "==", True, None),
        ("ssd", "==", True, 10),
    ]


def test_affinities_of_nodes_and_of_files(elaborated: Elaborating) -> None:
    """In a node the node itself is meant; groups are their members; `on` names a host."""
    lab = elaborated.sound("node a { together b; on local }\nnode b\nnode c\ngroup g = b, c\napart a, g\n")
    said = {(wish.form, wish.members) for wish in lab.affinities}
    assert said == {
        ("together", ("node/a", "node/b")),
        ("on", ("node/a", "local")),
        ("apart", ("node/a", "node/b", "node/c")),
    }
    assert all(isinstance(wish, Affinity) for wish in lab.affinities)


MISTAKES = {
    "node n { port e on rde }": ("E0301", "rde"),
    "node n { port e on n }": ("E0303", "n"),
    "node n { port e on red at 5 }": ("E0303", "5"),
    "node n { port e on red at red }": ("E0303", "red"),
    "node n { port e on red; port e on blue }": ("E0302", "e"),
    "node n { port e on red { mtu = 10 } }": ("E0304", "10"),
    "node n { port e on red { mtu = 1ms } }": ("E0303", "1ms"),
    "node n { port e on red { mto = 1400 } }": ("E0310", "mto"),
    "node n { port e over nope }": ("E0326", "nope"),
    "node n { port e mac 5 }": ("E0303", "5"),
    "node n { port e mac 01:00:00:00:00:01 }": ("E0304", "01:00:00:00:00:01"),
    "node n { port e over e vlan true }": ("E0303", "true"),
    "node n { gateway m }": ("E0301", "m"),
    "node n { gateway red }": ("E0303", "red"),
    "node n { gateway 5 }": ("E0303", "5"),
    "node n { route 10.0.0.1/8 via 10.0.0.1 }": ("E0305", "10.0.0.1/8"),
    "node n { route 10.0.0.0/8 via 10.0.0.1 metric -1 }": ("E0304", "-1"),
    "node n { nat 203.0.113.0/24 <-> n }": ("E0303", "203.0.113.0/24"),
    "node n { napt nope to 203.0.113.6 }": ("E0301", "nope"),
    "node n { serve htpp }": ("E0314", "htpp"),
    "node n { serve http on 80 }": ("E0303", "80"),
    "node n { serve http; serve http }": ("E0302", "http"),
    'node n { serve http { pgae = "x" } }': ("E0310", "pgae"),
    "node n { serve http { page = 3 } }": ("E0303", "3"),
    'node n { config "nope.j2" }': ("E0206", '"nope.j2"'),
    "node n { config 3 }": ("E0303", "3"),
    "node n { prefers ssd weight 0 }": ("E0304", "0"),
    "node n { on h9 }": ("E0301", "h9"),
    "node n { together nope }": ("E0301", "nope"),
    "node n: nope": ("E0308", "nope"),
    "node n: linux.host": ("E0308", "linux.host"),
    "node n { frward = true }": ("E0310", "frward"),
    "node n { forward = 1 }": ("E0303", "1"),
    'node n { probe = "above" }': ("E0304", '"above"'),
    "node n { forward = true; forward = true }": ("E0302", "forward"),
    "node n\nnode n": ("E0302", "n"),
    'node "a b"': ("E0320", '"a b"'),
    'node "-a"': ("E0320", '"-a"'),
    'node n { port "a b" }': ("E0320", '"a b"'),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_in_a_node(elaborated: Elaborating, text: str) -> None:
    """One mistake, one diagnostic, at what is wrong."""
    assert elaborated(TWO + text + "\n").spans == [MISTAKES[text]]


def test_an_unknown_kind_spares_what_depends_on_it(elaborated: Elaborating) -> None:
    """Fields of a kind that nobody knows are not judged, and the node is there for others."""
    text = "node n: nope { size = 3; port e on red }\nnode m { port e on red; gateway n }\n"
    assert elaborated(TWO + text).codes == ["E0308"]


def test_the_label_of_a_duplicate_lies_at_the_first(elaborated: Elaborating) -> None:
    """Both places are shown."""
    found = elaborated("node web\nnode web\n").only
    assert [(label.span.start, label.message) for label in found.labels] == [
        (len("lab sample\nnode "), "first declared here")
    ]


def test_did_you_mean(elaborated: Elaborating) -> None:
    """Names that are close are offered."""
    assert elaborated("segment inside 10.0.0.0/24\nnode n { port e on insde }\n").only.help == "did you mean `inside`?"
    assert "import std.linux" in elaborated("node n: linux.host\n").only.help
