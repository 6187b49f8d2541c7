"""VLANs of the patch fabric: one for each wire of real gear that passes a switch, so that none hears another.

Enters: a lab whose real gear is bound. Leaves: `Port.fabric_vlan`. Called by the pass. They are drawn as VNIs are: from what the site
keeps for the lab, else from the pool `vlan`, starting at a hash, what the lock holds first. The lock holds them by port, since a wire's
segments, and so its name, change with every segment that is tagged on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from ...diagnostics import Diagnostics, Label
from ...ir.identity import distinct, held_values, port_identity
from ...ir.lab import DeviceId, Lab, Port
from ...site.cabling import end_of, tagged_ends
from ...site.carried import Wire, identity_of, wire_of
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
    claims = [
        Claim(name, number_of(lab.name, name), _held(ports, free, lab, diagnostics)) for name, ports in wires.items()
    ]
    slots = allot(claims, len(free), lambda _: False)
    _tell_shared(claims, slots, wires, diagnostics)
    for name, slot in slots.items():
        for port in wires[name]:
            port.fabric_vlan = None if slot is None else free.at(slot)


def _wires(lab: Lab) -> dict[str, list[Port]]:
    """By name, the ports of each wire whose way passes a switch, be it one that the site does not list, behind a trunk with several cables."""
    tagged = tagged_ends(lab.site)
    wires: dict[Wire, list[Port]] = defaultdict(list)
    for port in lab.ports.values():
        if any(_is_switch(owner, lab) or end_of(lab.site, owner, name) in tagged for owner, name in port.path):
            wires[wire_of(port, lab)].append(port)
    plain = {wire: "+".join(name if tag is None else f"{name}:{tag}" for name, tag in wire) for wire in wires}
    names = distinct(plain, {wire: identity_of(wire, lab) for wire in wires})
    return dict(sorted((names[wire], ports) for wire, ports in wires.items()))


def _is_switch(owner: str, lab: Lab) -> bool:
    """A host of the same name comes first, as in `cable`."""
    device = lab.site.devices.get(DeviceId(f"device/{owner}"))
    return device is not None and device.form == "switch" and f"host/{owner}" not in lab.site.hosts


def _held(ports: list[Port], free: Ids, lab: Lab, diagnostics: Diagnostics) -> int | None:
    """What the lock holds for the first of a wire's ports that has any: it stays with the ports, whatever their segments are."""
    for port in sorted(ports, key=lambda port: port.id):
        values = held_values(lab, "vlan", port.id, port_identity(port, lab))
        if values:
            return held_index(port.id, "vlan", values, free, diagnostics)
    return None


def _tell_shared(
    claims: list[Claim], slots: Mapping[str, int | None], wires: dict[str, list[Port]], diagnostics: Diagnostics
) -> None:
    """After a merge, or when ports part that shared a wire, two wires hold one VLAN, and one must let go."""
    keepers = {claim.held: wires[claim.name][0] for claim in claims if slots[claim.name] == claim.held}
    for claim in claims:
        if claim.held is not None and slots[claim.name] != claim.held:
            port, keeper = wires[claim.name][0], keepers[claim.held]
            diagnostics.note(
                "N0901",
                f"{port.id} and {keeper.id} hold the same vlan; {port.id} is given a new one",
                port.origin.span,
                "on another wire now",
                labels=(Label(keeper.origin.span, "it keeps the value"),),
                origin=port.origin,
            )


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
