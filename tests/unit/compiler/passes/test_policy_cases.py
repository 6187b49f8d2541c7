"""Policies as cases: what is allowed is tried, what is denied is tried along the dimensions in which firewalls leak."""

from __future__ import annotations

from time import process_time
from typing import Any

import pytest

from labc.compiler.passes.tests.classes import thinned
from labc.compiler.passes.tests.verdicts import UNLISTED
from tests.unit.compiler.compiling import OFFICE, compiled, sound

Cases = dict[str, dict[str, Any]]  # Any: JSON
PC5, PC7 = "10.1.0.15", "10.1.0.17"

POLICY = """
zone trusted = inside
policy edge {
  trusted -> outside allow tcp/7 icmp
  pc1 -> db allow tcp/5432
  outside -> web allow http icmp
  net -> fw allow icmp
  otherwise deny
}
"""


def cases(text: str, **files: str) -> Cases:
    return {case.id: case.spec for case in sound(text, **files).cases}


def requirements(text: str) -> dict[str, Any]:
    return {each.id: each for each in sound(text).requirements}


def shots(case: dict[str, Any]) -> set[tuple[str, int, int]]:
    return {(packet["protocol"], packet["source_port"], packet["port"]) for packet in case["packets"]}


@pytest.fixture(scope="module")
def office() -> Cases:
    """The cases of an office with three zones, both families, a translated web server."""
    return cases(OFFICE + POLICY)


# --- What is allowed -----------------------------------------------------------------------------------------


def test_every_service_of_an_allow_is_a_case_in_both_families(office: Cases) -> None:
    for identity in ("allow/pc2/net/tcp/7", "allow/pc2/net/icmp", "allow/pc2/net/tcp/7/v6", "allow/pc1/db/tcp/5432/v6"):
        assert identity in office


def test_titles_tell_the_families_apart(office: Cases) -> None:
    """A report of titles alone, such as JUnit's, must not show one case twice."""
    titles = [case["title"] for case in office.values()]
    assert len(titles) == len(set(titles))


def test_one_node_stands_for_those_that_no_rule_tells_apart(office: Cases) -> None:
    """pc1 is named by a rule, pc2 and pc3 are alike."""
    senders = {case["from"]["node"] for case in office.values() if case["from"]["port"].startswith("port/pc")}
    assert senders == {"node/pc1", "node/pc2"}


def test_a_hidden_node_is_sent_to_by_its_outer_address(office: Cases) -> None:
    """From outside, web is 192.0.2.80; the receiver is web all the same."""
    case = office["allow/net/web@192.0.2.80/tcp/80"]
    assert case["flow"]["address"] == "192.0.2.80"
    assert (case["to"]["node"], case["to"]["address"]) == ("node/web", "10.2.0.80")


def test_the_labs_own_service_answers_where_it_listens(office: Cases) -> None:
    case = office["allow/net/web@192.0.2.80/tcp/80"]
    assert (case["service"], case["application"]) == ("service/web/http", "http")
    assert office["allow/pc1/db/tcp/5432"]["service"] is None


def test_a_node_that_serves_is_preferred_over_its_equals() -> None:
    """Of equal nodes, the one that serves what the rule allows is tried, not the one with the smallest name."""
    text = OFFICE + "node a: linux.host { port eth0 on outside at 192.0.2.8; gateway fw }\n"
    assert "allow/pc1/net/tcp/7" in cases(text + "policy p { inside -> outside allow tcp/7; otherwise deny }\n")


def test_a_rule_that_an_earlier_one_overrules_for_a_pair_is_not_tried_for_it() -> None:
    """The first rule that matches decides."""
    text = OFFICE + "policy p { pc1 -> db deny tcp/5432; inside -> db allow tcp/5432; otherwise deny }\n"
    found = cases(text)
    assert "allow/pc2/db/tcp/5432" in found
    assert "allow/pc1/db/tcp/5432" not in found
    assert ("tcp", 0, 5432) in shots(found["deny/pc1/db"])


def test_a_range_is_tried_at_both_ends() -> None:
    found = cases(OFFICE + "policy p { pc1 -> db allow udp/6000..6010; otherwise deny }\n")
    assert {"allow/pc1/db/udp/6000", "allow/pc1/db/udp/6010"} <= found.keys()
    assert {("udp", 0, 5999), ("udp", 0, 6011)} <= shots(found["deny/pc1/db"])


