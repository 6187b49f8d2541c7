"""The site file, imported by a lab."""

from __future__ import annotations

import pytest

from labc.compiler.addresses import Prefix
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


MISTAKES = {
    "host a\nhost a": ("E0302", "a"),
    "host a { nic e; nic e }": ("E0302", "e"),
    "device d { port e cable h9:e }": ("E0301", "h9"),
    "host a { nic e }\ndevice d { port e cable a:f }": ("E0326", "f"),
    "device d { port e; port e }": ("E0302", "e"),
    "pool vlan 5..5000": ("E0304", "5..5000"),
    "pool vni 10.0.0.0/8": ("E0303", "10.0.0.0/8"),
    "pool links 10.0.0.1/8": ("E0305", "10.0.0.1/8"),
    "pool vni 9..3": ("E0304", "9..3"),
    "host a { cpu = 1 / 0 }": ("E0307", "0"),
    "node n { on h9 }": ("E0301", "h9"),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_in_a_site(elaborated: Elaborating, text: str) -> None:
    """One mistake, one diagnostic, at what is wrong."""
    assert elaborated(text + "\n").spans == [MISTAKES[text]]
