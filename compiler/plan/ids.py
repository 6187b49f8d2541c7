"""Ids and names that more than one pass writes into a plan.

Enters: records of the IR. Leaves: text. Called by the passes `tests` and `schedule`.
"""

from __future__ import annotations

from ..ir.lab import Node, Port, Serving


def service_id(serving: Serving, node: Node) -> str:
    """`service/web/http`."""
    return f"service/{node.name}/{serving.name}"


def interface_of(port: Port) -> str:
    """The name that the port has in Linux."""
    return port.interface or port.name
