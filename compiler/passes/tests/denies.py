"""Deny cases: every ordered pair of classes, tried along the dimensions in which firewalls leak.

Enters: one policy. Leaves: its `deny` cases, and notes for what no device can enforce. Called by `policies.py`; `edges.py`
and `napt.py` make more of them by `deny_case`.

The dimensions: TCP, UDP and ICMP; both directions; the source ports that careless rules let in; every port that the
rendered configurations on the way name, on the side where they name it; and TCP of no connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

from ...ir.lab import Case, NodeId
from .classes import Class, thinned
from .controls import Controls
from .one_policy import OnePolicy
from .strays import strays
from .talk import Json, packet
from .unnamed import unnamed_pairs
from .verdicts import PING, UNLISTED, Pair, Shot

LEAKING_PORTS = (20, 53, 67, 123)  # source ports that careless rules let in: FTP data, DNS, DHCP, NTP
MOST_PAIRS = 2_000  # ordered pairs of classes that one policy tries
MOST_PACKETS = 200_000  # about as many packets as one policy sends
FEWEST_PORTS = 8  # destination ports that every case tries, however many there are


def prove_denies(one: OnePolicy, controls: Controls) -> None:
    named = list(_class_pairs(one))
    pairs = [(source, target) for source, target in (*named, *unnamed_pairs(one, named)) if not target.one.leased]
    a_case = 2 * (1 + len(LEAKING_PORTS)) * max(1, len(pairs))
    most_ports = max(FEWEST_PORTS, MOST_PACKETS // a_case)
    for source, target in pairs:
        _prove(one, source, target, controls, most_ports)


def _class_pairs(one: OnePolicy) -> Iterator[tuple[Class, Class]]:
    """Ordered pairs. Classes that the policy treats alike are thinned when they are many."""
    buckets: dict[object, list[Class]] = {}
    for each in one.classes:
        buckets.setdefault(each.bucket, []).append(each)
    groups = list(thinned(list(buckets.values()), list(buckets.values()), MOST_PAIRS))
    most = min(64, max(1, MOST_PAIRS // max(1, len(groups))))
    for sources, targets in groups:
        for source, target in thinned(sources, targets, most):
            if source.one.node != target.one.node and source.one.family == target.one.family:
                yield source, target


def _prove(one: OnePolicy, source: Class, target: Class, controls: Controls, most_ports: int) -> None:
    pairs = one.talk.pairs(source.one, target.one)
    denied = {pair: one.denied(pair, shots_of(one, pair, most_ports)) for pair in pairs}
    statements = {statement for found in denied.values() for _, statement in found}
    if not statements:
        return
    reason = unenforceable(one, pairs[0], named=target.named)
    if reason:
        if not source.one.enforces:  # that a firewall's own packets pass no firewall goes without saying
            one.note(statements, reason)
        return
    packets = [each for pair, found in denied.items() for each in _packets(one, pair, [shot for shot, _ in found])]
    deny_case(one, pairs[0], packets, statements, controls)


def unenforceable(one: OnePolicy, pair: Pair, *, named: bool) -> str:
    """Why no device can keep a packet from its receiver; empty when one can. A firewall that a rule names guards itself."""
    if one.talk.share_segment(pair):
        shared = min(pair.source.segments & pair.target.segments).removeprefix("segment/")
        return f"no device can enforce this: both ends share segment {shared}"
    if pair.target.enforces and named:
        return ""
    if one.talk.reaches(pair) and not one.talk.firewalls(pair):
        return f"no device can enforce this: no firewall stands between {pair.source.name} and {pair.target.name}"
    return ""


def deny_case(one: OnePolicy, pair: Pair, packets: list[Json], statements: set[int], controls: Controls) -> None:
    source, target, _ = pair
    control = controls.find(pair, packets[0])
    if control is None:
        one.note(statements, f"nothing may reach {target.name}, so nothing would show that a packet could")
        return
    shared = pair.sent_to not in (target.address, *target.aliases)  # by those that leave a NAPT by it
    identity = f"deny/{source.name}/{target.name}{f'@{pair.sent_to}' * shared}" + ("" if target.family == 4 else "/v6")
    handed = one.talk.handed_to(pair)
    by = f" by {pair.sent_to}" * shared
    over = "" if target.family == 4 else " over IPv6"
    counted = f"{len(packets)} packet{'s' * (len(packets) != 1)}"
    spec: Json = {
        "id": identity,
        "title": f"{source.name} does not reach {target.name}{by} by what is denied{over} ({counted})",
        "kind": "deny",
        "alone": False,
        "requirement": [],
        "from": one.talk.sender(source),
        "to": one.talk.receiver(pair),
        "packets": packets,
        "via": str(handed.mac) if handed else None,
        "capture": "stack" if target.enforces else "port",
        "control": control,
    }
    one.prove(statements, Case(identity, spec, one.origin_of(statements)))


def shots_of(one: OnePolicy, pair: Pair, most_ports: int) -> list[Shot]:
    ports = _ports(one, pair, most_ports)
    return [PING, *(Shot(protocol, port) for protocol in ("tcp", "udp") for port in ports)]


def _ports(one: OnePolicy, pair: Pair, most: int) -> list[int]:
    """Destination ports: those of the policies, of the firewalls on the way, of the receiver's services, and an unlisted one.

    Of too many, those that concern one of the ends, and a part of the others that differs from pair to pair.
    """
    everything = set[int]().union(*(each.ports() for each in (one.verdicts, *one.others)))
    for node in _filters(one, pair):
        everything |= one.constants[node].receivers
    listens = (service for serving in one.lab.nodes[pair.target.node].services for service in serving.listens)
    near = {service.first for service in listens if service.first} | {UNLISTED}
    if len(everything | near) <= most:
        return sorted(everything | near)
    near |= one.verdicts.ports_near(pair)
    rest = sorted(everything - near)
    start = crc32(f"{pair.source.name} {pair.target.name}".encode()) % max(1, len(rest))
    return sorted({*sorted(near)[:most], *(rest[start:] + rest[:start])[: max(0, most - len(near))]})


def _filters(one: OnePolicy, pair: Pair) -> list[NodeId]:
    """The firewalls whose constants matter: those on the way, or all when the packet seems to get nowhere."""
    found = one.talk.firewalls(pair) if one.talk.reaches(pair) else list(one.constants)
    return [node for node in found if node in one.constants]


def _packets(one: OnePolicy, pair: Pair, shots: list[Shot]) -> Iterator[Json]:
    senders = {port for node in _filters(one, pair) for port in one.constants[node].senders}
    source_ports = (0, *sorted({*LEAKING_PORTS, *senders}))
    for shot in shots:
        for source_port in source_ports if shot != PING else (0,):
            yield packet(shot, pair.sent_to, source_port)
    yield from strays(one, pair, shots, senders)
