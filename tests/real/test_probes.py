"""Probes against a real firewall: what they promise, and that they notice each way in which it can be broken."""

from __future__ import annotations

import base64
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labc.runtime.probes import packets
from labc.runtime.probes.conntrack import Forgetter
from tests.real.firewall_lab import ADDRESSES, GOOD, FirewallLab, allow, deny, end, flow, packet, script
from tests.real.tinyground import TinyGround

pytestmark = [pytest.mark.root, pytest.mark.program("nft")]
WEB, PC, FW = ADDRESSES["web"], ADDRESSES["pc"], ADDRESSES["fw"]
HTTP = {"service": "service/web/http", "application": "http"}
DNS = {"service": "service/web/dns", "application": "dns"}
MS, SECOND = 10**6, 10**9


@pytest.fixture(scope="module")
def whole() -> Iterator[FirewallLab]:
    lab = FirewallLab()
    yield lab
    lab.close()


@pytest.fixture
def lab(whole: FirewallLab) -> Iterator[FirewallLab]:
    """The lab with a firewall that does what its policy says."""
    yield whole
    whole.load(GOOD)


def control(*arguments: Any, **more: Any) -> dict[str, Any]:
    return {**flow(*arguments, **more), "same_path": True}


def step(verb: str, *arguments: Any, **more: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"verb": verb, "flow": None, "checks": [], "target": None, "count": 1}
    if arguments:
        said["flow"] = flow(
            *arguments,
            **{key: more.pop(key) for key in list(more) if key in ("service", "application", "six", "source_port")},
        )
    return {**said, **more}


def check(subject: str, operator: str, value: object, label: str | None = None) -> dict[str, Any]:
    return {"subject": subject, "operator": operator, "value": value, "label": label}


def one(results: dict[str, dict[str, Any]]) -> dict[str, Any]:
    (result,) = results.values()
    return result


# --- Allows -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("six", [False, True])
@pytest.mark.parametrize(
    ("protocol", "port", "more"),
    [
        ("tcp", 80, HTTP),
        ("tcp", 443, {}),
        ("udp", 53, DNS),
        ("tcp", 53, DNS),
        ("icmp", 0, {}),
        ("udp", 53, {"source_port": 123}),
    ],
)
def test_what_is_allowed_passes(lab: FirewallLab, protocol: str, port: int, more: dict[str, Any], six: bool) -> None:
    """Every probe, to a service of the lab or a listener of its own, over both families."""
    assert one(lab.run(allow("a", "pc", "web", protocol, port, six=six, **more)))["verdict"] == "passed"


def test_a_dropped_flow_fails_with_the_rule(lab: FirewallLab) -> None:
    """A firewall that drops TCP/53 is found, with the rule and its line in the configuration."""
    lab.load(GOOD.replace('iifname "lan" tcp dport 53 accept', 'iifname "lan" tcp dport 53 counter drop'))
    result = one(lab.run(allow("a", "pc", "web", "tcp", 53, **DNS)))
    assert result["verdict"] == "failed"
    assert "fw dropped it" in result["evidence"]["found"]
    found = result["evidence"]["rules"][0]["configuration"]
    assert (found["template"], found["text"]) == ("fw.nft.j2", 'iifname "lan" tcp dport 53 counter drop')
    assert lab.rules.splitlines()[found["line"] - 1].strip() == found["text"]


def test_a_dropped_answer_fails_with_the_rule(lab: FirewallLab) -> None:
    """A firewall that forgets its connections drops answers: the way back is followed too."""
    lab.load(GOOD.replace("    ct state established,related accept\n    iifname", "    iifname", 1))
    result = one(lab.run(allow("a", "pc", "web", "tcp", 443)))
    assert result["evidence"]["found"][0] == "fw dropped the answer"
    assert result["evidence"]["answer_path"][-1].startswith("fw srv in")


def test_a_missing_route_is_named(lab: FirewallLab) -> None:
    """A node without a route is the reason, not just silence."""
    lab.net.run("fw", "ip route add unreachable 10.9.0.0/16")
    lab.net.run("fw", "ip route add blackhole 10.8.0.0/16")
    try:
        whys = {"10.9.1.1": "a route that says unreachable", "10.8.1.1": "a black hole", "10.7.1.1": "no route"}
        results = lab.run(
            *(
                {**allow(address, "pc", "web", "udp", 9), "to": None, "flow": packet("udp", address, 9)}
                for address in whys
            )
        )
        for address, why in whys.items():
            assert f"fw has {why} to {address}" in results[address]["evidence"]["found"]
    finally:
        lab.net.run("fw", "ip route del unreachable 10.9.0.0/16")
        lab.net.run("fw", "ip route del blackhole 10.8.0.0/16")


