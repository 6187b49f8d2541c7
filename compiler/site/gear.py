"""What a lab asks of a site's real gear, as numbers, and what an answer means for the lab.

Enters: a lab whose site has devices. Leaves: an `Asked` with the solvers' `Request`; `enter` writes a `Binding` back into the lab. Called by
the passes `bind`, and `placement` when another binding has to be found.

A node is real gear when its kind says `physical = true` and the site has devices; while it has none, namespaces play it. A device with
a kind stands for nodes of that kind or one that extends it, one without for any. A site knows no lab, so that it may call a kind
as labs do (`Node.called`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cached_property

import numpy as np

from ..ir.lab import Demand, Device, HostId, Lab, Node, NodeId, Port, PortId, SegmentId, Socket
from ..ir.unions import Unions
from ..plan.defaults import port_rate
from ..quantities import Quantity
from ..solvers.gear import records as gear
from ..solvers.gear.records import NOWHERE, Binding, Entry, Lead, Request
from .cabling import far_end
from .carried import Wire, carried, enter_logical, wire_of
from .gear_held import BACKEND, held_device, held_socket, is_gear, sockets_of
from .hosts import RESOURCES
from .meets import meets

_SAID_OF_ITSELF = frozenset({"model", "driver", "reach", "host"})  # every other field of a device is an attribute


class Asked:
    """The lab's real gear beside the request: what number stands for whom. All is sorted by name.

    `by_name`: a port of a node is the port of that name, on devices that have one. It is asked for first, since configurations name
    ports; when it cannot be had, any port will do.
    """

    def __init__(self, lab: Lab, *, by_name: bool) -> None:
        self.lab, self.by_name = lab, by_name
        self.hosts = sorted(host.name for host in lab.site.hosts.values())
        self.devices = _named(lab.site.devices.values(), "device")
        self.switches = _named(lab.site.devices.values(), "switch")
        self.sockets = [(device, socket) for device in self.devices for socket in _sorted(device)]
        self.switch_ports = [(switch, socket) for switch in self.switches for socket in _sorted(switch)]
        self.nics = [(host, nic) for host in self.hosts for nic in sorted(lab.site.hosts[HostId(f"host/{host}")].nics)]
        self.nodes = sorted((node for node in lab.nodes.values() if is_gear(node, lab)), key=lambda node: node.id)
        self.ports = [sockets_of(node, lab) for node in self.nodes]

    @cached_property
    def request(self) -> Request:
        wires = tuple(wire for wire, _ in self.wires)
        return Request(self._site(), tuple(map(self._node, range(len(self.nodes)))), wires, self._held())

    # --- What there is ---

    def _site(self) -> gear.Site:
        hosts = {name: at for at, name in enumerate(self.hosts)}
        numbers = {device.id: at for at, device in enumerate(self.devices)}
        switches = {switch.id: at for at, switch in enumerate(self.switches)}
        return gear.Site(
            tuple(self.hosts),
            tuple(gear.Device(device.name, _worth(device)) for device in self.devices),
            tuple(gear.Socket(numbers[device.id], each.name, self._lead(each)) for device, each in self.sockets),
            tuple(gear.Nic(hosts[host], nic, self._is_trunk(host, nic)) for host, nic in self.nics),
            tuple(gear.Switch(switch.name, switch.fields.get("cuts") is True) for switch in self.switches),
            tuple(
                gear.SwitchPort(switches[switch.id], each.name, self._lead(each), each.fields.get("trunk") is True)
                for switch, each in self.switch_ports
            ),
        )

    def _is_trunk(self, host: str, nic: str) -> bool:
        return self.lab.site.hosts[HostId(f"host/{host}")].nics[nic].fields.get("trunk") is True

    @cached_property
    def _ends(self) -> dict[tuple[str, str], Lead]:
        """What each end of a cable is called by the solvers."""
        ends: dict[tuple[str, str], Lead] = {
            (f"host/{host}", nic): gear.ToNic(at) for at, (host, nic) in enumerate(self.nics)
        }
        ends |= {(device.id, each.name): gear.ToSocket(at) for at, (device, each) in enumerate(self.sockets)}
        return ends | {(switch.id, each.name): gear.ToSwitch(at) for at, (switch, each) in enumerate(self.switch_ports)}

    def _lead(self, socket: Socket) -> Lead | None:
        end = far_end(self.lab.site, socket)
        return self._ends.get(end) if end is not None else None

    # --- What is asked ---

    def _node(self, at: int) -> gear.Node:
        node = self.nodes[at]
        devices = np.array([stands_for(device, node) for device in self.devices], np.bool_)
        return gear.Node(node.id, devices, tuple(map(self._port, self.ports[at])))

    def _port(self, port: Port) -> gear.Port:
        rate, held = port_rate(port, self.lab), held_socket(port, self.lab)
        suits = [_is_fast(each, rate) and self._is_named(port, device, each, held) for device, each in self.sockets]
        return gear.Port(port.name, np.array(suits, np.bool_), port.id in self._cut)

    def _is_named(self, port: Port, device: Device, socket: Socket, held: str) -> bool:
        return not self.by_name or port.name not in device.sockets or socket.name in (port.name, held)

    @cached_property
    def _cut(self) -> set[PortId]:
        """The ports of real gear that tests cut. Of a link to something virtual the virtual end is cut."""
        targets = {step.target for test in self.lab.tests.values() for step in test.steps if step.verb == "cut"}
        own = {port.id for ports in self.ports for port in ports}
        links = [set(link.ends) for link in self.lab.links.values() if link.id in targets]
        return {port for port in own if port in targets} | {port for ends in links if ends <= own for port in ends}

    @cached_property
    def wires(self) -> list[tuple[gear.Wire, tuple[SegmentId, ...]]]:
        """The wires and the segments that each carries. Wires that have a segment in common meet on hosts, as with something virtual."""
        joined, members = Unions(), dict[Wire, list[tuple[int, int]]]()
        segments: dict[Wire, set[SegmentId]] = defaultdict(set)
        for node, ports in enumerate(self.ports):
            for place, port in enumerate(ports):
                on = [each.segment for each in carried(port, self.lab)]
                if on:
                    wire = wire_of(port, self.lab)
                    members.setdefault(wire, []).append((node, place))
                    segments[wire].update(on)
                for segment in on[1:]:
                    joined.join(on[0], segment)
        meeting = Counter(joined.find(wire[0][0]) for wire in members)
        found = [(tuple(sorted(segments[wire])), tuple(ports)) for wire, ports in members.items()]
        return [
            (gear.Wire(ports, meeting[joined.find(on[0])] > 1 or self._any_virtual(on)), on)
            for on, ports in sorted(found)
        ]

    def _any_virtual(self, segments: Iterable[SegmentId]) -> bool:
        own = {node.id for node in self.nodes}
        ports = (self.lab.ports[name] for segment in segments for name in self.lab.segments[segment].ports)
        return any(port.node not in own for port in ports)

    def _held(self) -> gear.Held | None:
        if not self.lab.held:
            return None
        devices = {device.name: at for at, device in enumerate(self.devices)}
        sockets = {(device.name, each.name): at for at, (device, each) in enumerate(self.sockets)}
        chosen = [held_device(node, self.lab) for node in self.nodes]
        names = [[held_socket(port, self.lab) for port in ports] for ports in self.ports]
        return gear.Held(
            tuple(devices.get(name, NOWHERE) for name in chosen),
            tuple(
                tuple(sockets.get((device, name), NOWHERE) for name in row)
                for device, row in zip(chosen, names, strict=True)
            ),
        )

    # --- What comes of it ---

    def enter(self, binding: Binding) -> None:
        """Writes a binding into the lab."""
        for at, node in enumerate(self.nodes):
            node.device = self.devices[binding.devices[at]].id
            node.backend = BACKEND
            for place, port in enumerate(self.ports[at]):
                socket, host = binding.sockets[at][place], binding.hosts[at][place]
                port.socket = self.sockets[socket][1].name
                port.entry = self.hosts[host] if host != NOWHERE else ""
                port.path = tuple(map(self._end, binding.paths[at][place]))
        enter_logical(self.nodes, self.lab)

    def _end(self, lead: Lead) -> tuple[str, str]:
        """The owner and name of an end of a cable, as the site calls them."""
        if isinstance(lead, gear.ToNic):
            return self.nics[lead.nic]
        device, socket = self.sockets[lead.socket] if isinstance(lead, gear.ToSocket) else self.switch_ports[lead.port]
        return device.name, socket.name

    def homes(self, entry: Entry) -> dict[NodeId, frozenset[str]]:
        """By node, the hosts at which it enters."""
        return {
            node.id: frozenset(self.hosts[host] for host in homes)
            for node, homes in zip(self.nodes, entry.homes, strict=True)
        }

    def anchors(self, entry: Entry) -> dict[SegmentId, frozenset[str]]:
        """By segment, the hosts at which its wires enter."""
        found: dict[SegmentId, set[str]] = defaultdict(set)
        for (_, segments), anchors in zip(self.wires, entry.anchors, strict=True):
            for segment in segments:
                found[segment].update(self.hosts[host] for host in anchors)
        return {segment: frozenset(hosts) for segment, hosts in found.items()}


def _named(devices: Iterable[Device], form: str) -> list[Device]:
    return sorted((device for device in devices if device.form == form), key=lambda device: device.name)


def _sorted(device: Device) -> list[Socket]:
    return [device.sockets[name] for name in sorted(device.sockets)]


def _worth(device: Device) -> int:
    return len(device.fields.keys() - _SAID_OF_ITSELF)


def _is_fast(socket: Socket, rate: Quantity | None) -> bool:
    speed = socket.fields.get("speed")
    return rate is None or not isinstance(speed, Quantity) or speed.amount >= rate.amount


def stands_for(device: Device, node: Node) -> bool:
    """Whether a device may be that node: its kind, and all that the node needs."""
    return not unfit(device, node)


def is_of_kind(device: Device, node: Node) -> bool:
    """Whether a device stands for nodes of that kind, whatever they need."""
    kind = device.kind
    return not kind or kind in node.called or f"*.{kind.rpartition('.')[2]}" in node.called


def unmet(device: Device, node: Node) -> list[Demand]:
    """What the node needs and the device does not have. `needs name = "ssg1"` asks for one by name."""
    fields = {**device.fields, "name": device.name}
    asked = (demand for demand in node.demands if demand.weight is None and demand.key not in RESOURCES)
    return [demand for demand in asked if not meets(demand, fields)]


def unfit(device: Device, node: Node) -> str:
    """Why a device cannot be a node, in words; empty when it can."""
    if not is_of_kind(device, node):
        return f"is of the kind {device.kind}"
    lacks = [demand.origin.span.shown for demand in unmet(device, node)]
    return f"lacks {' and '.join(lacks)}" if lacks else ""
