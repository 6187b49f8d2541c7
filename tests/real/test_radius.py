"""The blast radius leaves out no pair whose packets fare differently: random labs, random edits, real packets on both sides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

import pytest

from labc import compile as compile_lab
from labc.compiler.diff.changes import Difference
from labc.compiler.diff.difference import differences
from labc.compiler.diff.sides import read_side
from labc.compiler.plan.model import Plan, decode
from tests.real.radius_labs import edited, random_lab, sources
from tests.real.radius_net import Probe, RealPlan

pytestmark = pytest.mark.root

_SHOTS = (
    ("icmp", 0, 0), ("tcp", 80, 0), ("tcp", 443, 0), ("tcp", 8003, 0), ("tcp", 22, 0), ("udp", 53, 0), ("udp", 5005, 0), ("udp", 4000, 53),
)  # fmt: skip
_LABS = 24


def _compiled(random: Random) -> Iterator[tuple[bytes, bytes]]:
    """Labs and their edits, as plans that differ."""
    while True:
        lab = random_lab(random)
        plans = [compile_lab(sources(each)).plan for each in (lab, edited(lab, random))]
        if plans[0] is not None and plans[1] is not None and plans[0] != plans[1]:
            yield plans[0], plans[1]


def _probes(*plans: Plan) -> list[Probe]:
    """All pairs of both sides' nodes, by all addresses; a few with a source that is not the sender's."""
    own: dict[str, set[str]] = {}
    outer: dict[str, set[str]] = {}
    for plan in plans:
        for resource in plan.resources:
            if resource.kind == "port":
                own.setdefault(resource.spec["node"], set()).update(
                    text.partition("/")[0] for text in resource.spec["addresses"] if not text.endswith("/32")
                )
            if resource.id == "ruleset/fw/nat":
                for outside, inside in re.findall(r"daddr (\S+) dnat to (\S+)", resource.spec["text"]):
                    outer.setdefault(inside, set()).add(outside)
    return [
        Probe(sender, source, target, goal, *shot)
        for sender, sent in sorted(own.items())
        for target, received in sorted(own.items())
        if sender != target
        for goal in sorted({other for address in received for other in {address, *outer.get(address, ())}})
        for source in (*sorted(sent), "10.1.0.10" if sender.startswith("node/wan") else "203.0.113.9")
        for shot in _SHOTS
        if source in sent or shot[1] in (80, 53, 0)
    ]


def _listed(difference: Difference, probe: Probe) -> bool:
    sender, target = (each.partition("/")[2] for each in (probe.sender, probe.target))
    return any(
        not {sender, "any"}.isdisjoint(reach.sources)
        and not {target, "any"}.isdisjoint(reach.targets)
        and any(_means(service, probe) for service in reach.services)
        for reach in difference.radius
    )


def _means(service: str, probe: Probe) -> bool:
    if service in ("any", "any other", probe.service):
        return True
    found = re.fullmatch(r"(tcp|udp)/(\d+)\.\.(\d+)", service)
    return found is not None and found[1] == probe.protocol and int(found[2]) <= probe.port <= int(found[3])


@pytest.mark.parametrize("seed", range(_LABS))
def test_no_pair_whose_packets_fare_differently_is_left_out(seed: int) -> None:
    """Whatever is sent, arrives or is answered on one side only: its pair and service stand in the radius."""
    old, new = next(_compiled(Random(seed)))
    difference = differences(read_side(old, "old"), read_side(new, "new"))
    plans = decode(old), decode(new)
    probes = _probes(*plans)
    real = [RealPlan(plan) for plan in plans]
    try:
        missing = [probe for probe in probes if not _listed(difference, probe)]
        for _ in range(3):  # a busy machine may lose a packet once
            here = [set(side.addresses) for side in real]
            seen = [
                side.probe(p for p in missing if {p.sender, p.target} <= there)
                for side, there in zip(real, here, strict=True)
            ]
            absent = (False, False)
            missing = [probe for probe in missing if seen[0].get(probe, absent) != seen[1].get(probe, absent)]
            if not missing:
                break
        assert missing == [], [(seen[0].get(probe), seen[1].get(probe)) for probe in missing[:5]]
    finally:
        for side in real:
            side.close()
