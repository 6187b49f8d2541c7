"""Verdicts: what a policy says about one packet, exactly as written: the first rule that matches decides.

Enters: policies and endpoints. Leaves: which rule decides. Called by `policies.py` and `edges.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct, field

from ...addresses import Address
from ...ir.lab import Lab, Policy, Rule
from ...quantities import Service
from ...walk import Members, members_of
from .endpoints import Endpoint
from .matches import Matches

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
    _matches: Matches | None = None
    _sources: dict[Endpoint, frozenset[str]] = field(default_factory=dict)
    _targets: dict[tuple[Endpoint, Address], frozenset[str]] = field(default_factory=dict)

    def members(self, end: str) -> Members:
        found = self._members.get(end)
        if found is None:
            found = self._members[end] = members_of(end, self.lab)
        return found

    def sources_of(self, endpoint: Endpoint) -> frozenset[str]:
        """All ends of the lab's policies, and zones, that mean a sender."""
        found = self._sources.get(endpoint)
        if found is None:
            found = self._sources[endpoint] = self._all().of(endpoint, endpoint.address)
        return found

    def targets_of(self, endpoint: Endpoint, sent_to: Address) -> frozenset[str]:
        """All ends of the lab's policies, and zones, that mean a receiver, by itself or by the address sent to."""
        key = endpoint, sent_to
        found = self._targets.get(key)
        if found is None:
            found = self._targets[key] = self._all().of(endpoint, sent_to)
        return found

    def names(self, end: str, endpoint: Endpoint) -> bool:
        """Whether an end means this very node, by its name or an address, not only a set in which it happens to be."""
        members = self.members(end)
        if not endpoint.borrowed and endpoint.node in members.nodes:
            return True
        return any(address in members.addresses for address in (endpoint.address, *endpoint.aliases))

    def _all(self) -> Matches:
        if self._matches is None:
            self._matches = Matches()
            stated = (
                end
                for each in self.lab.policies.values()
                for rule in each.rules
                for end in (*rule.sources, *rule.targets)
            )
            for end in {*stated, *self.lab.zones}:
                self._matches.add(end, self.members(end))
        return self._matches


class _Sieve(Struct):
    """The rules that concern a pair, by what they say about packets: `exact` names one port each, the first rule of each;
    `wide` are those that say more, in order. Thousands of rules are asked about thousands of packets."""

    exact: dict[Shot, tuple[int, Rule]]
    wide: list[tuple[int, Rule]]


_Numbers = frozenset[int]


