"""The site file, imported by a lab."""

from __future__ import annotations

import pytest

from labc.compiler.addresses import Interface, Prefix
from labc.compiler.quantities import Quantity

from .conftest import Elaborating

SITE = """site garage
host h1 { cpu = 16; memory = 64GiB; kvm = true; reach = "ssh://h1"; nic eth2 { speed = 10Gbps }; nic eth3 }
device ssg1: juniper.ssg { model = "SSG20"; isdn = 1; port eth0 cable h1:eth2 { speed = 100Mbps }; port eth1 }
switch patch1 { port p1 cable h1:eth3; port p2 cable ssg1:eth1 }
pool vni 10000..19999
pool links 10.255.0.0/16, fd00:255::/48
lab firewall-change uses vni 10000..10255
instances use vni 20000..29999
"""


def test_a_site_is_part_of_the_lab_that_imports_it(elaborated: Elaborating) -> None:
    """Hosts, devices, patch fabric and pools, with all that they say."""
    site = elaborated.sound('import "site.net"\n', files={"site.net": SITE}).site
    h1, ssg = site.hosts["host/h1"], site.devices["device/ssg1"]
    assert site.name == "garage"
    assert h1.fields == {"cpu": 16, "memory": Quantity("size", 64 * 2**30), "kvm": True, "reach": "ssh://h1"}
    assert h1.nics["eth2"].fields == {"speed": Quantity("rate", 10**10)}
    assert (ssg.form, ssg.kind, ssg.fields) == ("device", "juniper.ssg", {"model": "SSG20", "isdn": 1})
    assert ssg.sockets["eth0"].cable == ("h1", "eth2")
    assert ssg.sockets["eth1"].cable is None
    assert site.devices["device/patch1"].form == "switch"


def test_pools_say_whom_they_are_for(elaborated: Elaborating) -> None:
    """Ids come in ranges, addresses in prefixes; some are kept for a lab, some for instances."""
    pools = elaborated.sound('import "site.net"\n', files={"site.net": SITE}).site.pools
    assert [(pool.name, pool.ranges, pool.lab, pool.instances) for pool in pools] == [
        ("vni", ((10000, 19999),), None, False),
        ("links", (Prefix.parse("10.255.0.0/16"), Prefix.parse("fd00:255::/48")), None, False),
        ("vni", ((10000, 10255),), "firewall-change", False),
        ("vni", ((20000, 29999),), None, True),
    ]


def test_a_node_may_be_put_on_a_host_of_the_site(elaborated: Elaborating) -> None:
    """`on h1`, whose name no variable is needed for."""
    lab = elaborated.sound('import "site.net"\nnode n { on h1 }\n', files={"site.net": SITE})
    assert lab.affinities[0].members == ("node/n", "h1")


def test_what_a_site_states_is_kept_as_numbers_and_addresses(elaborated: Elaborating) -> None:
    """A NIC's address keeps its length also where it is a whole prefix: of /31 (RFC 3021) and /127 both addresses are hosts'."""
    text = """host a { cpu = 0.5; reach = "local"; nic e { address = 192.0.2.0/31; mtu = 9000 }; nic f { address = 2001:db8::1/64; overlay = true } }
device d { host = a; port p cable a:e }
"""
    site = elaborated.sound(text).site
    assert site.hosts["host/a"].nics["e"].fields == {"address": Interface.parse("192.0.2.0/31"), "mtu": 9000}
    assert site.hosts["host/a"].nics["f"].fields["address"] == Interface.parse("2001:db8::1/64")
    assert site.devices["device/d"].fields == {"host": "a"}


def test_a_label_may_have_any_name_and_type(elaborated: Elaborating) -> None:
    """Words of the language too."""
    fields = (
        elaborated.sound('host a { rack = "r1"; place = 3; on = [1, 2]; speed = 10ms }\n').site.hosts["host/a"].fields
    )
    assert fields == {"rack": "r1", "place": 3, "on": [1, 2], "speed": Quantity("duration", 10**7)}


def test_a_pool_keeps_what_it_leaves_out(elaborated: Elaborating) -> None:
    """Of ids and of prefixes."""
    pools = elaborated.sound(
        "pool vni 10000..19999 except 10100..10199, 10300\npool links 10.0.0.0/8 except 10.9.0.0/16\n"
    ).site.pools
    assert [pool.reserved for pool in pools] == [((10100, 10199), (10300, 10300)), (Prefix.parse("10.9.0.0/16"),)]


