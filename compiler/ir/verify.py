"""The IR's contract, stated and checked.

Enters: a lab and the name of the step after which it stands. Leaves: one sentence for each breach; none when all holds.
Called by the pass manager under `--verify` and in tests. A breach is a bug of a pass, never a user's mistake: a lab with
mistakes of design is a valid one.

Each promise holds from the step named in `_PROMISES` on, to the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..addresses import Address, Interface
from .lab import Lab, NodeId, SegmentId

_ORDER = (
    "expand",
    "segments",
    "addresses",
    "check",
    "bind",
    "placement",
    "overlays",
    "configs",
    "tests",
    "schedule",
    "plan",
)


def verify(lab: Lab, after: str) -> list[str]:
    """What is broken in a lab that has come through the step `after`."""
    reached = _ORDER.index(after)
    return [breach for since, promise in _PROMISES if _ORDER.index(since) <= reached for breach in promise(lab)]


# --- From `expand` on --------------------------------------------------------------------------------------


def _ids_are_keys(lab: Lab) -> Iterator[str]:
    """Every record is filed under its own id, and the id says its kind."""
    tables = (
        ("node", lab.nodes),
        ("port", lab.ports),
        ("segment", lab.segments),
        ("link", lab.links),
        ("zone", lab.zones),
    )
    more = (("group", lab.groups), ("policy", lab.policies), ("test", lab.tests))
    for kind, table in (*tables, *more):
        for key, record in table.items():
            if record.id != key or not key.startswith(kind + "/"):
                yield f"{kind} {record.id} is filed under {key}"


def _ports_know_their_nodes(lab: Lab) -> Iterator[str]:
    for port in lab.ports.values():
        if port.node not in lab.nodes:
            yield f"{port.id} is of {port.node}, which does not exist"
    listed = [name for node in lab.nodes.values() for name in node.ports]
    if len(listed) != len(set(listed)):
        yield "a port is listed twice by nodes"
    for node in lab.nodes.values():
        for name in node.ports:
            if name not in lab.ports or lab.ports[name].node != node.id:
                yield f"{node.id} lists {name}, which is not its port"
    yield from (f"{name} is listed by no node" for name in lab.ports.keys() - set(listed))


def _ports_know_their_neighbours(lab: Lab) -> Iterator[str]:
    """Segments, links and the ports underneath exist; ports stand on ports of their own node."""
    for port in lab.ports.values():
        for attachment in port.attachments:
            if attachment.segment not in lab.segments:
                yield f"{port.id} is on {attachment.segment}, which does not exist"
        if port.link is not None and (port.link not in lab.links):
            yield f"{port.id} is of {port.link}, which does not exist"
        for over in port.over:
            if over not in lab.ports or lab.ports[over].node != port.node:
                yield f"{port.id} stands on {over}, which is no port of its node"


def _links_have_two_ends(lab: Lab) -> Iterator[str]:
    for link in lab.links.values():
        for end in link.ends:
            if end not in lab.ports:
                yield f"{link.id} ends at {end}, which does not exist"
            elif lab.ports[end].link is None:
                yield f"{link.id} ends at {end}, which knows of no link"


def _references_exist(lab: Lab) -> Iterator[str]:
    """What routes, translations, zones, groups and affinities name."""
    for node in lab.nodes.values():
        named = [route.via_node for route in node.routes] + [rule.inside_node for rule in node.nat]
        yield from (f"{node.id} names {name}, which does not exist" for name in named if name and name not in lab.nodes)
        for many in node.napt:
            yield from _dangling(str(node.id), many.source_ids, lab)
    for zone in lab.zones.values():
        yield from _dangling(zone.id, zone.members, lab)
    for group in lab.groups.values():
        yield from _dangling(group.id, group.members, lab)
    for wish in lab.affinities:
        nodes = wish.members[:1] if wish.form == "on" else wish.members
        yield from (f"`{wish.form}` names {name}" for name in nodes if NodeId(name) not in lab.nodes)


def _flows_have_ends(lab: Lab) -> Iterator[str]:
    for policy in lab.policies.values():
        for rule in policy.rules:
            yield from _dangling(policy.id, (*rule.sources, *rule.targets), lab)
    for test in lab.tests.values():
        for step in test.steps:
            if step.flow is not None:
                yield from _dangling(test.id, (*step.flow.sources, *step.flow.targets), lab)


def _dangling(holder: str, names: tuple[str, ...], lab: Lab) -> Iterator[str]:
    for name in names:
        known = name in lab.nodes or name in lab.segments or name in lab.zones or name in lab.groups
        if not known and not _is_address(name):
            yield f"{holder} names {name}, which does not exist"


def _is_address(text: str) -> bool:
    try:
        Interface.parse(text) if "/" in text else Address.parse(text)
    except ValueError:
        return False
    return True


# --- From `segments` on ------------------------------------------------------------------------------------


def _segments_list_their_ports(lab: Lab) -> Iterator[str]:
    """A segment lists exactly the ports attached to it, each once, sorted."""
    attached: dict[str, set[str]] = {}
    for port in lab.ports.values():
        for attachment in port.attachments:
            attached.setdefault(attachment.segment, set()).add(port.id)
    for segment in lab.segments.values():
        if segment.ports != sorted(attached.get(segment.id, ())):
            yield f"{segment.id} lists other ports than stand on it"
        if segment.direct and len(segment.ports) != 2:
            yield f"{segment.id} is direct and has {len(segment.ports)} ports"


def _domains_are_sets(lab: Lab) -> Iterator[str]:
    """A domain is called by its least segment."""
    least: dict[SegmentId | None, SegmentId] = {}
    for segment in lab.segments.values():
        least[segment.domain] = min(least.get(segment.domain, segment.id), segment.id)
    for domain, name in least.items():
        if domain != name:
            yield f"the domain of {name} is called {domain}"


def _links_have_segments(lab: Lab) -> Iterator[str]:
    for link in lab.links.values():
        segment = lab.segments.get(link.segment) if link.segment is not None else None
        if link.segment is not None and (segment is None or segment.link != link.id):
            yield f"{link.id} is on {link.segment}, which is not its segment"


# --- From `addresses` on -----------------------------------------------------------------------------------


def _drawn_addresses_fit(lab: Lab) -> Iterator[str]:
    """An address that labc chose lies in a prefix of its port's domain, and nobody else there was given it."""
    held: set[tuple[object, Address]] = set()
    for port in lab.ports.values():
        if port.wanted or not port.addresses:
            continue
        segments = [lab.segments[attachment.segment] for attachment in port.attachments]
        prefixes = {prefix for segment in segments for prefix in segment.prefixes}
        for interface in port.addresses:
            if interface.prefix not in prefixes:
                yield f"{port.id} was given {interface}, which is outside its segments"
            for domain in {segment.domain for segment in segments if interface.prefix in segment.prefixes}:
                if (domain, interface.address) in held:
                    yield f"{port.id} was given {interface}, which another port was given too"
                held.add((domain, interface.address))


