"""Services, leases and captures in a lab of the netns backend."""

from __future__ import annotations

import os
import struct
import subprocess
from pathlib import Path

import pytest

from labc.compiler.plan.model import Plan
from tests.real.netns_lab import NetnsLab
from tests.real.test_netns import TWO_USERS, lab, user
from tests.unit.runtime import plans

__all__ = ["lab", "user"]  # fixtures
pytestmark = pytest.mark.program("nft", "setpriv", "nsenter", "ip")

FETCH = "import sys, urllib.request as u; print(u.urlopen('http://' + sys.argv[1], timeout=5).read().decode(), end='')"


def serving(page: str = "hello") -> Plan:
    """A web server and a client that gets its address by DHCP."""
    resources = plans.plan(
        plans.node("web"),
        plans.node("pc"),
        plans.segment("lan"),
        plans.port("web", "eth0", "lan", "10.0.0.1/24"),
        plans.port("pc", "eth0", "lan", dhcp=True),
        plans.service("web", "http", "tcp/80", page=page),
        plans.service(
            "web", "dhcp", "udp/67", first="10.0.0.50", last="10.0.0.60", gateway="10.0.0.1", lease=3600 * 10**9
        ),
    ).resources
    return plans.plan(*resources)


def services_process(lab: NetnsLab) -> int:
    """Its pid on this host: the one of ours among the processes of its name."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().split(b"\0")
            parents = (process / "status").read_text()
        except OSError:
            continue
        if b"labc.runtime.services" in line and f"PPid:\t{lab.holder()}\n" in parents:
            return int(process.name)
    raise AssertionError("no services' process")


@TWO_USERS
def test_up_ends_when_services_answer_and_leases_are_there(lab: NetnsLab) -> None:
    """The first request already finds both."""
    done = lab.up(serving())
    assert done["status"] == 0, done
    assert lab.execute("pc", "python3", "-c", FETCH, "10.0.0.1").stdout == "hello"
    assert lab.up(serving())["actions"] == []
    assert lab.status()["drift"] == []


@TWO_USERS
def test_a_killed_services_process_is_seen_and_healed(lab: NetnsLab) -> None:
    """It is a resource like others."""
    lab.up(serving())
    os.kill(services_process(lab), 9)
    drift = lab.status()["drift"]
    assert any(line.startswith("+ service/web/http") for line in drift), drift
    assert lab.up(serving())["status"] == 0
    assert lab.execute("pc", "python3", "-c", FETCH, "10.0.0.1").stdout == "hello"
    assert lab.status()["drift"] == []


def naming(*servers: str) -> Plan:
    """As `serving`, and the client learns name servers."""
    others = [each for each in serving().resources if each.id not in ("service/web/dhcp", "node/pc")]
    dhcp = plans.service("web", "dhcp", "udp/67", first="10.0.0.50", last="", gateway="", dns=list(servers), lease=0)
    return plans.plan(*others, plans.node("pc", nameservers=["10.0.0.9"]), dhcp)


@TWO_USERS
def test_leased_name_servers_stand_in_resolv_conf(lab: NetnsLab) -> None:
    """Behind those that the plan states, in a node where something ran before and in one where nothing did; it is no drift."""
    lab.up(naming("10.0.0.1", "10.0.0.2"))
    learned = "nameserver 10.0.0.9\nnameserver 10.0.0.1\nnameserver 10.0.0.2\n"
    assert lab.execute("pc", "cat", "/etc/resolv.conf").stdout == learned
    assert lab.status()["drift"] == []
    os.kill(services_process(lab), 9)
    assert lab.up(naming("10.0.0.3"))["status"] == 0
    assert lab.execute("pc", "cat", "/etc/resolv.conf").stdout == "nameserver 10.0.0.9\nnameserver 10.0.0.3\n"
    assert lab.up(naming("10.0.0.3"))["actions"] == []


def test_a_resolv_conf_written_by_hand_is_drift_and_healing_keeps_what_was_leased(lab: NetnsLab) -> None:
    """Only what DHCP told is set aside."""
    lab.up(naming("10.0.0.1"))
    lab.execute("pc", "sh", "-c", "echo nameserver 192.0.2.1 > /etc/resolv.conf")
    assert any("192.0.2.1" in line for line in lab.status()["drift"])
    assert lab.up(naming("10.0.0.1"))["status"] == 0
    assert lab.execute("pc", "cat", "/etc/resolv.conf").stdout == "nameserver 10.0.0.9\nnameserver 10.0.0.1\n"


def test_a_leased_address_taken_away_is_leased_again(lab: NetnsLab) -> None:
    """The lease is not the address: both are looked at."""
    lab.up(serving())
    lab.execute("pc", "ip", "addr", "flush", "dev", "eth0")
    assert [line.split(" (")[0] for line in lab.status()["drift"]] == ["~ port/pc/eth0"]
    assert lab.up(serving())["status"] == 0
    assert lab.execute("pc", "python3", "-c", FETCH, "10.0.0.1").stdout == "hello"


def test_a_changed_page_is_served_at_once(lab: NetnsLab) -> None:
    """In place, and only that service is touched."""
    lab.up(serving())
    done = lab.up(serving("bye"))
    assert [line.split()[1] for line in done["actions"]] == ["service/web/http"]
    assert lab.execute("pc", "python3", "-c", FETCH, "10.0.0.1").stdout == "bye"


def test_a_removed_node_takes_its_services_along(lab: NetnsLab) -> None:
    """Nothing keeps its namespace."""
    lab.up(serving())
    rest = plans.plan(plans.node("pc"), plans.segment("lan"), plans.port("pc", "eth0", "lan", "10.0.0.2/24"))
    assert lab.up(rest)["status"] == 0
    assert lab.status()["drift"] == []
    assert lab.status()["found"] == {"node": 1, "segment": 1, "port": 1}


@TWO_USERS
def test_a_capture_holds_the_packets_of_a_port(lab: NetnsLab) -> None:
    """As pcap, from its first 24 bytes on, with nothing installed in the node."""
    lab.up(serving())
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from labc.runtime.attach import capture\n"
        "with capture(sys.argv[2], 'web', 'eth0') as packets:\n"
        "    sys.stdout.buffer.write(packets.read(24)); sys.stdout.flush(); sys.stdin.readline()\n"
        "    head = packets.read(16); sys.stdout.buffer.write(head)\n"
        "    sys.stdout.buffer.write(packets.read(int.from_bytes(head[8:12], 'little')))\n"
    )
    root = str(Path(__file__).resolve().parents[2])
    command = [*lab._command([])[:-1], "-c", code, root, lab.name]
    process = subprocess.Popen(command, env=lab._environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    head = process.stdout.read(24)
    assert struct.unpack("=IHH", head[:8]) == (0xA1B23C4D, 2, 4)
    lab.execute("pc", "python3", "-c", FETCH, "10.0.0.1")
    frame = process.communicate(b"\n", timeout=30)[0]
    size = int.from_bytes(frame[8:12], "little")
    assert len(frame) == 16 + size
    assert frame[16 + 12 : 16 + 14] in {b"\x08\x00", b"\x08\x06"}
