"""Links: bridges and veth pairs as netlink messages, and the links of a namespace as facts.

Runs inside. Indexes are chosen by us at creation, so that all that follows can be sent without asking for them first.
"""

from __future__ import annotations

import hashlib
import os
import socket
from functools import cache, lru_cache
from typing import Any, NamedTuple  # Any: the values of attributes, as pyroute2 takes them

from . import messages, netlink
from .messages import Form
from .netlink import Message

# Marks of forms: values that stand nowhere else in a message.
_NUMBERS = (0x5A5A0001, 0x5A5A0002, 0x5A5A0003, 0x5A5A0004, 0x5A5A0005)
_NAMES = ("near-" + "x" * 10, "node-" + "x" * 10)  # 15 characters, the most that a link's name has
_MAC = "5a:5b:5c:5d:5e:5f"

LOOPBACK = 1
UP, _NO_ARP = 1, 0x80  # IFF_UP, IFF_NOARP
NO_ARP, ISOLATED = "no ARP", "isolated"  # flaws
BRIDGE = "br0"  # the one bridge of a node that bridges

_NEWLINK, _DELLINK, _GETLINK, _SETLINK = 16, 17, 18, 19
# What is read is read here: a look at 1,000 namespaces takes 0.2 s so, 7 s with an object for each attribute.
_ADDRESS, _IFNAME, _MTU, _LINK, _QDISC, _MASTER, _LINKINFO = 1, 3, 4, 5, 6, 10, 18
_GROUP, _IFALIAS, _EXT_MASK = 27, 20, 29
_INFO_KIND, _INFO_SLAVE, _ISOLATED = 1, 5, 33  # IFLA_INFO_KIND, IFLA_INFO_SLAVE_DATA, IFLA_BRPORT_ISOLATED
_AF_SPEC, _IPV4, _IPV6 = 26, 2, 10
_SAID = netlink.Picker(
    16, _IFNAME, _ADDRESS, _MTU, _MASTER, _LINK, _IFALIAS, _QDISC, _GROUP, _LINKINFO, _AF_SPEC
)  # behind struct ifinfomsg
_FAMILIES = netlink.Picker(0, _IPV4, _IPV6)
_INFO = netlink.Picker(0, _INFO_KIND, _INFO_SLAVE)
_PORT = netlink.Picker(0, _ISOLATED, 1)
_IPV4_CONF, _IPV6_CONF = 1, 2
_OF_IPV4, _OF_IPV6 = netlink.Picker(0, _IPV4_CONF, 0), netlink.Picker(0, _IPV6_CONF, 0)
_PROMOTE = 20  # IPV4_DEVCONF_PROMOTE_SECONDARIES
_FORWARDING, _IPV6_OFF = 0, 26  # places in the kernel's arrays of a device's settings (DEVCONF_…)
_SKIP_STATISTICS = 8  # RTEXT_FILTER_SKIP_STATS
_ONE_QUEUE = (("IFLA_NUM_TX_QUEUES", 1), ("IFLA_NUM_RX_QUEUES", 1))  # each more costs four files in sysfs
_LABEL = 0x6C616263  # "labc" as a link's group: given at creation, where the kernel ignores an alias
_OURS = ("IFLA_GROUP", _LABEL)

_PROMOTING = netlink.nested(_AF_SPEC, netlink.nested(_IPV4, netlink.nested(_IPV4_CONF, netlink.u32(_PROMOTE, 1))))


class Link(NamedTuple):
    """What the kernel says of one link."""

    index: int  # type: ignore[assignment] # hides the tuple's own, which nobody wants of a link
    name: str
    kind: str
    up: bool
    flaws: str  # what keeps frames from it or its neighbours, though it is up; empty for most
    mac: str
    mtu: int
    master: int
    peer: int
    alias: str
    queueing: str
    ours: bool
    forward: bool
    ipv6: bool  # of `lo`: whether its namespace has it; of another link there: whether it is not switched off on it


def fabric_name(identity: str) -> str:
    """The name in the fabric of what carries an id: 15 characters at most, the same in every run."""
    letter = "s" if identity.startswith("segment/") else "p"
    return letter + hashlib.sha256(identity.encode()).hexdigest()[:12]


