"""Written tests on running labs: every standard service, leases, probes beside, cuts of direct links, stopped nodes."""

from __future__ import annotations

import os

import pytest

from labc import compile as compile_lab
from labc.compiler.plan.read import read_plan
from labc.runtime.engine import down, up
from labc.runtime.probes.run import run_tests

pytestmark = pytest.mark.root

SERVICES = """
lab services
import std.linux
segment lan 10.5.0.0/24, fd00:5::/64
segment far 10.6.0.0/24, fd00:6::/64
node gw: linux.router {
  port a on lan at 10.5.0.1, fd00:5::1
  port b on far at 10.6.0.1, fd00:6::1
  serve dhcp { first = 10.5.0.100; last = 10.5.0.150; gateway = 10.5.0.1 }
}
node srv: linux.host {
  port eth0 on far
  gateway gw
  serve http; serve https; serve dns { records = { "www.x": "10.6.0.9" } }; serve ntp; serve ssh; serve telnet; serve echo
}
node pc: linux.host { port eth0 on lan at dhcp }
node pc2: linux.host { port eth0 on lan; gateway gw }
node dut: linux.host { port eth0 on lan; gateway gw; probe = "beside" }
policy open { lan -> far allow any }
test "every service answers" {
  expect pc2 -> srv http
  expect pc2 -> srv https
  expect pc2 -> srv dns
  expect pc2 -> srv ntp
  expect pc2 -> srv ssh
  expect pc2 -> srv telnet
  expect pc2 -> srv echo
  expect pc2 -> srv udp/7
  expect pc2 -> srv udp/5353
  expect pc2 -> srv tcp/53 from port 53
}
test "a leased port talks" {
  expect pc -> srv http
  expect srv -> pc icmp
  expect srv -> pc tcp/5000
  send 5 pc -> srv udp/7
  expect received == 5
}
test "beside a node" {
  expect dut -> srv http
  expect srv -> dut icmp
  expect srv -> dut tcp/99
  ping dut -> srv every 20ms as p
  expect loss of p < 1%
}
test "a stream over tls's port" { stream pc2 -> srv tcp/443 as s; expect stream s alive }
test "a stream over ssh's port" { stream pc2 -> srv tcp/22 as s; expect stream s alive }
test "a stream over telnet's port" { stream pc2 -> srv tcp/23 as s; expect stream s alive }
"""
LINKS = """
lab links
import std.linux
node a: linux.host { port eth0; gateway r }
node r: linux.router { port x; port y }
node b: linux.host { port eth0; gateway r; serve http }
link up: a:eth0 -- r:x on 10.1.0.0/24, fd00:1::/64
link r:y -- b:eth0 on 10.2.0.0/24, fd00:2::/64
test "cut a link" {
  stream a -> b tcp/80
  cut up
  expect not a -> b icmp
  heal up after 300ms
  expect outage < 5s, stream alive
  expect a -> b http
}
test "cut a port" {
  ping a -> b every 50ms
  cut b:eth0
  expect b:eth0 down
  heal b:eth0 after 300ms
  expect b:eth0 up
  expect outage < 3s
}
test "stop a node" { expect a -> b http; stop b; expect b down; expect not a -> b http; start b; expect b up; within 5s expect a -> b http }
test "stop a router" { expect a -> b http; stop r; expect not a -> b http; start r; within 5s expect a -> b http }
test "stop a service" { stop b.http; expect b.http stopped; expect not a -> b http; start b.http; expect b.http running; expect a -> b http }
"""


@pytest.mark.parametrize("lab", [SERVICES, LINKS], ids=["services", "links"])
def test_all_pass_and_nothing_is_left_changed(lab: str) -> None:
    """What a test took down stands again: the lab is as its plan says."""
    compiled = compile_lab({"lab.net": lab.encode()}, main="lab.net")
    assert compiled.plan is not None, [str(one) for one in compiled.diagnostics]
    plan = read_plan(compiled.plan)
    name = f"test-labs-{plan.lab}-{os.getpid()}"
    try:
        assert up(plan, name).status == 0
        report = run_tests(plan, name)
        assert [(one.case, one.reason) for one in report.tested if one.verdict != "passed"] == []
        assert up(plan, name, dry_run=True).status == 0
    finally:
        down(name)
