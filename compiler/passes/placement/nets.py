"""What a cut costs: the segments of a lab as sets of nodes, and of hosts where real gear is plugged in.

Enters: a question. Leaves: a `Net` for each segment that two places could share. Called by the pass.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ...ir.lab import Lab, Segment, SegmentId
from ...plan.defaults import port_rate
from ...solvers.problem import JOIN
from .question import Question

_GBPS = 10**9


class Net(Struct, frozen=True):
    """`pins`: numbers of the nodes on it, `anchors`: of the hosts at whose NICs real gear enters it; both sorted."""

    segment: str
    pins: tuple[int, ...]
    anchors: tuple[int, ...]
    weight: int


Anchors = Mapping[SegmentId, frozenset[str]]


def nets_of(question: Question, anchors: Anchors | None = None) -> list[Net]:
    """By segment; those that no choice of hosts can cut are left out. `anchors`: the hosts at which real gear enters each segment, where
    they are not those of the binding that the lab has."""
    lab = question.lab
    hosts = {host.name: at for at, host in enumerate(question.hosts)}
    found = (_net(lab.segments[name], question, hosts, anchors) for name in sorted(lab.segments))
    return [net for net in found if len(net.pins) + len(net.anchors) > 1 and net.pins]


def _net(segment: Segment, question: Question, hosts: dict[str, int], known: Anchors | None) -> Net:
    lab, pins, anchors = question.lab, set[int](), set[int]()
    for name in segment.ports:
        port = lab.ports[name]
        node = lab.nodes[port.node]
        if not node.device:
            pins.add(question.number[node.id])
        elif known is None and port.entry in hosts:
            anchors.add(hosts[port.entry])
    if known is not None:
        anchors.update(hosts[name] for name in known.get(segment.id, ()))
    return Net(segment.id, tuple(sorted(pins)), tuple(sorted(anchors)), weight_of(segment, lab))


def weight_of(segment: Segment, lab: Lab) -> int:
    """JOIN, and 1 for each Gbps or part of it that the segment is said to carry, at most JOIN more."""
    rates = (port_rate(lab.ports[name], lab) for name in segment.ports)
    most = max((rate.amount for rate in rates if rate is not None), default=0)
    return JOIN + min(JOIN, -(-most // _GBPS))
