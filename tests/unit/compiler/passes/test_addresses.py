"""The pass `addresses`: what is chosen, and that edits do not move it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from labc.compiler.addresses import Address, Prefix
from labc.compiler.ir.lab import Lab, NodeId, Pool, PortId
from labc.compiler.ir.verify import verify
from tests.unit.compiler.building import Building, apply, codes


def _addresses(lab: Lab) -> dict[str, tuple[str, ...]]:
    return {port.id: tuple(map(str, port.addresses)) for port in lab.ports.values()}


def _of(lab: Lab, port: str) -> list[str]:
    return [str(interface) for interface in lab.ports[PortId(f"port/{port}")].addresses]


def _clients(count: int, prefix: str = "10.0.0.0/24") -> Building:
    build = Building().segment("lan", prefix)
    for number in range(1, count + 1):
        build.node(f"pc{number}").port(f"pc{number}:eth0", "lan")
    return build


def _resolved(build: Building) -> Lab:
    assert codes(apply(build.lab, "segments", "addresses")) == []
    assert verify(build.lab, "addresses") == []
    return build.lab


# --- Stated addresses --------------------------------------------------------------------------------------


def test_an_address_takes_its_length_from_the_segment() -> None:
    """Of both families, in the order stated."""
    build = Building().segment("dmz", "10.0.0.0/24", "2001:db8::/64").node("web")
    lab = _resolved(build.port("web:eth0", "dmz", "2001:db8::5", "10.0.0.5"))
    assert _of(lab, "web/eth0") == ["2001:db8::5/64", "10.0.0.5/24"]


def test_a_stated_address_is_given_to_nobody_else() -> None:
    """Fourteen ports fill a /28 around whatever the lab states, NAT's outside addresses included."""
    build = (
        _clients(12, "10.0.0.0/28").router("r").port("r:lan", "lan", "10.0.0.9").napt("r", "segment/lan", "10.0.0.4")
    )
    lab = _resolved(build)
    given = {text for port, texts in _addresses(lab).items() for text in texts}
    assert len(given) == 13
    assert "10.0.0.4/28" not in given


def test_a_full_prefix_is_told() -> None:
    """Two addresses, three ports: the third is told, the first two have theirs."""
    build = _clients(3, "10.0.0.0/30")
    assert codes(apply(build.lab, "segments", "addresses")) == ["E0503"]
    assert sum(bool(port.addresses) for port in build.lab.ports.values()) == 2


def test_a_port_that_asks_dhcp_is_given_nothing() -> None:
    """Its address comes while the lab runs."""
    lab = _resolved(Building().segment("lan", "10.0.0.0/24").node("pc").port("pc:eth0", "lan", dhcp=True))
    assert _of(lab, "pc/eth0") == []


def test_ports_of_a_switch_have_no_addresses_but_its_svi_does() -> None:
    """A bridge has no address of its own."""
    build = (
        Building().segment("lan", "10.0.0.0/24").switch("sw").port("sw:1", "lan").port("sw:vlan1", "lan", form="svi")
    )
    lab = _resolved(build)
    assert (_of(lab, "sw/1"), len(_of(lab, "sw/vlan1"))) == ([], 1)


# --- Links -------------------------------------------------------------------------------------------------


def test_a_link_draws_a_prefix_of_two_addresses() -> None:
    """A /31 from 100.64.0.0/10, one address for each end, the lesser id first."""
    lab = _resolved(Building().router("a").router("b").link("b:q", "a:p"))
    (low,), (high,) = lab.ports[PortId("port/a/p")].addresses, lab.ports[PortId("port/b/q")].addresses
    assert low.prefix == high.prefix
    assert Prefix.parse("100.64.0.0/10").holds(low.address)
    assert (low.length, high.address.value - low.address.value) == (31, 1)


def test_links_speak_ipv6_when_the_lab_does() -> None:
    """A /127 beside the /31, as soon as anything in the lab states an IPv6 address."""
    build = Building().segment("lan", "2001:db8::/64").router("a").router("b").link("a:p", "b:q")
    lab = _resolved(build)
    assert [interface.length for interface in lab.ports[PortId("port/a/p")].addresses] == [31, 127]


