"""MACs: every port has one, locally administered and unicast (IEEE 802c), by a hash of the lab's name and the port's id.

Enters: a lab. Leaves: `Port.mac`. Called by the pass. A sub-interface has its parent's, as in Linux.
"""

from __future__ import annotations

from ...addresses import Mac
from ...ir.identity import port_identity
from ...ir.lab import Lab, Port
from ...slots import number_of

_UNICAST_LOCAL = 0x02 << 40
_GROUP_AND_LOCAL_BITS = 0x03 << 40
_DEEPEST = 8  # sub-interfaces on sub-interfaces; more is a circle, which `check` reports


def assign_macs(lab: Lab) -> None:
    used = {port.mac for port in lab.ports.values() if port.mac is not None}
    open_ports = [port for port in lab.ports.values() if port.mac is None and port.form != "subinterface"]
    drawn: dict[Mac, Port] = {}
    clashing: list[Port] = []
    for port in open_ports:
        mac = _held(port, lab) or _mac(lab.name, port_identity(port, lab))
        if mac in used or mac in drawn:
            clashing.append(port)
        else:
            drawn[mac] = port
            port.mac = mac
    for port in sorted(clashing, key=lambda port: port.id):
        port.mac = _another(port, used | drawn.keys(), lab)
        drawn[port.mac] = port
    for port in lab.ports.values():
        if port.mac is None:
            port.mac = _of_parent(port, lab)


def _mac(*names: str) -> Mac:
    return Mac((number_of(*names) & ((1 << 48) - 1) & ~_GROUP_AND_LOCAL_BITS) | _UNICAST_LOCAL)


def _another(port: Port, used: set[Mac], lab: Lab) -> Mac:
    """Two ports of a million may hash alike."""
    attempt = 1
    while (mac := _mac(lab.name, port_identity(port, lab), str(attempt))) in used:
        attempt += 1
    return mac


def _held(port: Port, lab: Lab) -> Mac | None:
    if not lab.held:
        return None
    for text in lab.held.get((port.id, "mac"), ()) or lab.held.get((port_identity(port, lab), "mac"), ()):
        try:
            return Mac.parse(text)
        except ValueError:
            continue
    return None


def _of_parent(port: Port, lab: Lab) -> Mac:
    parent = port
    for _ in range(_DEEPEST):
        if parent.mac is not None or not parent.over or parent.over[0] not in lab.ports:
            break
        parent = lab.ports[parent.over[0]]
    return parent.mac or _mac(lab.name, port_identity(port, lab))
