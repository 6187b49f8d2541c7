"""Real gear on its way from text to plan: devices, ports, cables, and placement with them."""

from __future__ import annotations

import sys

import orjson
import pytest

from labc.compiler.diagnostics import Diagnostics
from labc.compiler.elaborate.reader import MemoryReader
from labc.compiler.ir.held import lock_of
from labc.compiler.ir.lab import Lab, NodeId, PortId
from labc.compiler.lock import Lock, read_lock, write_lock
from labc.compiler.pipeline import Compiled, compile_lab
from labc.compiler.source import Source

HEAD = """lab real
import std.linux
kind box extends linux.router { physical = true; probe = "beside" }
segment lan 10.0.0.0/24
segment wan 10.0.1.0/24
"""
HOSTS = """site bench
host h1 { memory = 4GiB; nic eth0 { address = 192.0.2.1/24; mtu = 9000 }; nic eth1; nic eth2 }
host h2 { memory = 2GiB; nic eth0 { address = 192.0.2.2/24; mtu = 9000 }; nic eth1; nic eth2 }
"""


def build(text: str, lock: Lock | None = None) -> Compiled:
    return compile_lab("lab.net", MemoryReader({"lab.net": (HEAD + text).encode()}), lock=lock, verify=True)


def fitting(text: str, lock: Lock | None = None) -> Lab:
    compiled = build(text, lock)
    assert compiled.plan is not None, [(each.summary, each.reason) for each in compiled.diagnostics]
    assert compiled.lab is not None
    return compiled.lab


def device(lab: Lab, name: str) -> str:
    return (lab.nodes[NodeId(f"node/{name}")].device or "").removeprefix("device/")


def locked(lab: Lab) -> Lock:
    return read_lock(Source("lab.lock", write_lock(lock_of(lab, Lock()))), Diagnostics())


FW = "node fw: box { port a on lan at 10.0.0.1; port b on wan at 10.0.1.1; MORE }\n"
PC = "node pc: linux.host { port eth0 on lan; gateway fw; needs memory = 3GiB }\nnode web: linux.host { port eth0 on wan; gateway fw }\n"
TWO = HOSTS + (
    "device d1 { port e0 cable h2:eth1; port e1 cable h2:eth2 }\n"
    "device d2 { port e0 cable h1:eth1; port e1 cable h1:eth2 }\n"
)


def test_while_the_site_has_no_devices_real_gear_is_played() -> None:
    """By a namespace, as without a site."""
    lab = fitting(HOSTS + FW.replace("MORE", "") + PC)
    assert lab.nodes[NodeId("node/fw")].backend == "netns"


def test_another_device_is_found_when_the_first_does_not_let_the_lab_fit() -> None:
    """By name d1 comes first, but it ends at h2, where what must be with it has no room."""
    lab = fitting(TWO + FW.replace("MORE", "together pc") + PC)
    assert device(lab, "fw") == "d2"
    assert lab.nodes[NodeId("node/fw")].host == lab.nodes[NodeId("node/pc")].host == "h1"
    assert lab.ports[PortId("port/fw/a")].entry == "h1"


def test_without_such_a_device_the_lab_is_refused() -> None:
    """With what it asks for, not with what was tried."""
    compiled = build(TWO.replace("device d2", "switch d2") + FW.replace("MORE", "together pc") + PC)
    assert [each.code for each in compiled.diagnostics] == ["E0802"]
    told = compiled.diagnostics.found[0]
    said = " ".join([told.label, *(label.message for label in told.labels)])
    assert "together fw, pc" in said
    assert "3GiB" in said


def test_a_node_goes_where_the_gear_of_its_segment_is_cabled() -> None:
    """A cable to a host counts as that host on the segment."""
    site = (
        HOSTS.replace("memory = 2GiB", "memory = 4GiB") + "device d1 { port e0 cable h2:eth1; port e1 cable h2:eth2 }\n"
    )
    lab = fitting(site + FW.replace("MORE", "") + PC)
    assert lab.nodes[NodeId("node/pc")].host == "h2"
    assert all(not segment.vni for segment in lab.segments.values())


def test_what_the_lock_holds_is_bound_again() -> None:
    """Although another device would come first."""
    before = fitting(TWO + FW.replace("MORE", 'needs name = "d2"') + PC)
    after = fitting(TWO + FW.replace("MORE", "") + PC, locked(before))
    assert device(after, "fw") == "d2"