def test_a_case_of_two_rules_proves_both() -> None:
    found = cases(OFFICE + "policy p { pc1 -> db allow tcp/80; pc1 -> dmz allow tcp/80; otherwise deny }\n")
    assert found["allow/pc1/db/tcp/80"]["requirement"] == ["policy/p/1", "policy/p/2"]


# --- What is denied ------------------------------------------------------------------------------------------


def test_both_directions_are_tried(office: Cases) -> None:
    assert {"deny/pc2/web", "deny/web/pc2", "deny/net/db", "deny/db/net"} <= office.keys()


def test_both_protocols_and_the_leaking_source_ports_are_tried(office: Cases) -> None:
    tried = shots(office["deny/net/db"])
    for protocol in ("tcp", "udp"):
        for source_port in (0, 20, 53, 67, 123):
            assert (protocol, source_port, 5432) in tried
    assert ("icmp", 0, 0) in tried


def strays(case: dict[str, Any]) -> set[tuple[str, int, int]]:
    return {(p["flags"], p["source_port"], p["port"]) for p in case["packets"] if "flags" in p}


def test_packets_of_no_connection_are_tried(office: Cases) -> None:
    """A rule that takes an ACK for a proof of a connection lets anything in: to any port, and to one that a rule names."""
    tried = strays(office["deny/net/db"])
    for flags in ("ack", "syn-ack"):
        assert {(flags, 0, UNLISTED), (flags, 0, 5432)} <= tried
    assert len(tried) <= 12


def test_an_answer_that_nobody_asked_for_is_tried(office: Cases) -> None:
    """pc1 may ask db at 5432; db may not begin, and from 5432 neither: a stateless rule for answers would let it."""
    assert {("ack", 5432, UNLISTED), ("syn-ack", 5432, UNLISTED)} <= strays(office["deny/db/pc1"])


def test_what_may_begin_is_no_stray(office: Cases) -> None:
    """Where a port is allowed, a bare ACK to it may open a connection in Linux (nf_conntrack_tcp_loose): it is not denied."""
    assert not any(port == 80 for _, _, port in strays(office["deny/net/web"]))
    found = cases(OFFICE + "policy p { pc1 -> db allow tcp/1..65535; otherwise deny }\n")
    assert not strays(found["deny/pc1/db"])


def test_what_is_allowed_is_not_among_the_denied(office: Cases) -> None:
    tried = shots(office["deny/net/web"])
    assert not any(protocol == "tcp" and port == 80 for protocol, _, port in tried)
    assert ("udp", 0, 80) in tried
    assert ("icmp", 0, 0) not in tried


def test_nobody_is_told_apart_from_what_the_policy_says(office: Cases) -> None:
    """Every denied packet is one that no rule allows: pc1 may speak to db's 5432, pc2 may not."""
    assert ("tcp", 0, 5432) not in shots(office["deny/pc1/db"])
    assert ("tcp", 0, 5432) in shots(office["deny/pc2/db"])


def test_ports_of_a_rendered_rule_set_are_tried_on_their_side() -> None:
    """A rule set lets source port 4444 in and names port 8443: both are tried, with each other."""
    template = "table inet f { chain c { type filter hook forward priority 0; tcp sport 4444 tcp dport { 8443, 9000-9010 } accept\n } }"
    text = OFFICE.replace("  napt inside", '  config "t.nft.j2"\n  napt inside')
    found = cases(text + "policy p { pc1 -> db allow tcp/80; otherwise deny }\n", t_nft_j2=template)
    tried = shots(found["deny/pc1/db"])
    assert {("tcp", 4444, 8443), ("tcp", 4444, 9011), ("udp", 4444, 8999)} <= tried
    assert ("tcp", 0, 4444) not in tried


def test_a_port_that_the_receiver_serves_is_tried(office: Cases) -> None:
    """echo listens on 7 at net, which no rule lets the DMZ reach."""
    assert ("udp", 0, 7) in shots(office["deny/db/net"])


def test_beside_a_named_address_stands_one_that_may_not(office: Cases) -> None:
    """10.1.0.10 is next to pc1, which may speak to db; a probe beside takes it. 10.1.0.12 is pc2's own."""
    case = office["deny/inside:10.1.0.10/db"]
    assert (case["from"]["place"], case["from"]["address"]) == ("beside", "10.1.0.10")
    assert shots(case) == {("tcp", 0, 5432)}
    assert office["deny/pc1/dmz:10.2.0.91"]["to"]["address"] == "10.2.0.91"
    assert "deny/inside:10.1.0.12/db" not in office


