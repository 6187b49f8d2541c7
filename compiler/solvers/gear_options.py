"""The ways that each port of real gear can take: which socket, from there which path, to which end.

Enters: a `Request`. Leaves: `Options`, which list for each port what it may choose of. Made by `gear_bind`, used by its searches.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

from .gear import NOWHERE, Lead, Request, Site, ToNic, ToSocket, ToSwitch

# How a wire is carried: all its ports choose options of one key.
ENTER = ("enter", 0, 0)
LOOSE = ("loose", 0, 0)
Key = tuple[str, int, int]  # "patch" with its switch; "cable" with its two sockets


class Exit(Struct, frozen=True):
    """From a switch on. `carriers`: leads on the way that carry one wire only. `cuts`: some switch of the way can cut."""

    path: tuple[Lead, ...]
    carriers: tuple[Lead, ...]
    cuts: bool
    key: Key
    host: int = NOWHERE


class Option(Struct, frozen=True):
    """One socket and one way for one port."""

    socket: int
    device: int
    path: tuple[Lead, ...]
    carriers: tuple[Lead, ...]
    cuts: bool
    key: Key
    host: int

    @property
    def end(self) -> Lead | Key:
        """Towards what its carriers carry."""
        return self.path[-1] if self.key == ENTER else self.key


class Fabric:
    """The site's cables, each known at both of its ends, and the ways out of each switch."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.leads: dict[Lead, Lead] = {}
        for index, socket in enumerate(site.sockets):
            self._cable(ToSocket(index), socket.lead)
        for index, port in enumerate(site.switch_ports):
            self._cable(ToSwitch(index), port.lead)
        self.users = Counter(self.leads.values())
        self.ports: dict[int, list[int]] = {}
        for index, port in enumerate(site.switch_ports):
            self.ports.setdefault(port.switch, []).append(index)
        self._exits: dict[int, list[Exit]] = {}

    def _cable(self, end: Lead, other: Lead | None) -> None:
        if other is not None:
            self.leads[end] = other
            self.leads.setdefault(other, end)

    def alone(self, lead: Lead) -> bool:
        """Whether it carries one wire only."""
        if isinstance(lead, ToNic):
            return not self.site.nics[lead.nic].trunk
        return isinstance(lead, ToSwitch) and not self.site.switch_ports[lead.port].trunk

    def exits(self, switch: int) -> list[Exit]:
        if switch not in self._exits:
            self._exits[switch] = list(self._walk(switch, (), (switch,)))
        return self._exits[switch]

    def _walk(self, switch: int, path: tuple[Lead, ...], seen: tuple[int, ...]) -> Iterator[Exit]:
        """To this switch itself, to the NICs behind it, and on to switches where the way has not been."""
        cuts = any(self.site.switches[index].cuts for index in seen)
        yield Exit(path, self._carriers(path), cuts, ("patch", switch, 0))
        trunks: set[int] = set()
        for port in self.ports.get(switch, []):
            out, other = ToSwitch(port), self.leads.get(ToSwitch(port))
            if isinstance(other, ToNic):
                way = (*path, out, other)
                yield Exit(way, self._carriers(way), True, ENTER, self.site.nics[other.nic].host)
            elif isinstance(other, ToSwitch):
                far = self.site.switch_ports[other.port].switch
                if far not in seen and far not in trunks:
                    if not (self.alone(out) or self.alone(other)):
                        trunks.add(far)  # one trunk carries all that others beside it could
                    yield from self._walk(far, (*path, out, other), (*seen, far))

    def _carriers(self, path: tuple[Lead, ...]) -> tuple[Lead, ...]:
        return tuple(lead for lead in path if self.alone(lead))

    def behind(self, socket: int) -> object:
        """Equal for sockets whose leads end at the same switch, or each at a NIC of its own at the same host."""
        lead = self.leads.get(ToSocket(socket))
        if isinstance(lead, ToSwitch):
            return "switch", self.site.switch_ports[lead.port].switch
        if isinstance(lead, ToNic) and self.users[lead] == 1:
            return "host", self.site.nics[lead.nic].host
        return lead

    def from_socket(self, socket: int) -> Iterator[Exit]:
        """Every way that starts at a socket; its first lead is the socket's own, so no other port uses it but for a NIC."""
        lead = self.leads.get(ToSocket(socket))
        if isinstance(lead, ToNic):
            yield Exit((lead,), self._carriers((lead,)), True, ENTER, self.site.nics[lead.nic].host)
        elif isinstance(lead, ToSocket):
            one, other = sorted((socket, lead.socket))
            yield Exit((lead,), (), False, ("cable", one, other))
        elif isinstance(lead, ToSwitch):
            for way in self.exits(self.site.switch_ports[lead.port].switch):
                yield Exit((lead, *way.path), way.carriers, way.cuts, way.key, way.host)


class Kind(Struct, frozen=True):
    """All of a port's wire that its own ways depend on."""

    loose: bool
    virtual: bool
    pair: bool
    cut: bool

    def allows(self, way: Exit) -> bool:
        if way.key == ENTER:
            return True
        if self.virtual:
            return False
        if way.key[0] == "cable":
            return self.pair and not self.cut
        return way.cuts or self.pair or not self.cut


class Options:
    """`wire`: the wire of (node, port). `rank`: a socket's position on its device."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.fabric = Fabric(request.site)
        self.wire = {port: index for index, one in enumerate(request.wires) for port in one.ports}
        self.of_device: list[list[int]] = [[] for _ in request.site.devices]
        for index, socket in enumerate(request.site.sockets):
            self.of_device[socket.device].append(index)
        self.rank = {socket: rank for sockets in self.of_device for rank, socket in enumerate(sockets)}
        self._ways: dict[tuple[Kind, int], list[Option]] = {}

    def kind(self, node: int, port: int) -> Kind:
        cut = self.request.nodes[node].ports[port].cut
        if (node, port) not in self.wire:
            return Kind(loose=True, virtual=False, pair=False, cut=cut)
        wire = self.request.wires[self.wire[node, port]]
        loose = len(wire.ports) == 1 and not wire.virtual and not cut
        return Kind(loose, wire.virtual, len(wire.ports) == 2, cut)

    def ways(self, kind: Kind, socket: int) -> list[Option]:
        if (kind, socket) not in self._ways:
            found = [Exit((), (), False, LOOSE)] if kind.loose else list(self.fabric.from_socket(socket))
            device = self.request.site.sockets[socket].device
            self._ways[kind, socket] = [
                Option(socket, device, way.path, way.carriers, way.cuts, way.key, way.host)
                for way in found
                if kind.loose or kind.allows(way)
            ]
        return self._ways[kind, socket]

    def of(self, node: int, port: int) -> list[Option]:
        """All that a port may choose of."""
        asked = self.request.nodes[node]
        allowed, kind = asked.devices.tolist(), self.kind(node, port)
        sockets = [
            s for s in asked.ports[port].sockets.nonzero()[0].tolist() if allowed[self.request.site.sockets[s].device]
        ]
        return [option for socket in sockets for option in self.ways(kind, socket)]

    def cut(self, wire: int) -> bool:
        return any(self.request.nodes[node].ports[port].cut for node, port in self.request.wires[wire].ports)