def test_a_build_from_its_own_lock_has_the_same_bytes() -> None:
    """Gear, sockets and VLANs of the fabric included."""
    patch = HOSTS + (
        "device d1 { port e0 cable p:1; port e1 cable h1:eth1 }\n"
        "switch p { port 1; port 2 cable h1:eth2 }\npool vlan 100..199\n"
    )
    text = (
        patch.replace("port 1;", 'port "1";').replace("port 2 ", 'port "2" ').replace("p:1;", 'p:"1";')
        + FW.replace("MORE", "")
        + PC
    )
    first = build(text)
    assert first.lab is not None
    assert build(text, locked(first.lab)).plan == first.plan
    vlans = {port.fabric_vlan for port in first.lab.ports.values()} - {None}
    assert len(vlans) == 1
    assert vlans <= set(range(100, 200))


def test_a_whole_lock_binds_without_a_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    """The digest of what was asked and answered vouches for it."""
    text = TWO + FW.replace("MORE", "together pc") + PC
    before = build(text)
    assert before.lab is not None
    lock = locked(before.lab)
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert build(text, lock).plan == before.plan


def test_a_lock_that_was_changed_by_hand_is_bound_anew() -> None:
    """A socket that is another's is not believed."""
    text = TWO + FW.replace("MORE", "") + PC
    lock = write_lock(lock_of(fitting(text), Lock())).replace(b"port/fw/a socket e0", b"port/fw/a socket e1")
    lab = fitting(text, read_lock(Source("lab.lock", lock), Diagnostics()))
    assert {lab.ports[PortId(f"port/fw/{name}")].socket for name in "ab"} == {"e0", "e1"}


def test_without_the_solvers_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of real gear as of placement."""
    for name in [name for name in sys.modules if name.endswith(("site.gear", "bind.binding"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "numpy", None)
    told = list(build(TWO + FW.replace("MORE", "") + PC).diagnostics)
    assert [each.code for each in told] == ["E0805"]


CUT = HOSTS + "device d1 { port e0 cable d2:e0; port e1 cable P }\ndevice d2 { port e0; port e1 cable Q }\n"
PAIR = "node x: box { port a }\nnode y: box { port a }\nlink x:a -- y:a\n"
TEST = 'test "cut" { cut x:a; heal x:a; expect x -> y icmp }\n'


def _link(text: str) -> tuple[str, ...]:
    lab = fitting(text)
    return tuple(owner for owner, _ in lab.ports[PortId("port/x/a")].path)


def test_a_cable_between_devices_does_while_nobody_cuts_it() -> None:
    """It joins no host and takes no VLAN."""
    text = CUT.replace("P", "h1:eth1").replace("Q", "h1:eth2") + PAIR
    assert _link(text) in {("d2",), ("d1",)}


def test_a_link_that_a_test_cuts_is_led_where_it_can_be_cut() -> None:
    """Through a host, or a switch that cuts."""
    assert _link(CUT.replace("P", "h1:eth1").replace("Q", "h1:eth2") + PAIR + TEST)[-1] == "h1"
    switch = "switch s { cuts = true; port p1; port p2 }\n"
    assert set(_link(CUT.replace("P", "s:p1").replace("Q", "s:p2") + switch + PAIR + TEST)) == {"s"}


def test_a_link_that_nothing_can_cut_is_refused() -> None:
    """A switch that does not cut is no better than a cable."""
    switch = "switch s { port p1; port p2 }\n"
    compiled = build(CUT.replace("P", "s:p1").replace("Q", "s:p2") + switch + PAIR + TEST)
    assert "E0808" in {each.code for each in compiled.diagnostics}


@pytest.mark.parametrize("names", [("e0", "e1"), ("e1", "e0")])
def test_a_port_is_the_devices_port_of_its_name(names: tuple[str, str]) -> None:
    """Where there is one that will do."""
    text = FW.replace("port a", f"port {names[0]}").replace("port b", f"port {names[1]}").replace("MORE", "")
    lab = fitting(TWO + text + PC)
    assert [lab.ports[PortId(f"port/fw/{name}")].socket for name in names] == list(names)


def test_a_port_of_another_name_is_taken_when_its_own_will_not_do() -> None:
    """e0 leads to h2, where there is no room for what must be with it; e1 leads to h1."""
    site = HOSTS + "device d1 { port e0 cable h2:eth1; port e1 cable h1:eth1 }\n"
    pc = "node pc: linux.host { port eth0 on lan; needs memory = 3GiB; together fw }\n"
    lab = fitting(site + "node fw: box { port e0 on lan at 10.0.0.1 }\n" + pc)
    assert lab.ports[PortId("port/fw/e0")].socket == "e1"


def test_the_plan_says_where_gear_is_and_how_it_is_reached() -> None:
    """A node of the backend device, its sockets, and an attachment on the host where each port enters."""
    plan = orjson.loads(build(TWO + FW.replace("MORE", "together pc") + PC).plan or b"{}")
    resources = {each["id"]: each for each in plan["resources"]}
    assert resources["node/fw"]["backend"] == "device"
    assert resources["node/fw"]["spec"]["device"] == "d2"
    assert resources["port/fw/a"]["spec"]["socket"] == "e0"
    attachment = resources["attachment/fw/a"]
    assert (attachment["host"], attachment["spec"]["nic"]) == ("h1", "eth1")
    assert attachment["needs"] == ["segment/lan"]


GEAR_OF_A_KIND = HOSTS + "device d1: KIND { port e0 cable h2:eth1; port e1 cable h2:eth2; MORE }\n"
MODULE = b'import std.linux\nkind box extends linux.router { physical = true; probe = "beside" }\n'


def with_module(text: str, imported: str) -> Compiled:
    """The kind `box` comes out of gear/juniper.net instead of the lab itself."""
    head = HEAD.replace('kind box extends linux.router { physical = true; probe = "beside" }', imported)
    files = {"lab.net": (head + text).encode(), "gear/juniper.net": MODULE}
    return compile_lab("lab.net", MemoryReader(files), verify=True)


PLAIN, ALIAS, OTHER = (f'import "gear/juniper.net"{more}' for more in ("", " as juniper", " as jn"))
DERIVED = "\nkind mine extends jn.box {}"


@pytest.mark.parametrize(
    ("imported", "written", "kind"),
    [
        (PLAIN, "box", "box"),
        (PLAIN, "box", "juniper.box"),
        (PLAIN, "box", "linux.router"),
        (ALIAS, "juniper.box", "juniper.box"),
        (ALIAS, "juniper.box", "box"),
        (OTHER, "jn.box", "jn.box"),
        (OTHER, "jn.box", "juniper.box"),
        (OTHER + DERIVED, "mine", "mine"),
        (OTHER + DERIVED, "mine", "juniper.box"),
    ],
)
def test_a_site_calls_a_kind_as_labs_do(imported: str, written: str, kind: str) -> None:
    """By its own name, by that of its module, or as the lab imports it."""
    text = GEAR_OF_A_KIND.replace("KIND", kind).replace("MORE", "") + FW.replace("box", written) + PC
    compiled = with_module(text.replace("MORE", "").replace("needs memory = 3GiB", ""), imported)
    assert compiled.lab is not None
    assert device(compiled.lab, "fw") == "d1", compiled.diagnostics.found


def test_a_kind_of_the_lab_itself_is_one_of_any_module() -> None:
    """The site says `juniper.box` of what the lab calls `box`."""
    text = GEAR_OF_A_KIND.replace("KIND", "juniper.box").replace("MORE", "") + FW.replace("MORE", "")
    assert device(fitting(text), "fw") == "d1"


def test_two_modules_with_a_kind_of_one_name_stay_apart() -> None:
    """`cisco.box` is no `juniper.box`, and a router of the standard library is none of anybody's."""
    for kind in ("cisco.box", "cisco.router"):
        text = GEAR_OF_A_KIND.replace("KIND", kind).replace("MORE", "") + FW.replace("box", "juniper.box")
        compiled = with_module(text.replace("MORE", ""), ALIAS)
        assert [found.code for found in compiled.diagnostics] == ["E0807"], kind