# --- Controls ------------------------------------------------------------------------------------------------


def test_the_control_is_an_allowed_flow_of_the_same_sender(office: Cases) -> None:
    control = office["deny/net/web"]["control"]
    assert control["from"]["node"] == "node/net"
    assert (control["flow"]["protocol"], control["flow"]["address"]) == ("icmp", "192.0.2.80")
    assert control["same_path"] is True


def test_else_of_another_sender_through_the_same_firewall(office: Cases) -> None:
    control = office["deny/net/db"]["control"]
    assert (control["from"]["node"], control["flow"]["port"], control["same_path"]) == ("node/pc1", 5432, True)


def test_the_control_passes_the_firewall_that_is_tested() -> None:
    """a, who comes first by name, reaches web through the other firewall; what it sends says nothing about this one."""
    text = """lab x
import std.linux, std.firewall
segment left 10.1.0.0/24
segment dmz 10.2.0.0/24
segment right 10.3.0.0/24
node one: firewall.nftables { port l on left at 10.1.0.1; port d on dmz at 10.2.0.1; route 10.3.0.0/24 via two }
node two: firewall.nftables { port r on right at 10.3.0.1; port d on dmz at 10.2.0.2; route 10.1.0.0/24 via one }
node a: linux.host { port e on left; gateway one }
node web: linux.host { port e on dmz; gateway one; route 10.3.0.0/24 via two }
node b: linux.host { port e on right; gateway two }
node c: linux.host { port e on right; gateway two }
zone r = right
policy p { a, c -> web allow icmp; otherwise deny }
"""
    control = cases(text)["deny/b/web"]["control"]
    assert (control["from"]["node"], control["same_path"]) == ("node/c", True)
    control = cases(text.replace("a, c ->", "a ->"))["deny/b/web"]["control"]
    assert (control["from"]["node"], control["same_path"]) == ("node/a", False)


def test_else_the_packet_itself_from_the_receivers_segment(office: Cases) -> None:
    """Nobody may reach the inside through the firewall."""
    control = office["deny/net/pc1"]["control"]
    assert control["from"]["node"] in ("node/pc2", "node/pc3")
    assert control["same_path"] is False
    assert control["flow"]["address"] == "10.1.0.11"


def test_a_control_comes_in_by_the_port_where_the_capture_stands() -> None:
    """A router's address is reached by two ports; a flow that comes in by the other one proves nothing."""
    text = """lab x
import std.linux, std.firewall
segment inside 10.1.0.0/24
segment outside 192.0.2.0/24
segment net 198.51.100.0/24
node fw: firewall.nftables { port lan on inside at 10.1.0.1; port wan on outside at 192.0.2.1; gateway isp }
node isp: linux.router { port down on outside at 192.0.2.2; port up on net at 198.51.100.1; route 10.1.0.0/24 via fw }
node pc: linux.host { port eth0 on inside; gateway fw }
node far: linux.host { port eth0 on net; gateway isp }
policy p { net -> 192.0.2.2 allow icmp; inside -> net allow icmp; otherwise deny }
"""
    found = cases(text)["deny/pc/isp:down"]
    assert found["to"]["port"] == "port/isp/down"
    assert found["control"]["from"]["node"] == "node/fw"


def test_a_firewall_is_watched_behind_its_own_filter(office: Cases) -> None:
    """Its port sees everything; what counts is what its sockets would."""
    assert office["deny/db/fw:wan"]["capture"] == "stack"
    assert office["deny/db/fw:wan"]["control"]["flow"]["protocol"] == "icmp"
    assert office["deny/pc1/db"]["capture"] == "port"


def test_one_prefix_in_two_networks_is_two_networks() -> None:
    """x and y have one address, each in its own network: x reaches y by its outer address only, never itself."""
    text = """lab x
import std.linux, std.firewall
segment a 10.0.0.0/24
segment b 10.0.0.0/24
segment m 192.0.2.0/24
node f: firewall.nftables { port p on a at 10.0.0.1; port q on m at 192.0.2.1; nat 192.0.2.10 <-> x }
node g: firewall.nftables { port p on b at 10.0.0.1; port q on m at 192.0.2.2; nat 192.0.2.20 <-> y; gateway f }
node x: linux.host { port e on a at 10.0.0.9; gateway f }
node y: linux.host { port e on b at 10.0.0.9; gateway g }
policy p { x -> y allow tcp/80; otherwise deny }
"""
    found = cases(text)
    assert {packet["address"] for packet in found["deny/x/y"]["packets"]} == {"192.0.2.20"}
    assert "allow/x/y@192.0.2.20/tcp/80" in found