def test_hosts_behind_a_switch_share_a_prefix() -> None:
    """Links to one switch are one domain, which draws one prefix."""
    lab = _resolved(Building().switch("sw").node("a").node("b").link("a:p", "sw:1").link("sw:2", "b:p"))
    (one,), (other,) = lab.ports[PortId("port/a/p")].addresses, lab.ports[PortId("port/b/p")].addresses
    assert (one.prefix, one.length) == (other.prefix, 24)


def test_a_new_link_to_a_switch_moves_nothing() -> None:
    """The prefix belongs to the switch, whatever the new link is called."""
    build = Building().switch("sw").node("m").node("n").link("m:p", "sw:1").link("n:p", "sw:2")
    before = _addresses(_resolved(build))
    more = (
        Building()
        .switch("sw")
        .node("m")
        .node("n")
        .node("a")
        .link("m:p", "sw:1")
        .link("n:p", "sw:2")
        .link("a:p", "sw:3")
    )
    after = _addresses(_resolved(more))
    assert {port: after[port] for port in before} == before


def test_a_host_behind_a_switch_is_addressed_from_the_segment_there() -> None:
    """`port up on dmz` of a switch leads the segment's prefix to whoever is linked to the switch."""
    build = Building().segment("dmz", "10.0.0.0/24").switch("sw").node("a").port("sw:up", "dmz").link("a:p", "sw:1")
    assert _of(_resolved(build), "a/p")[0].startswith("10.0.0.")


def test_the_other_end_follows_a_stated_address() -> None:
    """One end says 192.168.0.1/24, the other gets an address beside it."""
    build = Building().node("a").node("b").port("a:p", None, "192.168.0.1/24").link("a:p", "b:q")
    assert _of(_resolved(build), "b/q")[0].startswith("192.168.0.")


def test_the_sites_pool_replaces_the_default_one() -> None:
    """Both families, as the site states them; a prefix that the lab states is left out of it."""
    build = Building().segment("lan", "10.255.0.0/18").router("a").router("b").link("a:p", "b:q")
    build.lab.site.pools.append(Pool("links", (Prefix.parse("10.255.0.0/16"),), build.lab.origin))
    (interface,) = _resolved(build).ports[PortId("port/a/p")].addresses
    assert Prefix.parse("10.255.64.0/18").holds(interface.address)


def test_what_the_sites_pool_leaves_out_is_not_given() -> None:
    """All of the pairs' half but one prefix is reserved: every link draws that one, or is told that there is none."""
    build = Building().router("a").router("b").link("a:p", "b:q")
    gaps = ("10.255.0.0/31", "10.255.0.4/30")
    pool = Pool("links", (Prefix.parse("10.255.0.0/28"),), build.lab.origin, reserved=tuple(map(Prefix.parse, gaps)))
    build.lab.site.pools.append(pool)
    (interface,) = _resolved(build).ports[PortId("port/a/p")].addresses
    assert Prefix.parse("10.255.0.2/31").holds(interface.address)


def test_an_empty_pool_is_told() -> None:
    """A pool of one link's size, and two links."""
    build = Building().router("a").router("b").link("a:p", "b:p").link("a:q", "b:q")
    build.lab.site.pools.append(Pool("links", (Prefix.parse("10.255.0.0/31"),), build.lab.origin))
    assert codes(apply(build.lab, "segments", "addresses")) == ["E0502"]


# --- Stability ---------------------------------------------------------------------------------------------


def test_a_family_of_names_stands_side_by_side() -> None:
    """pc1, pc2, … have neighbouring addresses, so people find them."""
    lab = _resolved(_clients(5))
    values = [lab.ports[PortId(f"port/pc{n}/eth0")].addresses[0].address.value for n in range(1, 6)]
    assert sum(other - one == 1 for one, other in pairwise(values)) >= 3  # the run may wrap at the prefix's end


@pytest.mark.parametrize("count", [1, 10, 100, 253])
def test_one_more_of_a_family_moves_none_of_it(count: int) -> None:
    """Even in a prefix that is nearly full."""
    before, after = _addresses(_resolved(_clients(count))), _addresses(_resolved(_clients(count + 1)))
    assert {port: after[port] for port in before} == before


_NAMES = st.text("abcdxyz019", min_size=1, max_size=4)


