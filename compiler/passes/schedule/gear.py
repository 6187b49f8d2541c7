"""Real gear as resources: where a host's NIC joins a segment, and what the patch fabric connects.

Enters: a lab whose real gear is bound. Leaves: resources. Called by the pass `schedule`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ...ir.lab import Device, DeviceId, Lab, Node, Port, Resource
from ...site.cabling import End, end_of, tagged_ends
from ...site.carried import bears_tags, carried
from .parts import OVERLAY, part_id

_CONFIGURES = "device"  # the backend of real gear


def attachments(node: Node, lab: Lab) -> Iterator[Resource]:
    """`attachment/fw/eth0`: the NIC at which a port of real gear enters, on its segments."""
    ports = [port for port in map(lab.ports.__getitem__, node.ports) if port.entry and port.path]
    tagged = tagged_ends(lab.site) if ports else frozenset()
    return (_attachment(port, tagged, lab) for port in ports)


def _attachment(port: Port, tagged: frozenset[End], lab: Lab) -> Resource:
    host, nic = port.path[-1]
    on = carried(port, lab)
    segments = [lab.segments[each.segment] for each in on]
    spec: dict[str, object] = {
        "port": port.id,
        "nic": nic,
        "vlan": port.fabric_vlan if end_of(lab.site, host, nic) in tagged else None,
        "segments": [{"segment": each.segment, "tag": each.tag} for each in on],
        "path": [list(end) for end in port.path],
    }
    needs = [part_id(segment, port.entry) for segment in segments]
    return Resource(
        f"attachment/{port.id.removeprefix('port/')}", "attachment", port.entry, OVERLAY, spec, needs, port.origin
    )


def patches(lab: Lab) -> Iterator[Resource]:
    """`patch/patch1/10`: the ports of a switch that one VLAN of the fabric joins, for all wires that it carries."""
    joined: dict[tuple[str, int], dict[str, list[Port]]] = defaultdict(lambda: defaultdict(list))
    for port in lab.ports.values():
        for owner, name in port.path if port.fabric_vlan is not None else ():
            if f"device/{owner}" in lab.site.devices and lab.site.devices[DeviceId(f"device/{owner}")].form == "switch":
                joined[owner, port.fabric_vlan][name].append(port)  # type: ignore[index]  # not None, as asked above
    tagged = tagged_ends(lab.site) if joined else frozenset()
    for (owner, vlan), ports in sorted(joined.items()):
        yield _patch(lab.site.devices[DeviceId(f"device/{owner}")], vlan, ports, tagged, lab)


def _patch(switch: Device, vlan: int, ports: dict[str, list[Port]], tagged: frozenset[End], lab: Lab) -> Resource:
    first = min((port for each in ports.values() for port in each), key=lambda port: port.id)
    spec: dict[str, object] = {
        "switch": switch.name,
        "vlan": vlan,
        "stacks": any(bears_tags(port, lab) for each in ports.values() for port in each),
        "ports": [{"name": name, "tagged": (switch.id, name) in tagged} for name in sorted(ports)],
        "carries": sorted({port.id for each in ports.values() for port in each}),
    }
    host = manager_of(switch, first.entry, lab)
    return Resource(f"patch/{switch.name}/{vlan}", "patch", host, _CONFIGURES, spec, [], first.origin)


def manager_of(device: Device, entry: str, lab: Lab) -> str:
    """The host from which a device is configured: the one that the site names, else where its cables end, else the first."""
    stated = device.fields.get("host")
    return str(stated) if stated else entry or min(host.name for host in lab.site.hosts.values())