def bridge_mac(identity: str) -> str:
    """Its own and fixed: a bridge without one takes the least of its ports' and changes it as they come and go."""
    digest = hashlib.sha256(b"bridge " + identity.encode()).digest()
    return "02:" + ":".join(f"{byte:02x}" for byte in digest[:5])


def new_bridge(index: int, name: str, mac: str, mtu: int) -> Message:
    """Up, without spanning tree or snooping, forwarding at once."""
    options = [("IFLA_BR_FORWARD_DELAY", 0), ("IFLA_BR_STP_STATE", 0), ("IFLA_BR_MCAST_SNOOPING", 0)]
    attributes = [("IFLA_IFNAME", name), ("IFLA_ADDRESS", mac), ("IFLA_MTU", mtu), _OURS, _info("bridge", options)]
    body = messages.link({"index": index, "flags": UP, "change": UP}, attributes)
    return netlink.message(_NEWLINK, netlink.CREATE | netlink.EXCLUSIVE, body)


def new_port(
    index: int, name: str, bridge: int | None, network: int, interface: str, mac: str | None, mtu: int
) -> Message:
    """A veth between the fabric and a node, in one request: the fabric's end on its bridge and up, the node's end down.

    The node's end cannot be up yet: the kernel opens it before the pair is joined. It has the number after `index` (0: the
    kernel chooses): where both ends have one number, the kernel tells of their carrier up to a second late.
    """
    numbers = [messages.number(each) for each in (index, index and index + 1, network, bridge or 0)]
    body = _port_form(mtu, bridge is not None, mac is not None).filled(
        *numbers[: 4 if bridge else 3], name.encode(), interface.encode(), *([_packed(mac)] if mac else [])
    )
    return netlink.message(_NEWLINK, netlink.CREATE | netlink.EXCLUSIVE, body)


def new_pair(index: int, near: tuple[int, str], far: tuple[int, str], mtu: int) -> Message:
    """A veth from node to node, both ends put in their namespaces by the one request."""
    first = [*_end(near[1], None, mtu), ("IFLA_NET_NS_FD", near[0])]
    second = {"index": index + 1, "attrs": [*_end(far[1], None, mtu), ("IFLA_NET_NS_FD", far[0])]}
    body = _veth({"index": index}, first, second)
    return netlink.message(_NEWLINK, netlink.CREATE | netlink.EXCLUSIVE, body)


def change(
    index: int,
    *,
    up: bool | None = None,
    mac: str | None = None,
    mtu: int | None = None,
    alias: str | None = None,
    master: int | None = None,
    promote: bool = False,
    claim: bool = False,
) -> Message:
    """Change what is told; `master=0` takes a link from its bridge. What is put up or down asks for neighbours again (`arp on`).

    `promote`: when its first address goes, the next of that prefix takes its place; else the kernel drops them all.
    `claim`: its group says again that it is ours.
    """
    group = _LABEL if claim else None
    told = {"IFLA_ADDRESS": _packed(mac) if mac else None, "IFLA_MTU": mtu, "IFLA_MASTER": master, "IFLA_GROUP": group}
    given = {name: value for name, value in told.items() if value is not None}
    values = (value if isinstance(value, bytes) else messages.number(value) for value in given.values())
    body = _change_form(up, tuple(given)).filled(messages.number(index), *values)
    body += netlink.text(_IFALIAS, alias) if alias is not None else b""  # of any length, so behind the form
    return netlink.message(_NEWLINK, 0, body + (_PROMOTING if promote else b""))


def remove(index: int) -> Message:
    return netlink.message(_DELLINK, 0, netlink.link(index))


def links(kernel: netlink.Socket, *, in_node: bool = True) -> list[Link]:
    """All links of the namespace where the socket was opened; of the fabric's bridges nobody isolates ports unasked."""
    request = netlink.link() + netlink.u32(_EXT_MASK, _SKIP_STATISTICS)
    found: list[Link] = []
    six = False
    for kind, body in kernel.dump(_GETLINK, request):
        if kind == _NEWLINK:
            found.append(_read(body, six=six, in_node=in_node))
            six = six or (found[-1].index == LOOPBACK and found[-1].ipv6)  # it comes first, and tells of its namespace
    return found


def index_of(name: str) -> int:
    """The index of a link of this thread's namespace; OSError when there is none."""
    return socket.if_nametoindex(name)


