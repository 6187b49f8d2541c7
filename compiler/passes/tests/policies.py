"""Policies → cases: what they allow must work, what they deny must not get through.

Enters: the policies, endpoints, ways and rendered configurations of a lab. Leaves: `allow` and `deny` cases and the
requirements that they prove. Called by the pass.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ...diagnostics import Diagnostics
from ...ir.lab import Case, Lab, NodeId, Policy, Requirement, Rule, SegmentId
from ...source import Origin
from .classes import Class, classes_of, member_serving, thinned
from .constants import Constants, constants_of, edges_of
from .endpoints import Endpoint, borrowed, is_free
from .talk import Json, Talk, packet, serving_at
from .verdicts import PING, UNLISTED, Decision, Matching, Pair, Shot, Verdicts, covers, samples

LEAKING_PORTS = (20, 53, 67, 123)  # source ports that careless rules let in: FTP data, DNS, DHCP, NTP
MOST_EDGES = 24  # addresses tried at the edges of prefixes, for each segment
MOST_PAIRS = 4_000  # pairs that one policy looks at


@dataclass(slots=True)
class Policies:
    """All policies of a lab on their way to cases. Cases of one id, made for two statements, are one case."""

    lab: Lab
    talk: Talk
    endpoints: list[Endpoint]
    diagnostics: Diagnostics
    cases: dict[str, Case] = field(default_factory=dict)
    requirements: list[Requirement] = field(default_factory=list)

    def run(self) -> None:
        matching = Matching(self.lab)
        verdicts = [Verdicts(policy, matching) for _, policy in sorted(self.lab.policies.items())]
        constants = {node.id: constants_of(node) for node in self.lab.nodes.values() if node.configs}
        for each in verdicts:
            others = [other for other in verdicts if other is not each]
            classes = classes_of(self.endpoints, each.policy, matching, self.lab)
            OnePolicy(self, each, others, classes, constants).run()


@dataclass(slots=True)
class OnePolicy:
    """One policy. `proofs`: by statement (0: otherwise), the ids of its cases; `notes`: why a statement has fewer."""

    all: Policies
    verdicts: Verdicts
    others: list[Verdicts]
    classes: list[Class]
    constants: dict[NodeId, Constants]
    proofs: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    notes: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    _controls: dict[tuple[object, ...], Json | None] = field(default_factory=dict)

    @property
    def policy(self) -> Policy:
        return self.verdicts.policy

    @property
    def talk(self) -> Talk:
        return self.all.talk

    def run(self) -> None:
        for number, rule in enumerate(self.policy.rules, 1):
            if rule.action == "allow":
                self._allow(number, rule)
        if self.policy.otherwise == "deny" or any(rule.action == "deny" for rule in self.policy.rules):
            for source, target in self._class_pairs():
                self._deny(source, target)
            self._edges()
        self._require()

    # --- What is allowed -------------------------------------------------------------------------------------

    def _allow(self, number: int, rule: Rule) -> None:
        sources = [each for each in self.classes if not each.sources.isdisjoint(rule.sources)]
        targets = [each for each in self.classes if not each.targets.isdisjoint(rule.targets)]
        for source, target in thinned(sources, targets):
            if source.one.family == target.one.family:
                for shot in samples(rule.services):
                    self._allow_one(number, source.one, target, shot)

    def _allow_one(self, number: int, source: Endpoint, target: Class, shot: Shot) -> None:
        nodes = self.all.lab.nodes
        serving = (endpoint for endpoint in target.members if serving_at(nodes[endpoint.node], shot))
        receiver = member_serving(target, source, serving)
        if receiver is None or receiver.leased:
            return
        for pair in self.talk.pairs(source, receiver):
            if self._allowed_by(number, pair, shot):
                self._prove(number, self._allow_case(pair, shot))
                return

    def _allowed_by(self, number: int, pair: Pair, shot: Shot) -> bool:
        """Whether a packet may pass and this rule says so, an earlier one perhaps too."""
        decision = self.verdicts.decide(pair, shot)
        if decision.action != "allow" or self._elsewhere("deny", pair, shot):
            return False
        return any(each == number and covers(rule.services, shot) for each, rule in self.verdicts.rules(pair))

    def _allow_case(self, pair: Pair, shot: Shot) -> Case:
        source, target, sent_to = pair
        service, application = self.talk.answering(target, shot)
        identity = f"allow/{_between(pair)}/{shot}"
        spec: Json = {
            "id": identity,
            "title": f"{source.name} reaches {_at(target.name, pair)} by {shot}",
            "kind": "allow",
            "alone": False,
            "requirement": [],
            "from": self.talk.sender(source),
            "to": self.talk.receiver(pair),
            "flow": packet(shot, sent_to),
            "service": service,
            "application": application,
        }
        return Case(identity, spec, self.policy.origin)

    # --- What is denied --------------------------------------------------------------------------------------

    def _class_pairs(self) -> Iterator[tuple[Class, Class]]:
        """Ordered pairs. Classes that the policy treats alike are thinned when they are many."""
        buckets: dict[str, list[Class]] = {}
        for each in self.classes:
            buckets.setdefault(str(each.bucket), []).append(each)
        groups = list(thinned(list(buckets.values()), list(buckets.values()), MOST_PAIRS))
        most = max(1, MOST_PAIRS // max(1, len(groups)))
        for sources, targets in groups:
            for source, target in thinned(sources, targets, min(most, 64)):
                if (
                    source is not target
                    and source.one.family == target.one.family
                    and source.one.node != target.one.node
                ):
                    yield source, target

    def _deny(self, source: Class, target: Class) -> None:
        if target.one.leased:
            return
        pairs = self.talk.pairs(source.one, target.one)
        denied = {pair: self._denied(pair, self._shots(pair)) for pair in pairs}
        statements = {rule for shots in denied.values() for _, rule in shots}
        if not statements:
            return
        reason = self._unenforceable(pairs[0])
        if reason:
            for statement in statements:
                self.notes[statement].add(reason)
            return
        packets = [each for pair, shots in denied.items() for each in self._packets(pair, (shot for shot, _ in shots))]
        self._deny_case(pairs, packets, statements)

    def _denied(self, pair: Pair, shots: Iterable[Shot]) -> list[tuple[Shot, int]]:
        """The packets that this policy denies and no rule of another one allows, each with the statement that denies it."""
        found = []
        for shot in shots:
            decision: Decision = self.verdicts.decide(pair, shot)
            if decision.action == "deny" and decision.rule is not None and not self._elsewhere("allow", pair, shot):
                found.append((shot, decision.rule))
        return found

    def _elsewhere(self, action: str, pair: Pair, shot: Shot) -> bool:
        """Whether a rule of another policy says so; the `otherwise` of one does not speak against a rule of another."""
        decisions = (other.decide(pair, shot) for other in self.others)
        return any(decision.action == action and decision.rule for decision in decisions)

    def _shots(self, pair: Pair) -> list[Shot]:
        """Destination ports: those of the policies, of the firewalls on the way, of the receiver's services, and an unlisted one."""
        ports = {shot.port for each in (self.verdicts, *self.others) for shot in _stated(each.policy)} | {UNLISTED}
        for node in self._filters(pair):
            ports |= self.constants[node].receivers
        if not pair.target.borrowed:
            listens = [s for serving in self.all.lab.nodes[pair.target.node].services for s in serving.listens]
            ports |= {service.first for service in listens}
        return [PING, *(Shot(protocol, port) for protocol in ("tcp", "udp") for port in sorted(ports - {0}))]

    def _filters(self, pair: Pair) -> list[NodeId]:
        """The firewalls whose constants matter: those on the way; all when the packet seems to get nowhere."""
        found = self.talk.firewalls(pair)
        if not found and not self.talk.way(pair).arrives:
            found = [node.id for node in self.all.lab.nodes.values() if node.id in self.constants]
        return [node for node in found if node in self.constants]

    def _packets(self, pair: Pair, shots: Iterable[Shot]) -> Iterator[Json]:
        senders = {port for node in self._filters(pair) for port in self.constants[node].senders}
        source_ports = (0, *sorted({*LEAKING_PORTS, *senders}))
        for shot in shots:
            for source_port in source_ports if shot.protocol != "icmp" else (0,):
                yield packet(shot, pair.sent_to, source_port)

    def _unenforceable(self, pair: Pair) -> str:
        if self.talk.share_segment(pair):
            shared = sorted(pair.source.segments & pair.target.segments)[0].removeprefix("segment/")
            return f"no device can enforce this: both ends share segment {shared}"
        if pair.target.enforces and not pair.target.borrowed and self._named(pair.target):
            return ""
        if self.talk.way(pair).arrives and not self.talk.firewalls(pair):
            return f"no device can enforce this: no firewall stands between {pair.source.name} and {pair.target.name}"
        return ""

    def _named(self, endpoint: Endpoint) -> bool:
        return any(each.named and endpoint in each.members for each in self.classes)

    def _deny_case(self, pairs: list[Pair], packets: list[Json], statements: set[int]) -> None:
        pair = pairs[0]
        source, target, _ = pair
        control = self._control(pair, packets[0])
        if control is None:
            for statement in statements:
                self.notes[statement].add(f"nothing may reach {target.name}, so nothing shows that it could be reached")
            return
        identity = f"deny/{source.name}/{target.name}" + ("" if target.family == 4 else "/v6")
        spec: Json = {
            "id": identity,
            "title": f"{source.name} does not reach {target.name} by what is denied ({len(packets)} packets)",
            "kind": "deny",
            "alone": False,
            "requirement": [],
            "from": self.talk.sender(source),
            "to": self.talk.receiver(pair),
            "packets": packets,
            "capture": "stack" if target.enforces and not target.borrowed else "port",
            "control": control,
        }
        case = Case(identity, spec, self.policy.origin)
        for statement in statements:
            self._prove(statement, case)

    # --- The control of a deny -------------------------------------------------------------------------------

    def _control(self, denied: Pair, first: Json) -> Json | None:
        """An allowed flow to the same receiver, through the same firewall if there is one; else from its own segment."""
        firewalls = frozenset(self.talk.firewalls(denied)) - {denied.target.node}
        own = self._allowed_flow(denied.target, firewalls, [denied.source])
        if own is not None:
            return own
        key = (denied.target, firewalls)
        if key not in self._controls:
            everyone = [each.one for each in self.classes if each.one.family == denied.target.family]
            self._controls[key] = self._allowed_flow(denied.target, firewalls, everyone) or self._nearby(denied, first)
        return self._controls[key]

    def _allowed_flow(self, target: Endpoint, firewalls: frozenset[NodeId], sources: list[Endpoint]) -> Json | None:
        """The first sender whose allowed packets pass the firewalls; one that passes none of them will do when nobody does."""
        second = None
        for source in sources:
            if source.node == target.node:
                continue
            for pair in self.talk.pairs(source, target):
                shot = self._allowed_shot(pair)
                if shot is None or not self.talk.way(pair).arrives:
                    continue
                same = firewalls <= set(self.talk.firewalls(pair))
                if same:
                    return self._control_of(pair, shot, same_path=True)
                second = second or (pair, shot)
        return self._control_of(*second, same_path=False) if second and not self.talk.share_segment(second[0]) else None

    def _allowed_shot(self, pair: Pair) -> Shot | None:
        """A kind of packet that may pass: one that a service answers, else an echo request, else any."""
        shots = [
            shot for _, rule in self.verdicts.rules(pair) if rule.action == "allow" for shot in samples(rule.services)
        ]
        shots = [
            s for s in shots if self.verdicts.decide(pair, s).action == "allow" and not self._elsewhere("deny", pair, s)
        ]
        return min(
            shots, key=lambda shot: (shot != PING, self.talk.answering(pair.target, shot)[0] is None), default=None
        )

    def _nearby(self, denied: Pair, first: Json) -> Json | None:
        """The denied packet itself, sent from the receiver's own segment. To a firewall it would be denied there as well."""
        target = denied.target
        if target.enforces and not target.borrowed:
            return None
        neighbours = [
            endpoint
            for endpoint in self.all.endpoints
            if endpoint.family == target.family
            and not endpoint.segments.isdisjoint(target.segments)
            and not endpoint.leased
            and (endpoint.node != target.node or target.borrowed)
        ]
        if not neighbours:
            return None
        source = min(neighbours, key=lambda endpoint: (endpoint.forwards, endpoint.enforces, endpoint.order))
        shot = Shot(str(first["protocol"]), int(str(first["port"])))
        return self._control_of(Pair(source, target, target.address), shot, same_path=False)

    def _control_of(self, pair: Pair, shot: Shot, *, same_path: bool) -> Json:
        service, _ = self.talk.answering(pair.target, shot)
        flow = packet(shot, pair.sent_to)
        return {"from": self.talk.sender(pair.source), "flow": flow, "service": service, "same_path": same_path}

    # --- The edges of prefixes -------------------------------------------------------------------------------

    def _edges(self) -> None:
        """Beside each address of a rule stands one that the rule does not mean: what its neighbours may, it may not."""
        for segment, stranger in self._strangers():
            neighbours = [
                each for each in self.classes if segment in each.one.segments and each.one.family == stranger.family
            ]
            for other in self.classes:
                if segment not in other.one.segments and other.one.family == stranger.family and not other.one.leased:
                    inward = {shot for each in neighbours for shot in self._may(other.one, each.one)}
                    outward = {shot for each in neighbours for shot in self._may(each.one, other.one)}
                    self._edge_case(other.one, stranger, inward)
                    self._edge_case(stranger, other.one, outward)

    def _strangers(self) -> Iterator[tuple[SegmentId, Endpoint]]:
        prefixes = {prefix for constants in self.constants.values() for prefix in constants.prefixes}
        edges = edges_of(prefixes)
        lab, network = self.all.lab, self.talk.network
        by_segment: dict[SegmentId, list[Endpoint]] = defaultdict(list)
        for endpoint in self.all.endpoints:
            for segment in endpoint.segments:
                by_segment[segment].append(endpoint)
        for identity, lenders in sorted(by_segment.items()):
            free = [address for address in edges if is_free(address, lab.segments[identity], network)]
            for address in free[:MOST_EDGES]:
                family = [lender for lender in lenders if lender.family == address.family and not lender.leased]
                if family:
                    yield identity, borrowed(address, family)

    def _may(self, source: Endpoint, target: Endpoint) -> list[Shot]:
        """What an endpoint may send to another one."""
        for pair in self.talk.pairs(source, target)[:1]:
            shots = [
                s for _, rule in self.verdicts.rules(pair) if rule.action == "allow" for s in samples(rule.services)
            ]
            return [shot for shot in shots if self.verdicts.decide(pair, shot).action == "allow"]
        return []

    def _edge_case(self, source: Endpoint, target: Endpoint, shots: set[Shot]) -> None:
        if not shots:
            return
        pairs = self.talk.pairs(source, target)
        pair = pairs[0]
        denied = self._denied(pair, sorted(shots))
        if denied and self.talk.way(pair).arrives and self.talk.firewalls(pair) and not self._unenforceable(pair):
            packets = [packet(shot, pair.sent_to) for shot, _ in denied]
            self._deny_case(pairs[:1], packets, {statement for _, statement in denied})

    # --- Requirements ----------------------------------------------------------------------------------------

    def _prove(self, statement: int, case: Case) -> None:
        known = self.all.cases.setdefault(case.id, case)
        if known is not case and case.spec["kind"] == "deny":
            _merge(known.spec, case.spec)
        requirement = known.spec["requirement"]
        assert isinstance(requirement, list)
        identity = self._statement_id(statement)
        if identity not in requirement:
            requirement.append(identity)
            requirement.sort()
        self.proofs[statement].add(case.id)

    def _statement_id(self, statement: int) -> str:
        return f"{self.policy.id}/{statement or 'otherwise'}"

    def _require(self) -> None:
        for number, rule in enumerate(self.policy.rules, 1):
            self._require_one(number, text_of(rule), rule.origin)
        if self.policy.otherwise == "deny":
            self._require_one(0, "otherwise deny", self.policy.otherwise_origin or self.policy.origin)

    def _require_one(self, statement: int, text: str, origin: Origin) -> None:
        cases = tuple(sorted(self.proofs[statement]))
        reasons = sorted(self.notes[statement])
        self.all.requirements.append(
            Requirement(self._statement_id(statement), text, self.policy.id, cases, _note(cases, reasons, text), origin)
        )
        if any(reason.startswith("no device") for reason in reasons) and (statement or not cases):
            self._warn_unenforceable(text, reasons[0], origin)

    def _warn_unenforceable(self, text: str, reason: str, origin: Origin) -> None:
        self.all.diagnostics.warning(
            "W0601",
            "no device can enforce this",
            origin.span,
            reason.partition(": ")[2],
            reason=f"`{text}` denies what passes no firewall, so no packet test can hold it",
            help="put a firewall between the two, or leave the rule to a policy of the nodes themselves",
            origin=origin,
        )


