"""A control for a deny that a written test states: the plan names none, so one is found among its cases.

Called by `scripts.py`. Best is an allowed flow of the same sender to the same port; then of anybody; last the denied packet
itself, sent by a neighbour on the receiver's own segment.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .cases import CaseError, End, Flow, Json, Packet, end, flow
from .lab import Lab, bare


@dataclass(frozen=True, slots=True)
class Control:
    """`same_path`: it passes what the denied packet would have passed."""

    flow: Flow
    same_path: bool


def controls(lab: Lab, cases: Iterable[Json], source: End, target: End, denied: Packet) -> Iterator[Control]:
    """Controls to try, the most telling first."""
    allowed = list(_allowed(cases, target))
    yield from (Control(one, same_path=True) for one in allowed if one.source == source)
    yield from (Control(one, same_path=False) for one in allowed if one.source != source)
    yield from (Control(one, same_path=False) for one in _neighbours(lab, target, denied))


def _allowed(cases: Iterable[Json], target: End) -> Iterator[Flow]:
    """Flows that the plan says are allowed to the very end."""
    for case in cases:
        try:
            if case["kind"] not in ("allow", "deny") or end(case["to"]) != target:
                continue
            said = case if case["kind"] == "allow" else case.get("control")
            if said and said.get("same_path", True):
                yield flow(said, target)
        except (CaseError, KeyError):
            continue


def _neighbours(lab: Lab, target: End, denied: Packet) -> Iterator[Flow]:
    """The same packet from who reaches the receiver without a router: the receiver's address lies in a prefix of his, also
    where switches stand between their segments."""
    receiver = ipaddress.ip_address(target.address)
    for node, ports in sorted(lab.ports_of.items()):
        if node == target.node:
            continue
        for port in ports:
            own = next((one for one in _interfaces(port) if receiver in one.network), None)
            if own is not None:
                place = str(lab.spec(f"node/{bare(node)}").get("probe", "inside"))
                neighbour = End(bare(node), port["id"], port["spec"]["interface"], str(own.ip), place)
                yield Flow(neighbour, target, Packet(denied.protocol, 0, denied.port, target.address))


def _interfaces(port: Json) -> list[ipaddress.IPv4Interface | ipaddress.IPv6Interface]:
    return [ipaddress.ip_interface(text) for text in port["spec"]["addresses"]]
