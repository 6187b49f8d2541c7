"""The labs that benchmarks compile, written as files: leaf-spine by loops, and the same graph for netlab."""

from __future__ import annotations

from pathlib import Path

# A router's configuration as FRR reads it: interfaces, OSPF on every link. About what netlab renders for a node.
ROUTER_TEMPLATE = """\
hostname {{ node.name }}
{% for port in ports.values() %}
interface {{ port.interface }}
{% for address in port.addresses %}
 ip address {{ address }}
{% endfor %}
 ip ospf area 0.0.0.0
 ip ospf network point-to-point
!
{% endfor %}
router ospf
 ospf router-id {{ node.address.address }}
 timers throttle spf 10 100 500
"""

LEAF_SPINE = """\
lab leaf-spine
import std.linux
param leaves: int
param spines: int
kind router extends linux.router { config "router.conf.j2" to "/etc/frr/frr.conf" }
for s in 1..spines { node spine[s]: router }
for l in 1..leaves {
  node leaf[l]: router
  for s in 1..spines { link leaf[l]:up[s] -- spine[s]:down[l] }
}
"""


def leaf_spine(folder: Path) -> Path:
    """Writes the lab and its template; `leaves` and `spines` are parameters. Every router has a rendered configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "router.conf.j2").write_text(ROUTER_TEMPLATE)
    lab = folder / "lab.net"
    lab.write_text(LEAF_SPINE)
    return lab


def leaf_spine_netlab(folder: Path, leaves: int, spines: int) -> Path:
    """The same graph with OSPF on FRR, as netlab's users write it."""
    folder.mkdir(parents=True, exist_ok=True)
    nodes = [f"spine{s}" for s in range(1, spines + 1)] + [f"leaf{n}" for n in range(1, leaves + 1)]
    links = [f"leaf{n}-spine{s}" for n in range(1, leaves + 1) for s in range(1, spines + 1)]
    topology = folder / "topology.yml"
    # Pools wide enough for thousands of links and nodes: netlab's own stop at a few hundred.
    topology.write_text(
        "provider: clab\ndefaults.device: frr\ndefaults.const.MAX_NODE_ID: 65000\nmodule: [ospf]\n"
        "addressing:\n  loopback: {ipv4: 10.0.0.0/16}\n  p2p: {ipv4: 10.64.0.0/12, prefix: 30}\n"
        "  mgmt: {ipv4: 172.16.0.0/16, start: 10}\n"
        f"nodes: [{', '.join(nodes)}]\nlinks: [{', '.join(links)}]\n"
    )
    return topology