class Verdicts(Struct):
    """One policy's verdicts. What it says of two sets of rules, those that mean a sender and those that mean a receiver,
    is found once, as most pairs of a lab have the same two."""

    policy: Policy
    matching: Matching
    _sides: tuple[_Side, _Side] | None = None
    _rules: dict[tuple[_Numbers, _Numbers], list[tuple[int, Rule]]] = field(default_factory=dict)
    _sieves: dict[tuple[_Numbers, _Numbers], _Sieve] = field(default_factory=dict)
    _near: dict[tuple[_Numbers, _Numbers], frozenset[int]] = field(default_factory=dict)
    _ports: frozenset[int] | None = None

    def rules(self, pair: Pair) -> list[tuple[int, Rule]]:
        """The rules whose ends match a pair, in order, with their numbers."""
        return self._between(self._numbers(pair))

    def concerns(self, number: int, pair: Pair) -> bool:
        """Whether both ends of a rule match a pair."""
        return all(number in numbers for numbers in self._numbers(pair))

    def decide(self, pair: Pair, shot: Shot) -> Decision:
        numbers = self._numbers(pair)
        sieve = self._sieves.get(numbers)
        if sieve is None:
            sieve = self._sieves[numbers] = _sieve(self._between(numbers))
        named = sieve.exact.get(shot)
        for number, rule in sieve.wide:
            if named is not None and number > named[0]:
                break
            if covers(rule.services, shot):
                return Decision(rule.action, number)
        if named is not None:
            return Decision(named[1].action, named[0])
        return Decision(self.policy.otherwise, 0) if self.policy.otherwise else Decision("silent", None)

    def ports(self) -> frozenset[int]:
        """All ports that the policy states."""
        if self._ports is None:
            self._ports = frozenset(ports_of(self.policy.rules))
        return self._ports

    def ports_near(self, pair: Pair) -> frozenset[int]:
        """Those of rules that mean one end of a pair: a filter that forgets the other end lets their services through."""
        numbers = self._numbers(pair)
        found = self._near.get(numbers)
        if found is None:
            near = (self.policy.rules[number - 1] for number in numbers[0] | numbers[1])
            found = self._near[numbers] = frozenset(ports_of(near))
        return found

    def may_send(self, target: Endpoint) -> set[str]:
        """The ends that a rule allows to reach an endpoint by any of its addresses, with whatever."""
        ways = (self._to(target, sent_to) for sent_to in (target.address, *target.aliases))
        rules = (self.policy.rules[number - 1] for number in frozenset[int]().union(*ways))
        return {end for rule in rules if rule.action == "allow" for end in rule.sources}

    def may_receive(self, source: Endpoint) -> set[str]:
        """The ends that a rule allows an endpoint to reach, with whatever."""
        senders, _ = self._both()
        rules = (self.policy.rules[number - 1] for number in senders.numbers(self.matching.sources_of(source)))
        return {end for rule in rules if rule.action == "allow" for end in rule.targets}

    def _numbers(self, pair: Pair) -> tuple[_Numbers, _Numbers]:
        """The rules that mean the sender, and those that mean the receiver."""
        senders, _ = self._both()
        return senders.numbers(self.matching.sources_of(pair.source)), self._to(pair.target, pair.sent_to)

    def _to(self, target: Endpoint, sent_to: Address) -> _Numbers:
        _, receivers = self._both()
        return receivers.numbers(self.matching.targets_of(target, sent_to))

    def _both(self) -> tuple[_Side, _Side]:
        if self._sides is None:
            rules = self.policy.rules
            self._sides = _side(rule.sources for rule in rules), _side(rule.targets for rule in rules)
        return self._sides

    def _between(self, numbers: tuple[_Numbers, _Numbers]) -> list[tuple[int, Rule]]:
        found = self._rules.get(numbers)
        if found is None:
            both = sorted(numbers[0] & numbers[1])
            found = self._rules[numbers] = [(number, self.policy.rules[number - 1]) for number in both]
        return found


class _Side(Struct):
    """The rules of a policy by what stands on one side of their arrow. One set of rules is one object, so that it is
    compared by identity."""

    by_end: dict[str, list[int]]
    _found: dict[frozenset[str], _Numbers] = field(default_factory=dict)
    _same: dict[_Numbers, _Numbers] = field(default_factory=dict)

    def numbers(self, ends: frozenset[str]) -> _Numbers:
        """The rules that name any of these ends."""
        found = self._found.get(ends)
        if found is None:
            numbers = frozenset(number for end in ends for number in self.by_end.get(end, ()))
            found = self._found[ends] = self._same.setdefault(numbers, numbers)
        return found


def _side(ends: Iterable[tuple[str, ...]]) -> _Side:
    by_end: dict[str, list[int]] = {}
    for number, named in enumerate(ends, 1):
        for end in named:
            by_end.setdefault(end, []).append(number)
    return _Side(by_end)


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


def ports_of(rules: Iterable[Rule]) -> set[int]:
    """The ports at the edges of what rules name; of a range also what lies just outside."""
    ports: set[int] = set()
    for service in (service for rule in rules for service in rule.services if service.first):
        ports |= {service.first, service.last}
        if service.first != service.last:
            ports |= {port for port in (service.first - 1, service.last + 1) if 1 <= port <= 65535}
    return ports
