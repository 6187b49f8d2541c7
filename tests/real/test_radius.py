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
_LABS = 20
_ABSENT = (False, False)


def _compiled(random: Random) -> Iterator[tuple[bytes, bytes]]:
    """Labs and their edits, as plans that differ."""
    while True:
        lab = random_lab(random)
        plans = [compile_lab(sources(each)).plan for each in (lab, edited(lab, random))]
        if plans[0] is not None and plans[1] is not None and plans[0] != plans[1]:
            yield plans[0], plans[1]


_Key = tuple[str, ...]


def _addresses(plan: Plan) -> dict[str, dict[str, str]]:
    """Of each node, what its addresses are to others: its first, its second, what a translation shows of it."""
    found: dict[str, dict[str, str]] = {}
    outer: dict[str, str] = {}
    for resource in plan.resources:
        if resource.id == "ruleset/fw/nat":
            outer.update((inner, out) for out, inner in re.findall(r"daddr (\S+) dnat to (\S+)", resource.spec["text"]))
    for resource in plan.resources:
        if resource.kind == "port":
            of_node = found.setdefault(resource.spec["node"], {})
            for number, text in enumerate(each for each in resource.spec["addresses"] if not each.endswith("/32")):
                address = text.partition("/")[0]
                of_node[f"{resource.id} {number}"] = address
                if address in outer:
                    of_node[f"outer {outer[address]}"] = outer[address]
    return found


def _probes(plan: Plan) -> dict[_Key, Probe]:
    """All pairs of nodes, by all addresses; a few with a source that is not the sender's. The key says which are the same on both sides,
    also where a node has another address there."""
    nodes = _addresses(plan)
    found: dict[_Key, Probe] = {}
    for sender, mine in nodes.items():
        forged = "10.1.0.10" if sender.startswith("node/wan") else "203.0.113.9"
        own = {role: address for role, address in mine.items() if not role.startswith("outer")}
        for target, theirs in nodes.items():
            for role, goal in theirs.items():
                for name, source in (*own.items(), ("forged", forged)):
                    for shot in _SHOTS if name != "forged" else _SHOTS[:6]:
                        if sender != target:
                            key = (sender, name, target, role, *map(str, shot))
                            found[key] = Probe(sender, source, target, goal, *shot)
    return found


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
    probes = [_probes(plan) for plan in plans]
    real = [RealPlan(plan) for plan in plans]
    try:
        left = {key for side in probes for key, probe in side.items() if not _listed(difference, probe)}
        for _ in range(3):  # a busy machine may lose a packet once
            left = _differing(left, probes, real)
            if not left:
                break
        assert sorted(left) == []
    finally:
        for side in real:
            side.close()


def _differing(keys: set[_Key], probes: list[dict[_Key, Probe]], real: list[RealPlan]) -> set[_Key]:
    """Those that fare differently."""
    seen = []
    for mine, side in zip(probes, real, strict=True):
        sent = {key: probe for key, probe in mine.items() if key in keys}
        answers = side.probe(sent.values())
        seen.append({key: answers[probe] for key, probe in sent.items()})
    return {key for key in keys if seen[0].get(key, _ABSENT) != seen[1].get(key, _ABSENT)}
