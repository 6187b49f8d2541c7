"""Codes of the design, E0401 to E0425: cables, VLANs, MTUs, routes, services on nodes."""

from .model import Code

_TWO_HOSTS = """lab sample
import std.linux
segment lan 10.0.0.0/24
"""

CODES = [
    Code(
        code="E0401",
        title="a link and a segment have one name",
        story="""A link is a segment with two ports: policies, tests and the plan call it `segment/NAME` by the link's name. A declared
segment of that name would be meant as well. Give one of them another name.""",
        example=_TWO_HOSTS
        + "node a: linux.host { port eth0 on lan }\nnode b: linux.host { port eth0 on lan }\nlink lan: a:p -- b:p\n",
    ),
    Code(
        code="E0402",
        title="a port is linked twice",
        story="""One cable goes into one port. Two links name this port; most often one of them has a slip in it. To join more than two
stations, put them on a segment, or link each to a switch.""",
        example="""lab sample
import std.linux
node a: linux.host { port p at 10.0.0.1/24 }
node b: linux.host { port p at 10.0.0.2/24 }
node c: linux.host { port p at 10.0.0.3/24 }
link a:p -- b:p
link a:p -- c:p
""",
    ),
    Code(
        code="E0403",
        title="logical ports stand on each other in a circle",
        story="""A sub-interface or a bond stands on other ports of its node, which must exist without it. Here a port stands, over
others or directly, on itself. Let one of them stand on a physical port.""",
        example=_TWO_HOSTS + "node a: linux.host {\n  bond one over two on lan at 10.0.0.1\n  bond two over one\n}\n",
    ),
    Code(
        code="E0404",
        title="more ports on a segment than a bridge takes",
        story="""A segment is made as one bridge, and a Linux bridge takes 1,023 ports. With `split = true` labc makes it of several
bridges that are joined, which changes nothing that the stations can see.""",
        example=_TWO_HOSTS.replace("/24", "/16") + "for i in 1..1024 { node pc[i]: linux.host { port eth0 on lan } }\n",
    ),
    Code(
        code="E0405",
        title="a VLAN tag is used twice on one port",
        story="""A tagged frame that comes in by a port belongs to exactly one segment and one sub-interface: the one with its tag. Two of
them with one tag could not be told apart. Give one of them another VLAN.""",
        example="""lab sample
import std.linux
segment red  10.1.0.0/24 { vlan = 10 }
segment blue 10.2.0.0/24 { vlan = 10 }
node sw: linux.switch { port trunk tagged red tagged blue }
""",
    ),
    Code(
        code="E0406",
        title="two segments without a tag on one port",
        story="""Frames without a tag belong to one segment. A port may carry one segment untagged and any number tagged: write `tagged`
for the others, or give each segment a port of its own.""",
        example="""lab sample
import std.linux
segment red  10.1.0.0/24
segment blue 10.2.0.0/24
node sw: linux.switch { port p untagged red untagged blue }
""",
    ),
    Code(
        code="E0407",
        title="there is no such VLAN",
        story="""The tag of a frame has twelve bits, of which IEEE 802.1Q reserves the values 0 and 4095: VLANs run from 1 to 4094.""",
        example=_TWO_HOSTS.replace("0/24", "0/24 { vlan = 4095 }") + "node a: linux.host { port eth0 on lan }\n",
    ),
    Code(
        code="E0408",
        title="a port is linked to itself",
        story="A link joins two ports. Both ends of this one are the same port.",
        example="lab sample\nimport std.linux\nnode a: linux.host { port p at 10.0.0.1/24 }\nlink a:p -- a:p\n",
    ),
    Code(
        code="E0409",
        title="two MTUs in one broadcast domain",
        story="""Nothing fragments inside a segment: a station that sends larger packets than another takes loses them without a word,
while small ones pass. That is one of the slowest mistakes to find by hand. Say the MTU once, at the segment, and its ports follow. Segments
that a switch joins are one broadcast domain.""",
        example=_TWO_HOSTS.replace("0/24", "0/24 { mtu = 1400 }")
        + "node a: linux.host { port eth0 on lan { mtu = 1500 } }\n",
    ),
    Code(
        code="E0410",
        title="no MTU",
        story="""IPv4 needs links that carry packets of 68 bytes (RFC 791), IPv6 of 1,280 (RFC 8200), and no packet is larger than
65,535 bytes.""",
        example=_TWO_HOSTS.replace("10.0.0.0/24", "2001:db8::/64")
        + "node a: linux.host { port eth0 on lan { mtu = 1000 } }\n",
    ),
    Code(
        code="E0411",
        title="a logical port has a larger MTU than the port under it",
        story="What a sub-interface or bond sends goes out by the port that it stands on, which must take packets of that size.",
        example="""lab sample
import std.linux
segment lan 10.0.0.0/24
segment voice 10.1.0.0/24 { vlan = 10 }
node a: linux.host {
  port eth0 on lan { mtu = 1400 }
  port eth0.10 over eth0 vlan 10 on voice { mtu = 1500 }
}
""".replace("eth0.10", '"eth0.10"'),
    ),
    Code(
        code="E0413",
        title="a gateway that does not forward",
        story="""A packet that is sent to a node which does not forward ends there. Name a router, or let this node forward: by its kind
(`linux.router`), or by `forward = true` in its body.""",
        example=_TWO_HOSTS
        + "node a: linux.host { port eth0 on lan; gateway b }\nnode b: linux.host { port eth0 on lan }\n",
    ),
    Code(
        code="E0414",
        title="a next hop that is no neighbour",
        story="""A gateway, and the next hop of a route, must have an address on a segment that the node itself is on, and in a prefix
of the node's port there: a packet is handed to it directly. What lies behind another router is reached by naming that other router.""",
        example="""lab sample
import std.linux
segment office 10.1.0.0/24
segment servers 10.2.0.0/24
node pc: linux.host { port eth0 on office; gateway core }
node core: linux.router { port eth0 on servers }
""",
    ),
    Code(
        code="W0415",
        title="nobody has the address of a next hop",
        story="""The address lies in a prefix of the node's port, but no port of the lab in that broadcast domain has it. Packets to it wait
for an answer to ARP or neighbour discovery that never comes. It is no error, because a daemon in a node may take the address while the lab
runs, as VRRP does.""",
        example=_TWO_HOSTS + "node a: linux.host { port eth0 on lan at 10.0.0.1; gateway 10.0.0.254 }\n",
    ),
    Code(
        code="E0416",
        title="a route that resolves nowhere",
        story="""The next hop of this route, or a router after it, has neither a port in the prefix, nor translates an address of it, nor has
a route to it: the packets are dropped there. Nodes with configuration files of daemons, and real gear, may know routes that the lab does not
state; they end the search and are not reported.""",
        example="""lab sample
import std.linux
segment lan 10.0.0.0/24
node a: linux.host { port eth0 on lan; route 192.0.2.0/24 via r }
node r: linux.router { port eth0 on lan }
""",
    ),
    Code(
        code="E0417",
        title="routes that go in a circle",
        story="""Following the routes from router to router, a packet to this prefix comes back to where it has been, and is passed on
until its time to live ends. One of the routers must send the prefix to where it really is.""",
        example="""lab sample
import std.linux
segment lan 10.0.0.0/24
node a: linux.router { port eth0 on lan; route 192.0.2.0/24 via b }
node b: linux.router { port eth0 on lan; route 192.0.2.0/24 via a }
""",
    ),
    Code(
        code="E0418",
        title="a node is its own next hop",
        story="A packet sent to an address of the node itself never leaves it. Name a router on one of the node's segments.",
        example=_TWO_HOSTS + "node a: linux.router { port eth0 on lan; route 192.0.2.0/24 via a }\n",
    ),
    Code(
        code="E0419",
        title="two services listen on one port",
        story="""Only one process can listen on a port of a node. Let one of them listen elsewhere: `serve http on tcp/8080`.""",
        example=_TWO_HOSTS + "node a: linux.host { port eth0 on lan; serve http; serve telnet on tcp/80 }\n",
    ),
    Code(
        code="E0420",
        title="together and apart at once",
        story="""`together` asks for one host for several nodes, `apart` for different ones. `together a, b` and `together b, c` put `a` and `c`
on one host as well. No host satisfies both. The same holds of places `by` a label, and of `exclusive a` beside `together a, b`: `a`
cannot be alone on the host that it shares. What stands behind `prefers` contradicts nothing; it is paid for where it does not hold.""",
        example=_TWO_HOSTS
        + "node a: linux.host { port eth0 on lan }\nnode b: linux.host { port eth0 on lan }\ntogether a, b\napart a, b\n",
    ),
    Code(
        code="W0421",
        title="a port that is plugged into nothing",
        story="""A port without `on` belongs to the link that names it. No link does, so nothing can be sent or received here. Either the
link is missing, or its name of the port has a slip in it.""",
        example=_TWO_HOSTS + "node a: linux.host { port eth0 on lan; port eth1 }\n",
    ),
    Code(
        code="W0422",
        title="a node without ports",
        story="Nothing can reach a node that has no port, and no test can use it.",
        example="lab sample\nimport std.linux\nnode a: linux.host\n",
    ),
    Code(
        code="W0424",
        title="default routes lead in a circle",
        story="""Each of these routers sends what it does not know to the next, and the last one back to the first. A packet to an address that
nobody has is passed on until its time to live ends, instead of being answered as unreachable. One of them should have no gateway, or
one that leads out of the lab.""",
        example="""lab sample
import std.linux
segment lan 10.0.0.0/24
node a: linux.router { port eth0 on lan; gateway b }
node b: linux.router { port eth0 on lan; gateway a }
""",
    ),
    Code(
        code="E0425",
        title="a route over a leased port",
        story="""A route to a next hop needs a prefix of the port that leads there. A port that says `at dhcp` has none until it is leased an address,
and loses it with every new one. Who hands out addresses hands out the gateway too: `serve dhcp { gateway = r }`, and the clients' route is
made with their lease. A route to anything else needs a port with an address of its own.""",
        example=_TWO_HOSTS
        + """node r: linux.router { port eth0 on lan; serve dhcp }
node a: linux.host { port eth0 on lan at dhcp; gateway r }
""",
    ),
    Code(
        code="E0423",
        title="a next hop of the other family",
        story="""A route to an IPv4 prefix needs an IPv4 next hop, one to an IPv6 prefix an IPv6 one. Where the next hop is named as a
node, that node needs an address of the family on a segment that both share.""",
        example=_TWO_HOSTS
        + """node a: linux.host { port eth0 on lan; route 2001:db8::/32 via r }
node r: linux.router { port eth0 on lan }
""",
    ),
]