def test_every_deny_has_a_control(office: Cases) -> None:
    denies = [case for case in office.values() if case["kind"] == "deny"]
    assert denies
    assert all(case["control"] and case["packets"] for case in denies)


# --- What no device can enforce, and requirements ------------------------------------------------------------


def test_ends_of_one_segment_are_not_denied(office: Cases) -> None:
    assert not {"deny/pc1/pc2", "deny/web/db", "deny/db/web"} & office.keys()


def test_a_deny_within_a_segment_is_warned_of_and_noted() -> None:
    text = OFFICE + "policy p { web -> db deny tcp/22 }\n"
    made = compiled(text)
    assert [d.code for d in made.diagnostics] == ["W0601"]
    note = requirements(text)["policy/p/1"].note
    assert note == "no device can enforce this: both ends share segment dmz"


def test_an_allow_within_a_segment_is_tried() -> None:
    assert "allow/web/db/tcp/22" in cases(OFFICE + "policy p { web -> db allow tcp/22 }\n")


def test_routers_alone_enforce_nothing() -> None:
    text = OFFICE.replace("firewall.nftables", "linux.router") + "policy p { pc1 -> db deny tcp/22 }\n"
    assert [d.code for d in compiled(text).diagnostics] == ["W0601"]
    assert not [identity for identity in cases(text) if identity.startswith("deny")]


def test_a_transparent_firewall_separates_what_it_bridges() -> None:
    """Two segments of one broadcast domain, joined by a bridge that filters."""
    text = """lab x
import std.linux
segment near 10.0.0.0/24
segment far 10.0.0.0/24
node bump: linux.switch { port a on near; port b on far; config "t.nft.j2" }
node one: linux.host { port eth0 on near at 10.0.0.1 }
node two: linux.host { port eth0 on far at 10.0.0.2 }
policy p { one -> two allow tcp/80; otherwise deny }
"""
    template = "table bridge f { chain c { type filter hook forward priority 0; policy drop; tcp dport 80 accept\n } }"
    made = compiled(text, t_nft_j2=template)
    assert made.lab is not None
    denied = {case.id: case.spec for case in made.lab.cases}["deny/two/one"]
    control: Any = denied["control"]
    assert (control["from"]["place"], control["from"]["address"]) == ("beside", "10.0.0.254")


def test_every_statement_is_a_requirement_in_the_labs_words() -> None:
    found = requirements(OFFICE + POLICY)
    assert found["policy/edge/1"].text == "trusted -> outside allow tcp/7 icmp"
    assert found["policy/edge/otherwise"].text == "otherwise deny"
    assert all(each.cases for each in found.values())


def test_silence_denies_nothing() -> None:
    found = cases(OFFICE + "policy p { pc1 -> db allow tcp/80 }\n")
    assert not [identity for identity in found if identity.startswith("deny")]


def test_what_another_policy_allows_is_not_denied_by_the_rest_of_this_one() -> None:
    text = OFFICE + "policy a { pc1 -> db allow tcp/80; otherwise deny }\npolicy b { pc1 -> db allow tcp/443 }\n"
    tried = shots(cases(text)["deny/pc1/db"])
    assert not any(protocol == "tcp" and port in (80, 443) for protocol, _, port in tried)


# --- What no statement names ---------------------------------------------------------------------------------

BESIDE = """lab x
import std.linux, std.firewall
segment outside 192.0.2.0/24
segment dmz     10.0.0.0/25
segment lan2    10.0.0.128/25
segment lan3    10.0.1.0/24
node fw: firewall.nftables {
  port wan on outside at 192.0.2.1
  port srv on dmz at 10.0.0.1
  port lan on lan2 at 10.0.0.129
  port low on lan3 at 10.0.1.1
}
node net: linux.host { port e on outside at 192.0.2.7; gateway fw }
node web: linux.host { port e on dmz at 10.0.0.80; gateway fw }
for i in 1..9 { node pc[i]: linux.host { port e on lan2; gateway fw } }
node tv: linux.host { port e on lan3; gateway fw }
policy p { outside -> dmz allow tcp/80; otherwise deny }
"""