def _ports_are_complete(lab: Lab) -> Iterator[str]:
    """Every port has a MAC, and a name that Linux takes and no other port of its node has."""
    for node in lab.nodes.values():
        names = [lab.ports[name].interface for name in node.ports]
        if len(set(names)) != len(names):
            yield f"two ports of {node.id} are called alike"
        for name in names:
            if not 0 < len(name.encode()) <= 15 or "/" in name or " " in name:
                yield f"{node.id} has a port called {name!r}, which Linux refuses"
    for port in lab.ports.values():
        if port.mac is None:
            yield f"{port.id} has no MAC"
        if port.wanted and len(port.wanted) != len(port.addresses):
            yield f"{port.id} states {len(port.wanted)} addresses and has {len(port.addresses)}"


# --- From `schedule` on ------------------------------------------------------------------------------------


def _resources_form_a_graph(lab: Lab) -> Iterator[str]:
    known = {resource.id for resource in lab.resources}
    if len(known) != len(lab.resources):
        yield "two resources have one id"
    for resource in lab.resources:
        yield from (f"{resource.id} needs {name}, which does not exist" for name in resource.needs if name not in known)


_PROMISES: tuple[tuple[str, Callable[[Lab], Iterator[str]]], ...] = (
    ("expand", _ids_are_keys),
    ("expand", _ports_know_their_nodes),
    ("expand", _ports_know_their_neighbours),
    ("expand", _links_have_two_ends),
    ("expand", _references_exist),
    ("expand", _flows_have_ends),
    ("segments", _segments_list_their_ports),
    ("segments", _domains_are_sets),
    ("segments", _links_have_segments),
    ("addresses", _drawn_addresses_fit),
    ("addresses", _ports_are_complete),
    ("schedule", _resources_form_a_graph),
)
