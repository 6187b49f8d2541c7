"""E06xx and W06xx: tests and policies that cannot become cases."""

from __future__ import annotations

from .model import Code

CODES = [
    Code(
        code="E0601",
        title="nobody in this lab stands there",
        story="""A flow of a test has an end that no packet can be sent from or to: an address that lies in no prefix of a segment,
or a node without any address. Tests send from and to nodes, and free addresses within the prefixes of segments.
""",
        example="""lab x
import std.linux
segment lan 10.0.0.0/24
node a: linux.host { port eth0 on lan }
test "reaches what is not there" {
  expect a -> 192.0.2.1 icmp
}
""",
    ),
    Code(
        code="E0602",
        title="no address family in common",
        story="""The ends of a flow have no addresses of one family: one has only IPv4 addresses, the other only IPv6 ones. Give
one of them an address of the other's family, or test what really happens between them.
""",
        example="""lab x
import std.linux
segment old 10.0.0.0/24
segment new 2001:db8::/64
node a: linux.host { port eth0 on old }
node b: linux.host { port eth0 on new }
test "speaks another language" {
  expect not a -> b icmp
}
""",
    ),
    Code(
        code="E0603",
        title="too many pairs in one flow",
        story="""A flow between two sets of nodes is one step for each ordered pair of them. These sets make more pairs than a test
takes. Name fewer nodes, or state it as a rule of a policy: policies are tested by representatives.
""",
        example="""lab x
import std.linux
segment lan 10.0.0.0/22
for i in 1..110 { node pc[i]: linux.host { port eth0 on lan } }
test "everyone talks" {
  expect pc[*] -> pc[*] icmp
}
""",
    ),
    Code(
        code="W0601",
        title="no device can enforce this",
        story="""A policy denies what no firewall stands between: the ends share a segment, or only routers that filter nothing lie on
the way. Such packets arrive whatever the firewalls say, so no test is made for them; the report of `labc test --coverage` says so.

Put the ends on different segments with a firewall between them, or leave this to the nodes themselves.
""",
        example="""lab x
import std.linux
segment lan 10.0.0.0/24
node a: linux.host { port eth0 on lan }
node b: linux.host { port eth0 on lan }
policy neighbours { a -> b deny tcp/22 }
""",
    ),
]
