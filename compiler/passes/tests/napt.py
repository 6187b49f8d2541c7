"""Addresses that many share: what nobody inside asked for and is sent there must not arrive at anybody inside.

Enters: one policy. Leaves: `deny` cases from who stands outside a translating node to those that leave it by one address (NAPT),
sent to this address. Called by `policies.py`. So a port forward that was forgotten, or is for everybody, is found.

Who receives: one for each segment, and each whose address a rule set of the node names, since a forward names where it leads. Who
sends: one for each set of ends that the policy tells apart.
"""

from __future__ import annotations

from ...addresses import BITS
from ...ir.lab import NaptRule, Node
from ...walk import outer_ports
from .classes import thinned
from .constants import Constants
from .controls import Controls
from .denies import FEWEST_PORTS, deny_case, shots_of
from .endpoints import Endpoint
from .one_policy import OnePolicy
from .strays import strays
from .talk import packet
from .verdicts import Pair

MOST = 64  # pairs for each address
MOST_PORTS = 8 * FEWEST_PORTS


def prove_napt(one: OnePolicy, controls: Controls) -> None:
    for _, node in sorted(one.lab.nodes.items()):
        for rule in node.napt:
            receivers = _receivers(one, node, rule)
            if receivers:
                for source, target in thinned(_senders(one, node, rule, receivers[0]), receivers, MOST):
                    _prove(one, Pair(source, target, rule.to), controls)


def _prove(one: OnePolicy, pair: Pair, controls: Controls) -> None:
    denied = one.denied(pair, shots_of(one, pair, MOST_PORTS))
    if denied and not one.talk.share_segment(pair):
        shots = [shot for shot, _ in denied]
        packets = [packet(shot, pair.sent_to) for shot in shots]
        packets += strays(one, pair, shots, ())
        deny_case(one, pair, packets, {statement for _, statement in denied}, controls)


def _receivers(one: OnePolicy, node: Node, rule: NaptRule) -> list[Endpoint]:
    inside = [each for each in one.endpoints if _leaves_by(rule, each) and each.node != node.id]
    stated = {
        prefix.network
        for prefix in one.constants.get(node.id, Constants()).prefixes
        if prefix.length == BITS[prefix.family]
    }
    found: dict[object, Endpoint] = {}
    for endpoint in inside:
        found.setdefault(endpoint.address if endpoint.address in stated else min(endpoint.segments), endpoint)
    return list(found.values())


def _leaves_by(rule: NaptRule, each: Endpoint) -> bool:
    """Hosts whose only address outside this is. What is translated one to one as well has cases by its own."""
    host = bool(each.segments) and not (each.forwards or each.leased)
    return host and rule.to not in each.aliases and any(prefix.holds(each.address) for prefix in rule.sources)


def _senders(one: OnePolicy, node: Node, rule: NaptRule, target: Endpoint) -> list[Endpoint]:
    """Whose packets to the address come in by a port behind which it is seen; one for all that the policy treats alike."""
    outer = {*outer_ports(node, rule.to, one.talk.network)}
    found: dict[object, Endpoint] = {}
    for each in (*one.classes, *one.unnamed):
        if each.one.family == rule.to.family and each.one.node != node.id and each.bucket not in found:
            way = one.talk.way(Pair(each.one, target, rule.to))
            if not outer.isdisjoint((*way.entered, way.receiver)):
                found[each.bucket] = each.one
    return list(found.values())