def test_otherwise_reaches_segments_that_no_statement_names() -> None:
    """A rule as wide as 10.0.0.0/24 opens lan2 too: named to unnamed, unnamed to named, and among the unnamed."""
    found = cases(BESIDE)
    for identity in ("net/pc1", "web/pc1", "pc1/net", "pc1/web", "pc1/tv", "tv/pc1"):
        assert f"deny/{identity}" in found
    case = found["deny/net/pc1"]
    assert ("tcp", 0, 80) in shots(case)
    assert case["requirement"] == ["policy/p/otherwise"]
    assert (case["control"]["from"]["node"], case["control"]["same_path"]) == ("node/pc2", False)


def test_one_stands_for_the_unnamed_of_a_segment() -> None:
    assert not {"deny/net/pc2", "deny/pc1/pc2"} & cases(BESIDE).keys()


def test_the_unnamed_beside_a_named_node_are_tried_too() -> None:
    """`net -> web` says nothing of db, which stands beside web: a rule for the whole segment is too wide."""
    text = BESIDE.replace("outside -> dmz", "net -> web")
    found = cases(text + "node db: linux.host { port e on dmz at 10.0.0.90; gateway fw }\n")
    assert ("tcp", 0, 80) in shots(found["deny/net/db"])
    assert "deny/web/db" not in found


def test_without_otherwise_nobody_else_is_meant() -> None:
    """A policy that is silent about the rest denies what it says, no more."""
    found = cases(BESIDE.replace("otherwise deny", "pc2 -> web deny tcp/22"))
    assert {identity for identity in found if identity.startswith("deny")} == {"deny/pc2/web"}


def test_another_policys_allow_holds_for_the_unnamed() -> None:
    found = cases(BESIDE + "policy q { tv -> pc1 allow tcp/9 }\n")
    assert ("tcp", 0, 9) not in shots(found["deny/tv/pc1"])


def test_where_no_firewall_stands_the_unnamed_are_no_cases() -> None:
    """No device could keep the rest from each other, and nobody asked: no case, no word."""
    text = BESIDE.replace("firewall.nftables", "linux.router")
    assert not [identity for identity in cases(text) if identity.startswith("deny")]
    assert "pc1" not in requirements(text)["policy/p/otherwise"].note


def test_an_unnamed_client_with_a_leased_address_sends() -> None:
    """Its routes are known when the lab runs; where only firewalls lead out of its segment, one stands before everybody."""
    dhcp = "serve dhcp { first = 10.0.1.100; last = 10.0.1.150; gateway = 10.0.1.1 }"
    text = BESIDE.replace("at 10.0.1.1\n", f"at 10.0.1.1\n  {dhcp}\n").replace("on lan3; gateway fw", "on lan3 at dhcp")
    found = cases(text)
    assert {"deny/tv/web", "deny/tv/net", "deny/tv/pc1"} <= found.keys()
    assert "deny/web/tv" not in found
    router = "node r: linux.router { port l on lan3 at 10.0.1.9; port d on dmz at 10.0.0.9 }\n"
    assert "deny/tv/web" not in cases(text + router)


def test_a_firewall_that_the_policy_does_not_pass_is_not_tried() -> None:
    """far and near stand behind a firewall of their own, which none whom the policy names ever meets."""
    apart = """segment near 10.9.0.0/24
segment far 10.9.1.0/24
node own: firewall.nftables { port a on near at 10.9.0.1; port b on far at 10.9.1.1 }
node n: linux.host { port e on near; gateway own }
node f: linux.host { port e on far; gateway own }
"""
    assert not [i for i in cases(BESIDE + apart) if i.startswith(("deny/n/", "deny/f/"))]


def test_a_link_between_routers_is_nobodys_segment() -> None:
    """Where only routers stand, packets pass through; whoever wants it kept from them names it."""
    transit = """segment core 10.8.0.0/30
node r: linux.router { port up on core at 10.8.0.2; port down on deep at 10.8.1.1; gateway fw }
segment deep 10.8.1.0/24
node d: linux.host { port e on deep; gateway r }
"""
    text = (
        BESIDE.replace("  port low", "  port core on core at 10.8.0.1\n  route 10.8.1.0/24 via r\n  port low") + transit
    )
    found = cases(text)
    assert "deny/net/d" in found
    assert not [identity for identity in found if "/r" in identity]
    named = cases(text.replace("policy p {", "policy p { core -> dmz allow icmp;"))
    assert "deny/net/r:up" in named


