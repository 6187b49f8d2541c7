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
from functools import cache, lru_cache
from typing import Any

from . import netlink

_ROOT = "/proc/sys/net/"
_FORWARD, _FORWARD6, _OFF6 = "ipv4/ip_forward", "ipv6/conf/all/forwarding", "ipv6/conf/all/disable_ipv6"
_QUIET6 = {
    "ipv6/conf/default/accept_dad": "0",  # link-local addresses too are usable at once
    "ipv6/conf/default/accept_ra": "0",
    "ipv6/conf/default/router_solicitations": "0",
}
_OFF = tuple(f"ipv4/conf/{which}/{name}" for name in ("rp_filter", "proxy_arp") for which in ("all", "default"))
_EVERY = (
    *("ipv4/conf/*/forwarding", "ipv6/conf/*/forwarding"),
    *("ipv4/conf/*/rp_filter", "ipv4/conf/*/proxy_arp", "ipv6/conf/*/disable_ipv6"),
)
_GETNETCONF, _NEWNETCONF, _INDEX_AT, _BEHIND_INDEX = 82, 80, 8, 12  # the index comes first
_FORWARDING, _RP_FILTER, _PROXY = 2, 3, 5  # NETCONFA_…
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
    """Of the namespace where the socket was opened: `forward`, true only when all interfaces do; whether one has an `rp_filter`,
    or answers for others (`proxy_arp`).

    A netlink dump, at a fifth of what one file in /proc/sys costs.
    """
    forward: set[bool] = set()
    strict = answers = False
    for family in families:
        for kind, body in kernel.dump(_GETNETCONF, struct.pack("=Bxxx", family)):
            if kind != _NEWNETCONF:
                continue
            forwards, filters, proxies = _switches(body[_BEHIND_INDEX:])
            forward.add(forwards)
            if (
                family == socket.AF_INET and body[_INDEX_AT:_BEHIND_INDEX] != _LOOPBACK
            ):  # it has what the host's default was
                strict, answers = strict or filters, answers or proxies
    return {
        "forward": forward == {True} if len(forward) < 2 else IN_PART,
        "rp_filter": strict,
        "proxy_arp": answers,
    }


@lru_cache(maxsize=256)
def _switches(said: bytes) -> tuple[bool, bool, bool]:
    """Of one interface; most answer alike."""
    found = netlink.attributes(said)
    forwards, filters, proxies = (any(found.get(kind, b"")) for kind in (_FORWARDING, _RP_FILTER, _PROXY))
    return forwards, filters, proxies


def _values(fields: Mapping[str, Any]) -> dict[str, str]:
    """Written out whatever the host has set: IPv4's values in a new namespace are the host's own."""
    forward = "1" if fields["forward"] else "0"
    values = {_FORWARD: forward, **dict.fromkeys(_OFF, "0"), _OFF6: "0" if fields["ipv6"] else "1"}
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
