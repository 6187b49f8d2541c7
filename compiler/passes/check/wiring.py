"""Ports and cables: what is plugged in twice, in a circle, into nothing, or into more than a bridge takes."""

from __future__ import annotations

from collections.abc import Iterator

from ...ir.lab import Link, Node, Port, PortId, Segment
from .design import Design, called, in_order, there

_MOST_PORTS = 1023  # what a Linux bridge takes: BR_MAX_PORTS less the reserved number 0


def check(design: Design) -> None:
    _links(design)
    for segment in design.lab.segments.values():
        if len(segment.ports) > _MOST_PORTS and not segment.split:
            _too_many(segment, design)
    for node in design.lab.nodes.values():
        if not node.ports:
            _no_ports(node, design)
    for port in design.lab.ports.values():
        if not port.attachments and port.form != "loopback":
            _plugged_into_nothing(port, design)
    _circles(design)


def _links(design: Design) -> None:
    holder: dict[PortId, Link] = {}
    for link in sorted(design.lab.links.values(), key=lambda link: (link.origin.span.start, link.id)):
        if link.ends[0] == link.ends[1]:
            _linked_to_itself(link, design)
            continue
        for end in link.ends:
            first = holder.setdefault(end, link)
            if first is not link:
                _linked_twice(design.lab.ports[end], first, link, design)


def _linked_to_itself(link: Link, design: Design) -> None:
    port = design.lab.ports[link.ends[0]]
    design.say(
        "E0408",
        f"{called(port)} is linked to itself",
        link.origin,
        "both ends are one port",
        reason="a link joins two ports",
        help="name another port at one end",
    )


def _linked_twice(port: Port, first: Link, link: Link, design: Design) -> None:
    design.say(
        "E0402",
        f"{called(port)} is linked twice",
        link.origin,
        "this is its second link",
        mark=called(port),
        labels=[there(first.origin, "it is plugged in here", called(port))],
        reason="one cable goes into one port",
        help="give this link a port of its own, or put both stations on a segment",
    )


def _too_many(segment: Segment, design: Design) -> None:
    design.say(
        "E0404",
        f"segment {segment.name} has {len(segment.ports)} ports",
        segment.origin,
        f"a bridge takes {_MOST_PORTS}",
        reason="the kernel refuses a port more, so the lab could not be made",
        help="let it be made of several bridges: `split = true`",
    )


def _no_ports(node: Node, design: Design) -> None:
    if design.is_whole(node.origin):
        design.say(
            "W0422",
            f"node {node.name} has no port",
            node.origin,
            "nothing can reach it",
            help="give it one: `port eth0 on SEGMENT`",
            severity="warning",
        )


def _plugged_into_nothing(port: Port, design: Design) -> None:
    if port.id in design.carried or not design.is_whole(port.origin, design.node_of(port).origin):
        return
    design.say(
        "W0421",
        f"{called(port)} is on no segment and on no link",
        port.origin,
        "it is plugged into nothing",
        reason="a port without `on` belongs to the link that names it, and none does",
        help=f"write `on SEGMENT`, or `link {called(port)} -- OTHER:PORT`",
        severity="warning",
    )


def _circles(design: Design) -> None:
    """Logical ports that stand on each other: walk down from each, remembering what was found sound."""
    sound: set[PortId] = set()
    for port in design.lab.ports.values():
        if port.over and port.id not in sound:
            path: dict[PortId, None] = {}
            if (met := _descend(port.id, path, sound, design)) is not None:
                _say_circle(met, list(path), design)
            sound.update(path)


def _descend(start: PortId, path: dict[PortId, None], sound: set[PortId], design: Design) -> PortId | None:
    """Goes down all ports under `start`; the port that was met again on the way down. Iterative: stacks may be deep."""
    stack: list[tuple[PortId, Iterator[PortId]]] = [(start, iter(design.lab.ports[start].over))]
    path[start] = None
    active = {start}
    while stack:
        name, rest = stack[-1]
        below = next((over for over in rest if over in design.lab.ports and over not in sound), None)
        if below is None:
            active.discard(name)
            stack.pop()
        elif below in active:
            return below
        elif below not in path:
            path[below] = None
            active.add(below)
            stack.append((below, iter(design.lab.ports[below].over)))
    return None


def _say_circle(met: PortId, path: list[PortId], design: Design) -> None:
    members = in_order(*(design.lab.ports[name] for name in path[path.index(met) :]))
    design.say(
        "E0403",
        f"{called(members[0])} stands on itself",
        members[0].origin,
        "this port",
        labels=[there(port.origin, f"{called(port)} is part of the circle") for port in members[1:4]],
        reason="a logical port needs a port under it that exists without it",
        help="let one of them stand on a physical port",
    )
