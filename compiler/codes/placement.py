"""Codes of placement: hosts, real gear and overlays, E0801 to E0819. UNFIT: what says that a lab does not fit its site."""

from .model import Code

UNFIT = frozenset({"E0801", "E0802", "E0803", "E0804", "E0807", "E0808", "E0811", "E0812", "E0813"})
LACKING = frozenset({"E0805"})

_SITE = """lab pair
import std.linux
site room
{site}
segment lan 10.0.0.0/24
node a: linux.host {{ port eth0 on lan; {a} }}
node b: linux.host {{ port eth0 on lan; {b} }}
"""


def _lab(site: str, a: str = "", b: str = "") -> str:
    return _SITE.format(site=site, a=a, b=b)


CODES = [
    Code(
        code="E0801",
        title="no host can carry a node",
        story="""Each host is named with what it lacks: an attribute that the node needs (`needs kvm`), a statement that keeps the node
away (`on h1`), or room: a node may be larger than any host, whatever else runs there. Change the need, or the site.""",
        example=_lab("host h1 { memory = 4GiB }", a="needs memory = 8GiB"),
    ),
    Code(
        code="E0802",
        title="what is asked of the hosts cannot all be had",
        story="""The lab does not fit its site, and the message names the smallest set of statements and nodes that is to blame: give up
any one of them and the rest of the set can be had. Nothing is built in part.

Statements are what the lab asks of places: `needs`, `on`, `together`, `apart`, `balance`, `exclusive`. One that would be nice, but
need not hold, is written with `prefers`.""",
        example=_lab("host h1 {}", a="apart b"),
    ),
    Code(
        code="E0803",
        title="the hosts have too little of something",
        story="""All the nodes together, or those that may only run on some of the hosts, ask for more than there is: processors, memory or
disk. `labc site probe` fills in what a host really has. Make nodes smaller (`needs memory = 128MiB`), or add a host.""",
        example=_lab("host h1 { memory = 4GiB }", a="needs memory = 3GiB", b="needs memory = 3GiB"),
    ),
    Code(
        code="E0804",
        title="no placement was found",
        story="""The solvers gave up before they found a placement or a proof that there is none; their budget is counted in work, so the
answer is the same on every machine. A site that is very nearly full can do that. Leave a little more room on the hosts, or ask for
less.""",
        example="",
        why_no_example="it takes a lab of hundreds of nodes",
    ),
    Code(
        code="E0805",
        title="a solver is not installed",
        story="""Placing a lab on several hosts needs libraries that labc does not install by itself, since they take half a gigabyte: `pip install 'labc[placement]'`, in a checkout
`make setup`. `labc doctor` says whether they are there. With a `lab.lock` that holds a host for every node none is needed, on any machine.""",
        example="",
        why_no_example="it depends on what is installed",
    ),
    Code(
        code="E0806",
        title="the site has no host",
        story="""A site says what labs run on. One without a host can run nothing: name at least this machine, `host here { reach = "local" }`,
or import no site at all; then there is one host, `local`, without limits.""",
        example=_lab("pool vni 10000..19999"),
    ),
    Code(
        code="E0807",
        title="no device can be a node",
        story="""A node whose kind says `physical = true` is real gear: with a site that has devices, one of them stands for it. A device
with a kind (`device ssg1: juniper.ssg`) stands for nodes of that kind or of one that extends it, one without a kind for any; and it must have all
that the node `needs`: `needs isdn >= 1`, `needs model = "SSG20"`, `needs name = "ssg1"`.

A site calls a kind as labs do: `juniper.ssg` is the kind `ssg` of the file juniper.net, of what a lab imports `as juniper`, or any kind that a lab calls
plainly `ssg`; `ssg` is all of these.""",
        example=_lab(
            'host h1 { nic eth1 }\ndevice box { model = "SSG5"; port e0 cable h1:eth1 }',
            a='needs model = "SSG20"; physical = true',
        ),
    ),
    Code(
        code="E0808",
        title="real gear competes for devices, ports or cables",
        story="""Each device stands for one node, each of its ports for one port of the lab, and a segment on which something virtual is
must reach a host: by a cable to a NIC, or over a switch of the patch fabric that leads to one. The message names the fewest nodes
that cannot all be served, and what they compete for. Plug in more, and say so in the site; or let a node be virtual.""",
        example=_lab(
            "host h1 { nic eth1 }\ndevice box { port e0 cable h1:eth1 }",
            a="physical = true",
            b="physical = true",
        ),
    ),
    Code(
        code="E0811",
        title="there are too few VNIs",
        story="""Each segment that crosses hosts travels in VXLAN under a number of its own, the VNI. They come from the range that the site
keeps for the lab, `lab NAME uses vni 10000..10255`, else from the pool `vni` less what it keeps for other labs and for instances.""",
        example=_lab(
            "host h1 { nic eth0 { address = 192.0.2.1/24 } }\nhost h2 { nic eth0 { address = 192.0.2.2/24 } }\n"
            "pool vni 10000..10001\nlab other uses vni 10000..10001",
            a="on h1",
            b="on h2",
        ),
    ),
    Code(
        code="E0812",
        title="a host has no address for overlays",
        story="""Segments that cross hosts are carried in VXLAN from one host's address to the others'. The NIC that faces them says which
address that is: `nic eth0 { address = 192.0.2.1/24 }`; where several have one, `overlay = true` says which.""",
        example=_lab("host h1 {}\nhost h2 {}", a="on h1", b="on h2"),
    ),
    Code(
        code="E0813",
        title="an MTU cannot be kept across hosts",
        story="""A segment that crosses hosts travels inside UDP, and VXLAN takes 50 bytes of each packet over IPv4, 70 over IPv6
(RFC 7348). Nothing fragments inside a segment, so the larger packets would vanish. Where the lab says nothing its stations are given
what is left; where it states an MTU that is larger than that, say the smaller one, or give the hosts' NICs a larger one
(`nic eth0 { mtu = 9000 }`), or keep the segment on one host with `together`.""",
        example=_lab(
            "host h1 { nic eth0 { address = 192.0.2.1/24 } }\nhost h2 { nic eth0 { address = 192.0.2.2/24 } }",
            a="on h1",
            b="on h2",
        ).replace("10.0.0.0/24", "10.0.0.0/24 { mtu = 1500 }"),
    ),
    Code(
        code="N0814",
        title="segments that cross hosts carry smaller packets",
        story="""VXLAN takes 50 bytes of each packet over IPv4, 70 over IPv6. With Ethernet's 1,500 between the hosts, stations on a segment
that crosses them are given an MTU of 1,450, unlike those in production. An underlay of 1,550 or more, said in the site, keeps 1,500.""",
        example=_lab(
            "host h1 { nic eth0 { address = 192.0.2.1/24 } }\nhost h2 { nic eth0 { address = 192.0.2.2/24 } }",
            a="on h1",
            b="on h2",
        ),
    ),
    Code(
        code="E0815",
        title="a segment crosses between hosts with addresses of two families",
        story="""A segment that crosses hosts travels in VXLAN from one host's address to the others', and a packet has addresses of one family
(RFC 7348). Some of the hosts state an IPv4 address for overlays, others an IPv6 address. Give all hosts an address of one family, or keep the segment
on hosts of one: `together`, `on h1, h2`.""",
        example=_lab(
            "host h1 { nic eth0 { address = 192.0.2.1/24 } }\nhost h2 { nic eth0 { address = 2001:db8::2/64 } }",
            a="on h1",
            b="on h2",
        ),
    ),
]
