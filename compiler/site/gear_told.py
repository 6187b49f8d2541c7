"""Which real gear is not what the lock held: notes for whoever has to plug and configure.

Enters: a lab whose real gear is bound for good. Leaves: notes. Called by the pass `placement`, which may bind anew what `bind` had bound.
"""

from __future__ import annotations

from ..diagnostics import Diagnostics
from ..ir.lab import DeviceId, Lab, Node
from .gear_held import held_device, held_socket, sockets_of


def tell_gear(lab: Lab, diagnostics: Diagnostics) -> None:
    """Another device is another box, with another configuration on it; another port of it is configured otherwise."""
    for node in sorted(lab.nodes.values(), key=lambda node: node.id):
        held = held_device(node, lab)
        if node.device is None or not held:
            continue
        if node.device != f"device/{held}":
            _tell_device(node, held, lab, diagnostics)
        else:
            _tell_ports(node, lab, diagnostics)


def _tell_device(node: Node, held: str, lab: Lab, diagnostics: Diagnostics) -> None:
    gone = f"device/{held}" not in lab.site.devices
    diagnostics.note(
        "N0904",
        f"{node.name} is {str(node.device).removeprefix('device/')} now; lab.lock had {held}",
        node.origin.span,
        "real gear",
        reason=f"the site has no device {held} any more"
        if gone
        else f"{held} can no longer be it, or is another node now",
        origin=node.origin,
    )


def _tell_ports(node: Node, lab: Lab, diagnostics: Diagnostics) -> None:
    for port in sockets_of(node, lab):
        held = held_socket(port, lab)
        if held and port.socket != held:
            gone = held not in lab.site.devices[DeviceId(str(node.device))].sockets
            diagnostics.note(
                "N0904",
                f"{node.name}:{port.name} is the port {port.socket} now; lab.lock had {held}",
                port.origin.span,
                "real gear",
                reason=f"the device has no port {held} any more"
                if gone
                else f"{held} can no longer be it, or is another port now",
                origin=port.origin,
            )
