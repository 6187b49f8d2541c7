"""A solver that is not installed.

Enters: the package that is missing. Leaves: a diagnostic that names the extra. Called by the pass, before and behind the solvers.
"""

from __future__ import annotations

from ...diagnostics import Diagnostics
from ...ir.lab import Lab
from ...site.gear_held import is_gear
from ...wording import INSTALL_SOLVERS


def solver_missing(lab: Lab, package: str, diagnostics: Diagnostics) -> None:
    nodes = sorted((node for node in lab.nodes.values() if is_gear(node, lab)), key=lambda node: node.id)
    if not nodes:
        return
    diagnostics.error(
        "E0805",
        f"finding devices for {len(nodes)} nodes needs {package}, which is not installed",
        nodes[0].origin.span,
        "the first node that is real gear",
        reason="lab.lock does not hold a device for every one of them, or for what is asked now",
        help=f"install the solvers, {INSTALL_SOLVERS}; or take a lab.lock that is whole",
        origin=nodes[0].origin,
    )
