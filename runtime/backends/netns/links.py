"""Links: bridges and veth pairs as netlink messages, and the links of a namespace as facts.

Runs inside. Indexes are chosen by us at creation, so that all that follows can be sent without asking for them first.
"""

from __future__ import annotations

import hashlib
import os
import socket
from dataclasses import dataclass

from . import netlink
from .netlink import Message

LOOPBACK = 1
UP = 1  # IFF_UP
BRIDGE = "br0"  # the one bridge of a node that bridges

_NEWLINK, _DELLINK, _GETLINK, _SETLINK = 16, 17, 18, 19
_ADDRESS, _IFNAME, _MTU, _LINK, _QDISC, _MASTER, _LINKINFO = 1, 3, 4, 5, 6, 10, 18
_GROUP, _NET_NS_FD, _IFALIAS, _EXT_MASK, _TX_QUEUES, _RX_QUEUES, _LINK_NETNSID = 27, 28, 20, 29, 31, 32, 37
_INFO_KIND, _INFO_DATA = 1, 2
_VETH_PEER = 1
_BR_FORWARD_DELAY, _BR_STP, _BR_SNOOPING = 1, 5, 23
_AF_SPEC, _IPV4, _IPV6 = 26, 2, 10
_IPV4_CONF, _IPV6_CONF = 1, 2
_PROMOTE = 20  # IPV4_DEVCONF_PROMOTE_SECONDARIES
_FORWARDING, _IPV6_OFF = 0, 26  # places in the kernel's arrays of a device's settings (DEVCONF_…)
_SKIP_STATISTICS = 8  # RTEXT_FILTER_SKIP_STATS
_ONE_QUEUE = netlink.u32(_TX_QUEUES, 1) + netlink.u32(_RX_QUEUES, 1)  # each more costs four files in sysfs
_LABEL = 0x6C616263  # "labc" as a link's group: given at creation, where the kernel ignores an alias
_OURS = netlink.u32(_GROUP, _LABEL)

_PROMOTING = netlink.nested(_AF_SPEC, netlink.nested(_IPV4, netlink.nested(_IPV4_CONF, netlink.u32(_PROMOTE, 1))))


@dataclass(frozen=True, slots=True)
class Link:
    """What the kernel says of one link."""

    index: int
    name: str
    kind: str
    up: bool
    mac: str
    mtu: int
    master: int
    peer: int
    alias: str
    queueing: str
    ours: bool
    forward: bool
    ipv6: bool


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
    options = netlink.u32(_BR_FORWARD_DELAY, 0) + netlink.u32(_BR_STP, 0) + netlink.u8(_BR_SNOOPING, 0)
    body = netlink.link(index, UP, UP) + netlink.text(_IFNAME, name) + netlink.attribute(_ADDRESS, _mac(mac))
    body += netlink.u32(_MTU, mtu) + _OURS
    body += netlink.nested(_LINKINFO, netlink.text(_INFO_KIND, "bridge"), netlink.nested(_INFO_DATA, options))
    return netlink.message(_NEWLINK, netlink.CREATE | netlink.EXCLUSIVE, body)


def new_port(
    index: int, name: str, bridge: int | None, network: int, interface: str, mac: str | None, mtu: int
) -> Message:
    """A veth between the fabric and a node, in one request: the fabric's end on its bridge and up, the node's end down.

    The node's end cannot be up yet: the kernel opens it before the pair is joined. It has the number after `index` (0: the
    kernel chooses): where both ends have one number, the kernel tells of their carrier up to a second late.
    """
    far = _end(index and index + 1, interface, mac, mtu) + netlink.u32(_NET_NS_FD, network)
    body = netlink.link(index, UP, UP) if bridge else netlink.link(index)
    body += netlink.text(_IFNAME, name) + netlink.u32(_MTU, mtu) + _ONE_QUEUE + _OURS
    if bridge:
        body += netlink.u32(_MASTER, bridge)
    return _veth(body, far)


def new_pair(index: int, near: tuple[int, str], far: tuple[int, str], mtu: int) -> Message:
    """A veth from node to node, both ends put in their namespaces by the one request."""
    first = _end(index, near[1], None, mtu) + netlink.u32(_NET_NS_FD, near[0])
    second = _end(index + 1, far[1], None, mtu) + netlink.u32(_NET_NS_FD, far[0])
    return _veth(first, second)