@given(st.lists(_NAMES, unique=True, min_size=1, max_size=60), _NAMES)
def test_a_newcomer_on_a_segment_moves_at_most_those_it_outranks(names: list[str], newcomer: str) -> None:
    """Whoever moves is not shorter-named than the newcomer, or had lost its home before; there are never more than three."""
    names = [name for name in names if name != newcomer]
    one, other = Building().segment("lan", "10.0.0.0/24"), Building().segment("lan", "10.0.0.0/24")
    for build, members in ((one, names), (other, [newcomer, *names])):
        for name in members:
            build.node(f"n{name}x").port(f"n{name}x:eth0", "lan")
    before, after = _addresses(_resolved(one)), _addresses(_resolved(other))
    assert sum(after[port] != before[port] for port in before) <= 3


@given(st.lists(st.tuples(_NAMES, _NAMES), unique=True, min_size=1, max_size=30), st.tuples(_NAMES, _NAMES))
def test_a_new_link_moves_no_other(links: list[tuple[str, str]], newcomer: tuple[str, str]) -> None:
    """The default pool is so large that a clash of hashes is not seen in small labs."""
    links = [link for link in links if link != newcomer]
    before, after = _linked(links), _linked([newcomer, *links])
    assert {port: after[port] for port in before} == before


def _linked(links: list[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    build = Building()
    for one, other in links:
        for node in (f"n{one}", f"m{other}"):
            if f"node/{node}" not in build.lab.nodes:
                build.router(node)
        build.link(f"n{one}:to-{other}", f"m{other}:to-{one}")
    return _addresses(_resolved(build))


@given(st.permutations(range(12)))
def test_the_order_of_declaration_is_irrelevant(order: list[int]) -> None:
    """Addresses, MACs and interfaces are the same however the statements are arranged."""
    build = Building().segment("lan", "10.0.0.0/28", "2001:db8::/64").router("r")
    for number in order:
        build.node(f"h{number}").port(f"h{number}:eth0", "lan").link(f"h{number}:up", f"r:p{number}")
    lab = _resolved(build)
    found = {p.id: (p.addresses, p.mac, p.interface) for p in lab.ports.values()}
    assert found == _reference()


def _reference() -> dict[PortId, object]:
    if not _known:
        build = Building().segment("lan", "10.0.0.0/28", "2001:db8::/64").router("r")
        for number in range(12):
            build.node(f"h{number}").port(f"h{number}:eth0", "lan").link(f"h{number}:up", f"r:p{number}")
        _known.update({p.id: (p.addresses, p.mac, p.interface) for p in _resolved(build).ports.values()})
    return _known


_known: dict[PortId, object] = {}


def test_the_lock_keeps_what_it_holds() -> None:
    """Addresses, prefixes of links and MACs stay where the lock says, and the rest goes around them."""
    build = _clients(3).node("a").node("b").link("a:p", "b:p")
    build.lab.held = {
        ("port/pc2/eth0", "address"): ("10.0.0.77/24",),
        ("port/pc2/eth0", "mac"): ("02:00:00:00:00:77",),
        ("link/a:p--b:p", "prefix"): ("100.64.0.8/31",),
    }
    lab = _resolved(build)
    assert _of(lab, "pc2/eth0") == ["10.0.0.77/24"]
    assert str(lab.ports[PortId("port/pc2/eth0")].mac) == "02:00:00:00:00:77"
    assert _of(lab, "a/p") == ["100.64.0.8/31"]


def test_of_two_that_hold_one_address_the_lesser_keeps_it() -> None:
    """After a merge of two locks; the other is given a new one."""
    build = _clients(2)
    build.lab.held = {(f"port/pc{n}/eth0", "address"): ("10.0.0.77/24",) for n in (1, 2)}
    lab = _resolved(build)
    assert _of(lab, "pc1/eth0") == ["10.0.0.77/24"]
    assert _of(lab, "pc2/eth0") != ["10.0.0.77/24"]


def test_a_rename_keeps_the_assignments() -> None:
    """`node www … was web`: addresses, MACs and the prefix of a link that has no name of its own."""
    old = Building().segment("lan", "10.0.0.0/24").node("web").router("r").port("web:eth0", "lan").link("web:up", "r:p")
    new = Building().segment("lan", "10.0.0.0/24").node("www", was="web").router("r").port("www:eth0", "lan")
    new.link("www:up", "r:p")
    before, after = _resolved(old), _resolved(new)
    for port in ("eth0", "up"):
        one, other = before.ports[PortId(f"port/web/{port}")], after.ports[PortId(f"port/www/{port}")]
        assert (one.addresses, one.mac) == (other.addresses, other.mac)


# --- Next hops and translations ----------------------------------------------------------------------------


def test_a_gateway_is_an_address_on_the_shared_segment() -> None:
    """Of each family that both have there; not the router's other addresses."""
    build = (
        Building().segment("lan", "10.0.0.0/24", "2001:db8::/64").segment("far", "10.9.0.0/24").router("r").node("pc")
    )
    build.port("r:far", "far", "10.9.0.1").port("r:lan", "lan", "10.0.0.1", "2001:db8::1").port("pc:eth0", "lan")
    lab = _resolved(build.gateway("pc", "r"))
    (route,) = lab.nodes[NodeId("node/pc")].routes
    assert [str(via) for via in route.via] == ["10.0.0.1", "2001:db8::1"]


def test_a_gateway_behind_a_switch_is_found() -> None:
    """The shared domain counts, not the segment."""
    build = Building().switch("sw").router("r").node("pc").link("pc:p", "sw:1").link("r:p", "sw:2").gateway("pc", "r")
    lab = _resolved(build)
    assert [str(via) for via in lab.nodes[NodeId("node/pc")].routes[0].via] == [_of(lab, "r/p")[0].split("/")[0]]


def test_a_gateway_that_is_no_neighbour_has_no_address() -> None:
    """`check` says why."""
    build = Building().segment("a", "10.0.0.0/24").segment("b", "10.1.0.0/24").router("r").node("pc")
    lab = _resolved(build.port("r:p", "b").port("pc:p", "a").gateway("pc", "r"))
    assert lab.nodes[NodeId("node/pc")].routes[0].via == ()


def test_translation_finds_its_insides() -> None:
    """A zone's prefixes, nested, of the family of the outside address; a node's address on the shared segment."""
    build = (
        Building().segment("in", "10.0.0.0/24", "2001:db8::/64").segment("dmz", "10.1.0.0/24").router("r").node("web")
    )
    build.port("r:a", "in").port("r:b", "dmz").port("web:eth0", "dmz", "10.1.0.9").zone(
        "own", "segment/in", "zone/more"
    )
    build.zone("more", "segment/dmz", "10.7.0.0/16").napt("r", "zone/own", "192.0.2.1").nat("r", "192.0.2.2", "web")
    node = _resolved(build).nodes[NodeId("node/r")]
    assert [str(prefix) for prefix in node.napt[0].sources] == ["10.0.0.0/24", "10.1.0.0/24", "10.7.0.0/16"]
    assert node.nat[0].inside == Address.parse("10.1.0.9")


# --- Names in Linux ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "interface"),
    [("eth0", "eth0"), ("GigabitEthernet0/0/1", "Gi0-0-1"), ("eth0.100", "eth0.100"), ("Ethernet1/1", "Et1-1")],
)
def test_a_port_is_called_in_linux_as_engineers_write_it(name: str, interface: str) -> None:
    """Its own name where Linux takes it, else a short one."""
    lab = _resolved(Building().segment("lan").node("a").port(f"a:{name}", "lan"))
    assert lab.ports[PortId(f"port/a/{name}")].interface == interface


@given(st.lists(st.text(min_size=1, max_size=20), unique=True, min_size=1, max_size=6))
@example(["br0", "lo", "all", "Ethernet0/1", "Ethernet0:1"])
def test_whatever_a_port_is_called_linux_takes_its_interface(names: list[str]) -> None:
    """At most 15 bytes, none twice, and never one that a namespace has already."""
    build = Building().segment("lan").switch("a")
    for name in names:
        build.port(f"a:{name}", "lan")
    interfaces = [port.interface for port in _resolved(build).ports.values()]
    assert len(set(interfaces)) == len(names)
    assert not {"lo", "br0", "all", "default"} & set(interfaces)
    assert all(name.isascii() and 0 < len(name) <= 15 and not set(name) & set("/ :\t") for name in interfaces)
