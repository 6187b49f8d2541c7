"""What is wrong with the real gear that a lock names: devices and ports that the site neither has nor had.

Enters: a lock and the lab that was compiled with it. Leaves: diagnostics, and which lines cannot be. Called by `lock_checks.py`.

As of hosts, the lock says of which site its gear was: `device/ssg1 site bench`, `device/ssg1/e0 site bench`. What was there and is gone is
bound anew, with a note; what never was was written by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..diagnostics import Diagnostics
from ..lock import Assignment, Lock
from .lab import DeviceId, Lab

SITE = "site"
_FEW = 8


def check_gear(lock: Lock, lab: Lab, diagnostics: Diagnostics) -> list[tuple[str, str]]:
    """The lines that name what cannot be."""
    if not lab.site.devices:
        return []
    had = {entry.id for entry in lock.of(SITE)}
    return [*_devices(lock, had, lab, diagnostics), *_sockets(lock, had, lab, diagnostics)]


def _devices(lock: Lock, had: set[str], lab: Lab, diagnostics: Diagnostics) -> Iterator[tuple[str, str]]:
    names = [device.name for device in lab.site.devices.values() if device.form == "device"]
    for entry in lock.of("device"):
        if entry.value not in names and f"device/{entry.value}" not in had:
            _never_was(entry, "the site", "device", names, diagnostics)
            yield entry.id, entry.key


def _sockets(lock: Lock, had: set[str], lab: Lab, diagnostics: Diagnostics) -> Iterator[tuple[str, str]]:
    """Of devices that the site has; what becomes of one that is gone is told of the device."""
    for entry in lock.of("socket"):
        name = lock.get(f"node/{entry.id.split('/')[1]}", "device")
        device = lab.site.devices.get(DeviceId(f"device/{name}"))
        if device is not None and entry.value not in device.sockets and f"{device.id}/{entry.value}" not in had:
            _never_was(entry, device.name, "port", device.sockets, diagnostics)
            yield entry.id, entry.key


def _never_was(entry: Assignment, owner: str, what: str, names: Iterable[str], diagnostics: Diagnostics) -> None:
    diagnostics.error(
        "E0905",
        f"{entry.value} cannot be the {what} of {entry.id}: {owner} neither has nor had such a {what}",
        entry.span,
        "this line",
        help=f"{owner} has {', '.join(sorted(names)[:_FEW]) or 'none'}; or remove the line",
    )
