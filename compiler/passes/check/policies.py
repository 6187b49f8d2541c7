"""Policies: rules that can never decide, policies that contradict each other, rules about nobody.

An end of a rule is taken apart to the ports that it names and the prefixes that it states; one end covers another when it
holds all of it. A prefix that no port has an address in covers by its numbers alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from ...addresses import BITS, Address, Interface, Prefix
from ...ir.lab import GroupId, Lab, NodeId, Policy, PortId, Rule, ZoneId
from ...quantities import Service
from ...source import Origin
from .design import Design, names, there

_ANY = (Service("any"),)
_MOST_RULES = 2000  # of one policy, beyond which rules are no longer compared in pairs


class _End(NamedTuple):
    """What one side of a rule names."""

    ports: frozenset[PortId]
    literals: tuple[Prefix, ...]  # prefixes and addresses that were stated, not those of segments

    def covers(self, other: _End) -> bool:
        return other.ports <= self.ports and all(
            any(mine.holds(theirs) for mine in self.literals) for theirs in other.literals
        )

    def meets(self, other: _End) -> bool:
        return not self.ports.isdisjoint(other.ports) or any(
            mine.overlaps(theirs) for mine in self.literals for theirs in other.literals
        )


class _Reading(NamedTuple):
    rule: Rule
    source: _End
    target: _End
    services: tuple[Service, ...]


def check(design: Design) -> None:
    if not design.lab.policies:
        return
    ends = _Ends(design)
    readings = {}
    for policy in sorted(design.lab.policies.values(), key=lambda policy: policy.origin.span.start):
        readings[policy.id] = [
            _Reading(rule, ends.of(rule.sources), ends.of(rule.targets), rule.services or _ANY) for rule in policy.rules
        ]
        _one_policy(policy, readings[policy.id], design)
    _between_policies([(design.lab.policies[name], read) for name, read in readings.items()], design)


# --- Ends --------------------------------------------------------------------------------------------------


class _Ends:
    """Ends of rules, each taken apart once."""

    def __init__(self, design: Design) -> None:
        self._design = design
        self._known: dict[tuple[str, ...], _End] = {}
        lab = design.lab
        self._addressed = sorted(
            (interface.address.family, interface.address.value, port.id)
            for port in lab.ports.values()
            for interface in port.addresses
        )

    def of(self, texts: tuple[str, ...]) -> _End:
        if texts not in self._known:
            ports: set[PortId] = set()
            literals: set[Prefix] = set()
            for text in _flattened(texts, self._design.lab):
                self._add(text, ports, literals)
            self._known[texts] = _End(frozenset(ports), tuple(sorted(literals)))
        return self._known[texts]

    def _add(self, text: str, ports: set[PortId], literals: set[Prefix]) -> None:
        lab = self._design.lab
        if text in lab.nodes:
            ports.update(lab.nodes[text].ports)  # type: ignore[index]
        elif text in lab.segments:
            domain = lab.segments[text].domain  # type: ignore[index]
            stations = self._design.stations.get(domain, ()) if domain is not None else ()
            ports.update(port.id for port, _ in stations)
        elif (prefix := _prefix(text)) is not None:
            literals.add(prefix)
            ports.update(self._in(prefix))

    def _in(self, prefix: Prefix) -> Iterator[PortId]:
        low = bisect_left(self._addressed, (prefix.family, prefix.value, ""))
        high = bisect_left(self._addressed, (prefix.family, prefix.value + prefix.size, ""))
        return (port for _, _, port in self._addressed[low:high])


def _flattened(texts: tuple[str, ...], lab: Lab) -> list[str]:
    """Zones and groups replaced by what they hold."""
    found: dict[str, None] = {}
    waiting = list(texts)
    while waiting:
        text = waiting.pop()
        if text in found:
            continue
        found[text] = None
        if text in lab.zones:
            waiting.extend(lab.zones[text].members)  # type: ignore[index]
        elif text in lab.groups:
            waiting.extend(lab.groups[text].members)  # type: ignore[index]
    return list(found)


@lru_cache(maxsize=4096)
def _prefix(text: str) -> Prefix | None:
    try:
        if "/" in text:
            return Interface.parse(text).prefix
        address = Address.parse(text)
    except ValueError:
        return None
    return Prefix(address.family, address.value, BITS[address.family])


# --- One policy --------------------------------------------------------------------------------------------


def _one_policy(policy: Policy, readings: list[_Reading], design: Design) -> None:
    if not readings and policy.otherwise is None and design.is_whole(policy.origin):
        design.say(
            "W0630", f"policy {policy.name} says nothing", policy.origin, "it has no rule", severity="warning",
            help="write a rule such as `inside -> web allow tcp/80`, or `otherwise deny`",
        )  # fmt: skip
    for later, reading in enumerate(readings):
        _nobody(reading, design)
        if later < _MOST_RULES:
            earlier = next((each for each in readings[:later] if _covers(each, reading)), None)
            if earlier is not None:
                _never_decides(earlier.rule, reading.rule, design)


def _covers(earlier: _Reading, later: _Reading) -> bool:
    if not later.source.ports and not later.source.literals:
        return False
    wide, narrow = earlier.services, later.services
    if len(wide) == len(narrow) == 1 and not wide[0].covers(narrow[0]):
        return False  # most pairs of most policies
    return (
        earlier.source.covers(later.source)
        and earlier.target.covers(later.target)
        and all(any(each.covers(other) for each in wide) for other in narrow)
    )


_THIRD_PERSON = {"allow": "allows", "deny": "denies"}


def _never_decides(earlier: Rule, rule: Rule, design: Design) -> None:
    if earlier.origin is rule.origin and earlier.action == rule.action:
        return  # both directions of one `<->` between overlapping ends
    contradicts = earlier.action != rule.action
    design.say(
        "E0621" if contradicts else "W0622",
        f"this rule can never {rule.action} anything" if contradicts else "this rule adds nothing",
        rule.origin,
        f"an earlier rule already {_THIRD_PERSON[earlier.action]} all of it"
        if contradicts
        else "an earlier rule says all of it",
        labels=[there(earlier.origin, f"the first rule that matches decides: {earlier.action}")],
        reason="the rules contradict each other" if contradicts else "",
        help="put this rule before the other one, or remove one of them" if contradicts else "remove it",
        severity="error" if contradicts else "warning",
    )


def _nobody(reading: _Reading, design: Design) -> None:
    for end, texts in ((reading.source, reading.rule.sources), (reading.target, reading.rule.targets)):
        if not end.ports and not end.literals and design.is_whole(reading.rule.origin, *_origins(texts, design.lab)):
            design.say(
                "W0626",
                f"no port with an address belongs to {names(texts)}",
                reading.rule.origin,
                "this rule is about nobody",
                mark=texts[0].partition("/")[2] if texts else None,
                reason="it makes no test, and no packet can match it",
                severity="warning",
            )


def _origins(texts: tuple[str, ...], lab: Lab) -> Iterator[Origin]:
    for text in texts:
        element = lab.zones.get(ZoneId(text)) or lab.groups.get(GroupId(text)) or lab.nodes.get(NodeId(text))
        if element is not None:
            yield element.origin


# --- Two policies ------------------------------------------------------------------------------------------


def _between_policies(policies: list[tuple[Policy, list[_Reading]]], design: Design) -> None:
    """A rule of one policy all of which another policy's rule decides the other way: their tests cannot both pass."""
    for index, (policy, readings) in enumerate(policies):
        for other, others in policies[:index]:
            if len(readings) * len(others) > _MOST_RULES * _MOST_RULES // 4:
                continue
            for reading in readings:
                first = next((each for each in others if _covers(each, reading)), None)
                if first is not None and first.rule.action != reading.rule.action:
                    _contradict(policy, reading.rule, other, first.rule, design)


def _contradict(policy: Policy, rule: Rule, other: Policy, first: Rule, design: Design) -> None:
    design.say(
        "E0624",
        f"the policies {other.name} and {policy.name} contradict each other",
        rule.origin,
        f"{policy.name} says {rule.action}",
        labels=[there(first.origin, f"{other.name} says {first.action}")],
        reason="both are tested, and one of the tests would always fail",
        help="remove one of the rules, or narrow it",
    )
