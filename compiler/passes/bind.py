"""Bind: nodes that are real gear find their devices, and their ports the sockets.

Enters: a lab without mistakes of design. Leaves: `Node.device`, `Node.host`, `Port.socket`, `Port.entry`. Called by the pipeline.
"""

from __future__ import annotations

from ..diagnostics import Diagnostics
from ..ir.lab import Lab
from .manager import register


@register(reads=("nodes", "ports", "site"), writes=("nodes.device", "nodes.host", "ports.socket", "ports.entry"))
def bind(lab: Lab, _: Diagnostics) -> Lab:
    return lab
