"""Tables of plain text: what stands in a lab, how tests ended.

Enters: rows. Leaves: lines on standard output. Called by `labc up`, `labc status` and `labc test`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .talk import result

if TYPE_CHECKING:
    from ..compiler.plan.model import Plan

_MOST = 40


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns as wide as their widest cell; the last one is not padded."""
    cells = [tuple(head), *map(tuple, rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]


def print_nodes(plan: Plan) -> None:
    """Each node with its addresses and services."""
    addresses: dict[str, list[str]] = {}
    services: dict[str, list[str]] = {}
    for resource in plan.resources:
        spec = resource.spec
        if resource.kind == "port":
            addresses.setdefault(spec["node"], []).extend([*spec["addresses"], *(["dhcp"] if spec["dhcp"] else [])])
        elif resource.kind == "service":
            services.setdefault(spec["node"], []).append(spec["service"])
    nodes = [resource for resource in plan.resources if resource.kind == "node"]
    rows = [
        (
            node.id.partition("/")[2],
            node.spec["kind"],
            " ".join(addresses.get(node.id, [])),
            " ".join(services.get(node.id, [])),
        )
        for node in nodes[:_MOST]
    ]
    for line in table(("node", "kind", "addresses", "services"), rows):
        result(line)
    if len(nodes) > _MOST:
        result(f"… and {len(nodes) - _MOST} more nodes")
