"""VLANs of the patch fabric: one for each wire of real gear that passes a switch, so that none hears another.

Enters: a lab whose real gear is bound. Leaves: `Port.fabric_vlan`. Called by the pass. They are drawn as VNIs are: from what the site
keeps for the lab, else from the pool `vlan`, starting at a hash, what the lock holds first.
"""

from __future__ import annotations

from collections import defaultdict

from ...diagnostics import Diagnostics
from ...ir.lab import DeviceId, Lab, Port
from ...ir.unions import Unions
from ...site.pools import Ids, ids_of
from ...slots import Claim, allot, number_of
from .held import held_index


def assign_vlans(lab: Lab, diagnostics: Diagnostics) -> None:
    wires = _wires(lab)
    if not wires:
        return
    free = ids_of(lab.site, "vlan", lab.name)
    if len(free) < len(wires):
        _too_few(wires, free, diagnostics)
        return
    claims = [Claim(name, number_of(lab.name, name), _held(name, free, lab, diagnostics)) for name in wires]
    for name, slot in allot(claims, len(free), lambda _: False).items():
        for port in wires[name]:
            port.fabric_vlan = None if slot is None else free.at(slot)


def _wires(lab: Lab) -> dict[str, list[Port]]:
    """By the least segment of each wire, the ports whose way passes a switch."""
    patched = [port for port in lab.ports.values() if any(_is_switch(owner, lab) for owner, _ in port.path)]
    joined = Unions()
    for port in patched:
        for each in port.attachments[1:]:
            joined.join(port.attachments[0].segment, each.segment)
    wires: dict[str, list[Port]] = defaultdict(list)
    for port in patched:
        wires[joined.find(port.attachments[0].segment)].append(port)
    return dict(sorted(wires.items()))


def _is_switch(owner: str, lab: Lab) -> bool:
    """A host of the same name comes first, as in `cable`."""
    device = lab.site.devices.get(DeviceId(f"device/{owner}"))
    return device is not None and device.form == "switch" and f"host/{owner}" not in lab.site.hosts


def _held(name: str, free: Ids, lab: Lab, diagnostics: Diagnostics) -> int | None:
    values = lab.held.get((name, "vlan"))
    return held_index(name, "vlan", values, free, diagnostics)


def _too_few(wires: dict[str, list[Port]], free: Ids, diagnostics: Diagnostics) -> None:
    first = min((port for ports in wires.values() for port in ports), key=lambda port: port.id)
    where = free.origins[0] if free.origins else first.origin
    diagnostics.error(
        "E0811",
        f"{len(wires)} wires of real gear pass the patch fabric, and there are {len(free)} VLANs for this lab",
        where.span,
        "of these",
        reason="each needs a VLAN of its own (IEEE 802.1Q), or they would hear each other",
        help=f"make the pool `vlan` {len(wires) - len(free)} longer, or cable more gear to hosts",
        origin=where,
    )
