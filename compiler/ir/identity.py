"""Identities: the names under which things hold what was assigned to them.

Enters: a record. Leaves: its id, or the id that it had before a rename (`was`). Called by the passes that assign, and by `site/`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import TypeVar

from .lab import Lab, Link, Node, Port, Segment, SegmentId

Thing = TypeVar("Thing", bound=Hashable)


def node_identity(node: Node) -> str:
    return f"node/{node.was}" if node.was else node.id


def port_identity(port: Port, lab: Lab) -> str:
    """`port/web/eth0`; after `node www: … was web` still that."""
    node = lab.nodes[port.node]
    if node.was is None and port.was is None:
        return port.id
    return f"port/{node.was or node.name}/{port.was or port.name}"


def link_identity(link: Link, lab: Lab) -> str:
    """A link without a name of its own is called by its ends, so a rename of a node renames it as well."""
    if link.was:
        return f"link/{link.was}"
    names = [port_identity(lab.ports[end], lab) for end in link.ends]
    if names == list(link.ends) or link.name != "--".join(map(_as_end, link.ends)):
        return link.id
    return "link/" + "--".join(map(_as_end, names))


def segment_identity(segment: Segment, lab: Lab) -> str:
    """That of a link's segment is its link's, that of a tag on a wire (`segment/uplink#10`) the wire's with the tag."""
    if segment.was:
        return f"segment/{segment.was}"
    wire, hash_sign, tag = segment.id.rpartition("#")
    if hash_sign and wire in lab.segments:
        return f"{segment_identity(lab.segments[SegmentId(wire)], lab)}#{tag}"
    if segment.link is None:
        return segment.id
    return "segment/" + link_identity(lab.links[segment.link], lab).removeprefix("link/")


def distinct(plain: Mapping[Thing, str], before: Mapping[Thing, str]) -> dict[Thing, str]:
    """Each thing's name `before` a rename, its `plain` one where two things would have one name."""
    used = Counter([*plain.values(), *(name for thing, name in before.items() if name != plain[thing])])
    return {thing: name if used[name] == 1 else plain[thing] for thing, name in before.items()}


def held_values(lab: Lab, key: str, id: str, identity: str) -> tuple[str, ...]:
    """What the lock holds for a thing under the name that it has, else under the one that it had."""
    return lab.held.get((id, key)) or lab.held.get((identity, key), ())


def _as_end(port: str) -> str:
    """`port/web/eth0` as a link writes it: `web:eth0`."""
    return port.removeprefix("port/").replace("/", ":", 1)