def test_the_unnamed_are_few_cases_however_many_they_are() -> None:
    """Hundreds of segments behind one firewall: a bounded number of pairs, those first that a rule set mentions."""
    count = 300
    segments = "\n".join(f"segment u{i} 10.{100 + i // 200}.{i % 200}.0/24" for i in range(count))
    ports = "\n".join(f"  port p{i} on u{i} at 10.{100 + i // 200}.{i % 200}.1" for i in range(count))
    hosts = "\n".join(f"node h{i}: linux.host {{ port e on u{i}; gateway fw }}" for i in range(count))
    text = BESIDE.replace("  port low", ports + "\n  port low") + f"{segments}\n{hosts}\n"
    denies = [case for case in cases(text).values() if case["kind"] == "deny"]
    assert len(denies) < 1_600
    assert {f"node/h{i}" for i in range(count)} <= {case["to"]["node"] for case in denies}


# --- Behind an address that many share -----------------------------------------------------------------------


def test_what_nobody_asked_for_is_sent_to_the_address_that_many_share(office: Cases) -> None:
    """The inside leaves as 192.0.2.9; what comes to it unasked must not arrive at anybody inside."""
    case = office["deny/net/pc1@192.0.2.9"]
    assert {packet["address"] for packet in case["packets"]} == {"192.0.2.9"}
    assert {("tcp", 0, 5432), ("udp", 0, 5432), ("tcp", 0, UNLISTED), ("icmp", 0, 0)} <= shots(case)
    assert (case["to"]["node"], case["control"]["from"]["node"]) == ("node/pc1", "node/pc2")
    assert "net does not reach pc1 by 192.0.2.9" in case["title"]


def test_who_stands_inside_sends_nothing_to_it(office: Cases) -> None:
    assert {i.split("/")[1] for i in office if i.startswith("deny") and "@192.0.2.9" in i} == {"net"}


def test_what_is_allowed_to_a_shared_address_is_not_denied() -> None:
    found = cases(
        OFFICE + "policy p { outside -> 192.0.2.9 allow icmp tcp/22; inside -> outside allow icmp; otherwise deny }\n"
    )
    tried = shots(found["deny/net/pc1@192.0.2.9"])
    assert ("icmp", 0, 0) not in tried
    assert ("tcp", 0, 22) not in tried
    assert ("udp", 0, 22) in tried


def test_a_shared_address_that_is_the_firewalls_own_is_tried_too() -> None:
    text = OFFICE.replace("napt inside to 192.0.2.9", "napt inside to 192.0.2.1")
    assert "deny/net/pc1@192.0.2.1" in cases(text + POLICY)


def test_behind_a_shared_address_one_receives_for_each_segment_and_each_that_a_rule_set_names() -> None:
    text = OFFICE.replace("1..3", "1..40").replace("  napt inside", '  config "t.nft.j2"\n  napt inside')
    template = (
        "table ip f { chain c { type nat hook prerouting priority -101; tcp dport 8080 dnat to 10.1.0.33:80\n } }"
    )
    found = cases(text + "policy p { inside -> outside allow icmp; otherwise deny }\n", t_nft_j2=template)
    assert {i for i in found if "@192.0.2.9" in i} == {"deny/net/pc1@192.0.2.9", "deny/net/pc23@192.0.2.9"}
    assert ("tcp", 0, 8080) in shots(found["deny/net/pc23@192.0.2.9"])


# --- Bounds --------------------------------------------------------------------------------------------------


def test_a_campus_does_not_explode() -> None:
    """Forty segments of one zone: each sends and receives, but not every pair is tried."""
    users = "\n".join(f"segment u{i} 10.9.{i}.0/24" for i in range(40))
    ports = "\n".join(f"  port p{i} on u{i} at 10.9.{i}.1" for i in range(40))
    hosts = "\n".join(f"node h{i}: linux.host {{ port eth0 on u{i}; gateway fw }}" for i in range(40))
    zone = "zone users = " + ", ".join(f"u{i}" for i in range(40))
    text = OFFICE.replace("  nat 192", ports + "\n  nat 192") + f"{users}\n{hosts}\n{zone}"
    found = cases(text + "\npolicy p { users -> outside allow tcp/7; otherwise deny }\n")
    denies = [case for case in found.values() if case["kind"] == "deny"]
    assert {case["from"]["node"] for case in denies} >= {f"node/h{i}" for i in range(40)}
    assert {case["to"]["node"] for case in denies} >= {f"node/h{i}" for i in range(40)}
    assert len(denies) < 600


