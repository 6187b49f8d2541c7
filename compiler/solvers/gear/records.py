"""Real gear as arithmetic: what a lab asks for, what the site has, and what an answer says.

Enters: from the pass `bind`, which knows kinds, attributes and speeds and turns them into flags. Leaves: a `Binding`. Read by the files
beside it; `bind.py` finds one.

A *socket* is a port of a device. Its lead ends at a host's NIC, at another device's socket, at a port of a switch (the patch
fabric), or nowhere. A *wire* is what some ports of real gear carry alike: a segment, or several with the same tags. It is carried in one of three ways:

- *cable*: it has two ports, nothing virtual, and their sockets are cabled to each other. Nobody can cut it;
- *patch*: nothing virtual is on it and all its ports meet in one switch;
- *enter*: each of its ports reaches a host's NIC, and the hosts' bridges and overlays do the rest. A host can cut it.

A socket carries one port of the lab. A NIC and a switch's port that is no trunk carry one wire, towards one end; trunks
carry any number, each in its VLAN. Ports of a wire that meet on the way to one end go on together, so no loop comes about. A port that a test cuts is never cabled, and when it is patched, some switch of its way can
cut (`cuts`; with two ports on the wire either one's way counts, for a cut of one is a cut of both).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from ..problem import Flags

NOWHERE = -1
Decided = Literal["matching", "search", "exact"]


class ToNic(Struct, frozen=True, tag=True):
    nic: int


class ToSocket(Struct, frozen=True, tag=True):
    socket: int


class ToSwitch(Struct, frozen=True, tag=True):
    """`port`: its index among all ports of all switches."""

    port: int


Lead = ToNic | ToSocket | ToSwitch


class Device(Struct, frozen=True):
    """`worth`: how much it is protected from nodes that do not need it, say its number of rare attributes."""

    name: str
    worth: int = 0


class Socket(Struct, frozen=True):
    device: int
    name: str
    lead: Lead | None = None


class Nic(Struct, frozen=True):
    host: int
    name: str
    trunk: bool = False


class Switch(Struct, frozen=True):
    name: str
    cuts: bool = False


class SwitchPort(Struct, frozen=True):
    """`lead`: of a cable to a NIC or another switch; a cable to a socket may be stated here, at the socket, or at both."""

    switch: int
    name: str
    lead: Lead | None = None
    trunk: bool = False


class Site(Struct, frozen=True):
    """Devices, sockets and hosts stand sorted by name. A cable stated at one end counts at both."""

    hosts: tuple[str, ...]
    devices: tuple[Device, ...]
    sockets: tuple[Socket, ...]
    nics: tuple[Nic, ...] = ()
    switches: tuple[Switch, ...] = ()
    switch_ports: tuple[SwitchPort, ...] = ()


class Port(Struct, frozen=True):
    """`sockets`: a flag for each socket of the site, whether attributes and speed would do. `cut`: a test cuts it."""

    name: str
    sockets: Flags
    cut: bool = False


class Node(Struct, frozen=True):
    """`devices`: a flag for each device of the site, whether kind, model and attributes would do."""

    name: str
    devices: Flags
    ports: tuple[Port, ...]


class Wire(Struct, frozen=True):
    """`ports`: (node, port) of real gear that carry the same. `virtual`: something else is on its segments too, virtual or of another
    wire, so that hosts must join them. A port is on one wire at most."""

    ports: tuple[tuple[int, int], ...]
    virtual: bool


class Held(Struct, frozen=True):
    """What the lock holds: a device for each node and a socket for each of its ports, NOWHERE for what is new."""

    devices: tuple[int, ...]
    sockets: tuple[tuple[int, ...], ...]


class Request(Struct, frozen=True):
    """Nodes stand sorted by id. A port on no wire, or alone on one with nothing virtual, needs a socket and no way."""

    site: Site
    nodes: tuple[Node, ...]
    wires: tuple[Wire, ...]
    held: Held | None = None


class Entry(Struct, frozen=True):
    """What a placement must know of real gear. `homes`: for each node the hosts at which its ports enter, of which it sits on one;
    () for a node that enters nowhere: it may sit anywhere. `anchors`: for each wire the hosts at which it enters."""

    homes: tuple[tuple[int, ...], ...]
    anchors: tuple[tuple[int, ...], ...]


class Price(Struct, frozen=True, order=True):
    """What a binding costs, compared member by member.

    `moves`: nodes and ports that left what the lock held. `joins`: hosts at which wires enter, one less for a wire with something
    virtual on it, so a patch is better than an overlay. `worth`: of the devices in use. `hops`: leads that ports take. `order`: the
    sum of the devices' indexes and of the sockets' positions on their devices, so names in order come first.
    """

    moves: int = 0
    joins: int = 0
    worth: int = 0
    hops: int = 0
    order: int = 0


class Binding(Struct, frozen=True):
    """`devices`: for each node. `sockets`, `paths`, `hosts`: for each port of each node; a path runs from the socket to a NIC, to the
    other end of a cable or into the switch where the wire's ports meet, () when none is needed; its host is where it enters or NOWHERE.
    `proven`: no binding costs less."""

    devices: tuple[int, ...]
    sockets: tuple[tuple[int, ...], ...]
    paths: tuple[tuple[tuple[Lead, ...], ...], ...]
    hosts: tuple[tuple[int, ...], ...]
    entry: Entry
    price: Price
    way: Decided
    proven: bool


class Nogood(Struct, frozen=True):
    """No placement exists when each of `nodes` sits on one of its `homes` (anywhere when ()): some node must enter elsewhere, or nowhere."""

    nodes: tuple[int, ...]
    homes: tuple[tuple[int, ...], ...]


class Limits(Struct, frozen=True):
    """What a binding must do beyond the request. `homes`: the hosts of which a node must enter at one (if it enters at all), None for
    any. `nogoods`: see there. `seen`: homes of all nodes that are not wanted again."""

    homes: tuple[tuple[int, ...] | None, ...] | None = None
    nogoods: tuple[Nogood, ...] = ()
    seen: tuple[tuple[tuple[int, ...], ...], ...] = ()
