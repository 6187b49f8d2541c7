"""The rules by which a namespace's kernel chooses a routing table (ip-rule(8)): what a new one has, and what a hand did to them.

Runs inside, standing in the namespace. Rules of daemons, which say so in their protocol, are theirs. A look costs 5 µs a node.
"""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from . import netlink
from .netlink import Message

SOUND = "as made"

_NEWRULE, _DELRULE, _GETRULE = 32, 33, 34
_HEAD = struct.Struct("=BBBBBBBBI")  # family, lengths of destination and source, tos, table, two unused, action, flags
_PRIORITY, _SUPPRESS, _TABLE, _PROTOCOL = 6, 14, 15, 21
_LOCAL, _MAIN, _DEFAULT = 255, 254, 253
_LOOK_UP = 1  # FR_ACT_TO_TBL
_KERNEL = 2  # RTPROT_KERNEL
_BY_HAND = {0, 3, 4}  # RTPROT_UNSPEC, RTPROT_BOOT, RTPROT_STATIC
_NO_LENGTH = b"\xff\xff\xff\xff"
_WITHOUT = {errno.EOPNOTSUPP, errno.EAFNOSUPPORT}  # a kernel that has one routing table, which it asks always
_OWN: dict[int, tuple[tuple[int, int], ...]] = {
    socket.AF_INET: ((0, _LOCAL), (32766, _MAIN), (32767, _DEFAULT)),
    socket.AF_INET6: ((0, _LOCAL), (32766, _MAIN)),
}
_seen: set[bytes] = set()  # what a thousand namespaces answer alike and is sound


class _Rule(NamedTuple):
    body: bytes
    priority: int
    table: int
    plain: bool  # it is asked for every packet and sends all to its table
    by_hand: bool


def look(kernel: netlink.Socket, families: Sequence[int]) -> str:
    """`as made`, or which rules are gone and which were added, by their priorities."""
    try:
        found = [difference for family in families for difference in _differences(family, _told(kernel, family))]
    except OSError as error:
        if error.errno not in _WITHOUT:
            raise
        return SOUND
    return ", ".join(found) or SOUND


def settle(kernel: netlink.Socket, families: Sequence[int]) -> None:
    """Put back those of a new namespace, and remove what a hand has added."""
    for family in families:
        rules = [_read(body) for body in _told(kernel, family)]
        kernel.request([netlink.message(_DELRULE, 0, rule.body) for rule in _added(family, rules)])
        kernel.request([_plain(family, priority, table) for priority, table in _gone(family, rules)])


def _differences(family: int, told: Sequence[bytes]) -> Iterator[str]:
    answer = b"".join(told)
    if answer in _seen:
        return
    rules = [_read(body) for body in told]
    gone = [f"{priority} gone" for priority, _ in _gone(family, rules)]
    added = [f"{rule.priority} added" for rule in _added(family, rules)]
    if not gone and not added:
        _seen.add(answer)
    yield from (text + (" (IPv6)" if family == socket.AF_INET6 else "") for text in (*gone, *added))


def _told(kernel: netlink.Socket, family: int) -> list[bytes]:
    return [body for kind, body in kernel.dump(_GETRULE, _HEAD.pack(family, *bytes(8))) if kind == _NEWRULE]


def _gone(family: int, rules: Sequence[_Rule]) -> list[tuple[int, int]]:
    there = {(rule.priority, rule.table) for rule in rules if rule.plain}
    return [own for own in _OWN[family] if own not in there]


def _added(family: int, rules: Sequence[_Rule]) -> list[_Rule]:
    return [rule for rule in rules if rule.by_hand and not (rule.plain and (rule.priority, rule.table) in _OWN[family])]


def _plain(family: int, priority: int, table: int) -> Message:
    head = _HEAD.pack(family, 0, 0, 0, table, 0, 0, _LOOK_UP, 0)
    told = (
        netlink.u32(_PRIORITY, priority) + netlink.u32(_TABLE, table) + netlink.attribute(_PROTOCOL, bytes([_KERNEL]))
    )
    return netlink.message(_NEWRULE, netlink.CREATE | netlink.EXCLUSIVE, head + told)


def _read(body: bytes) -> _Rule:
    _, *chosen, table, _, _, action, _ = _HEAD.unpack_from(body)
    said = netlink.attributes(body, _HEAD.size)
    free = not any(chosen) and not said.keys() - {_PRIORITY, _SUPPRESS, _TABLE, _PROTOCOL}
    whole = said.get(_SUPPRESS, _NO_LENGTH) == _NO_LENGTH
    return _Rule(
        body,
        int.from_bytes(said.get(_PRIORITY, b""), "little"),
        int.from_bytes(said[_TABLE], "little") if _TABLE in said else table,
        free and whole and action == _LOOK_UP,
        said.get(_PROTOCOL, b"\0")[0] in _BY_HAND,
    )