def change(
    index: int,
    *,
    up: bool | None = None,
    mac: str | None = None,
    mtu: int | None = None,
    alias: str | None = None,
    master: int | None = None,
    promote: bool = False,
) -> Message:
    """Change what is told; `master=0` takes a link from its bridge.

    `promote`: when its first address goes, the next of that prefix takes its place; else the kernel drops them all.
    """
    body = netlink.link(index, UP if up else 0, 0 if up is None else UP)
    body += netlink.attribute(_ADDRESS, _mac(mac)) if mac is not None else b""
    body += netlink.u32(_MTU, mtu) if mtu is not None else b""
    body += netlink.text(_IFALIAS, alias) if alias is not None else b""
    body += netlink.u32(_MASTER, master) if master is not None else b""
    body += _PROMOTING if promote else b""
    return netlink.message(_NEWLINK, 0, body)


def remove(index: int) -> Message:
    return netlink.message(_DELLINK, 0, netlink.link(index))


def links(kernel: netlink.Socket) -> list[Link]:
    """All links of the namespace where the socket was opened."""
    request = netlink.link() + netlink.u32(_EXT_MASK, _SKIP_STATISTICS)
    return [_read(body) for kind, body in kernel.dump(_GETLINK, request) if kind == _NEWLINK]


def index_of(name: str) -> int:
    """The index of a link of this thread's namespace; OSError when there is none."""
    return socket.if_nametoindex(name)


def _veth(near: bytes, far: bytes) -> Message:
    data = netlink.nested(_INFO_DATA, netlink.nested(_VETH_PEER, far))
    body = near + netlink.nested(_LINKINFO, netlink.text(_INFO_KIND, "veth"), data)
    return netlink.message(_NEWLINK, netlink.CREATE | netlink.EXCLUSIVE, body)


def _end(index: int, name: str, mac: str | None, mtu: int) -> bytes:
    body = netlink.link(index) + netlink.text(_IFNAME, name) + netlink.u32(_MTU, mtu) + _ONE_QUEUE + _OURS
    return body + netlink.attribute(_ADDRESS, _mac(mac)) if mac else body


def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def _read(body: bytes) -> Link:
    index = int.from_bytes(body[4:8], "little")
    flags = int.from_bytes(body[8:12], "little")
    said = netlink.attributes(body, 16)
    info = netlink.attributes(said[_LINKINFO]) if _LINKINFO in said else {}
    settings = netlink.attributes(said[_AF_SPEC]) if index == LOOPBACK and _AF_SPEC in said else {}
    return Link(
        index=index,
        name=_text(said.get(_IFNAME)),
        kind=_text(info.get(_INFO_KIND)),
        up=bool(flags & UP),
        mac=said.get(_ADDRESS, b"").hex(":"),
        mtu=_number(said.get(_MTU)),
        master=_number(said.get(_MASTER)),
        peer=_number(said.get(_LINK)),
        alias=_text(said.get(_IFALIAS)),
        queueing=_text(said.get(_QDISC)),
        ours=_number(said.get(_GROUP)) == _LABEL,
        forward=_setting(settings.get(_IPV4), _IPV4_CONF, _FORWARDING) == 1,
        ipv6=_setting(settings.get(_IPV6), _IPV6_CONF, _IPV6_OFF) == 0,
    )


def _setting(family: bytes | None, array: int, place: int) -> int | None:
    """Of `lo`, which stands for its namespace: what is set for all is set for it. Cheaper by far than a file in /proc/sys."""
    values = netlink.attributes(family).get(array, b"") if family else b""
    return int.from_bytes(values[4 * place : 4 * place + 4], "little") if len(values) > 4 * place else None


def _text(value: bytes | None) -> str:
    return value.rstrip(b"\0").decode(errors="replace") if value else ""


def _number(value: bytes | None) -> int:
    return int.from_bytes(value, "little") if value else 0


def name_fits(name: str) -> bool:
    """What the kernel takes as the name of a link (dev_valid_name)."""
    return (
        0 < len(os.fsencode(name)) < 16 and name not in {".", ".."} and not any(c in "/:" or c.isspace() for c in name)
    )
