"""What the lock holds for a lab, and what a compiled lab gives it to hold.

Enters: a lock, or a lab after the pass `addresses`. Leaves: values by id and key for the passes; assignments for the lock.
Called by the pipeline, by `labc lock` and `labc build`. Several values of one key are joined by `,`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..lock import PINS, Assignment, Lock
from .lab import Lab


def held_by(lock: Lock) -> dict[tuple[str, str], tuple[str, ...]]:
    return {at: tuple(entry.value.split(",")) for at, entry in lock.assignments.items() if entry.key not in PINS}


def chosen(lab: Lab) -> Iterator[Assignment]:
    """Every choice that the compiler made for this lab: prefixes of links, addresses and MACs that the text leaves open."""
    for segment in lab.segments.values():
        if segment.prefixes and segment.link is not None and not lab.links[segment.link].prefixes:
            yield Assignment(segment.link, "prefix", ",".join(map(str, segment.prefixes)))
    for port in lab.ports.values():
        if port.addresses and not port.wanted:
            yield Assignment(port.id, "address", ",".join(map(str, port.addresses)))
        if port.mac is not None:
            yield Assignment(port.id, "mac", str(port.mac))