MISTAKES = {
    "host a\nhost a": ("E0302", "a"),
    "host a { nic e; nic e }": ("E0302", "e"),
    "device d { port e cable h9:e }": ("E0301", "h9"),
    "host a { nic e }\ndevice d { port e cable a:f }": ("E0326", "f"),
    "device d { port e; port e }": ("E0302", "e"),
    "host a { memory = 5 }": ("E0303", "5"),
    'host a { cpu = "x" }': ("E0303", '"x"'),
    "host a { cpu = true }": ("E0303", "true"),
    "host a { cpu = 0 }": ("E0304", "0"),
    "host a { cpu = -0.5 }": ("E0304", "-0.5"),
    "host a { disk = 0GB }": ("E0304", "0GB"),
    "host a { kvm = 1 }": ("E0303", "1"),
    'host a { reach = "telnet://h1" }': ("E0304", '"telnet://h1"'),
    'host a { reach = "ssh://" }': ("E0304", '"ssh://"'),
    "host a { nic e { speed = 10 } }": ("E0303", "10"),
    "host a { nic e { address = 192.0.2.1 } }": ("E0303", "192.0.2.1"),
    "host a { nic e { address = 192.0.2.0/24 } }": ("E0304", "192.0.2.0/24"),
    "host a { nic e { address = 192.0.2.255/24 } }": ("E0304", "192.0.2.255/24"),
    "host a { nic e { mtu = 67 } }": ("E0304", "67"),
    "host a { nic e { mtu = 65536 } }": ("E0304", "65536"),
    "host a { nic e { overlay = 1 } }": ("E0303", "1"),
    "host a { nic e }\ndevice d { driver = 3; port p cable a:e }": ("E0303", "3"),
    "host a { nic e }\ndevice d { host = b; port p cable a:e }": ("E0301", "b"),
    'host a { nic e }\ndevice d { host = "b"; port p cable a:e }': ("E0301", '"b"'),
    "host a { nic e }\ndevice d { port p cable a:e { trunk = 2 } }": ("E0303", "2"),
    "switch s { cuts = 3 }": ("E0303", "3"),
    "pool vni 1..9 except 10.0.0.0/8": ("E0303", "10.0.0.0/8"),
    "pool vlan 1..9 except 0..3": ("E0304", "0..3"),
    "pool vlan 5..5000": ("E0304", "5..5000"),
    "pool vni 10.0.0.0/8": ("E0303", "10.0.0.0/8"),
    "pool links 10.0.0.1/8": ("E0305", "10.0.0.1/8"),
    "pool vni 9..3": ("E0304", "9..3"),
    "pool vlans 1..4": ("E0362", "vlans"),
    "lab x uses vnis 5..9": ("E0362", "lab x uses vnis 5..9"),
    "instances use link 10.0.0.0/8": ("E0362", "instances use link 10.0.0.0/8"),
    "host a { nic e { adress = 192.0.2.1/24 } }": ("W0361", "adress"),
    "host a { nic e { mtuu = 9000 } }": ("W0361", "mtuu"),
    "host a { nic e { trunc = true } }": ("W0361", "trunc"),
    "host a { cpu = 8; memroy = 32GiB }": ("W0361", "memroy"),
    "host a { cpus = 8 }": ("W0361", "cpus"),
    "switch s { cut = true }": ("W0361", "cut"),
    'host a { nic e }\ndevice d { modle = "x"; port p cable a:e }': ("W0361", "modle"),
    "host a { nic e }\ndevice d { port p cable a:e { sped = 1Gbps } }": ("W0361", "sped"),
    "host a { cpu = 1 / 0 }": ("E0307", "0"),
    "node n { on h9 }": ("E0301", "h9"),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_in_a_site(elaborated: Elaborating, text: str) -> None:
    """One mistake, one diagnostic, at what is wrong."""
    assert elaborated(text + "\n").spans == [MISTAKES[text]]


@pytest.mark.parametrize(
    "settings",
    ["rack = 1", "gpu = 2", "disk = 1TB; disks = 4", 'site = "a"', "generation = 3", "ssd = true", "speed = 9"],
)
def test_labels_are_free(elaborated: Elaborating, settings: str) -> None:
    """Nothing is said of names that are no slip, or that stand beside the one they resemble."""
    assert elaborated(f"host a {{ {settings} }}\n").spans == []
