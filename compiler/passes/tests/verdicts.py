"""Verdicts: what a policy says about one packet, exactly as written: the first rule that matches decides.

Enters: policies and endpoints. Leaves: which rule decides. Called by `policies.py` and `edges.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct, field

from ...addresses import Address
from ...ir.lab import Lab, Policy, Rule
from ...quantities import Service
from ...walk import Members, members_of
from .endpoints import Endpoint

UNLISTED = 50007  # a port that no usual service has, tried for rules that forget to name theirs


class Shot(NamedTuple):
    """A kind of packet: its protocol and, for TCP and UDP, its destination port."""

    protocol: str
    port: int

    def __str__(self) -> str:
        return f"{self.protocol}/{self.port}" if self.port else self.protocol


PING = Shot("icmp", 0)


class Pair(NamedTuple):
    """Who sends to whom, and to which address: the receiver's own, or what others see of it."""

    source: Endpoint
    target: Endpoint
    sent_to: Address


class Decision(NamedTuple):
    """`rule`: its number from 1, 0 for `otherwise`; None where the policy is silent."""

    action: str
    rule: int | None


class Matching(Struct):
    """Which ends match which endpoints; each end is taken apart once."""

    lab: Lab
    _members: dict[str, Members] = field(default_factory=dict)

    def members(self, end: str) -> Members:
        found = self._members.get(end)
        if found is None:
            found = self._members[end] = members_of(end, self.lab)
        return found

    def as_source(self, end: str, endpoint: Endpoint) -> bool:
        return self._matches(self.members(end), endpoint, endpoint.address)

    def as_target(self, end: str, endpoint: Endpoint, sent_to: Address) -> bool:
        members = self.members(end)
        return self._matches(members, endpoint, endpoint.address) or _holds(members, sent_to)

    def names(self, end: str, endpoint: Endpoint) -> bool:
        """Whether an end means this very node, by its name or an address, not only a set in which it happens to be."""
        members = self.members(end)
        if not endpoint.borrowed and endpoint.node in members.nodes:
            return True
        return any(address in members.addresses for address in (endpoint.address, *endpoint.aliases))

    @staticmethod
    def _matches(members: Members, endpoint: Endpoint, address: Address) -> bool:
        if not endpoint.borrowed and endpoint.node in members.nodes:
            return True
        return not endpoint.segments.isdisjoint(members.segments) or _holds(members, address)


def _holds(members: Members, address: Address) -> bool:
    return address in members.addresses or any(prefix.holds(address) for prefix in members.prefixes)


class _Sieve(Struct):
    """The rules that concern a pair, by what they say about packets: `exact` names one port each, the first rule of each;
    `wide` are those that say more, in order. Thousands of rules are asked about thousands of packets."""

    exact: dict[Shot, tuple[int, Rule]]
    wide: list[tuple[int, Rule]]


class Verdicts(Struct):
    """One policy's verdicts. The rules that concern a pair are found once."""

    policy: Policy
    matching: Matching
    _rules: dict[Pair, list[tuple[int, Rule]]] = field(default_factory=dict)
    _sieves: dict[Pair, _Sieve] = field(default_factory=dict)

    def rules(self, pair: Pair) -> list[tuple[int, Rule]]:
        """The rules whose ends match a pair, in order, with their numbers."""
        found = self._rules.get(pair)
        if found is None:
            found = self._rules[pair] = [
                (number, rule) for number, rule in enumerate(self.policy.rules, 1) if self._concerns(rule, pair)
            ]
        return found

    def decide(self, pair: Pair, shot: Shot) -> Decision:
        sieve = self._sieves.get(pair)
        if sieve is None:
            sieve = self._sieves[pair] = _sieve(self.rules(pair))
        named = sieve.exact.get(shot)
        for number, rule in sieve.wide:
            if named is not None and number > named[0]:
                break
            if covers(rule.services, shot):
                return Decision(rule.action, number)
        if named is not None:
            return Decision(named[1].action, named[0])
        return Decision(self.policy.otherwise, 0) if self.policy.otherwise else Decision("silent", None)

    def near(self, pair: Pair) -> Iterator[Rule]:
        """The rules that mean one end of a pair: a filter that forgets the other end lets their services through."""
        for rule in self.policy.rules:
            if any(self.matching.as_source(end, pair.source) for end in rule.sources) or any(
                self.matching.as_target(end, pair.target, pair.sent_to) for end in rule.targets
            ):
                yield rule

    def _concerns(self, rule: Rule, pair: Pair) -> bool:
        matching = self.matching
        return any(matching.as_source(end, pair.source) for end in rule.sources) and any(
            matching.as_target(end, pair.target, pair.sent_to) for end in rule.targets
        )


def _sieve(rules: list[tuple[int, Rule]]) -> _Sieve:
    sieve = _Sieve({}, [])
    for number, rule in rules:
        if rule.services and all(_is_one_port(service) for service in rule.services):
            for service in rule.services:
                sieve.exact.setdefault(Shot(service.protocol, service.first), (number, rule))
        else:
            sieve.wide.append((number, rule))
    return sieve


def _is_one_port(service: Service) -> bool:
    return service.protocol in ("tcp", "udp") and service.first == service.last


def covers(services: tuple[Service, ...], shot: Shot) -> bool:
    """Whether services name this kind of packet; no services name all."""
    return not services or any(
        service.protocol == "any"
        or (
            service.protocol == shot.protocol
            and (shot.protocol == "icmp" or service.first <= shot.port <= service.last)
        )
        for service in services
    )


def samples(services: tuple[Service, ...]) -> list[Shot]:
    """Packets that stand for services: both ends of a range; for `any` one of each protocol."""
    shots: dict[Shot, None] = {}
    for service in services or (Service("any"),):
        if service.protocol == "any":
            shots.update(dict.fromkeys((PING, Shot("tcp", UNLISTED), Shot("udp", UNLISTED))))
        elif service.protocol == "icmp":
            shots[PING] = None
        else:
            shots.update(dict.fromkeys((Shot(service.protocol, service.first), Shot(service.protocol, service.last))))
    return list(shots)
