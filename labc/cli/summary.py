"""Tables of plain text: what stands in a lab, how tests ended.

Enters: rows, a plan. Leaves: lines on standard output. Called by `labc up`, `labc status` and `labc test`. What is listed is
listed in full where nobody reads along: only a terminal gets a part, and the word where the rest is.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from .talk import columns_of, result, tell
from .wrap import filled, wrapped

if TYPE_CHECKING:
    from ..compiler.plan.model import Plan

_MOST = 40
_GAP = 2
_NUMBER = re.compile(r"(\d+)")


def table(head: Sequence[str], rows: Sequence[Sequence[str]], width: int | None = None) -> list[str]:
    r"""A text a row. Columns are as wide as their widest cell; where that is too wide for `width`, cells take several lines, broken
    between words, and where that is not enough, columns stand below each other.

    >>> table(("node", "addresses"), [("a", "10.0.0.1/24 10.0.1.1/24")], 20)
    ['node  addresses', 'a     10.0.0.1/24\n      10.0.1.1/24']
    """
    cells = [tuple(head), *map(tuple, rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    least = [max(len(word) for row in cells for word in row[column].split() or [""]) for column in range(len(head))]
    if width is None or _whole(widths) <= width:
        return [_line(row, widths) for row in cells]
    if _whole(least) > width:
        return [wrapped("  ".join(filter(None, row)), width) for row in cells]
    while _whole(widths) > width:
        widest = max(range(len(head)), key=lambda column: (widths[column] > least[column], widths[column]))
        widths[widest] -= 1
    return ["\n".join(_lines(row, widths)) for row in cells]


def _whole(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _lines(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    columns = [filled(cell, width) for cell, width in zip(row, widths, strict=True)]
    for line in zip_longest(*columns, fillvalue=""):
        yield _line(line, widths)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return (" " * _GAP).join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def natural(name: str) -> list[str | int]:
    """The order in which people count.

    >>> sorted(["h10", "h2", "h1"], key=natural)
    ['h1', 'h2', 'h10']
    """
    return [int(part) if at % 2 else part for at, part in enumerate(_NUMBER.split(name))]


def nodes_json(plan: Plan, leased: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each node with its ports, their addresses (those that DHCP gave, too) and its services, in natural order."""
    ports: dict[str, list[dict[str, Any]]] = {}
    services: dict[str, list[str]] = {}
    for resource in sorted(plan.resources, key=lambda each: natural(each.id)):
        spec = resource.spec
        if resource.kind == "port":
            ports.setdefault(spec["node"], []).append(
                {
                    "name": spec["name"],
                    "interface": spec["interface"],
                    "segments": [each["segment"].partition("/")[2] for each in spec["segments"]],
                    "addresses": [*spec["addresses"], *([leased[resource.id]] if resource.id in leased else [])],
                    "dhcp": spec["dhcp"],
                    "leased": leased.get(resource.id),
                }
            )
        elif resource.kind == "service":
            services.setdefault(spec["node"], []).append(spec["service"])
    nodes = sorted((each for each in plan.resources if each.kind == "node"), key=lambda each: natural(each.id))
    return [
        {
            "name": node.id.partition("/")[2],
            "kind": node.spec["kind"],
            "ports": ports.get(node.id, []),
            "services": services.get(node.id, []),
        }
        for node in nodes
    ]


def print_nodes(plan: Plan, leased: Mapping[str, str], *, bounded: bool = False) -> None:
    """Each node with its addresses and services; `bounded`: on a terminal no more than a page."""
    nodes = nodes_json(plan, leased)
    most = _MOST if bounded and sys.stdout.isatty() else len(nodes)
    rows = [_row(node) for node in nodes[:most]]
    for line in table(("node", "kind", "addresses", "services"), rows, columns_of(sys.stdout)) if rows else ():
        result(line)
    if len(nodes) > most:
        tell(f"… and {len(nodes) - most} more nodes: labc status lists all")


def _row(node: dict[str, Any]) -> tuple[str, str, str, str]:
    return node["name"], node["kind"], " ".join(_addresses(node["ports"])), " ".join(node["services"])


def _addresses(ports: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """`dhcp` stands for an address that is still awaited."""
    for port in ports:
        yield from port["addresses"]
        if port["dhcp"] and not port["leased"]:
            yield "dhcp"