def test_a_device_of_another_kind_is_told_at_the_kind() -> None:
    """Not at what else the node needs; with both kinds, and the one that was most likely meant."""
    text = GEAR_OF_A_KIND.replace("KIND", "juniper.bux").replace("MORE", "")
    compiled = with_module(text + FW.replace("box", "juniper.box").replace("MORE", "needs isdn >= 1"), ALIAS)
    (told,) = compiled.diagnostics
    assert told.code == "E0807"
    assert told.span is not None
    assert told.span.shown == "node fw: juniper.box"
    assert told.label == "fw is real gear of the kind juniper.box"
    assert told.reason == "d1 is of the kind juniper.bux"
    assert "did you mean `device d1: juniper.box`" in told.help


def test_a_misspelt_kind_behind_a_module_is_found_where_the_lab_names_none() -> None:
    """`juniper.bux` was meant to be `juniper.box`, which the lab calls `box`."""
    text = GEAR_OF_A_KIND.replace("KIND", "juniper.bux").replace("MORE", "") + FW.replace("MORE", "")
    (told,) = build(text).diagnostics
    assert "did you mean `device d1: juniper.box`" in told.help


def test_a_device_of_the_kind_that_lacks_something_is_told_at_the_need() -> None:
    """What devices of other kinds lack as well is not the point."""
    text = GEAR_OF_A_KIND.replace("KIND", "box").replace("MORE", "") + "device a1: other { port e0 cable h1:eth1 }\n"
    (told,) = build(text + FW.replace("MORE", "needs isdn >= 1")).diagnostics
    assert (told.code, told.span and told.span.shown) == ("E0807", "isdn >= 1")
