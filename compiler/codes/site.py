"""Codes of the site file and of what nodes ask of it."""

from __future__ import annotations

from .model import Code

CODES = [
    Code(
        code="E0350",
        title="a share of a host that is no amount",
        story="""What a node takes of its host, `cpu`, `memory` and `disk`, is stated as an amount: `needs cpu = 0.5, memory = 256MiB`.
labc adds the amounts up and never puts more on a host than it has. `>=` means the same, since a node that is given more is not worse
off. Anything else (`cpu < 4`, a bare `memory`) is not an amount.""",
        example="lab sample\nnode pc { needs cpu < 4 }\n",
    ),
    Code(
        code="E0351",
        title="a pool holds something twice",
        story="""Two ranges or prefixes of one pool overlap. Nothing would be given away twice, but a range that overlaps another is
most often a slip of the pen, and what was really meant is missing.""",
        example="lab sample\npool vni 10000..19999\npool vni 15000..25000\n",
    ),
    Code(
        code="E0352",
        title="a share lies outside of its pool",
        story="""`lab NAME uses vni 10000..10255` keeps a part of the pool `vni` for one lab, so it has to be a part of it, and none that
the pool leaves out with `except`. Without a pool the default counts: VNIs 4096 to 16777215, VLANs 1 to 4094. The share of instances may
lie beside the pool.""",
        example="lab sample\npool vni 10000..19999\nlab other uses vni 20000..20255\n",
    ),
    Code(
        code="E0353",
        title="two shares of a pool overlap",
        story="""Labs and instances with a share of their own draw from it without asking anybody. Where two shares overlap, two labs
would sooner or later use one VNI on the same hosts, and their frames would mix.""",
        example="lab sample\npool vni 10000..19999\nlab one uses vni 10000..10255\nlab two uses vni 10200..10300\n",
    ),
    Code(
        code="E0354",
        title="a port or NIC is cabled twice",
        story="""Two cables end in one NIC or port, or its own cable leads elsewhere than another's that ends in it. A cable may be stated
at both of its ends; then both have to say the same. A NIC or port with `trunk = true` may stand at the end of several: a switch that the
site does not list tells them apart by VLANs.""",
        example="lab sample\nhost h1 { nic eth0 }\ndevice a { port p cable h1:eth0 }\ndevice b { port p cable h1:eth0 }\n",
    ),
    Code(
        code="E0355",
        title="a cable leads back to its own port",
        story="""Both ends of the cable are one port. A cable between two ports of one device is possible; this is not.""",
        example="lab sample\nhost h1 { nic eth0 }\ndevice a { port p cable a:p; port q cable h1:eth0 }\n",
    ),
    Code(
        code="W0356",
        title="gear that no host is cabled to",
        story="""A device of the site is cabled to nothing, or only to other gear that no cable joins to a host. No node of a lab can
reach it, so no lab can use it. A cable through a switch of the site counts.""",
        example="lab sample\nhost h1 { nic eth0 }\ndevice a { port p }\n",
    ),
    Code(
        code="E0357",
        title="two hosts have one address for overlays",
        story="""Segments that cross hosts are carried in VXLAN packets from host to host, and each host has one address for them: that of
the NIC with `overlay = true`, or of its only NIC with an address. Two hosts state the same one.""",
        example="lab sample\nhost h1 { nic eth0 { address = 192.0.2.1/24 } }\nhost h2 { nic eth0 { address = 192.0.2.1/24 } }\n",
    ),
    Code(
        code="E0358",
        title="it is not clear which NIC carries overlays",
        story="""Segments that cross hosts leave a host by one NIC: the one with `overlay = true`, or its only NIC with an address. Here
several have one and none is marked, or several are marked, or the marked one has no address. The address of a management network
is most often not the right one.""",
        example="lab sample\nhost h1 { nic a { address = 192.0.2.1/24 }; nic b { address = 198.51.100.1/24 } }\nhost h2\n",
    ),
    Code(
        code="W0359",
        title="a pool leaves out what it does not hold",
        story="""`except` takes a part out of a pool. This part does not lie in the pool at all, so one of the two ranges is most likely
mistyped.""",
        example="lab sample\npool vni 10000..19999 except 20000..20099\n",
    ),
    Code(
        code="W0361",
        title="a label that is nearly a name that labc knows",
        story="""Hosts, NICs, gear and ports may have labels and attributes of any name. This one differs by a slip of the fingers from a name that labc
knows and that is not said here: `memroy` beside `memory`, `adress` beside `address`. As a label it would mean nothing: a host without `memory` has no
limit. Where the label is meant, give it a name of its own, or say the other one, too.""",
        example="lab sample\nhost h1 { cpu = 8; memroy = 32GiB }\n",
    ),
    Code(
        code="E0362",
        title="an unknown pool",
        story="""Labs draw VNIs from the pool `vni`, VLAN ids from `vlan`, and prefixes for links from `links`. There are no others: from this one nobody
would ever draw, while what was meant stays as it is without a pool.""",
        example="lab sample\npool vlans 100..199\n",
    ),
    Code(
        code="W0363",
        title="a statement about several nodes names one",
        story="""`together`, `apart` and `balance` say how nodes stand to each other. Here one node is named, alone or several times, so nothing is asked.
In a node's body the node itself counts: `apart db` in `web` is about the two. A group or a set (`pc[*]`) that has one member for now is no mistake.""",
        example="lab sample\nsegment lan 10.0.0.0/24\nnode web { port e on lan }\nnode db { port e on lan }\napart web, web\n",
    ),
]
