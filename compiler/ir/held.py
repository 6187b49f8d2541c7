"""What the lock holds for a lab, and what a compiled lab gives it to hold.

Enters: a lock, or a lab after the pass `addresses`. Leaves: values by id and key for the passes; assignments for the lock.
Called by the pipeline, by `labc lock` and `labc build`. Several values of one key are joined by `,`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from ..diagnostics import Diagnostics
from ..lock import PINS, VERSION, Assignment, Lock, release_shared
from .lab import Lab, LinkId, PortId
from .lock_checks import check_lock
from .lock_gear import SITE


def held_by(lock: Lock, lab: Lab, diagnostics: Diagnostics) -> dict[tuple[str, str], tuple[str, ...]]:
    """For the passes: values by id and key. Of two ids that hold one value after a merge, the greater lets go, with a note."""
    lock = check_lock(lock, lab, diagnostics)
    lock = release_shared(lock, "mac", diagnostics)
    lock = release_shared(lock, "address", diagnostics, lambda entry: _place(entry, lab))
    lock = release_shared(lock, "prefix", diagnostics, lambda entry: _cable(entry, lab))
    lock = release_shared(lock, "vni", diagnostics)
    lock = release_shared(lock, "device", diagnostics)
    of_others = (*PINS, VERSION)
    return {at: tuple(entry.value.split(",")) for at, entry in lock.assignments.items() if entry.key not in of_others}


def _place(entry: Assignment, lab: Lab) -> Hashable:
    """One address may be held once on a segment; elsewhere it is another one."""
    port = lab.ports.get(PortId(entry.id))
    if port is None or not port.attachments:
        return entry.id
    return entry.value, port.attachments[0].segment


def _cable(entry: Assignment, lab: Lab) -> Hashable:
    """Links to one switch share a prefix; others must not."""
    link = lab.links.get(LinkId(entry.id))
    ends = [lab.ports[end] for end in link.ends if end in lab.ports] if link is not None else []
    if not ends or any(lab.nodes[port.node].bridges for port in ends):
        return entry.id
    return entry.value


def lock_of(lab: Lab, old: Lock) -> Lock:
    """The lock that a finished lab asks for: the old one's pins of modules and images, and all that was chosen. What is no
    longer in the lab is gone from it. `lock.settle(old, new, mode, …)` says which of the two holds."""
    gone = [at for at, entry in old.assignments.items() if entry.key not in PINS]
    return old.without(gone).including(chosen(lab))


def chosen(lab: Lab) -> Iterator[Assignment]:
    """Every choice that the compiler made for this lab: prefixes of links, addresses and MACs that the text leaves open; with a site,
    each node's host, the VNIs of segments that cross hosts, and which way the hosts were found."""
    yield Assignment(f"lab/{lab.name}", VERSION, "1")
    for segment in lab.segments.values():
        if segment.prefixes and segment.link is not None and not lab.links[segment.link].prefixes:
            yield Assignment(segment.link, "prefix", ",".join(map(str, segment.prefixes)))
    for port in lab.ports.values():
        if port.addresses and not port.wanted:
            yield Assignment(port.id, "address", ",".join(map(str, port.addresses)))
        if port.mac is not None:
            yield Assignment(port.id, "mac", str(port.mac))
    if lab.site.hosts:
        yield from _placed(lab)
        yield from _bound(lab)


def _placed(lab: Lab) -> Iterator[Assignment]:
    for host in lab.site.hosts.values():
        yield Assignment(host.id, SITE, lab.site.name)
    for node in lab.nodes.values():
        if node.host:
            yield Assignment(node.id, "host", node.host)
    for segment in lab.segments.values():
        if segment.vni is not None:
            yield Assignment(segment.id, "vni", str(segment.vni))
    if lab.placed.question and lab.placed.path != "kept":
        proven = ",proven" if lab.placed.proven else ""
        yield Assignment(f"placement/{lab.placed.question}", "path", f"{lab.placed.path}{proven}")


def _bound(lab: Lab) -> Iterator[Assignment]:
    if any(node.device is not None for node in lab.nodes.values()):
        from ..site.gear_held import binding_lines  # which knows this module's records

        yield from binding_lines(lab)
    for port in lab.ports.values():
        if port.fabric_vlan is not None:
            yield Assignment(port.id, "vlan", str(port.fabric_vlan))