@pytest.mark.parametrize(("left", "right"), [(3, 4), (100, 1), (1, 100), (50, 50), (7, 90)])
def test_thinning_meets_everyone_and_repeats_nobody(left: int, right: int) -> None:
    pairs = list(thinned(range(left), range(right), 64))
    assert len(set(pairs)) == len(pairs) <= max(64, left, right)
    assert {one for one, _ in pairs} == set(range(left))
    assert {other for _, other in pairs} == set(range(right))


# --- What rendered rules tell apart ---------------------------------------------------------------------------


def test_a_firewall_whose_own_input_is_not_tried_is_told() -> None:
    """Without a statement about it there is no control; with one, all else that it is sent is denied and tried."""
    policy = "policy p {{ outside -> web allow tcp/80{}; otherwise deny }}\n"
    silent = requirements(OFFICE + policy.format(""))["policy/p/otherwise"]
    assert "fw itself is not tried" in silent.note
    named = requirements(OFFICE + policy.format("; net -> fw allow icmp"))["policy/p/otherwise"]
    assert "itself" not in named.note
    assert any(case.startswith("deny/net/fw") for case in named.cases)


def test_hosts_that_a_rendered_rule_tells_apart_are_tested_apart() -> None:
    """The policy knows only their segment; a rule that opens one of them is found by a case of its own."""
    text = OFFICE.replace("1..3", "1..9").replace("  napt inside", '  config "t.nft.j2"\n  napt inside')
    text += "policy p { outside -> inside allow icmp; otherwise deny }\n"
    chain = "chain c { type filter hook forward priority 0; policy drop;\n RULE\n } }"

    def receivers(rule: str) -> set[str]:
        found = cases(text, t_nft_j2="table inet f { " + chain.replace("RULE", rule))
        return {case.removeprefix("deny/net/") for case in found if case.startswith("deny/net/pc") and "@" not in case}

    assert receivers("icmp type echo-request accept") == {"pc1", "pc1/v6"}
    assert receivers("ip daddr 10.1.0.0/24 accept") == {"pc1", "pc1/v6"}  # the segment: all are alike
    assert receivers(f"ip daddr {PC5} accept") == {"pc1", "pc5", "pc1/v6"}
    assert receivers(f"ip daddr {{ {PC5},\n {PC7} }} accept") == {"pc1", "pc5", "pc1/v6"}  # both by one statement
    assert receivers(f"ip daddr {PC5} tcp dport 1 accept\n ip daddr {PC7} accept") == {"pc1", "pc5", "pc7", "pc1/v6"}


def test_an_address_of_elsewhere_that_a_rule_means_sends_from_every_segment() -> None:
    """It is handed to the firewall, since no route leads from there; a segment's own prefix or what is nobody's sends nothing."""
    text = OFFICE.replace("  napt inside", '  config "t.nft.j2"\n  napt inside')
    text += "policy p { outside -> dmz allow tcp/80; otherwise deny }\n"
    rule = "table inet f { chain c { type filter hook forward priority 0;\n ip saddr { 8.8.8.0/24, 10.1.0.0/24, 127.0.0.0/8 } accept\n } }"
    found = {
        case: spec for case, spec in cases(text, t_nft_j2=rule).items() if case.startswith("deny/") and "8.8.8" in case
    }
    assert found.keys() >= {"deny/outside:8.8.8.1/db", "deny/inside:8.8.8.1/db"}
    assert not any("side:10.1.0.1/" in case or ":127" in case for case in cases(text, t_nft_j2=rule))
    case = found["deny/outside:8.8.8.1/db"]
    assert (case["from"]["place"], case["from"]["address"], bool(case["via"])) == ("beside", "8.8.8.1", True)
    assert ("tcp", 0, UNLISTED) in shots(case)
    assert ("tcp", 0, 80) not in shots(case)  # the outside may
    assert case["control"]["from"]["address"] != "8.8.8.1"


