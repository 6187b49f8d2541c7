"""Bind: nodes that are real gear find their devices, and their ports the sockets and ways to hosts.

Enters: a lab without mistakes of design. Leaves: `Node.device`, `Node.backend`, `Port.socket`, `Port.path`, `Port.entry`. Called by the
pipeline. Without devices in the site there is nothing to do. What competes for a device or a port is told in the lab's own words; a
binding with which placement proves impossible is replaced by the pass `placement`, which asks for others.
"""

from __future__ import annotations

from ...diagnostics import Diagnostics
from ...ir.lab import Lab
from ...site.gear_held import enter_held
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
    return lab


def _solve(lab: Lab, diagnostics: Diagnostics) -> None:
    try:
        from .binding import bind_gear  # loads numpy, which only the solvers' extra brings
    except ImportError as error:
        solver_missing(lab, error.name or "numpy", diagnostics)
        return
    bind_gear(lab, diagnostics)