def test_a_dead_next_hop_is_named(lab: FirewallLab) -> None:
    """Where nobody answers ARP, that is said."""
    case = {**allow("a", "pc", "web", "udp", 53), "to": None, "flow": packet("udp", "10.0.3.77", 53)}
    assert "fw's next hop 10.0.3.77 does not answer ARP" in one(lab.run(case))["evidence"]["found"]


def test_somebody_elses_echo_reply_is_no_proof(lab: FirewallLab) -> None:
    """A firewall that answers for the receiver does not pass for it."""
    lab.net.run("fw", "nft add table ip nat")
    lab.net.run("fw", "nft add chain ip nat pre { type nat hook prerouting priority -100 ; }")
    lab.net.run("fw", f"nft add rule ip nat pre ip daddr {WEB} icmp type echo-request redirect")
    result = one(lab.run(allow("a", "pc", "web", "icmp")))
    assert result["verdict"] == "failed"
    assert "somebody else answered" in result["reason"]


def test_a_service_with_a_wrong_page_fails(lab: FirewallLab) -> None:
    """http means the page that the lab says, not any answer."""
    lab.services[0].fields["page"] = "hello"
    resources = lab.resources()
    next(r for r in resources if r["id"] == "service/web/http")["spec"] = {
        "fields": {"page": "another"},
        "service": "http",
    }
    before, lab.resources = lab.resources, lambda: resources  # type: ignore[method-assign]
    try:
        assert "not the one" in one(lab.run(allow("a", "pc", "web", "tcp", 80, **HTTP)))["reason"]
    finally:
        lab.resources = before  # type: ignore[method-assign]


def test_captures_of_both_ends_come_with_a_failure(lab: FirewallLab) -> None:
    """The sender's capture holds the packet, the receiver's does not, and both are pcap files."""
    captures = one(lab.run(allow("a", "world", "web", "tcp", 22)))["evidence"]["captures"]
    sender, receiver = (base64.b64decode(captures[name]) for name in ("sender", "receiver"))
    assert sender[:4] == receiver[:4] == struct.pack("=I", 0xA1B2C3D4)
    assert len(sender) > 24 + 16 + 54
    assert len(receiver) == 24


# --- Denies -------------------------------------------------------------------------------------------------


def leaking(source_port: int = 0) -> dict[str, Any]:
    packets = [packet(p, WEB, 99, source_port) for p in ("tcp", "udp")]
    return deny("d", "world", "web", packets, control("world", "web", "tcp", 80))


def test_what_is_denied_is_closed_without_waiting(lab: FirewallLab) -> None:
    """When the control has arrived and the denied packets have not, that is the verdict: in milliseconds."""
    result = one(lab.run(leaking()))
    assert result["verdict"] == "passed"
    assert result["milliseconds"] < 500


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
@pytest.mark.parametrize("source_port", [20, 53, 123])
def test_a_leak_of_a_source_port_is_found(lab: FirewallLab, protocol: str, source_port: int) -> None:
    """A rule that lets in what comes from a port is caught, and named with its line."""
    rule = f'iifname "wan" {protocol} sport {source_port} accept'
    lab.load(GOOD.replace("# names", rule))
    results = lab.run({**leaking(), "id": "other"}, {**leaking(source_port), "id": "leak"})
    assert results["other"]["verdict"] == "passed"
    assert results["leak"]["verdict"] == "failed"
    assert (
        results["leak"]["reason"]
        == f"a denied packet arrived: {protocol} from source port {source_port} to {WEB} port 99"
    )
    assert results["leak"]["evidence"]["rules"][0]["configuration"]["text"] == rule
    assert lab.ground.traced == set()
    assert "labc_trace" not in lab.net.run("fw", "nft list tables")


