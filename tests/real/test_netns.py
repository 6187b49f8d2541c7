"""The netns backend on this machine's kernel, as root and as an ordinary user: made, looked at, changed, removed."""

from __future__ import annotations

import itertools
import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from labc.compiler.plan.model import Plan, Resource
from tests.real.netns_lab import NOBODY, NetnsLab, Traces, interpreter
from tests.unit.runtime import plans

pytestmark = pytest.mark.program("nft", "setpriv", "nsenter", "ip")

_numbers = itertools.count()
TWO_USERS = pytest.mark.parametrize("user", ["root", "ordinary"])
FIREWALL = "table inet fw {\n  chain forward { type filter hook forward priority 0; policy accept; counter; }\n}\n"


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    return getattr(request, "param", "root" if os.geteuid() == 0 else "ordinary")


@pytest.fixture
def lab(user: str) -> Iterator[NetnsLab]:
    """An instance with a name of its own; afterwards it is gone and has left nothing."""
    if user == "root" and os.geteuid() != 0:
        pytest.skip("needs root")
    if interpreter(user) is None:
        pytest.skip("an ordinary user can run no Python with these packages here")
    name = f"t{os.getpid()}-{next(_numbers)}"
    with tempfile.TemporaryDirectory(prefix="labc-") as folder:
        Path(folder, "run").mkdir()
        if user != "root" and os.geteuid() == 0:
            for path in (folder, f"{folder}/run"):
                os.chown(path, NOBODY, NOBODY)
        before = Traces.now(name)
        made = NetnsLab(user, name, Path(folder))
        try:
            yield made
        finally:
            made.down()
            left = before.gone(name)
        assert left.empty, f"left behind: {left}"


def office(*more: Resource, mtu: int = 1500, address: str = "10.0.1.2/24", six: bool = True) -> Plan:
    """A client and a router on a bridge, a server behind the router on a direct link."""
    server = [address, "2001:db8:1::2/64"] if six else [address]
    return plans.plan(
        plans.node("router", forward=True),
        plans.node("pc", hosts=[["10.0.1.2", "server"]], nameservers=["10.0.1.2"]),
        plans.node("server"),
        plans.segment("lan", mtu=mtu),
        plans.segment("wan", direct=True, ends=[["node/router", "wan"], ["node/server", "eth0"]]),
        plans.port("router", "lan", "lan", "10.0.0.1/24", "2001:db8::1/64", mac="02:00:00:00:00:01"),
        plans.port("router", "wan", "wan", "10.0.1.1/24", "2001:db8:1::1/64"),
        plans.port("pc", "eth0", "lan", "10.0.0.2/24", "2001:db8::2/64"),
        plans.port("server", "eth0", "wan", *server),
        plans.route("pc", "0.0.0.0/0", "10.0.0.1", needs=("port/pc/eth0",)),
        plans.route("pc", "::/0", "2001:db8::1", needs=("port/pc/eth0",)),
        plans.route("server", "10.0.0.0/24", "10.0.1.1", needs=("port/server/eth0",)),
        plans.route("server", "2001:db8::/64", "2001:db8:1::1", needs=("port/server/eth0",)),
        plans.ruleset("router", "fw", FIREWALL),
        plans.file("pc", "conf", "/etc/labc.d/a.conf", "one\n"),
        *more,
    )


def reaches(lab: NetnsLab, node: str, address: str) -> bool:
    """A UDP packet gets there: the port that nobody listens on answers with ICMP, which only a way there and back brings."""
    probe = (
        "import socket,sys\n"
        "s=socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)\n"
        "s.settimeout(5); s.connect((sys.argv[1], 9))\n"
        "s.send(b'x')\n"
        "try: s.recv(1)\n"
        "except ConnectionRefusedError: sys.exit(0)\n"
        "sys.exit(1)\n"
    )
    return lab.execute(node, "python3", "-c", probe, address).returncode == 0


@TWO_USERS
def test_packets_pass_both_ways_in_both_families(lab: NetnsLab) -> None:
    """Bridge, direct link, forwarding and routes, as soon as `up` has ended."""
    assert lab.up(office())["status"] == 0
    assert reaches(lab, "pc", "10.0.1.2")
    assert reaches(lab, "pc", "2001:db8:1::2")


@TWO_USERS
def test_a_second_up_does_nothing(lab: NetnsLab) -> None:
    """What was made is what is observed, field by field."""
    lab.up(office())
    assert lab.up(office())["actions"] == []
    assert lab.status()["drift"] == []


