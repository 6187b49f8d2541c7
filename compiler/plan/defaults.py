"""Defaults that a plan writes out where a lab says nothing.

Enters: records of the IR. Leaves: values. Called by the pass `schedule`, and by `configs`, whose templates see the same.
"""

from __future__ import annotations

from ..ir.lab import Lab, Port, Segment
from ..quantities import Quantity

MTU = 1500  # Ethernet's, RFC 894


def segment_mtu(segment: Segment, lab: Lab) -> int:
    """What is stated, else Ethernet's; across hosts no more than encapsulation leaves."""
    if segment.mtu:
        return segment.mtu
    link = lab.links.get(segment.link) if segment.link else None
    if link is not None and link.mtu:
        return link.mtu
    return MTU if segment.room is None else min(MTU, segment.room)


def port_mtu(port: Port, lab: Lab) -> int:
    """The widest of its segments; a logical port without one has that of the ports that it stands on."""
    if port.mtu:
        return port.mtu
    if len(port.attachments) == 1:
        return segment_mtu(lab.segments[port.attachments[0].segment], lab)
    if port.attachments:
        return max(segment_mtu(lab.segments[attachment.segment], lab) for attachment in port.attachments)
    return min((port_mtu(lab.ports[below], lab) for below in port.over), default=MTU)


def port_rate(port: Port, lab: Lab) -> Quantity | None:
    """What a port is said to carry, else what its link is; None where neither says."""
    link = lab.links.get(port.link) if port.link else None
    return port.rate or (link.rate if link else None)