@cache
def _port_form(mtu: int, bridged: bool, addressed: bool) -> Form:
    near, far = _end(_NAMES[0], None, mtu), _end(_NAMES[1], _MAC if addressed else None, mtu)
    near += [("IFLA_MASTER", _NUMBERS[3])] if bridged else []
    fields = {"index": _NUMBERS[0]} | ({"flags": UP, "change": UP} if bridged else {})
    body = _veth(fields, near, {"index": _NUMBERS[1], "attrs": [*far, ("IFLA_NET_NS_FD", _NUMBERS[2])]})
    numbers = [messages.number(each) for each in _NUMBERS[: 4 if bridged else 3]]
    return Form(body, *numbers, *(name.encode() for name in _NAMES), *([_packed(_MAC)] if addressed else []))


@cache
def _change_form(up: bool | None, given: tuple[str, ...]) -> Form:
    fields = {"index": _NUMBERS[0], "flags": UP if up else 0, "change": 0 if up is None else UP | _NO_ARP}
    marks = {
        name: _MAC if name == "IFLA_ADDRESS" else number for name, number in zip(given, _NUMBERS[1:], strict=False)
    }
    values = (_packed(mark) if isinstance(mark, str) else messages.number(mark) for mark in marks.values())
    return Form(messages.link(fields, list(marks.items())), messages.number(_NUMBERS[0]), *values)


def _packed(mac: str) -> bytes:
    return bytes.fromhex(mac.replace(":", ""))


def _veth(fields: dict[str, int], near: list[tuple[str, Any]], far: dict[str, Any]) -> bytes:
    return messages.link(fields, [*near, _info("veth", [("VETH_INFO_PEER", far)])])


def _info(kind: str, data: list[tuple[str, Any]]) -> tuple[str, Any]:
    return "IFLA_LINKINFO", {"attrs": [("IFLA_INFO_KIND", kind), ("IFLA_INFO_DATA", {"attrs": data})]}


def _end(name: str, mac: str | None, mtu: int) -> list[tuple[str, Any]]:
    attributes = [("IFLA_IFNAME", name), ("IFLA_MTU", mtu), *_ONE_QUEUE, _OURS]
    return [*attributes, ("IFLA_ADDRESS", mac)] if mac else attributes


def _read(body: bytes, *, six: bool, in_node: bool) -> Link:
    index = int.from_bytes(body[4:8], "little")
    name, mac, mtu, master, peer, alias, queueing, group, info, families = _SAID(body)
    ipv4, ipv6 = _FAMILIES(families) if six or index == LOOPBACK else (b"", b"")
    six_off = _setting(_OF_IPV6(ipv6)[0], _IPV6_OFF)
    return Link(
        index,
        _text(name),
        _kind(info),
        bool(body[8] & UP),
        (NO_ARP if body[8] & _NO_ARP else "") + (ISOLATED if in_node and master and _isolated(info) else ""),
        mac.hex(":"),
        _number(mtu),
        _number(master),
        _number(peer),
        _text(alias),
        _text(queueing),
        _number(group) == _LABEL,
        _setting(_OF_IPV4(ipv4)[0], _FORWARDING) == 1,
        six_off == 0 if index == LOOPBACK else six_off != 1,  # a link of less than 1280 bytes knows nothing of IPv6
    )


@lru_cache(maxsize=1024)
def _kind(info: bytes) -> str:
    return _text(netlink.attributes(info).get(_INFO_KIND, b""))


def _isolated(info: bytes) -> bool:
    return any(_PORT(_INFO(info)[1])[0])


def _setting(values: bytes, place: int) -> int | None:
    """Of `lo`, which stands for its namespace: what is set for all is set for it. Cheaper by far than a file in /proc/sys."""
    return int.from_bytes(values[4 * place : 4 * place + 4], "little") if len(values) > 4 * place else None


def _text(value: bytes) -> str:
    return value.rstrip(b"\0").decode(errors="replace")


def _number(value: bytes) -> int:
    return int.from_bytes(value, "little")


def name_fits(name: str) -> bool:
    """What the kernel takes as the name of a link (dev_valid_name)."""
    return (
        0 < len(os.fsencode(name)) < 16 and name not in {".", ".."} and not any(c in "/:" or c.isspace() for c in name)
    )
