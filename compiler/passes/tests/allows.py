"""Allow cases: every rule that allows, for every ordered pair of classes that it means, works end to end.

Enters: one policy. Leaves: its `allow` cases. Called by `policies.py`.
"""

from __future__ import annotations

from ...ir.lab import Case, Rule
from .classes import Class, thinned
from .endpoints import Endpoint
from .one_policy import OnePolicy
from .talk import Json, packet, serving_at
from .verdicts import Pair, Shot, samples


def prove_allows(one: OnePolicy) -> None:
    for number, rule in enumerate(one.policy.rules, 1):
        if rule.action == "allow":
            _prove(one, number, rule)


def _prove(one: OnePolicy, number: int, rule: Rule) -> None:
    for source, target in thinned(one.senders(rule.sources), one.receivers(rule.targets)):
        if source.one.family == target.one.family:
            for shot in samples(rule.services):
                _prove_one(one, number, source.one, target, shot)


def _prove_one(one: OnePolicy, number: int, source: Endpoint, target: Class, shot: Shot) -> None:
    receiver = _receiver(one, source, target, shot)
    if receiver is None or receiver.leased:
        return
    for pair in one.talk.pairs(source, receiver):
        if one.verdicts.concerns(number, pair) and one.allows(pair, shot):
            one.prove([number], _case(one, number, pair, shot))
            return


def _receiver(one: OnePolicy, source: Endpoint, target: Class, shot: Shot) -> Endpoint | None:
    """Who of a class receives: one that serves what is asked, else the one that stands for all; never the sender's node."""
    others = [endpoint for endpoint in target.members if endpoint.node != source.node]
    serving = (endpoint for endpoint in others if serving_at(one.lab.nodes[endpoint.node], shot))
    return next(serving, others[0] if others else None)


def _case(one: OnePolicy, number: int, pair: Pair, shot: Shot) -> Case:
    source, target, sent_to = pair
    service, application = one.talk.answering(target, shot)
    receiver = target.name if sent_to == target.address else f"{target.name}@{sent_to}"
    identity = f"allow/{source.name}/{receiver}/{shot}" + ("" if target.family == 4 else "/v6")
    spec: Json = {
        "id": identity,
        "title": f"{source.name} reaches {receiver} by {shot}" + ("" if target.family == 4 else " over IPv6"),
        "kind": "allow",
        "alone": False,
        "requirement": [],
        "from": one.talk.sender(source),
        "to": one.talk.receiver(pair),
        "flow": packet(shot, sent_to),
        "service": service,
        "application": application,
    }
    return Case(identity, spec, one.origin_of([number]))