@TWO_USERS
def test_a_node_is_a_machine_of_its_own(lab: NetnsLab) -> None:
    """Hostname, hosts, resolver, processes: its own; the host's are not touched."""
    lab.up(office())
    told = lab.execute(
        "pc", "sh", "-c", "hostname; cat /etc/hosts /etc/resolv.conf; ls /proc | grep -c '^[0-9]'; touch /etc/labc-x"
    )
    assert told.returncode == 0, told.stderr
    lines = told.stdout.split("\n")
    assert lines[0] == "pc"
    assert "10.0.1.2\tserver" in lines
    assert "nameserver 10.0.1.2" in lines
    assert int(lines[-2]) <= 5
    assert not Path("/etc/labc-x").exists()


@TWO_USERS
def test_a_command_s_status_is_its_own(lab: NetnsLab) -> None:
    """127 for no such command, 125 for no such node, 128 and the signal for one that was killed."""
    lab.up(office())
    assert lab.execute("pc", "sh", "-c", "exit 7").returncode == 7
    assert lab.execute("pc", "sh", "-c", "kill -9 $$").returncode == 137
    assert lab.execute("pc", "no-such-command").returncode == 127
    assert lab.execute("nobody-here", "true").returncode == 125


@TWO_USERS
def test_killing_the_holder_removes_the_lab(lab: NetnsLab) -> None:
    """Its processes too; `up` makes all anew."""
    lab.up(office())
    lab.execute("pc", "true")
    os.kill(lab.holder(), 9)
    assert lab.status()["running"] is False
    assert len(lab.up(office())["actions"]) == len(office().resources)


@TWO_USERS
def test_the_holder_is_found_without_its_note(lab: NetnsLab) -> None:
    """By its arguments."""
    lab.up(office())
    (lab.runtime / "holder").unlink()
    assert lab.up(office())["actions"] == []


def test_two_instances_live_side_by_side(lab: NetnsLab) -> None:
    """Removing one leaves the other as it was, addresses, names and all."""
    other = NetnsLab(lab.user, lab.name + "-b", lab.folder)
    lab.up(office())
    try:
        assert other.up(office())["status"] == 0
        assert reaches(other, "pc", "10.0.1.2")
    finally:
        other.down()
    assert lab.status()["drift"] == []
    assert reaches(lab, "pc", "10.0.1.2")