@pytest.mark.parametrize(
    ("prefix", "sender"),
    [("10.0.0.0/15", "10.0.0.1"), ("10.1.0.0/22", "10.1.1.0"), ("10.1.0.0/24", None), ("10.1.0.0/25", None)],
)
def test_a_prefix_wider_than_its_segments_sends_from_what_lies_outside_of_them(prefix: str, sender: str | None) -> None:
    """10.1.0.0/24 is the inside; what a rule lets in beyond it comes from elsewhere."""
    text = OFFICE.replace("  napt inside", '  config "t.nft.j2"\n  napt inside')
    text += "policy p { inside -> dmz allow tcp/80; otherwise deny }\n"
    rule = f"table inet f {{ chain c {{ type filter hook forward priority 0;\n ip saddr {prefix} tcp dport 80 accept\n }} }}"
    found = [case for case in cases(text, t_nft_j2=rule) if case.startswith("deny/outside:10.")]
    assert set(found) >= ({f"deny/outside:{sender}/db", f"deny/outside:{sender}/web"} if sender else set())
    assert all(case.startswith(f"deny/outside:{sender}/") for case in found)


def test_an_address_that_a_rule_means_and_nobody_has_is_tried_in_full() -> None:
    """Whatever the rule lets through: its neighbours, which no rule means, are tried only by what others may."""
    text = OFFICE.replace("  napt inside", '  config "t.nft.j2"\n  napt inside')
    text += "policy p { outside -> dmz allow tcp/80; otherwise deny }\n"
    rule = (
        "table inet f { chain c { type filter hook forward priority 0;\n ip daddr 10.2.0.200 tcp dport 22 accept\n } }"
    )
    found = cases(text, t_nft_j2=rule)
    assert {("tcp", 0, 22), ("udp", 0, UNLISTED), ("icmp", 0, 0)} <= shots(found["deny/net/dmz:10.2.0.200"])
    assert "deny/net/dmz:10.2.0.201" not in found  # it may be sent tcp/80, as the whole segment
    assert ("tcp", 0, 22) in shots(found["deny/dmz:10.2.0.200/net"])


def test_a_case_leads_to_the_rule_that_asks_for_it() -> None:
    """A failed case points at the rule's own line, or at `otherwise`, not at the head of the policy."""
    lab = sound(OFFICE + POLICY)
    lines = {case.id: case.origin.span.shown for case in lab.cases}

    assert lines["allow/pc1/db/tcp/5432"].startswith("pc1 -> db")
    assert lines["deny/db/net"].startswith("otherwise")


def test_a_firewall_is_handed_what_its_neighbours_would_not_route() -> None:
    """`peer` knows no way to 10.1.0.0/24; a leak from outside must be found all the same."""
    peer = "node peer: linux.host { port eth0 on outside at 192.0.2.8 }\n"  # no gateway
    found = cases(OFFICE + peer + "policy edge { peer -> web allow icmp; pc1 -> pc2 allow icmp; otherwise deny }\n")
    lab = sound(OFFICE)

    mac = next(str(port.mac) for port in lab.ports.values() if port.id == "port/fw/wan")
    assert found["deny/peer/pc1"]["via"] == mac
    routed = [case["via"] for case in found.values() if case["kind"] == "deny" and case["from"]["node"] != "node/peer"]
    assert routed
    assert set(routed) == {None}


def test_a_policy_of_thousands_of_rules_is_read_in_seconds() -> None:
    """What each rule says about each packet is found by the packet's port, not by reading all rules again."""
    rules = "\n".join(f"  a -> b {'deny' if port % 3 else 'allow'} tcp/{port}" for port in range(1, 4000))
    began = process_time()
    lab = sound(f"""lab big
import std.linux
segment a 10.0.0.0/24
segment b 10.1.0.0/24
node r: linux.router {{ port a on a; port b on b }}
node pa: linux.host {{ port e on a; gateway r }}
node pb: linux.host {{ port e on b; gateway r }}
policy p {{
{rules}
  a -> b allow tcp/1000..5000
  otherwise deny
}}
""")
    assert process_time() - began < 8
    allowed = {case.spec["flow"]["port"] for case in lab.cases if case.spec["kind"] == "allow"}  # type: ignore[index]
    assert {*range(3, 1000, 3), 3999, 5000} <= allowed
    assert not allowed & {port for port in range(4000) if port % 3}
