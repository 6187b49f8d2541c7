"""Labs built by hand, for tests of passes that must not wait for a parser.

lab = Building().node("a").node("b").link("a:p", "b:p").lab
"""

from __future__ import annotations

from typing import Any

from labc.compiler.addresses import Address, Interface, Prefix
from labc.compiler.diagnostics import Diagnostics
from labc.compiler.ir.lab import (
    Attachment,
    Lab,
    Link,
    LinkId,
    NaptRule,
    NatRule,
    Node,
    NodeId,
    Policy,
    PolicyId,
    Port,
    PortId,
    Route,
    Rule,
    Segment,
    SegmentId,
    Zone,
    ZoneId,
)
from labc.compiler.passes.manager import find
from labc.compiler.quantities import Service
from labc.compiler.source import Origin, Source, Span


class Building:
    """Each method adds one thing; its origin is a line of a made-up source that says it, so that spans can be looked at."""

    def __init__(self, name: str = "test") -> None:
        self._text = b""
        self.lab = Lab(name, self._origin(f"lab {name}"))

    def _origin(self, text: str) -> Origin:
        return Origin(Span(Source("lab.net", text.encode()), 0, len(text.encode())))

    def segment(self, name: str, *prefixes: str, **more: Any) -> Building:
        made = SegmentId(f"segment/{name}")
        origin = self._origin(f"segment {name} {', '.join(prefixes)}")
        self.lab.segments[made] = Segment(made, name, origin, tuple(map(Prefix.parse, prefixes)), **more)
        return self

    def node(self, name: str, kind: str = "linux.host", **more: Any) -> Building:
        made = NodeId(f"node/{name}")
        self.lab.nodes[made] = Node(made, name, kind, self._origin(f"node {name}: {kind}"), **more)
        return self

    def switch(self, name: str) -> Building:
        return self.node(name, "linux.switch", bridges=True)

    def router(self, name: str) -> Building:
        return self.node(name, "linux.router", forwards=True)

    def port(self, end: str, on: str | None = None, *at: str, tag: int | None = None, **more: Any) -> Building:
        """`port("web:eth0", "dmz", "10.0.0.1")`; several segments by `on="red=10 blue=20"` with their tags."""
        node, name = end.split(":", 1)
        made = PortId(f"port/{node}/{name}")
        wanted = tuple(Interface.parse(text) if "/" in text else Address.parse(text) for text in at)
        origin = self._origin(f"port {name} on {on} at {', '.join(at)}")
        port = Port(made, NodeId(f"node/{node}"), name, origin, wanted=wanted, **more)
        for part in (on or "").split():
            segment, _, tagged = part.partition("=")
            port.attachments.append(Attachment(SegmentId(f"segment/{segment}"), int(tagged) if tagged else tag))
        self.lab.ports[made] = port
        self.lab.nodes[port.node].ports.append(made)
        return self

    def link(self, one: str, other: str, *prefixes: str, name: str | None = None, **more: Any) -> Building:
        ends = []
        made = LinkId(f"link/{name or f'{one}--{other}'}")
        for end in (one, other):
            port = PortId("port/" + end.replace(":", "/", 1))
            if port not in self.lab.ports:
                self.port(end)
            self.lab.ports[port].link = made
            ends.append(port)
        origin = self._origin(f"link {one} -- {other}")
        self.lab.links[made] = Link(
            made, made.removeprefix("link/"), (ends[0], ends[1]), origin, tuple(map(Prefix.parse, prefixes)), **more
        )
        return self

    def gateway(self, node: str, via: str) -> Building:
        return self.route(node, None, via)

    def route(self, node: str, prefix: str | None, via: str | None, metric: int = 0) -> Building:
        origin = self._origin(f"route {prefix} via {via}" if prefix else f"gateway {via}")
        route = Route(Prefix.parse(prefix) if prefix else None, origin, metric=metric, blackhole=via is None)
        if via is not None and f"node/{via}" in self.lab.nodes:
            route.via_node = NodeId(f"node/{via}")
        elif via is not None:
            route.via = (Address.parse(via),)
        self.lab.nodes[NodeId(f"node/{node}")].routes.append(route)
        return self

    def nat(self, node: str, outside: str, inside: str) -> Building:
        rule = NatRule(Address.parse(outside), NodeId(f"node/{inside}"), self._origin(f"nat {outside} <-> {inside}"))
        self.lab.nodes[NodeId(f"node/{node}")].nat.append(rule)
        return self

    def napt(self, node: str, sources: str, to: str) -> Building:
        rule = NaptRule(Address.parse(to), tuple(sources.split()), self._origin(f"napt {sources} to {to}"))
        self.lab.nodes[NodeId(f"node/{node}")].napt.append(rule)
        return self

    def zone(self, name: str, *members: str) -> Building:
        made = ZoneId(f"zone/{name}")
        self.lab.zones[made] = Zone(made, name, members, self._origin(f"zone {name} = {', '.join(members)}"))
        return self

    def policy(self, name: str, *rules: str, otherwise: str | None = "deny") -> Building:
        """Rules as `"segment/inside -> node/web allow tcp/80"`."""
        made = PolicyId(f"policy/{name}")
        self.lab.policies[made] = Policy(
            made, name, [self._rule(rule) for rule in rules], otherwise, self._origin(f"policy {name}")
        )
        return self

    def _rule(self, text: str) -> Rule:
        source, rest = text.split(" -> ")
        target, action, *services = rest.split()
        parsed = tuple(map(Service.parse, services))
        return Rule(tuple(source.split(",")), tuple(target.split(",")), action, parsed, self._origin(text))


def apply(lab: Lab, *passes: str) -> Diagnostics:
    """Runs passes over a lab, in place; what they found."""
    diagnostics = Diagnostics()
    for name in passes:
        find(name).apply(lab, diagnostics)
    return diagnostics


def codes(diagnostics: Diagnostics) -> list[str]:
    return sorted(diagnostic.code for diagnostic in diagnostics)
