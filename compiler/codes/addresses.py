"""Codes of addresses, E0502 to E0520: ports, prefixes, pools, DHCP, translation."""

from .model import Code

_LAN = """lab sample
import std.linux
segment lan 10.0.0.0/24
"""

CODES = [
    Code(
        code="E0502",
        title="the pool of links is empty",
        story="""A link without a prefix draws one from the pool `links`: /31 for a link between two nodes, /24 for links that a switch
joins, IPv6 as /127 and /64. Half of the pool is for the first, half for the others. A site file can give a larger pool (`pool links
10.0.0.0/8`), and a link can state its prefix: `link a:p -- b:q on 10.0.0.0/31`. Prefixes that the lab states are left out of the pool.""",
        example="",
        why_no_example="the pool is part of the site file, or the lab has a million links",
    ),
    Code(
        code="E0503",
        title="a prefix has no address left",
        story="""Ports without `at` are given addresses of their segment's prefixes. This one is full: of an IPv4 prefix the first and last
address are nobody's, and stated addresses and the ranges of DHCP servers are not given to others.""",
        example="""lab sample
import std.linux
segment lan 10.0.0.0/30
for i in 1..3 { node pc[i]: linux.host { port eth0 on lan } }
""",
    ),
    Code(
        code="E0504",
        title="the network's own address on a port",
        story="""The lowest address of an IPv4 prefix means the network itself (RFC 1122), that of an IPv6 prefix means all its routers
(RFC 4291). Only /31, /32, /127 and /128 have neither. The message names the first address that a port may have.""",
        example=_LAN + "node a: linux.host { port eth0 on lan at 10.0.0.0 }\n",
    ),
    Code(
        code="E0505",
        title="the broadcast address on a port",
        story="""Packets to the highest address of an IPv4 prefix go to every station on the segment (RFC 1122), so no port can have it.
IPv6, and /31 and /32, have no broadcast address.""",
        example=_LAN + "node a: linux.host { port eth0 on lan at 10.0.0.255 }\n",
    ),
    Code(
        code="E0506",
        title="one address on two ports of a broadcast domain",
        story="""Whoever asks for the address gets two answers, and which one counts changes from packet to packet. Segments that a switch
joins are one broadcast domain. The same address in two domains is another matter: see E0510.""",
        example=_LAN
        + "node a: linux.host { port eth0 on lan at 10.0.0.1 }\nnode b: linux.host { port eth0 on lan at 10.0.0.1 }\n",
    ),
    Code(
        code="E0507",
        title="an address outside its segment",
        story="""The segment states prefixes, and the address lies in none of them: its neighbours would send what is for it to a router. A
segment may have several prefixes, if both are meant.""",
        example=_LAN + "node a: linux.host { port eth0 on lan at 10.0.1.1 }\n",
    ),
    Code(
        code="E0508",
        title="an address with another length than its segment's prefix",
        story="""The length says who is a neighbour and who is behind a router, and all stations of a segment must agree on it. Leave the
length out: the address takes it from the segment.""",
        example=_LAN + "node a: linux.host { port eth0 on lan at 10.0.0.1/16 }\n",
    ),
    Code(
        code="E0509",
        title="an address whose length is not known",
        story="""An address without a length takes it from the prefix of its segment or link. This one has no prefix of that family. Write
the length at the address, or give the segment a prefix.""",
        example="lab sample\nimport std.linux\nsegment lan\nnode a: linux.host { port eth0 on lan at 10.0.0.1 }\n",
    ),
    Code(
        code="E0510",
        title="prefixes that overlap",
        story="""Routers that know two networks with overlapping prefixes can send a packet to the wrong one. Networks may share a prefix as
long as no router knows both: that is the case when address translation (`nat`, `napt`) stands between them, or nothing that
forwards. Two lengths of one prefix in one broadcast domain are a mistake as well: its stations disagree on who is a neighbour.""",
        example="""lab sample
import std.linux
segment one 10.0.0.0/16
segment two 10.0.5.0/24
node r: linux.router { port a on one; port b on two }
""",
    ),
    Code(
        code="E0511",
        title="one MAC on two ports of a broadcast domain",
        story="""A bridge learns behind which of its ports a MAC is, and would send the frames of both stations to whoever spoke last. Without
`mac`, labc gives every port one that no other port of the lab has.""",
        example=_LAN
        + """node a: linux.host { port eth0 on lan mac 02:00:00:00:00:01 }
node b: linux.host { port eth0 on lan mac 02:00:00:00:00:01 }
""",
    ),
    Code(
        code="E0512",
        title="no MAC for a port",
        story="""In the first octet of a MAC the lowest bit tells a group of receivers from a single station (IEEE 802). A station's is 0.
The address of all zeros means none.""",
        example=_LAN + "node a: linux.host { port eth0 on lan mac 00:00:00:00:00:00 }\n",
    ),
    Code(
        code="E0513",
        title="no address for a port",
        story="""Loopback, multicast, reserved and unspecified addresses mean something else than a station, and the kernel refuses them
or never sends to them.""",
        example="lab sample\nimport std.linux\nsegment lan 224.0.0.0/24\nnode a: linux.host { port eth0 on lan at 224.0.0.5 }\n",
    ),
    Code(
        code="E0514",
        title="a port waits for DHCP, and nobody serves",
        story="""`at dhcp` lets a port ask for its address while the lab runs. A request is a broadcast: only a server in the same broadcast domain
hears it, that is on the segment itself or behind switches. Write `serve dhcp` in a node there.""",
        example=_LAN + "node a: linux.host { port eth0 on lan at dhcp }\n",
    ),
    Code(
        code="E0515",
        title="a DHCP server cannot serve what it says",
        story="""The first and last address that a server leases must lie in a prefix of one of its ports, in that order: a client uses what it is
given on the segment where it asked. The name servers that it tells of (`dns`) have IPv4 addresses.""",
        example=_LAN
        + "node a: linux.host { port eth0 on lan at 10.0.0.1; serve dhcp { first = 10.9.0.10; last = 10.9.0.20 } }\n",
    ),
    Code(
        code="W0516",
        title="two DHCP servers in one broadcast domain",
        story="""Both answer, and a client takes what it hears first. Where the ranges are disjoint, that works and is even wanted; therefore
this is a warning.""",
        example=_LAN
        + "node a: linux.host { port eth0 on lan; serve dhcp }\nnode b: linux.host { port eth0 on lan; serve dhcp }\n",
    ),
    Code(
        code="E0517",
        title="nothing to translate an address to",
        story="""`nat OUTSIDE <-> NODE` gives OUTSIDE to an address of the node, of the same family: IPv4 is not translated to IPv6. The node
has none of that family.""",
        example="""lab sample
import std.linux
segment lan 10.0.0.0/24
segment web 2001:db8::/64
node r: linux.router { port a on lan at 10.0.0.1; port b on web; nat 10.0.0.5 <-> s }
node s: linux.host { port eth0 on web }
""",
    ),
    Code(
        code="W0518",
        title="nobody routes a translated address",
        story="""What a node translates leaves with the outside address, and answers come back to it only if its neighbours know the way: the address
lies in the prefix of a segment that both are on, or a neighbour has a route to it. Neither is so here.""",
        example="""lab sample
import std.linux
segment lan 10.0.0.0/24
segment wan 192.0.2.0/29
node r: linux.router { port in on lan; port out on wan; napt lan to 203.0.113.1; gateway isp }
node isp: linux.router { port a on wan }
""",
    ),
    Code(
        code="E0519",
        title="one outside address, two translations",
        story="""An answer to the outside address would have two ways back inside. Each `nat` needs an outside address of its own, which `napt`
does not use either.""",
        example="""lab sample
import std.linux
segment lan 10.0.0.0/24
segment wan 192.0.2.0/24
node r: linux.router { port in on lan; port out on wan; nat 192.0.2.9 <-> a; nat 192.0.2.9 <-> b }
node a: linux.host { port eth0 on lan }
node b: linux.host { port eth0 on lan }
""",
    ),
    Code(
        code="E0520",
        title="napt without a source",
        story="""`napt SOURCES to ADDRESS` translates what comes from the prefixes of the sources, as far as they are of the address's family.
Here none is, so nothing would ever be translated.""",
        example="""lab sample
import std.linux
segment lan 2001:db8::/64
segment wan 192.0.2.0/24
node r: linux.router { port in on lan; port out on wan; napt lan to 192.0.2.9 }
""",
    ),
]
