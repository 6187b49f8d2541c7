"""A control for a deny that a written test states: the plan names none, so one is found among its cases.

Called by `scripts.py`. Best is an allowed flow of the same sender to the same port; then of anybody; last the denied packet
itself, sent by a neighbour on the receiver's own segment.
"""

from __future__ import annotations

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
    segments = {one["segment"] for one in lab.spec(target.port).get("segments", ())}
    six = ":" in target.address
    for node, ports in sorted(lab.ports_of.items()):
        for port in ports:
            spec = port["spec"]
            if node == target.node or segments.isdisjoint(one["segment"] for one in spec["segments"]):
                continue
            addresses = [text.partition("/")[0] for text in spec["addresses"] if (":" in text) == six]
            if addresses:
                neighbour = End(bare(node), port["id"], spec["interface"], addresses[0], "inside")
                yield Flow(neighbour, target, Packet(denied.protocol, 0, denied.port, target.address))
