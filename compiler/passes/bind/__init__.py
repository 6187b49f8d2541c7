"""Bind: nodes that are real gear find their devices, and their ports the sockets and ways to hosts.

Enters: a lab without mistakes of design. Leaves: `Node.device`, `Node.backend`, `Port.socket`, `Port.path`, `Port.entry`. Called by the
pipeline. Without devices in the site there is nothing to do. What competes for a device or a port is told in the lab's own words; a
binding with which placement proves impossible is replaced by the pass `placement`, which asks for others.
"""

from __future__ import annotations

from ...diagnostics import Diagnostics
from ...ir.lab import DeviceId, Lab, Node
from ...site.gear_held import enter_held, held_device, held_socket, sockets_of
from ..manager import register
from .missing import solver_missing

_WRITES = ("nodes.device", "nodes.backend", "ports.socket", "ports.path", "ports.entry")


@register(reads=("nodes", "ports", "links", "segments", "tests", "site", "held"), writes=_WRITES)
def bind(lab: Lab, diagnostics: Diagnostics) -> Lab:
    """A firewall that needs ISDN gets the one device that has it, and the ports that are cabled to hosts."""
    if not lab.site.devices or not lab.site.hosts or not any(node.physical for node in lab.nodes.values()):
        return lab
    if not enter_held(lab):
        _solve(lab, diagnostics)
        _tell_changes(lab, diagnostics)
    return lab


def _tell_changes(lab: Lab, diagnostics: Diagnostics) -> None:
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


def _solve(lab: Lab, diagnostics: Diagnostics) -> None:
    try:
        from .binding import bind_gear  # loads numpy, which only the solvers' extra brings
    except ImportError as error:
        solver_missing(lab, error.name or "numpy", diagnostics)
        return
    bind_gear(lab, diagnostics)
