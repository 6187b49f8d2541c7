"""Services: two on one port of a node, DHCP clients without a server, DHCP servers that cannot serve."""

from __future__ import annotations

from itertools import pairwise

from ...addresses import Address
from ...ir.lab import Node, Port, SegmentId, Serving
from ...quantities import Service
from .design import Design, called, there

_DHCP = "dhcp"


def check(design: Design) -> None:
    servers: dict[SegmentId, list[tuple[Node, Serving]]] = {}
    for node in design.lab.nodes.values():
        if node.services:
            _listens(node, design)
            for serving in node.services:
                if serving.name.rpartition(".")[2] == _DHCP:
                    _dhcp_server(node, serving, servers, design)
    for domain, found in servers.items():
        if len(found) > 1:
            _two_servers(domain, found, design)
    for port in design.lab.ports.values():
        if port.dhcp and not any(domain in servers for domain in design.domains_of(port)):
            _no_server(port, design)


def dhcp_server(port: Port, design: Design) -> tuple[Node, Serving] | None:
    """A server that hears the port's client."""
    heard = (other for domain in design.domains_of(port) for other, _ in design.stations.get(domain, ()))
    for node in map(design.node_of, heard):
        for serving in node.services:
            if serving.name.rpartition(".")[2] == _DHCP:
                return node, serving
    return None


def _listens(node: Node, design: Design) -> None:
    """Sorted by protocol and first port, two that overlap stand side by side."""
    listens = sorted(
        ((service, serving) for serving in node.services for service in serving.listens),
        key=lambda each: (each[0].protocol, each[0].first, each[1].origin.span.start),
    )
    for (one, first), (other, second) in pairwise(listens):
        if one.protocol == other.protocol and other.first <= one.last:
            _twice(node, other, first, second, design)


def _twice(node: Node, service: Service, first: Serving, second: Serving, design: Design) -> None:
    free = service.first + 8000 if service.first + 8000 <= 65535 else 8000
    design.say(
        "E0419",
        f"{node.name} serves twice on {service}",
        second.origin,
        f"{second.name} listens there",
        mark=service,
        labels=[there(first.origin, f"{first.name} does already")] if first.origin is not second.origin else [],
        reason="one of them could not be started",
        help=f"let it listen elsewhere: `serve {second.name} on {service.protocol}/{free}`",
    )


def _dhcp_server(
    node: Node, serving: Serving, servers: dict[SegmentId, list[tuple[Node, Serving]]], design: Design
) -> None:
    first, last = serving.fields.get("first"), serving.fields.get("last")
    prefixes = []
    for port in map(design.lab.ports.__getitem__, node.ports):
        prefixes += [interface.prefix for interface in port.addresses if interface.address.family == 4]
        for domain in design.domains_of(port):
            servers.setdefault(domain, []).append((node, serving))
    for end in (first, last):
        if isinstance(end, Address) and not any(prefix.holds(end) for prefix in prefixes):
            design.say(
                "E0515",
                f"{node.name} cannot lease {end}",
                serving.origin,
                f"it lies in no prefix of {node.name}'s ports",
                mark=end,
                reason="a client would be given an address that its segment does not route",
                help=f"choose addresses in {' or '.join(map(str, prefixes)) or 'the prefix of its segment'}",
            )
    _name_servers(node, serving, design)
    if isinstance(first, Address) and isinstance(last, Address) and first.value > last.value:
        design.say(
            "E0515",
            f"the range {first} to {last} is empty",
            serving.origin,
            "its end comes before its start",
            mark=last,
        )


def _name_servers(node: Node, serving: Serving, design: Design) -> None:
    stated = serving.fields.get("dns")
    for server in stated if isinstance(stated, list) else [stated]:
        if isinstance(server, Address) and server.family != 4:
            design.say(
                "E0515",
                f"{node.name} cannot tell its clients of {server}",
                serving.origin,
                "it is no address of IPv4",
                mark=server,
                reason="DHCP's option for name servers holds four bytes for each (RFC 2132)",
                help="give the name server's IPv4 address, or its node",
            )


def _two_servers(domain: SegmentId, found: list[tuple[Node, Serving]], design: Design) -> None:
    (node, first), (other, second) = sorted(found, key=lambda each: (each[1].origin.span.start, each[0].id))[:2]
    if node is other:
        return
    design.say(
        "W0516",
        f"two DHCP servers in the broadcast domain of {design.lab.segments[domain].name}",
        second.origin,
        f"{other.name} serves here",
        labels=[there(first.origin, f"{node.name} serves here as well")] if first.origin is not second.origin else [],
        reason="which of them a client hears first is chance",
        severity="warning",
    )


def _no_server(port: Port, design: Design) -> None:
    if not design.is_whole(port.origin, design.node_of(port).origin):
        return
    segment = design.lab.segments[port.attachments[0].segment].name if port.attachments else "its segment"
    design.say(
        "E0514",
        f"{called(port)} asks for an address, and no DHCP server hears it",
        port.origin,
        f"none is in the broadcast domain of {segment}",
        mark=_DHCP,
        reason="it would never have an address",
        help=f"write `serve dhcp` in a node on {segment}, or give the port an address",
    )
