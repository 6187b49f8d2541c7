"""Drift by hand in what no resource of its own stands for: switches of the kernel, a services' process that hangs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from labc.runtime.backends.netns.links import fabric_name
from labc.runtime.instance import instance

from .conftest import LAB, Labc

pytestmark = pytest.mark.program("nft")
TWO_FAMILIES = LAB.replace("10.0.0.254 ", "10.0.0.254, 2001:db8::1/64 ").replace(
    "10.0.1.254 ", "10.0.1.254, 2001:db8:1::1/64 "
)


@pytest.mark.parametrize(
    ("switch", "value"),
    [
        ("ipv6/conf/all/forwarding", "0"),
        ("ipv4/conf/a/forwarding", "0"),
        ("ipv6/conf/b/forwarding", "0"),
        ("ipv4/conf/all/rp_filter", "1"),
        ("ipv4/conf/b/rp_filter", "1"),
    ],
)
def test_a_switch_of_the_kernel_is_drift(labc: Labc, switch: str, value: str) -> None:
    """Named with its node, put back as it was, and nothing else touched."""
    (labc.folder / "lab.net").write_text(TWO_FAMILIES)
    assert labc("up", "-y").returncode == 0
    assert labc("status").returncode == 0
    path = f"/proc/sys/net/{switch}"
    before = labc("exec", "gate", "cat", path).stdout
    assert before.strip() != value
    assert labc("exec", "gate", "sh", "-c", f"echo {value} > {path}").returncode == 0
    assert _drifted(labc) == ["node/gate"]
    assert labc("up", "-y").returncode == 0
    assert labc("exec", "gate", "cat", path).stdout == before
    assert labc("status").returncode == 0


@pytest.mark.parametrize(
    "route", ["10.7.0.0/16 via 10.0.0.254", "blackhole 10.8.0.0/16", "10.0.1.1/32 dev eth0 metric 3 proto static"]
)
def test_a_route_added_by_hand_is_drift(up: Labc, route: str) -> None:
    """It could mislead packets, so it is named and goes; the route of a routing daemon stays."""
    assert up("exec", "pc", "ip", "route", "add", "10.9.0.0/16", "via", "10.0.0.254", "proto", "bgp").returncode == 0
    assert up("status").returncode == 0
    assert up("exec", "pc", "ip", "route", "add", *route.split()).returncode == 0
    assert len(_drifted(up)) == 1
    assert up("up", "-y").returncode == 0
    assert up("status").returncode == 0
    left = up("exec", "pc", "ip", "route").stdout
    assert "10.9.0.0/16" in left
    assert not any(prefix in left for prefix in ("10.7.0.0", "10.8.0.0", "10.0.1.1 "))


def test_services_that_answer_nobody_are_drift(up: Labc) -> None:
    """A process that was stopped serves nobody: status says so soon, and up puts another in its place."""
    os.kill(_services(up.instance), signal.SIGSTOP)
    assert "service/web/http" in _drifted(up)
    assert up("up", "-y").returncode == 0
    assert up("test", "-k", "page").returncode == 0


@pytest.mark.program("tc")
@pytest.mark.parametrize(
    ("node", "command", "drifted"),
    [
        ("pc", "tc qdisc add dev eth0 root tbf rate 10kbit burst 1600 latency 1ms", "port/pc/eth0"),
        ("pc", "tc qdisc add dev eth0 root pfifo limit 1", "port/pc/eth0"),
        ("pc", "hostname somebody-else", "node/pc"),
        ("pc", "ip link add br9 type bridge; ip link set eth0 master br9", "port/pc/eth0"),
        ("pc", "ip route del 10.0.0.0/24", "port/pc/eth0"),
        ("pc", "ip route del table local local 10.0.0.1", "port/pc/eth0"),
        ("patch", "ip link set br0 down", "node/patch"),
        ("patch", "bridge link set dev one isolated on", "port/patch/one"),
    ],
)
def test_what_a_hand_did_in_a_node_is_undone(labc: Labc, node: str, command: str, drifted: str) -> None:
    """A queue, a name, a bridge."""
    (labc.folder / "lab.net").write_text(LAB + "node patch: linux.switch { port one on lan; port two on lan }\n")
    assert labc("up", "-y").returncode == 0
    assert labc("exec", node, "sh", "-c", command).returncode == 0
    assert _drifted(labc) == [drifted]
    assert labc("up", "-y").returncode == 0
    assert labc("status").returncode == 0
    assert labc("exec", node, "hostname").stdout == f"{node}\n"


@pytest.mark.program("nft")
def test_a_rule_set_that_sleeps_is_drift(labc: Labc) -> None:
    """A dormant table has all its rules, and stops nothing."""
    (labc.folder / "pc.nft.j2").write_text(
        "table inet own {\n chain c { type filter hook input priority 0; policy drop; }\n}\n"
    )
    text = LAB.replace("node pc: linux.host {", 'node pc: linux.host { config "pc.nft.j2";', 1)
    (labc.folder / "lab.net").write_text(text)
    assert labc("up", "-y").returncode == 0
    assert labc("exec", "pc", "nft", "add table inet own { flags dormant; }").returncode == 0
    assert [each.partition("/")[0] for each in _drifted(labc)] == ["ruleset"]
    assert labc("up", "-y").returncode == 0
    assert labc("status").returncode == 0
    assert "dormant" not in labc("exec", "pc", "nft", "list", "ruleset").stdout


def test_a_node_gives_up_its_last_ipv6_address(labc: Labc) -> None:
    """IPv6 is switched off with it, which takes the address along before it is removed."""
    lab = labc.folder / "lab.net"
    lab.write_text(
        LAB.replace("10.0.0.0/24", "10.0.0.0/24, fd00::/64").replace("at 10.0.0.1;", "at 10.0.0.1, fd00::1;")
    )
    assert labc("up", "-y").returncode == 0
    lab.write_text(LAB.replace("10.0.0.0/24", "10.0.0.0/24, fd00::/64").replace("at 10.0.0.1;", "at 10.0.0.1;"))
    ran = labc("up", "-y")
    assert (ran.returncode, labc("status").returncode) == (0, 0), ran.stderr


@pytest.mark.parametrize("command", ["mkfifo /etc/motd", "ln -s {same} /etc/motd", "mkdir /etc/motd"])
def test_what_stands_in_a_files_place_is_drift(labc: Labc, command: str) -> None:
    """A pipe that nobody writes to stops no look, and a link is not followed to what this machine has."""
    (labc.folder / "motd.j2").write_text("hello")
    same = labc.folder / "same"
    same.write_text("hello")
    same.chmod(0o644)
    file = 'config "motd.j2" to "/etc/motd"'
    (labc.folder / "lab.net").write_text(LAB.replace("node pc: linux.host {", f"node pc: linux.host {{ {file};", 1))
    assert labc("up", "-y").returncode == 0
    assert labc("exec", "pc", "sh", "-c", f"rm /etc/motd && {command.format(same=same)}").returncode == 0
    assert _drifted(labc) == ["file/pc/etc/motd"]
    assert labc("up", "-y").returncode == 0
    assert labc("exec", "pc", "cat", "/etc/motd").stdout == "hello"


@pytest.mark.root
@pytest.mark.program("nsenter", "ip")
def test_the_end_in_the_fabric_has_the_ports_mtu(up: Labc) -> None:
    """A frame must fit through both ends, so both are looked at and mended."""
    end = fabric_name("port/pc/eth0")
    _in_fabric(up, "ip", "link", "set", end, "mtu", "1300")
    assert "port/pc/eth0" in _drifted(up)
    assert up("up", "-y").returncode == 0
    assert "mtu 1500" in _in_fabric(up, "ip", "link", "show", end)
    assert up("status").returncode == 0


def _in_fabric(labc: Labc, *command: str) -> str:
    holder = json.loads(Path("/run/labc", labc.instance, "holder").read_bytes())["pid"]
    entered = ["nsenter", "-t", str(holder), "-n", *command]
    return subprocess.run(entered, capture_output=True, text=True, check=True).stdout


def _drifted(labc: Labc) -> list[str]:
    ran = labc("status", "--json")
    assert ran.returncode == 1
    return [action["id"] for action in json.loads(ran.stdout)["drift"]]


def _services(name: str) -> int:
    """The services' process: of those of all labs the one in our holder's pid namespace."""
    holder = json.loads((instance(name).runtime / "holder").read_bytes())["pid"]
    ours = Path(f"/proc/{holder}/ns/pid").stat().st_ino
    for process in Path("/proc").glob("[0-9]*"):
        try:
            serves = b"labc.runtime.services" in (process / "cmdline").read_bytes()
            if serves and (process / "ns/pid").stat().st_ino == ours:
                return int(process.name)
        except OSError:
            continue
    raise AssertionError("no services' process runs")