def test_a_leak_is_not_remembered_once_it_is_closed(lab: FirewallLab) -> None:
    """Connections that a leak left in the firewall do not fail the corrected one: fixed ports are forgotten first."""
    echo = deny("d", "world", "web", [packet("udp", WEB, 53, 53)], control("world", "web", "tcp", 80))
    lab.load(GOOD.replace("# names", 'iifname "wan" udp sport 53 accept'))
    assert one(lab.run(echo))["verdict"] == "failed"
    lab.load(GOOD)
    assert one(lab.run(echo))["verdict"] == "passed"


def test_a_silent_control_is_no_verdict(lab: FirewallLab) -> None:
    """A firewall that drops everything passes no deny."""
    lab.load(GOOD.replace('oifname "srv" tcp dport 80 accept', 'oifname "srv" tcp dport 80 drop'))
    result = one(lab.run(leaking()))
    assert result["verdict"] == "could not run"
    assert "silence proves nothing" in result["reason"]


def test_a_deny_without_a_control_is_no_verdict(lab: FirewallLab) -> None:
    """No control, no pass."""
    assert one(lab.run({**leaking(), "control": None}))["verdict"] == "could not run"


def test_a_deny_without_packets_is_no_verdict(lab: FirewallLab) -> None:
    """A test that checks nothing is not passed."""
    assert one(lab.run({**leaking(), "packets": []}))["verdict"] == "could not run"


def test_a_control_over_another_path_is_told(lab: FirewallLab) -> None:
    """The result says where the control came from."""
    case = {**leaking(), "control": {**flow("pc", "web", "tcp", 80), "same_path": False}}
    assert one(lab.run(case))["notes"] == [f"the control came from pc ({PC}), not over the same path"]


def test_a_firewall_guards_itself(lab: FirewallLab) -> None:
    """With capture "stack", what reaches the port and is dropped by INPUT has not arrived; what passes INPUT has."""
    guarded = deny(
        "d", "pc", "fw", [packet("tcp", FW, 22), packet("udp", FW, 161)], control("pc", "fw", "icmp"), capture="stack"
    )
    assert one(lab.run(guarded))["verdict"] == "passed"
    lab.load(GOOD.replace("icmp type echo-request accept", "icmp type echo-request accept\n    tcp dport 22 accept"))
    result = one(lab.run(guarded))
    assert result["verdict"] == "failed"
    assert result["evidence"]["rules"][0]["configuration"]["text"] == "tcp dport 22 accept"


def test_ipv6_leaks_too(lab: FirewallLab) -> None:
    """A rule for one family only is found by the packets of the other."""
    lab.load(GOOD.replace("# names", 'iifname "wan" meta nfproto ipv6 udp dport 9 accept'))
    six = ADDRESSES["web6"]
    case = deny("d", "world", "web", [packet("udp", six, 9)], control("world", "web", "tcp", 80, six=True))
    case["from"], case["to"] = end("world", six=True), end("web", six=True)
    assert one(lab.run(case))["verdict"] == "failed"


STRAYS = [("ack", "ACK"), ("syn-ack", "SYN+ACK")]


def stray(flags: str, source_port: int = 0) -> dict[str, Any]:
    return deny(
        "d", "world", "web", [packet("tcp", WEB, 99, source_port, flags=flags)], control("world", "web", "tcp", 80)
    )


@pytest.mark.parametrize(("flags", "said"), STRAYS)
@pytest.mark.parametrize("source_port", [0, 443])
def test_a_packet_of_no_connection_is_stopped_and_a_leak_is_named(
    lab: FirewallLab, flags: str, said: str, source_port: int
) -> None:
    """A stateful firewall stops it; one that takes the flag for a connection is found out, and what the receiver answers
    is not taken for the packet."""
    assert one(lab.run(stray(flags, source_port)))["verdict"] == "passed"
    rule = "tcp flags & (syn | ack) == " + ("ack accept" if flags == "ack" else "syn | ack accept")
    lab.load(GOOD.replace("# names", rule))
    result = one(lab.run(stray(flags, source_port)))
    assert result["verdict"] == "failed"
    assert f"tcp {said} of no connection" in result["reason"]
    assert result["evidence"]["rules"][0]["configuration"]["text"] == rule
    assert result["evidence"]["path"][-1].startswith("web eth0 in")


