"""Zones and groups that hold nothing."""

from __future__ import annotations

from ...ir.lab import Group, Zone
from .design import Design


def check(design: Design) -> None:
    for zone in design.lab.zones.values():
        if not zone.members and design.is_whole(zone.origin):
            _empty("zone", zone, design)
    for group in design.lab.groups.values():
        if not group.members and design.is_whole(group.origin):
            _empty("group", group, design)


def _empty(what: str, element: Zone | Group, design: Design) -> None:
    design.say(
        "E0625",
        f"{what} {element.name} has no members",
        element.origin,
        "it names nobody",
        reason="whatever a policy or a test says about it would check nothing",
        help=f"name a member: `{what} {element.name} = NODE`, or remove it",
    )