def _stated(policy: Policy) -> Iterator[Shot]:
    """The packets at the edges of what a policy's rules name, and just outside."""
    for rule in policy.rules:
        for service in rule.services:
            if service.protocol in ("tcp", "udp"):
                around = (0,) if service.first == service.last else (-1, 0, 1)
                for edge in (service.first, service.last):
                    yield from (Shot(service.protocol, edge + step) for step in around if 1 <= edge + step <= 65535)


def _note(cases: tuple[str, ...], reasons: list[str], text: str) -> str:
    if cases and text != "otherwise deny":
        return "in part, " + reasons[0] if reasons else ""
    if cases:
        shared = sorted({reason.rpartition(" ")[2] for reason in reasons if "share segment" in reason})
        return f"not within the segments {', '.join(shared)}, where no device stands between" if shared else ""
    return reasons[0] if reasons else "no node of this lab stands for both ends"


def _merge(known: Json, more: Json) -> None:
    packets = known["packets"]
    added = more["packets"]
    assert isinstance(packets, list)
    assert isinstance(added, list)
    packets.extend(each for each in added if each not in packets)
    known["title"] = str(known["title"]).rpartition(" (")[0] + f" ({len(packets)} packets)"


def _between(pair: Pair) -> str:
    return f"{pair.source.name}/{_at(pair.target.name, pair)}" + ("" if pair.target.family == 4 else "/v6")


def _at(name: str, pair: Pair) -> str:
    """A receiver that is known to the sender by another address is told apart by it."""
    return name if pair.sent_to == pair.target.address else f"{name}@{pair.sent_to}"


def text_of(rule: Rule) -> str:
    """`world -> web allow tcp/80`: a rule in the language's words, whatever spelling it came in."""
    services = " ".join(str(service) for service in rule.services)
    return f"{_ends(rule.sources)} -> {_ends(rule.targets)} {rule.action} {services}".rstrip()


def _ends(ends: tuple[str, ...]) -> str:
    kinds = ("zone", "segment", "node", "group")
    return ", ".join(end.partition("/")[2] if end.partition("/")[0] in kinds else end for end in ends)
