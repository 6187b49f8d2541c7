"""What this machine has, read from its kernel.

Enters: nothing. Leaves: `Facts`. Called by `probe.py` for a host whose `reach` is `local`. It says what `script.py` would say here; a
test holds them equal. No shell and no program are needed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from socket import AF_INET6
from typing import Any  # pyroute2 has no types

from ..instance import state_folder
from .facts import Card, Facts, bits_a_second, sorted_facts

_NETWORK = Path("/sys/class/net")
_TEMPORARY, _DEPRECATED = 0x01, 0x20  # linux/if_addr.h: IFA_F_TEMPORARY (of IPv4 it means secondary), IFA_F_DEPRECATED
_GLOBAL = 0  # linux/rtnetlink.h: RT_SCOPE_UNIVERSE


def look_here() -> Facts:
    """Raises OSError where the kernel refuses to tell."""
    folder = state_folder()
    while not folder.is_dir():
        folder = folder.parent
    disk = os.statvfs(folder)
    cards = {path.name: _card(path) for path in _NETWORK.iterdir() if path.is_dir() and path.name != "lo"}
    for name, address in _addresses():
        if name in cards:
            cards[name].addresses.append(address)
    kvm = os.access("/dev/kvm", os.R_OK | os.W_OK)
    cpu = os.sysconf("SC_NPROCESSORS_ONLN")
    return sorted_facts(Facts(cpu, _memory(), disk.f_blocks * disk.f_frsize, kvm, list(cards.values())))


def _memory() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        key, _, rest = line.partition(":")
        if key == "MemTotal":
            return int(rest.split()[0]) * 1024
    raise OSError("/proc/meminfo does not say MemTotal")


def _card(path: Path) -> Card:
    physical = (path / "device").exists() or (path / "bonding").is_dir()
    return Card(path.name, _speed(path), int((path / "mtu").read_text()), physical)


def _speed(path: Path) -> int | None:
    """Reading it fails (EINVAL) on a card that is down, and on most virtual ones."""
    try:
        return bits_a_second(int((path / "speed").read_text()))
    except (OSError, ValueError):
        return None


def _addresses() -> Iterator[tuple[str, str]]:
    from pyroute2 import IPRoute  # 0.3 s that other verbs save

    with IPRoute() as kernel:
        names = {link["index"]: link.get_attr("IFLA_IFNAME") for link in kernel.get_links()}
        for found in kernel.get_addr():
            flags = found.get_attr("IFA_FLAGS") or found["flags"]
            passing = flags & _DEPRECATED or (found["family"] == AF_INET6 and flags & _TEMPORARY)
            address = found.get_attr("IFA_LOCAL") or found.get_attr("IFA_ADDRESS")
            if found["scope"] == _GLOBAL and not passing and _has_length(found):
                yield names[found["index"]], f"{address}/{found['prefixlen']}"


def _has_length(found: Any) -> bool:
    """Not the near end of a point-to-point link, whose length is that of the far end's address."""
    near = found.get_attr("IFA_LOCAL")
    return near is None or near == found.get_attr("IFA_ADDRESS")