@pytest.mark.parametrize("flags", ["ack", "syn-ack"])
@pytest.mark.parametrize("invalid", ["", "ct state invalid drop", "ct state invalid accept"])
def test_connection_tracking_calls_a_stray_new_or_invalid(lab: FirewallLab, flags: str, invalid: str) -> None:
    """A bare ACK is new to Linux (nf_conntrack_tcp_loose), SYN+ACK is invalid; only a rule that lets such in lets it in."""
    lab.load(GOOD.replace("# names", invalid))
    leaks = flags == "syn-ack" and invalid.endswith("accept")
    assert one(lab.run(stray(flags)))["verdict"] == ("failed" if leaks else "passed")


def test_flags_that_no_probe_knows_are_no_verdict(lab: FirewallLab) -> None:
    result = one(lab.run(stray("urg")))
    assert (result["verdict"], result["reason"]) == ("could not run", "no probe sends tcp with 'urg'")


# --- Beside -------------------------------------------------------------------------------------------------


def test_a_probe_beside_has_an_address_of_its_own(lab: FirewallLab) -> None:
    """An address that no node has is tried from, and to."""
    stranger = end("web", address="10.0.2.77", place="beside")
    case = deny("d", "world", "web", [packet("tcp", "10.0.2.77", 99)], control("world", "web", "tcp", 80))
    case["to"] = stranger
    case["control"] = {"from": end("world"), "flow": packet("tcp", "10.0.2.77", 80), "service": None, "same_path": True}
    assert one(lab.run(case))["verdict"] == "passed"
    lab.load(GOOD.replace("# names", 'iifname "wan" ip daddr 10.0.2.77 accept'))
    assert one(lab.run(case))["verdict"] == "failed"


# --- Scripts ------------------------------------------------------------------------------------------------

STREAM = step("stream", "pc", "web", "tcp", 80, **HTTP)
PING = step("ping", "pc", "web", "icmp", every=20 * MS, label="p")
CUT, HEAL = step("cut", target="port/fw/srv"), step("heal", target="port/fw/srv")


def test_a_stream_outlives_a_cut(lab: FirewallLab) -> None:
    """The link goes, the link comes, TCP goes on; the outage is at least as long as the cut."""
    recovers = step("check", checks=[check("outage", "<", 5 * SECOND), check("alive", "==", True)])
    real = step("check", checks=[check("outage", ">", 200 * MS)])
    result = one(lab.run(script("s", STREAM, CUT, {**HEAL, "after": 300 * MS}, recovers, real)))
    assert (result["verdict"], result["reason"]) == ("passed", "")


def test_a_loss_for_good_is_an_outage_without_end(lab: FirewallLab) -> None:
    """A link that never comes back fails the check as soon as the limit is over, not before and not much later."""
    never = script("s", STREAM, CUT, step("check", checks=[check("outage", "<", SECOND)]))
    result = one(lab.run(never))
    assert result["verdict"] == "failed"
    assert "it goes on" in result["reason"]
    assert 1000 < result["milliseconds"] < 2500
    assert lab.ground.undone == []
    assert lab.ground.state("port/fw/srv") == "up"