SHUT = "table inet shut { chain f { type filter hook forward priority 0; policy drop; }; chain o { type filter hook output priority 0; policy drop; }; }"
NOWHERE = "lladdr 02:00:00:00:00:99"
DRIFTS = {
    "address": ("pc", "ip addr del 10.0.0.2/24 dev eth0", "~ port/pc/eth0"),
    "extra address": ("pc", "ip addr add 10.9.9.9/24 dev eth0", "~ port/pc/eth0"),
    "route": ("pc", "ip route del default", "+ route/pc/0.0.0.0/0"),
    "ipv6 route": ("pc", "ip -6 route del default", "+ route/pc/::/0"),
    "link down": ("pc", "ip link set eth0 down", "~ port/pc/eth0"),
    "link gone": ("pc", "ip link del eth0", "+ port/pc/eth0"),
    "direct link gone": ("server", "ip link del eth0", "+ segment/wan"),
    "mac": ("router", "ip link set lan address 02:00:00:00:00:99", "~ port/router/lan"),
    "mtu": ("pc", "ip link set eth0 mtu 1300", "~ port/pc/eth0"),
    "forwarding": ("router", "echo 0 > /proc/sys/net/ipv4/ip_forward", "~ node/router"),
    "rule": ("router", "nft flush chain inet fw forward", "~ ruleset/router/fw"),
    "policy": ("router", "nft 'add chain inet fw forward { policy drop; }'", "~ ruleset/router/fw"),
    "table": ("router", "nft delete table inet fw", "~ ruleset/router/fw"),
    "hosts": ("pc", "echo 1.2.3.4 x >> /etc/hosts", "~ node/pc"),
    "hosts gone": ("pc", "rm /etc/hosts", "~ node/pc"),
    "file": ("pc", "echo two > /etc/labc.d/a.conf", "~ file/pc/conf"),
    "file gone": ("pc", "rm -r /etc/labc.d", "~ file/pc/conf"),
    "file's mode": ("pc", "chmod 600 /etc/labc.d/a.conf", "~ file/pc/conf"),
    "loopback": ("pc", "ip link set lo down", "~ node/pc"),
    "rule of routing gone": ("pc", "ip rule del pref 32766 && ip route del default", "~ node/pc"),
    "rule of routing": ("pc", "ip rule add prio 5 blackhole", "~ node/pc"),
    "ipv6 rule of routing": ("router", "ip -6 rule add prio 5 iif lan blackhole", "~ node/router"),
    "table of nobody": ("pc", f"nft '{SHUT}'", "~ node/pc"),
    "table of nobody beside the lab's": ("router", f"nft '{SHUT}'", "~ node/router"),
    "fixed neighbour": ("pc", f"ip neigh replace 10.0.0.1 {NOWHERE} nud permanent dev eth0", "~ node/pc"),
    "answers for others": ("router", "echo 1 > /proc/sys/net/ipv4/conf/lan/proxy_arp", "~ node/router"),
    "arp off": ("pc", "ip link set eth0 arp off", "~ port/pc/eth0"),
    "ipv6 off": ("pc", "echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6", "~ node/pc"),
    "ipv6 off everywhere": ("router", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6", "~ node/router"),
    "group": ("pc", "ip link set eth0 group 5", "~ port/pc/eth0"),
    "group of a direct link": ("server", "ip link set eth0 group 5", "~ port/server/eth0"),
    "another link under its name": ("pc", "ip link del eth0 && ip link add eth0 type bridge", "± port/pc/eth0"),
    "another link for a direct one": (
        "server",
        "ip link del eth0 && ip link add eth0 type bridge",
        "± port/server/eth0",
    ),
}


@pytest.mark.parametrize("drift", DRIFTS)
def test_drift_is_told_and_healed(lab: NetnsLab, drift: str) -> None:
    """A change by hand in every kind of resource shows in `status`, and `up` takes it back."""
    node, command, expected = DRIFTS[drift]
    lab.up(office())
    done = lab.execute(node, "sh", "-c", command)
    assert done.returncode == 0, done.stderr
    assert any(line.startswith(expected) for line in lab.status()["drift"]), lab.status()["drift"]
    assert lab.up(office())["status"] == 0
    assert lab.status()["drift"] == []
    assert reaches(lab, "pc", "10.0.1.2")


def test_what_a_daemon_adds_is_its_own(lab: NetnsLab) -> None:
    """Routes, rules and neighbours that say so in their protocol are no drift, and stay while a hand's are taken away."""
    lab.up(office())
    theirs = "ip route add 10.7.0.0/16 via 10.0.0.1 proto zebra; ip rule add prio 7 from 10.8.0.0/16 lookup 77 protocol zebra"
    theirs += f"; ip neigh add 10.0.0.77 {NOWHERE} nud permanent dev eth0 protocol zebra"
    done = lab.execute("pc", "sh", "-ec", theirs)
    assert done.returncode == 0, done.stderr
    assert lab.status()["drift"] == []
    lab.execute(
        "pc", "sh", "-c", f"ip rule add prio 8 prohibit; ip neigh add 10.0.0.78 {NOWHERE} nud permanent dev eth0"
    )
    assert lab.up(office())["status"] == 0
    left = lab.execute("pc", "sh", "-c", "ip route; ip rule; ip neigh").stdout
    assert all(text in left for text in ("10.7.0.0/16", "7:", "10.0.0.77"))
    assert not any(text in left for text in ("8:\t", "10.0.0.78"))


def test_every_table_that_a_rule_set_has_made_is_the_lab_s(lab: NetnsLab) -> None:
    """Wherever on a line its text begins it."""
    plan = office(plans.ruleset("pc", "two", "table inet here { }; table inet there { chain c { }; }\n"))
    assert lab.up(plan)["status"] == 0
    assert lab.execute("pc", "nft", "list", "tables").stdout == "table inet here\ntable inet there\n"
    assert lab.status()["drift"] == []
    assert lab.up(plan)["actions"] == []


FABRIC_DRIFTS = {
    "bridge gone": ["ip", "link", "del", "{bridge}"],
    "bridge down": ["ip", "link", "set", "{bridge}", "down"],
    "far end down": ["ip", "link", "set", "{far}", "down"],
    "far end off its bridge": ["ip", "link", "set", "{far}", "nomaster"],
    "pin gone": ["umount", "/run/labc/net/pc"],
}


@pytest.mark.parametrize("drift", FABRIC_DRIFTS)
def test_drift_in_the_fabric_is_healed(lab: NetnsLab, drift: str) -> None:
    """Bridges, far ends and pins are seen and put back."""
    from labc.runtime.backends.netns.links import fabric_name

    lab.up(office())
    names = {"bridge": fabric_name("segment/lan"), "far": fabric_name("port/pc/eth0")}
    lab.enter(*(word.format(**names) for word in FABRIC_DRIFTS[drift]))
    assert lab.status()["drift"]
    assert lab.up(office())["status"] == 0
    assert lab.status()["drift"] == []
    assert reaches(lab, "pc", "10.0.1.2")


def test_counters_are_no_drift(lab: NetnsLab) -> None:
    """Traffic changes what the kernel lists, and nothing that was asked for."""
    lab.up(office())
    assert reaches(lab, "pc", "10.0.1.2")
    assert "packets 0" not in lab.execute("router", "nft", "list", "ruleset").stdout
    assert lab.status()["drift"] == []


EDITS = {
    "mtu of a segment": (office(mtu=1400), ["segment/lan"]),
    "address": (office(address="10.0.1.3/24"), ["port/server/eth0"]),
    "a node more": (
        office(plans.node("new"), plans.port("new", "eth0", "lan", "10.0.0.9/24")),
        ["node/new", "port/new/eth0"],
    ),
    "a file": (office(plans.file("pc", "x", "/etc/x/y.conf", "hi\n")), ["file/pc/x"]),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_touches_only_what_it_changed(lab: NetnsLab, edit: str) -> None:
    """And its way back as well."""
    plan, touched = EDITS[edit]
    lab.up(office())
    done = lab.up(plan)
    assert done["status"] == 0
    assert [line.split()[1] for line in done["actions"]] == touched
    assert lab.up(plan)["actions"] == []
    lab.up(office())
    assert lab.status()["drift"] == []


def test_a_flow_between_untouched_nodes_loses_nothing(lab: NetnsLab) -> None:
    """While a node joins their segment and leaves it again."""
    count = 400
    sender = (
        "import socket,time\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\n"
        f"for i in range({count}): s.sendto(b'%d'%i,('10.0.0.1',5000)); time.sleep(0.005)\n"
    )
    receiver = (
        "import socket\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\ns.bind(('10.0.0.1',5000)); print('on',flush=True)\n"
        f"s.settimeout(10); print(len({{s.recv(9) for _ in range({count})}}))\n"
    )
    lab.up(office())
    listening = subprocess.Popen(
        lab._command(["exec", lab.name, "router", "python3", "-c", receiver]),
        env=lab._environment(), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert listening.stdout is not None
    assert listening.stdout.readline() == "on\n"
    sending = lab.begin("exec", lab.name, "pc", "python3", "-c", sender)
    more = office(plans.node("new"), plans.port("new", "eth0", "lan", "10.0.0.9/24"))
    assert lab.up(more)["status"] == 0
    assert lab.up(office())["status"] == 0
    assert sending.poll() is None, "the flow ended before the edit did: make it longer"
    assert sending.wait(30) == 0
    assert listening.communicate(timeout=30)[0] == f"{count}\n"


@TWO_USERS
def test_a_node_with_a_running_process_goes_whole(lab: NetnsLab) -> None:
    """Its process ends with it, and its namespace with both."""
    more = office(plans.node("new"), plans.port("new", "eth0", "lan", "10.0.0.9/24"))
    lab.up(more)
    sleeping = lab.begin("exec", lab.name, "new", "sleep", "1000")
    while "sleep" not in lab.execute("new", "ps", "ax").stdout:
        pass
    assert lab.up(office())["status"] == 0
    assert sleeping.wait(10) != 0


@TWO_USERS
def test_a_switch_carries_frames_between_segments(lab: NetnsLab) -> None:
    """A bridging node joins two segments without an address of its own."""
    plan = plans.plan(
        plans.node("a"), plans.node("b"), plans.node("sw", bridge=True), plans.segment("left"), plans.segment("right"),
        plans.port("a", "eth0", "left", "10.0.0.1/24"), plans.port("b", "eth0", "right", "10.0.0.2/24"),
        plans.port("sw", "p1", "left"), plans.port("sw", "p2", "right"),
    )  # fmt: skip
    assert lab.up(plan)["status"] == 0
    assert reaches(lab, "a", "10.0.0.2")
    assert lab.up(plan)["actions"] == []


def test_a_port_can_move_to_another_segment(lab: NetnsLab) -> None:
    """In place: the interface stays what it is."""

    def plan(segment: str) -> Plan:
        return plans.plan(
            plans.node("a"), plans.node("b"), plans.segment("one"), plans.segment("two"),
            plans.port("a", "eth0", segment, "10.0.0.1/24"), plans.port("b", "eth0", "two", "10.0.0.2/24"),
        )  # fmt: skip

    lab.up(plan("one"))
    moved = lab.up(plan("two"))
    assert moved["actions"] == ["~ port/a/eth0 (segment: segment/one → segment/two)"]
    assert reaches(lab, "a", "10.0.0.2")


def test_a_segment_can_become_a_direct_link(lab: NetnsLab) -> None:
    """Its ports are replaced, and packets pass again."""

    def plan(*, direct: bool) -> Plan:
        ends = [["node/a", "eth0"], ["node/b", "eth0"]] if direct else []
        return plans.plan(
            plans.node("a"), plans.node("b"), plans.segment("x", direct=direct, ends=ends),
            plans.port("a", "eth0", "x", "10.0.0.1/24"), plans.port("b", "eth0", "x", "10.0.0.2/24"),
        )  # fmt: skip

    for direct in (False, True, False):
        assert lab.up(plan(direct=direct))["status"] == 0
        assert reaches(lab, "a", "10.0.0.2")
        assert lab.up(plan(direct=direct))["actions"] == []


def test_routes_of_every_form(lab: NetnsLab) -> None:
    """Several next hops, a black hole, a metric, loopback addresses, in both families."""
    plan = plans.plan(
        plans.node("r", forward=True), plans.segment("x"),
        plans.port("r", "eth0", "x", "10.0.0.1/24", "2001:db8::1/64"),
        plans.port("r", "lo0", None, "10.255.0.1/32", "2001:db8:ff::1/128", form="loopback"),
        plans.route("r", "10.1.0.0/16", "10.0.0.2", "10.0.0.3", needs=("port/r/eth0",)),
        plans.route("r", "10.2.0.0/16"), plans.route("r", "2001:db8:2::/48"),
        plans.route("r", "10.3.0.0/16", "10.0.0.2", metric=50, needs=("port/r/eth0",)),
        plans.route("r", "2001:db8:3::/48", "2001:db8::2", "2001:db8::3", needs=("port/r/eth0",)),
    )  # fmt: skip
    assert lab.up(plan)["status"] == 0
    assert lab.up(plan)["actions"] == []
    told = lab.execute("r", "sh", "-c", "ip route; ip -6 route; ip addr show lo").stdout
    for expected in (
        "blackhole 10.2.0.0/16",
        "metric 50",
        "nexthop via 10.0.0.3",
        "10.255.0.1/32",
        "2001:db8:ff::1/128",
    ):
        assert expected in told


@TWO_USERS
def test_a_rate_holds(lab: NetnsLab) -> None:
    """A token bucket stands on both ends of the port."""
    plan = plans.plan(plans.node("a"), plans.segment("x"), plans.port("a", "eth0", "x", "10.0.0.1/24", rate=10_000_000))
    assert lab.up(plan)["status"] == 0
    assert "rate 10Mbit" in lab.execute("a", "tc", "qdisc").stdout
    assert lab.up(plan)["actions"] == []


@TWO_USERS
def test_what_cannot_be_made_yet_is_named_before_anything_is(lab: NetnsLab) -> None:
    """Status 6; all of them at once; nothing was started."""
    bond, tagged = plans.port("pc", "bond0", None, form="bond"), plans.port("pc", "t", "lan")
    tagged.spec["segments"][0]["tag"] = 7
    refused = lab.up(office(bond, tagged))
    assert refused["status"] == 6
    assert "port/pc/bond0" in refused["message"]
    assert "port/pc/t" in refused["message"]
    assert lab.status()["running"] is False


@TWO_USERS
def test_a_broken_rule_set_stops_only_itself(lab: NetnsLab) -> None:
    """Status 4, nft's own words, all else stands; mended, the next `up` finishes."""
    broken = plans.ruleset("pc", "bad", "table inet bad { chain x { nonsense } }")
    done = lab.up(office(broken))
    assert done["status"] == 4
    assert list(done["failed"]) == ["ruleset/pc/bad"]
    assert reaches(lab, "pc", "10.0.1.2")


@TWO_USERS
def test_a_rule_set_changes_in_one_transaction(lab: NetnsLab) -> None:
    """A failed load leaves the old rules in force; a good one leaves nothing of them."""
    lab.up(office(plans.ruleset("pc", "a", "table ip old { chain x { }\n}\n")))
    lab.up(office(plans.ruleset("pc", "a", "table ip new { chain x { nonsense }\n}\n")))
    assert "table ip old" in lab.execute("pc", "nft", "list", "ruleset").stdout
    lab.up(office(plans.ruleset("pc", "a", "flush ruleset\ntable ip new { chain x { }\n}\n")))
    assert lab.execute("pc", "nft", "list", "tables").stdout == "table ip new\n"
    lab.up(office())
    assert lab.execute("pc", "nft", "list", "tables").stdout == ""


@TWO_USERS
def test_a_secret_reaches_the_kernel_and_nothing_else(lab: NetnsLab) -> None:
    """Not the journal, not a message; a rotated one is drift."""
    secret = "s3cr3t" + os.urandom(6).hex()
    lab.environment["LABC_TEST_SECRET"] = secret
    text = 'table inet s {\n chain c { tcp dport 1 accept comment "\0secret:env:LABC_TEST_SECRET\0"; }\n}\n'
    plan = office(plans.ruleset("pc", "s", text), plans.ruleset("server", "b", text.replace("accept", "nonsense")))
    done = lab.up(plan)
    assert secret in lab.execute("pc", "nft", "list", "ruleset").stdout
    assert secret not in str(done)
    state = Path("/var/lib/labc", lab.name) if lab.user == "root" else lab.folder
    for path in [*state.rglob("*"), *lab.runtime.rglob("*")]:
        assert not path.is_file() or secret.encode() not in path.read_bytes(), path
    lab.environment["LABC_TEST_SECRET"] = "rotated"
    assert any(line.startswith("~ ruleset/pc/s (text:") for line in lab.status()["drift"])


@TWO_USERS
def test_another_lab_does_not_take_an_instance_over(lab: NetnsLab) -> None:
    """Status 5, with the name of the lab that runs."""
    lab.up(office())
    refused = lab.up(plans.plan(plans.node("x"), lab="other"))
    assert refused["status"] == 5
    assert "runs the lab t" in refused["message"]


def test_two_ups_at_once_have_one_writer(lab: NetnsLab) -> None:
    """The others are told who holds it; the lab is whole."""
    path = lab.written(office())
    running = [
        subprocess.Popen(
            lab._command(["up", lab.name, path]), env=lab._environment(), stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    answers = [process.communicate(timeout=60)[0] for process in running]
    assert any('"status": 0' in answer for answer in answers)
    assert all('"status": 0' in answer or "is held by pid" in answer for answer in answers)
    assert lab.status()["drift"] == []


@pytest.mark.parametrize("user", ["ordinary"], indirect=True)
def test_an_ordinary_user_s_path_is_enough(lab: NetnsLab) -> None:
    """nft and ip are found where the system keeps them, though Debian leaves that folder out of a user's path."""
    lab.environment["PATH"] = "/usr/bin:/bin"
    assert lab.up(office())["status"] == 0
    assert "table inet fw" in lab.execute("router", "nft", "list", "tables").stdout


@TWO_USERS
def test_the_umask_takes_nothing_from_a_lab(lab: NetnsLab) -> None:
    """What labc makes has the modes that it states; a command in a node has its caller's umask, as anywhere."""
    lab.environment["PYTHONDONTWRITEBYTECODE"] = "1"
    plan = lab.written(office())
    callers = os.umask(0o777)
    try:
        assert lab.ask("up", lab.name, plan)["status"] == 0
        told = lab.execute("pc", "sh", "-c", "stat -c %a /etc /etc/hosts /etc/labc.d /etc/labc.d/a.conf && umask")
        assert lab.ask("up", lab.name, plan)["actions"] == []
    finally:
        os.umask(callers)
    assert told.stdout.split() == ["755", "644", "755", "644", "0777"]
    state = Path("/var/lib/labc") if lab.user == "root" else lab.folder / ".local/state/labc"
    for folder in (lab.runtime.parent, lab.runtime, state / lab.name):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
    for file in (lab.runtime / "writer", state / lab.name / "journal.sqlite"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert lab.down()["status"] == 0
    assert not lab.runtime.exists()
