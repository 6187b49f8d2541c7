"""What is wrong with a lock for a lab: another lab's, values that cannot be, values that are out of bounds now.

Enters: a lock and the lab that was compiled with it, after `expand`. Leaves: diagnostics. Called by `held.py`.
"""

from __future__ import annotations

from collections.abc import Callable

from ..addresses import Interface, Mac, Prefix
from ..diagnostics import Diagnostics, Label
from ..lock import VERSION, Assignment, Lock
from .lab import Lab, PortId, SegmentId
from .lock_gear import SITE, check_gear

FOREIGN = "E0906"
_ONE = frozenset({"mac", "vni", "vlan"})  # keys that have one value
_FEW = 8


def check_lock(lock: Lock, lab: Lab, diagnostics: Diagnostics) -> Lock:
    """The lock without what cannot be, so that nothing else is said of it."""
    _check_lab(lock, lab, diagnostics)
    lock = lock.without(_check_values(lock, diagnostics))
    _check_hosts(lock, lab, diagnostics)
    lock = lock.without(check_gear(lock, lab, diagnostics))
    _note_outside(lock, lab, diagnostics)
    return lock


def _check_lab(lock: Lock, lab: Lab, diagnostics: Diagnostics) -> None:
    owners = list(lock.of(VERSION))
    if not owners or any(entry.id == f"lab/{lab.name}" for entry in owners):
        return
    other = owners[0].id.removeprefix("lab/")
    diagnostics.error(
        FOREIGN,
        f"this lock is of the lab {other}, not of {lab.name}",
        owners[0].span,
        "it says so here",
        reason="what was chosen for another lab means nothing for this one",
        help=f"give {lab.name} a folder of its own, or build it with `--lock ignore`; if {other} was renamed, write `lab/{lab.name}` here; "
        f"if {other} is gone, remove the file",
    )


def _check_values(lock: Lock, diagnostics: Diagnostics) -> list[tuple[str, str]]:
    wrong = []
    for entry in lock.assignments.values():
        fits = _VALUES.get(entry.key)
        values = [entry.value] if entry.key in _ONE else entry.value.split(",")
        if fits is not None and not all(map(fits, values)):
            wrong.append((entry.id, entry.key))
            diagnostics.error(
                "E0905",
                f"{entry.value} cannot be the {entry.key} of {entry.id}",
                entry.span,
                "this line",
                help="correct it, or remove the line: labc chooses anew and writes it",
            )
    return wrong


def _check_hosts(lock: Lock, lab: Lab, diagnostics: Diagnostics) -> None:
    """A host that the site had when the lock was written may be gone; one that it never had was written by hand."""
    hosts = {host.name for host in lab.site.hosts.values()} | {
        entry.id.removeprefix("host/")
        for entry in lock.of(SITE)  # `host/h1 site rack`: a host that the site had
    }
    for entry in lock.of("host") if lab.site.hosts else ():
        if entry.value not in hosts:
            diagnostics.error(
                "E0905",
                f"{entry.value} cannot be the host of {entry.id}: the site neither has nor had such a host",
                entry.span,
                "this line",
                help=f"the site has {', '.join(sorted(host.name for host in lab.site.hosts.values())[:_FEW])}; or remove the line",
            )


def _note_outside(lock: Lock, lab: Lab, diagnostics: Diagnostics) -> None:
    """Addresses that a segment no longer has, one note for each segment: the ports are given new ones."""
    outside: dict[str, list[Assignment]] = {}
    for entry in lock.of("address"):
        port = lab.ports.get(PortId(entry.id))
        segment = lab.segments.get(port.attachments[0].segment) if port is not None and port.attachments else None
        if segment is not None and segment.prefixes and not _any_within(entry.value, segment.prefixes):
            outside.setdefault(segment.id, []).append(entry)
    for name, entries in sorted(outside.items()):
        segment = lab.segments[SegmentId(name)]
        which = entries[0].id if len(entries) == 1 else f"{entries[0].id} and {len(entries) - 1} more ports"
        diagnostics.note(
            "N0903",
            f"segment {segment.name} does not have the addresses that the lock holds for {which}: they get new ones",
            entries[0].span,
            f"{entries[0].value} is not within {', '.join(map(str, segment.prefixes))}",
            labels=(Label(segment.origin.span, "the segment's prefixes"),),
        )


def _any_within(value: str, prefixes: tuple[Prefix, ...]) -> bool:
    held = [Interface.parse(text) for text in value.split(",")]
    return any(prefix.holds(each.address) for each in held for prefix in prefixes)


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        try:
            parse(text)
        except ValueError:
            return False
        return True

    return fits


def _is_unicast(text: str) -> bool:
    """IEEE 802: the lowest bit of the first octet marks a group, which no port can be."""
    return _parses(Mac.parse)(text) and not Mac.parse(text).value >> 40 & 1


def _is_below(limit: int) -> Callable[[str], bool]:
    return lambda text: text.isdecimal() and 0 < int(text) < limit


_VALUES: dict[str, Callable[[str], bool]] = {
    "address": _parses(Interface.parse),
    "mac": _is_unicast,
    "prefix": _parses(Prefix.parse),
    "vni": _is_below(1 << 24),
    "vlan": _is_below(4095),
}
