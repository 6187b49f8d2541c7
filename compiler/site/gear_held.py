"""A binding of real gear that the lock holds whole: taken as it stands, without a solver.

Enters: a lab. Leaves: the lab bound, or not; and for the lock, the lines of a binding. Called by the pass `bind` and by `ir/held.py`.

The lock holds a digest of what was asked together with what was answered. Where both are still the same, the answer is as good as when
it was found, and nothing of its rules has to be checked again; a line that was changed by hand has another digest, and the solvers run.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from ..ir.identity import held_values, link_identity, node_identity, port_identity, segment_identity
from ..ir.lab import DeviceId, Lab, LinkId, Node, Port, PortId
from ..ir.lock_gear import SITE
from ..lock import Assignment
from ..plan.canonical import canonical
from ..plan.defaults import port_rate
from ..plan.digests import site_as_json
from .carried import enter_logical

BACKEND = "device"  # which configures what stands already, and makes nothing
_BOUND = "bound"


def is_gear(node: Node, lab: Lab) -> bool:
    return node.physical and any(device.form == "device" for device in lab.site.devices.values())


def enter_held(lab: Lab) -> bool:
    """Whether the lock's binding was taken."""
    nodes = [node for node in lab.nodes.values() if is_gear(node, lab)]
    ports = [port for node in nodes for port in sockets_of(node, lab)]
    if not all(held_device(node, lab) for node in nodes) or not all(held_socket(each, lab) for each in ports):
        return False
    for node in nodes:
        node.device = DeviceId(f"device/{held_device(node, lab)}")
    for port in ports:
        port.socket = held_socket(port, lab)
        port.path = tuple(map(_end, held_values(lab, "path", port.id, port_identity(port, lab))))
        port.entry = port.path[-1][0] if port.path and f"host/{port.path[-1][0]}" in lab.site.hosts else ""
    if (_digest_id(lab), _BOUND) in lab.held:
        for node in nodes:
            node.backend = BACKEND
        enter_logical(nodes, lab)
        return True
    _forget(nodes, ports)
    return False


def held_device(node: Node, lab: Lab) -> str:
    """The name of the device that the lock holds for a node, empty when it holds none."""
    return (held_values(lab, "device", node.id, node_identity(node)) or ("",))[0]


def held_socket(port: Port, lab: Lab) -> str:
    return (held_values(lab, "socket", port.id, port_identity(port, lab)) or ("",))[0]


def _forget(nodes: list[Node], ports: list[Port]) -> None:
    for node in nodes:
        node.device = None
    for port in ports:
        port.socket, port.path, port.entry = "", (), ""


def _end(text: str) -> tuple[str, str]:
    owner, _, name = text.partition(":")
    return owner, name


def sockets_of(node: Node, lab: Lab) -> list[Port]:
    """The ports of real gear that are ports of its device; those that stand on others are configuration."""
    return [port for port in map(lab.ports.__getitem__, node.ports) if port.form == "port"]


def binding_lines(lab: Lab) -> Iterator[Assignment]:
    """For the lock: devices, sockets, ways, and the digest that holds them together."""
    bound = [node for node in lab.nodes.values() if node.device is not None]
    for node in bound:
        yield Assignment(node.id, "device", str(node.device).removeprefix("device/"))
        yield Assignment(str(node.device), SITE, lab.site.name)
        for port in sockets_of(node, lab):
            yield Assignment(port.id, "socket", port.socket)
            yield Assignment(f"{node.device}/{port.socket}", SITE, lab.site.name)
            if port.path:
                yield Assignment(port.id, "path", ",".join(map(":".join, port.path)))
    if bound:
        yield Assignment(_digest_id(lab), _BOUND, "yes")


def _digest_id(lab: Lab) -> str:
    """By the names before a rename: that asks for nothing else, and every way stays as it is."""
    nodes = sorted((node for node in lab.nodes.values() if is_gear(node, lab)), key=node_identity)
    said = canonical([site_as_json(lab.site), [_asked(node, lab) for node in nodes], sorted(_cut(lab))])
    return f"gear/{sha256(said).hexdigest()[:16]}"


def _asked(node: Node, lab: Lab) -> list[object]:
    demands = sorted(f"{each.key} {each.operator} {each.value!r}" for each in node.demands if each.weight is None)
    ports = sorted((lab.ports[name] for name in node.ports), key=lambda port: port_identity(port, lab))
    return [node_identity(node), list(node.called), demands, node.device, [_port(port, lab) for port in ports]]


def _port(port: Port, lab: Lab) -> list[object]:
    rate = port_rate(port, lab)
    segments = [
        [segment_identity(lab.segments[each.segment], lab), each.tag, _any_virtual(each.segment, lab)]
        for each in port.attachments
    ]
    return [
        port_identity(port, lab),
        [*(port_identity(lab.ports[below], lab) for below in port.over), port.vlan],
        rate.amount if rate else None,
        segments,
        port.socket,
        [list(end) for end in port.path],
    ]


def _any_virtual(segment: str, lab: Lab) -> bool:
    ports = lab.segments[segment].ports  # type: ignore[index]  # a segment's id
    return any(not is_gear(lab.nodes[lab.ports[port].node], lab) for port in ports)


def _cut(lab: Lab) -> set[str]:
    targets = {step.target for test in lab.tests.values() for step in test.steps if step.verb == "cut" and step.target}
    ports = {port_identity(lab.ports[PortId(name)], lab) for name in targets if name in lab.ports}
    return ports | {link_identity(lab.links[LinkId(name)], lab) for name in targets if name in lab.links}
