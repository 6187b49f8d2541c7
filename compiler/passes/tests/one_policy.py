"""One policy at work: what it says of a packet beside the lab's other policies, and what was proven of it so far.

Enters: a policy's verdicts, its classes, the constants of rendered configurations. Leaves: proofs and notes by statement.
Called by `allows.py`, `denies.py`, `controls.py` and `edges.py`, which make its cases.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from msgspec import Struct, field

from ...ir.lab import Case, Lab, NodeId, Policy
from ...source import Origin
from .classes import Class
from .constants import Constants
from .endpoints import Endpoint
from .talk import Talk
from .verdicts import Pair, Shot, Verdicts, samples

OTHERWISE = 0  # the statement `otherwise`; rules count from 1


class OnePolicy(Struct):
    """`classes`: those that the policy speaks of; `unnamed`: the others, which only its `otherwise` means. `proofs`: by
    statement, the ids of its cases. `notes`: why it has fewer. `cases`: of all policies of the lab, by id."""

    lab: Lab
    talk: Talk
    endpoints: list[Endpoint]
    verdicts: Verdicts
    others: list[Verdicts]
    classes: list[Class]
    unnamed: list[Class]
    constants: dict[NodeId, Constants]
    cases: dict[str, Case]
    proofs: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    notes: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    _senders: dict[str, list[int]] = field(default_factory=dict)  # by end, the places of the classes that it means
    _receivers: dict[str, list[int]] = field(default_factory=dict)

    @property
    def policy(self) -> Policy:
        return self.verdicts.policy

    def __post_init__(self) -> None:
        for place, each in enumerate(self.classes):
            for end in each.sources:
                self._senders.setdefault(end, []).append(place)
            for end in each.targets:
                self._receivers.setdefault(end, []).append(place)

    def senders(self, ends: Iterable[str]) -> list[Class]:
        """The classes that one of some ends means as senders, in the order of all."""
        return [self.classes[place] for place in sorted({at for end in ends for at in self._senders.get(end, ())})]

    def receivers(self, ends: Iterable[str]) -> list[Class]:
        """The classes that one of some ends means as receivers, in the order of all."""
        return [self.classes[place] for place in sorted({at for end in ends for at in self._receivers.get(end, ())})]

    def origin_of(self, statements: Iterable[int]) -> Origin:
        """Where the first of these statements stands: a rule, or `otherwise`."""
        first = min((each for each in statements if each != OTHERWISE), default=OTHERWISE)
        if first != OTHERWISE:
            return self.policy.rules[first - 1].origin
        return self.policy.otherwise_origin or self.policy.origin

    def allows(self, pair: Pair, shot: Shot) -> bool:
        """Whether a rule of this policy lets a packet through and no rule of another one stops it."""
        decision = self.verdicts.decide(pair, shot)
        return decision.action == "allow" and bool(decision.rule) and not self._elsewhere("deny", pair, shot)

    def denied(self, pair: Pair, shots: Iterable[Shot]) -> list[tuple[Shot, int]]:
        """The packets that this policy denies and no rule of another one allows, each with the statement that denies it."""
        found = []
        for shot in shots:
            action, statement = self.verdicts.decide(pair, shot)
            if action == "deny" and statement is not None and not self._elsewhere("allow", pair, shot):
                found.append((shot, statement))
        return found

    def may(self, pair: Pair) -> list[Shot]:
        """Samples of what may pass."""
        rules = (rule for _, rule in self.verdicts.rules(pair) if rule.action == "allow")
        return [shot for rule in rules for shot in samples(rule.services) if self.allows(pair, shot)]

    def _elsewhere(self, action: str, pair: Pair, shot: Shot) -> bool:
        """Whether a rule of another policy says so; the `otherwise` of one does not speak against a rule of another."""
        decisions = (other.decide(pair, shot) for other in self.others)
        return any(decision.action == action and decision.rule for decision in decisions)

    def prove(self, statements: Iterable[int], case: Case) -> None:
        """Keep a case for statements. Denies of one pair, found on two ways, are one case with the packets of both."""
        known = self.cases.setdefault(case.id, case)
        if known is not case and case.spec["kind"] == "deny":
            _merge(known, case)
        requirement = known.spec["requirement"]
        assert isinstance(requirement, list)
        for statement in statements:
            self.proofs[statement].add(case.id)
            identity = self.identity(statement)
            if identity not in requirement:
                requirement.append(identity)
        requirement.sort()

    def note(self, statements: Iterable[int], reason: str) -> None:
        for statement in statements:
            self.notes[statement].add(reason)

    def identity(self, statement: int) -> str:
        return f"{self.policy.id}/{statement or 'otherwise'}"


def _merge(known: Case, more: Case) -> None:
    packets, added = known.spec["packets"], more.spec["packets"]
    assert isinstance(packets, list)
    assert isinstance(added, list)
    packets.extend(each for each in added if each not in packets)
    known.spec["title"] = str(known.spec["title"]).rpartition(" (")[0] + f" ({len(packets)} packets)"
