"""Labs made by hand, so that drawings are tested without the rest of the compiler."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from labc.compiler.addresses import Interface, Prefix
from labc.compiler.ir.lab import (
    Attachment,
    Lab,
    Link,
    LinkId,
    Node,
    NodeId,
    Port,
    PortId,
    Route,
    Segment,
    SegmentId,
    Zone,
    ZoneId,
)
from labc.compiler.source import Origin, Source, Span


class Drawn:
    """A lab that grows by one line a node."""

    def __init__(self, name: str) -> None:
        self.origin = Origin(Span(Source("lab.net", b"lab x\n"), 0, 5))
        self.lab = Lab(name, self.origin)

    def segment(self, name: str, *prefixes: str) -> SegmentId:
        id = SegmentId(f"segment/{name}")
        self.lab.segments[id] = Segment(id, name, self.origin, tuple(map(Prefix.parse, prefixes)))
        return id

    def node(
        self,
        name: str,
        *ports: tuple[str, str, str],
        gateway: Sequence[str] = (),
        kind: str = "linux.host",
        physical: bool = False,
    ) -> None:
        """`ports`: (name, segment, address or nothing)."""
        node = Node(NodeId(f"node/{name}"), name, kind, self.origin, physical=physical, forwards=kind != "linux.host")
        self.lab.nodes[node.id] = node
        for port, segment, address in ports:
            self.port(name, port, SegmentId(f"segment/{segment}"), address)
        node.routes = [Route(None, self.origin, via_node=NodeId(f"node/{each}")) for each in gateway]

    def port(self, node: str, name: str, segment: SegmentId, address: str) -> PortId:
        id = PortId(f"port/{node}/{name}")
        addresses = (Interface.parse(address),) if address else ()
        owner = NodeId(f"node/{node}")
        self.lab.ports[id] = Port(id, owner, name, self.origin, attachments=[Attachment(segment)], addresses=addresses)
        self.lab.nodes[owner].ports.append(id)
        self.lab.segments[segment].ports.append(id)
        return id

    def link(self, one: str, port: str, other: str, other_port: str, prefix: str) -> None:
        name = f"{one}:{port}--{other}:{other_port}"
        segment = self.segment(name, prefix)
        network = Prefix.parse(prefix)
        ends = (
            self.port(one, port, segment, f"{network.host(0)}/{network.length}"),
            self.port(other, other_port, segment, f"{network.host(1)}/{network.length}"),
        )
        id = LinkId(f"link/{name}")
        self.lab.links[id] = Link(id, name, ends, self.origin, segment=segment)
        self.lab.segments[segment].link = id

    def zone(self, name: str, *members: str) -> None:
        self.lab.zones[ZoneId(f"zone/{name}")] = Zone(ZoneId(f"zone/{name}"), name, members, self.origin)


@pytest.fixture
def quickstart() -> Lab:
    """Three nodes, two segments."""
    drawn = Drawn("quickstart")
    drawn.segment("office", "192.168.1.0/24")
    drawn.segment("servers", "192.168.2.0/24")
    drawn.node("router", ("a", "office", "192.168.1.1/24"), ("b", "servers", "192.168.2.1/24"), kind="linux.router")
    drawn.node("pc", ("eth0", "office", "192.168.1.2/24"), gateway=["router"])
    drawn.node("web", ("eth0", "servers", "192.168.2.2/24"), gateway=["router"])
    drawn.zone("inside", "segment/office", "node/web")
    return drawn.lab


@pytest.fixture
def firewall() -> Lab:
    """A firewall with three sides, one of its servers physical."""
    drawn = Drawn("firewall-change")
    for name, prefix in (
        ("internet", "198.51.100.0/24"),
        ("outside", "203.0.113.0/29"),
        ("dmz", "10.10.0.0/24"),
        ("inside", "10.10.10.0/24"),
    ):
        drawn.segment(name, prefix)
    drawn.node(
        "edge",
        ("wan", "outside", "203.0.113.2/29"),
        ("srv", "dmz", "10.10.0.1/24"),
        ("lan", "inside", "10.10.10.254/24"),
        gateway=["isp"],
        kind="firewall.nftables",
    )
    drawn.node("web", ("eth0", "dmz", "10.10.0.100/24"), gateway=["edge"], physical=True)
    drawn.node("pc1", ("eth0", "inside", "10.10.10.1/24"), gateway=["edge"])
    drawn.node("pc2", ("eth0", "inside", "10.10.10.2/24"), gateway=["edge"])
    drawn.node(
        "isp", ("down", "outside", "203.0.113.1/29"), ("up", "internet", "198.51.100.254/24"), kind="linux.router"
    )
    drawn.node("resolver", ("eth0", "internet", "198.51.100.53/24"), gateway=["isp"])
    drawn.node("server", ("eth0", "internet", "198.51.100.80/24"), gateway=["isp"])
    drawn.zone("world", "segment/internet", "segment/outside")
    return drawn.lab


@pytest.fixture
def fabric() -> Lab:
    """A leaf-spine of thirty nodes: 2 spines, 7 leaves, 3 hosts on each."""
    drawn = Drawn("fabric")
    for spine in range(1, 3):
        drawn.node(f"spine{spine}", kind="linux.router")
    for leaf in range(1, 8):
        drawn.segment(f"users{leaf}", f"10.20.{leaf}.0/24")
        drawn.node(
            f"leaf{leaf}",
            ("lan", f"users{leaf}", f"10.20.{leaf}.1/24"),
            kind="linux.router",
            gateway=["spine1", "spine2"],
        )
        for spine in range(1, 3):
            drawn.link(f"leaf{leaf}", f"up{spine}", f"spine{spine}", f"down{leaf}", f"10.255.{leaf}.{spine * 2}/31")
        for host in range(1, 4):
            drawn.node(
                f"pc{leaf}-{host}", ("eth0", f"users{leaf}", f"10.20.{leaf}.{host + 1}/24"), gateway=[f"leaf{leaf}"]
            )
    return drawn.lab