def test_a_firewall_that_never_recovers_fails(lab: FirewallLab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The link is healed, the firewall has forgotten the connection: the stream is dead though the link is up."""

    cut = TinyGround.cut

    def cut_and_forget(ground: TinyGround, target: str) -> None:
        cut(ground, target)
        lab.load(GOOD.replace("ct state established,related accept", "", 1).replace("@published", "8080"))

    monkeypatch.setattr(TinyGround, "cut", cut_and_forget)
    checks = step("check", checks=[check("alive", "==", True)], within=SECOND)
    result = one(lab.run(script("s", STREAM, CUT, {**HEAL, "after": 100 * MS}, checks)))
    assert result["verdict"] == "failed"
    assert "is dead" in result["reason"]


def test_a_stopped_service_kills_its_streams(lab: FirewallLab) -> None:
    """Stopping closes; the stream says why it died; the service runs again after the case."""
    stop = step("stop", target="service/web/http")
    result = one(lab.run(script("s", STREAM, stop, step("check", checks=[check("alive", "==", True)]))))
    assert result["verdict"] == "failed"
    assert "the other side closed it" in result["reason"] or "reset" in result["reason"]
    assert one(lab.run(allow("a", "pc", "web", "tcp", 80, **HTTP)))["verdict"] == "passed"


def test_what_is_stopped_does_not_answer(lab: FirewallLab) -> None:
    """`expect not` while a service is stopped, `state` of it, and that it is back after `start`."""
    steps = [
        step("stop", target="service/web/http"),
        step("expect-not", "pc", "web", "tcp", 80, **HTTP),
        step("check", checks=[check("state", "==", "stopped", "service/web/http")]),
        step("start", target="service/web/http"),
        step("expect", "pc", "web", "tcp", 80, within=2 * SECOND, **HTTP),
        step(
            "check",
            checks=[check("state", "==", "running", "service/web/http"), check("state", "==", "up", "port/fw/srv")],
        ),
    ]
    assert one(lab.run(script("s", *steps)))["reason"] == ""


def test_ping_counts_what_is_lost(lab: FirewallLab) -> None:
    """Loss is what was not answered, of what was sent."""

    def drop(event: dict[str, Any]) -> None:
        if event["event"] == "began":
            threading.Timer(
                0.4,
                lab.load,
                [
                    GOOD.replace("meta l4proto { icmp, ipv6-icmp } accept", 'accept comment "x"').replace(
                        "ct state established,related accept", "icmp type echo-reply drop", 1
                    )
                ],
            ).start()

    watch = [
        PING,
        step("wait", after=700 * MS),
        step("check", checks=[check("loss", ">", 10_000, "p"), check("sent", ">", 10, "p")]),
    ]
    assert one(lab.run(script("s", *watch), tell=drop))["reason"] == ""
    lab.load(GOOD)
    result = one(lab.run(script("s", *watch, step("check", checks=[check("loss", "<", 10_000)])), tell=drop))
    assert result["verdict"] == "failed"
    assert " lost " in result["reason"]
    assert result["evidence"]["captures"].keys() == {"sender", "receiver"}


def test_send_counts_what_arrives(lab: FirewallLab) -> None:
    """Ten packets go, ten arrive; of denied ones none."""

    def counted(port: int, received: int) -> dict[str, Any]:
        return script(
            "s",
            step("send", "pc", "web", "udp", port, count=10),
            step("check", checks=[check("sent", "==", 10), check("received", "==", received)]),
        )

    assert one(lab.run(counted(53, 10)))["reason"] == ""
    assert one(lab.run(counted(54, 0)))["reason"] == ""
    assert "0 of 10 packets" in one(lab.run(counted(54, 10)))["reason"]


def test_expect_not_needs_a_control(lab: FirewallLab) -> None:
    """A written deny takes an allowed flow of the plan as control, else a neighbour's packet; a leak fails with its rule."""
    denied = script("s", step("expect-not", "world", "web", "tcp", 443))
    assert one(lab.run(denied))["notes"] == ["the control came from fw (10.0.2.1), not over the same path"]
    results = lab.run(denied, allow("a", "world", "web", "tcp", 80, **HTTP))
    assert results["s"]["notes"] == []
    lab.load(GOOD.replace("# names", 'iifname "wan" tcp dport 443 accept'))
    result = lab.run(denied)["s"]
    assert result["verdict"] == "failed"
    assert result["evidence"]["rules"][0]["configuration"]["text"] == 'iifname "wan" tcp dport 443 accept'


def test_within_waits_for_what_comes(lab: FirewallLab) -> None:
    """`within` tries until it works, and not longer."""
    steps = [CUT, step("expect", "pc", "web", "tcp", 443, within=3 * SECOND)]

    def heal(event: dict[str, Any]) -> None:
        if event["event"] == "began":
            threading.Timer(0.6, lab.net.run, ["", f"ip link set dev {lab.net.far['port/fw/srv']} up"]).start()

    result = one(lab.run(script("s", *steps), tell=heal))
    assert (result["verdict"], result["milliseconds"] < 2500) == ("passed", True)


def test_a_test_that_checks_nothing_is_no_pass(lab: FirewallLab) -> None:
    """Sending alone proves nothing."""
    assert one(lab.run(script("s", step("send", "pc", "web", "udp", 53))))["verdict"] == "could not run"


@pytest.mark.parametrize(
    "case",
    [
        {"id": "x", "kind": "unheard of"},
        {"id": "x", "kind": "deny"},
        {
            "id": "x",
            "kind": "script",
            "steps": [{"verb": "check", "checks": [{"subject": "outage", "operator": "<", "value": 1}]}],
        },
        {"id": "x", "kind": "script", "steps": [{"verb": "expect"}]},
        {"id": "x", "kind": "script", "steps": [{"verb": "fly"}, {"verb": "expect"}]},
        {**allow("x", "pc", "web", "tcp", 80), "from": end("nobody", address="10.0.0.1")},
        script("x", step("cut", target="port/no/where"), step("expect", "pc", "web", "icmp")),
    ],
)
def test_a_case_that_cannot_be_read_says_so(lab: FirewallLab, case: dict[str, Any]) -> None:
    """Whatever is wrong with a case is its own: an answer, and the others go on."""
    results = lab.run(case, allow("sound", "pc", "web", "icmp"))
    assert results["x"]["verdict"] == "could not run"
    assert results["sound"]["verdict"] == "passed"


def test_hundreds_of_cases_take_seconds(lab: FirewallLab) -> None:
    """Cases run side by side in one process."""
    cases = [
        allow(f"a{n}", "pc", "web", *(("tcp", 80), ("udp", 53), ("icmp", 0), ("tcp", 443))[n % 4]) for n in range(200)
    ]
    cases += [{**leaking((0, 20, 53)[n % 3]), "id": f"d{n}"} for n in range(100)]
    began = time.monotonic()
    results = lab.run(*cases)
    assert {result["verdict"] for result in results.values()} == {"passed"}
    assert time.monotonic() - began < 5


@pytest.mark.program("tcpdump")
def test_tcpdump_reads_a_capture(lab: FirewallLab, tmp_path: Path) -> None:
    """The file is one that every tool reads."""
    data = one(lab.run(allow("a", "world", "web", "tcp", 22)))["evidence"]["captures"]["sender"]
    (tmp_path / "c.pcap").write_bytes(base64.b64decode(data))
    done = subprocess.run(["tcpdump", "-nr", tmp_path / "c.pcap"], capture_output=True, text=True, check=True)
    assert f"> {WEB}.22: Flags [S]" in done.stdout


def test_evidence_shows_no_secret(lab: FirewallLab) -> None:
    """A rule set that holds a secret is shown as the plan has it, and captures keep headers alone."""
    secret = "hunter2-" + "x" * 8
    lab.load(GOOD.replace("# names", f'iifname "wan" udp sport 53 accept comment "{secret}"'))
    lab.rules = lab.rules.replace(secret, "\0secret:env:KEY\0")
    result = one(lab.run(leaking(53)))
    assert result["verdict"] == "failed"
    assert secret not in str(result)
    assert result["evidence"]["rules"][0]["rule"] == 'iifname "wan" udp sport 53 accept comment "‹secret›"'
    data = base64.b64decode(result["evidence"]["captures"]["receiver"])
    assert struct.unpack_from("=I", data, 16) == (66,)


@pytest.mark.parametrize("six", [False, True])
def test_an_echo_sent_again_is_new_to_the_firewall(lab: FirewallLab, six: bool) -> None:
    """Evidence sends one echo several times; what a rule says of the first it must say of each."""
    lab.load(
        "table inet filter {\n chain forward {\n type filter hook forward priority 0; policy drop;\n"
        " ct state new counter accept\n meta l4proto { icmp, ipv6-icmp } accept\n }\n}\n"
    )
    source, target = (ADDRESSES[name + ("6" if six else "")] for name in ("pc", "web"))
    forgetter = Forgetter(lab.net.inside("fw"))
    for again in (False, True, True):
        if again:
            forgetter.forget("icmp", source, target, 7, 0)
        _echo(lab, source, target, 7)
    forgetter.close()
    listed = lab.net.run("fw", "nft list ruleset")
    assert "ct state new counter packets 3 " in listed


def _echo(lab: FirewallLab, source: str, target: str, identifier: int) -> None:
    six = ":" in target
    with lab.net.inside("pc"):
        opened = socket.socket(
            socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_RAW, packets.ICMP6 if six else packets.ICMP
        )
    with opened:
        opened.settimeout(5)
        opened.sendto(packets.echo_message(source, target, identifier, 1, bytes(packets.COOKIE)), (target, 0))
        opened.recv(1500)
