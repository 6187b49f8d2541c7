"""Real gear that the lock names: what never was is refused, what is gone is told, what two branches hold is given anew."""

from __future__ import annotations

import pytest

from labc.compiler.diagnostics import Diagnostics
from labc.compiler.ir.lab import Lab, PortId
from labc.compiler.lock import Lock, read_lock, write_lock
from labc.compiler.pipeline import Compiled
from labc.compiler.source import Source

from .test_bind import HOSTS, TWO, build, device, fitting, locked

ONE = "node fa: box { port x on lan at 10.0.0.1 }\n"
BOTH = ONE + "node fb: box { port x on lan at 10.0.0.2 }\n"
VIRTUAL = "node v: linux.host { port e on lan }\n"


def changed(lab: Lab, *changes: tuple[str, str]) -> Lock:
    text = write_lock(locked(lab)).decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read_lock(Source("lab.lock", text.encode()), Diagnostics())


def told(compiled: Compiled) -> list[tuple[str, str]]:
    return [(each.code, each.summary) for each in compiled.diagnostics]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("node/fa device d1", "node/fa device nope", "the site neither has nor had such a device"),
        ("port/fa/x socket e0", "port/fa/x socket zz", "d1 neither has nor had such a port"),
    ],
)
def test_gear_that_never_was_is_refused(old: str, new: str, said: str) -> None:
    """As a host is: the line was written by hand."""
    lock = changed(fitting(TWO + ONE + VIRTUAL), (old, new))
    ((code, summary),) = told(build(TWO + ONE + VIRTUAL, lock))
    assert code == "E0905"
    assert said in summary


def test_a_device_that_is_gone_is_no_mistake() -> None:
    """The lock says that the site had it; where the node is now is told."""
    lock = locked(fitting(TWO + ONE + VIRTUAL))
    site = HOSTS + TWO.splitlines()[-1] + "\n"
    ((code, summary),) = [each for each in told(build(site + ONE + VIRTUAL, lock)) if each[0] != "N0902"]
    assert (code, summary) == ("N0904", "fa is d2 now; lab.lock had d1")


def test_a_port_that_is_gone_is_told() -> None:
    """The device is the same, the cable another."""
    lock = locked(fitting(TWO + ONE + VIRTUAL))
    compiled = build(TWO.replace("port e0 cable h2:eth1; ", "") + ONE + VIRTUAL, lock)
    assert told(compiled) == [("N0904", "fa:x is the port e1 now; lab.lock had e0")]


def test_a_device_that_another_had_to_replace_is_told() -> None:
    """Also when only placement found that the one in the lock will not do: its host has no room for what must be with it."""
    fw = "node fw: box { port a on lan at 10.0.0.1; together pc }\n"
    text = TWO + fw + "node pc: linux.host { port eth0 on lan; needs memory = 1GiB }\n"
    before = fitting(text)
    assert device(before, "fw") == "d1"
    compiled = build(text.replace("1GiB", "3GiB"), locked(before))
    assert ("N0904", "fw is d2 now; lab.lock had d1") in told(compiled)


def test_of_two_branches_that_hold_one_device_the_greater_node_is_told_to_go() -> None:
    """Each branch bound its own node to d1; git merged both lines."""
    lock = changed(fitting(TWO + BOTH + VIRTUAL), ("node/fb device d2", "node/fb device d1"))
    compiled = build(TWO + BOTH + VIRTUAL, lock)
    assert compiled.lab is not None
    assert (device(compiled.lab, "fa"), device(compiled.lab, "fb")) == ("d1", "d2")
    assert ("N0901", "node/fb and node/fa hold the same device; node/fb is given a new one") in told(compiled)


FABRIC = """site bench
host h1 { nic eth0 { address = 192.0.2.1/24; mtu = 9000 }; nic t { trunk = true } }
device d1 { port e0 cable sw:p1 }
device d2 { port e0 cable sw:p2 }
switch sw { port up cable h1:t { trunk = true }; port p1; port p2 }
"""


def vlan(lab: Lab, port: str) -> int:
    found = lab.ports[PortId(f"port/{port}")].fabric_vlan
    assert found is not None
    return found


def test_a_vlan_that_two_branches_hold_is_let_go_by_one_with_a_note() -> None:
    """But ports of one wire share theirs, and nothing is said."""
    apart = BOTH.replace("on lan at 10.0.0.2", "on wan") + VIRTUAL + "node w: linux.host { port e on wan }\n"
    lab = fitting(FABRIC + apart)
    lock = changed(lab, (f"port/fb/x vlan {vlan(lab, 'fb/x')}", f"port/fb/x vlan {vlan(lab, 'fa/x')}"))
    compiled = build(FABRIC + apart, lock)
    assert compiled.lab is not None
    assert vlan(compiled.lab, "fa/x") == vlan(lab, "fa/x") != vlan(compiled.lab, "fb/x")
    assert told(compiled) == [("N0901", "port/fb/x and port/fa/x hold the same vlan; port/fb/x is given a new one")]
    together = fitting(FABRIC + BOTH + VIRTUAL)
    assert vlan(together, "fa/x") == vlan(together, "fb/x")
    assert told(build(FABRIC + BOTH + VIRTUAL, locked(together))) == []
