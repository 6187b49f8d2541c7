"""A namespace's switches in /proc/sys/net: forwarding, IPv6, filters of the reverse path, bridges that call the firewall.

Runs inside, standing in the namespace. A first look into a namespace's /proc/sys costs the kernel a tenth of a millisecond a
file, so only what differs from a new namespace of this host is written.
"""

from __future__ import annotations

import glob
import os
import socket
import struct
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from . import netlink

_ROOT = "/proc/sys/net/"
_FORWARD, _FORWARD6, _OFF6 = "ipv4/ip_forward", "ipv6/conf/all/forwarding", "ipv6/conf/all/disable_ipv6"
_QUIET6 = {
    "ipv6/conf/default/accept_dad": "0",  # link-local addresses too are usable at once
    "ipv6/conf/default/accept_ra": "0",
    "ipv6/conf/default/router_solicitations": "0",
}
_STRICT = ("ipv4/conf/all/rp_filter", "ipv4/conf/default/rp_filter")
_EVERY = ("ipv4/conf/*/forwarding", "ipv6/conf/*/forwarding", "ipv4/conf/*/rp_filter", "ipv6/conf/*/disable_ipv6")
_GETNETCONF, _NEWNETCONF, _ATTRIBUTES_AT = 82, 80, 4
_INDEX, _FORWARDING, _RP_FILTER = 1, 2, 3  # NETCONFA_…
_LOOPBACK = struct.pack("=i", 1)
IN_PART = "in part"
_BRIDGED = tuple(f"bridge/bridge-nf-call-{table}" for table in ("iptables", "ip6tables", "arptables"))


def settle(fields: Mapping[str, Any], *, fresh: bool) -> None:
    """As the node's fields say. `fresh`: the namespace was made a moment ago, so its values are known."""
    for name, value in _values(fields).items():
        if not fresh or _inherited(name) != value:
            _set(name, value)
    if not fresh:  # the switch for all interfaces moves none when it stands right already
        for name in _EVERY:
            if fields["ipv6"] or name.startswith("ipv4"):
                _set_every(name, "1" if fields["forward"] and name.endswith("forwarding") else "0")


def look(kernel: netlink.Socket, families: Sequence[int]) -> dict[str, Any]:
    """Of the namespace where the socket was opened: `forward`, true only when all interfaces do; whether one has an `rp_filter`.

    A netlink dump, at a fifth of what one file in /proc/sys costs.
    """
    forward: set[bool] = set()
    strict = False
    for family in families:
        for kind, body in kernel.dump(_GETNETCONF, struct.pack("=Bxxx", family)):
            said = netlink.attributes(body, _ATTRIBUTES_AT) if kind == _NEWNETCONF else {}
            if _FORWARDING in said:
                forward.add(any(said[_FORWARDING]))
            if family == socket.AF_INET and said.get(_INDEX) != _LOOPBACK:  # `lo` has what the host's default was
                strict = strict or any(said.get(_RP_FILTER, b""))
    return {"forward": forward == {True} if len(forward) < 2 else IN_PART, "rp_filter": strict}


def _values(fields: Mapping[str, Any]) -> dict[str, str]:
    """Written out whatever the host has set: IPv4's values in a new namespace are the host's own."""
    forward = "1" if fields["forward"] else "0"
    values = {_FORWARD: forward, **dict.fromkeys(_STRICT, "0"), _OFF6: "0" if fields["ipv6"] else "1"}
    if fields["ipv6"]:
        values |= {**_QUIET6, _FORWARD6: forward}
    if fields["bridge"]:
        values |= dict.fromkeys(_BRIDGED, "0")
    return values


@cache
def _inherited(name: str) -> str | None:
    """What a new namespace has, asked once, of the first."""
    try:
        with open(_ROOT + name) as file:
            return file.read().strip()
    except FileNotFoundError:
        return None


def _set_every(pattern: str, value: str) -> None:
    for path in glob.glob(_ROOT + pattern):
        _set(path.removeprefix(_ROOT), value)


def _set(name: str, value: str) -> None:
    try:
        descriptor = os.open(_ROOT + name, os.O_WRONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return  # a kernel without IPv6 or without bridge netfilter: nothing to switch off
    try:
        os.write(descriptor, value.encode())
    finally:
        os.close(descriptor)
