"""Written tests → `script` cases: steps in order, each flow resolved to ends and a packet.

Enters: `ir.lab.Test`s. Leaves: cases as docs/plan.md states them. Called by the pass. A flow between sets is one step for
each ordered pair of their nodes.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from ...addresses import Address
from ...diagnostics import Diagnostics
from ...ir.lab import Case, Flow, Lab, LinkId, NodeId, PortId, Step, Test
from ...plan.plain import plain
from ...source import Origin
from .endpoints import Endpoint, borrowed, endpoints_of, is_free
from .talk import Json, Talk, packet
from .verdicts import Matching, Pair, Shot

DISTURBING = {"cut", "heal", "stop", "start"}
MOST_PAIRS = 10_000  # steps that one flow between sets may become


class Scripts(Struct):
    """All written tests of a lab on their way to cases."""

    lab: Lab
    talk: Talk
    endpoints: list[Endpoint]
    diagnostics: Diagnostics
    _by_node: dict[NodeId, list[Endpoint]] = field(default_factory=dict)
    _by_address: dict[Address, Endpoint] = field(default_factory=dict)

    def cases(self) -> Iterator[Case]:
        for endpoint in self.endpoints:
            self._by_node.setdefault(endpoint.node, []).append(endpoint)
            if not endpoint.leased:
                self._by_address.setdefault(endpoint.address, endpoint)
        for test in self.lab.tests.values():
            yield self._case(test)

    def _case(self, test: Test) -> Case:
        steps = [each for step in test.steps for each in self._steps(step)]
        spec: Json = {
            "id": test.id,
            "title": test.title,
            "kind": "script",
            "alone": any(step.verb in DISTURBING for step in test.steps),
            "requirement": [],
            "steps": steps,
        }
        return Case(test.id, spec, test.origin)

    def _steps(self, step: Step) -> Iterator[Json]:
        flows: list[Json | None] = [None] if step.flow is None else list(self._flows(step.flow))
        for flow in flows:
            yield {
                "verb": step.verb,
                "flow": flow,
                "checks": [
                    {
                        "subject": check.subject,
                        "label": check.label,
                        "operator": check.operator,
                        "value": plain(check.value),
                    }
                    for check in step.checks
                ],
                "target": step.target,
                "ports": self._cut_ports(step),
                "count": step.count,
                "within": step.within,
                "after": step.after,
                "every": step.every,
                "label": step.label,
            }

    def _cut_ports(self, step: Step) -> list[str]:
        """The ports that a cut takes down: of a link, both ends."""
        if step.verb not in ("cut", "heal") or step.target is None:
            return []
        link = self.lab.links.get(LinkId(step.target))
        return list(link.ends) if link else [step.target]

    # --- Flows -----------------------------------------------------------------------------------------------

    def _flows(self, flow: Flow) -> Iterator[Json]:
        sources = self._ends(flow.sources, flow.origin, sending=True)
        targets = self._ends(flow.targets, flow.origin, sending=False)
        if len(sources) * len(targets) > MOST_PAIRS:
            self._too_many(flow.origin, len(sources) * len(targets))
            return
        alone = len(sources) == len(targets) == 1
        for source in sources:
            for target in targets:
                if alone or source != target:
                    found = self._flow(source, target, flow)
                    if found is not None:
                        yield found

    def _ends(self, ends: tuple[str, ...], origin: Origin, *, sending: bool) -> list[NodeId | Address]:
        """Nodes in the order of the text, those of a set sorted; addresses as they are."""
        found: dict[NodeId | Address, None] = {}
        for end in ends:
            found.update(dict.fromkeys(self._end(end)))
        if not found:
            self._nobody(", ".join(ends), origin)
        return list(found)

    def _end(self, end: str) -> list[NodeId | Address]:
        if end in self.lab.nodes:
            return [NodeId(end)]
        members = Matching(self.lab).members(end)
        nodes: set[NodeId] = set(members.nodes)
        for endpoint in self.endpoints:
            inside = any(prefix.holds(endpoint.address) for prefix in members.prefixes)
            if not endpoint.forwards and (inside or not endpoint.segments.isdisjoint(members.segments)):
                nodes.add(endpoint.node)
        return [*sorted(nodes), *sorted(members.addresses)]

    def _flow(self, source: NodeId | Address, target: NodeId | Address, flow: Flow) -> Json | None:
        pair = self._pair(source, target, flow.origin)
        if pair is None:
            return None
        shot = Shot(flow.service.protocol, flow.service.first)
        service, application = self.talk.answering(pair.target, shot)
        return {
            "from": self.talk.sender(pair.source),
            "to": self.talk.receiver(pair),
            "flow": packet(shot, pair.sent_to, flow.source_port or 0, leased=pair.target.leased),
            "service": service,
            "application": flow.application or application,
        }

    def _pair(self, source: NodeId | Address, target: NodeId | Address, origin: Origin) -> Pair | None:
        """The first pair of addresses by which the two can talk, IPv4 first; when nothing leads there, the first of all."""
        senders = self._endpoints(source, origin)
        if isinstance(target, Address):
            return self._to_address(senders, target, origin)
        receivers = self._endpoints(target, origin)
        if not senders or not receivers:
            return None
        pairs = [
            pair
            for receiver in receivers
            for sender in self._towards(senders, receiver.address)
            for pair in self.talk.pairs(sender, receiver)
        ]
        if not pairs:
            self._no_common_family(source, target, origin)
            return None
        return next((pair for pair in pairs if self._arrives(pair)), pairs[0])

    def _arrives(self, pair: Pair) -> bool:
        return self.talk.share_segment(pair) or self.talk.reaches(pair)

    def _to_address(self, senders: list[Endpoint], address: Address, origin: Origin) -> Pair | None:
        for sender in self._towards(senders, address):
            receiver = self._behind(sender, address)
            if receiver is not None:
                return Pair(sender, receiver, address)
        if senders:
            self._nobody(str(address), origin)
        return None

    def _behind(self, sender: Endpoint, address: Address) -> Endpoint | None:
        """Who gets what is sent to an address: whoever the walk leads to, else whoever has it, else a probe that stands there."""
        probe = Pair(sender, sender, address)
        way = self.talk.way(probe)
        if way.receiver is not None:
            node = self.lab.ports[way.receiver].node
            return next((each for each in self._by_node[node] if each.address == way.address), None)
        return self._by_address.get(address) or self._visitor(address)

    def _visitor(self, address: Address) -> Endpoint | None:
        """A probe at a free address of a segment."""
        for identity, segment in sorted(self.lab.segments.items()):
            if is_free(address, segment, self.talk.network):
                lenders = [e for e in self.endpoints if identity in e.segments and e.family == address.family]
                if lenders:
                    return borrowed(address, segment, lenders)
        return None

    def _endpoints(self, end: NodeId | Address, origin: Origin) -> list[Endpoint]:
        if isinstance(end, Address):
            found = self._by_address.get(end) or self._visitor(end)
            if found is None:
                self._nobody(str(end), origin)
            return [found] if found else []
        found_of_node = self._by_node.get(end) or endpoints_of(self.lab.nodes[end], self.talk.network)
        if not found_of_node:
            self._nobody(end.removeprefix("node/"), origin)
        return sorted(found_of_node, key=lambda endpoint: endpoint.family)

    def _towards(self, senders: list[Endpoint], address: Address) -> list[Endpoint]:
        """The sender's address is that of the port by which the packet leaves, as the kernel would choose."""
        able = [sender for sender in senders if sender.family == address.family]
        leaving: set[PortId] = set()
        for sender in able[:1]:
            leaving = {hop.port for hop in self.talk.network.hops(sender.node, address)}
        return sorted(able, key=lambda sender: sender.port not in leaving)[:1]

    # --- What cannot be resolved -----------------------------------------------------------------------------

    def _nobody(self, shown: str, origin: Origin) -> None:
        self.diagnostics.error(
            "E0601",
            "nobody in this lab stands there",
            origin.span,
            f"`{shown}` has no address that a test could use",
            reason="a test sends from and to nodes, or addresses within the prefixes of segments",
            origin=origin,
        )

    def _no_common_family(self, source: object, target: object, origin: Origin) -> None:
        one, other = (str(end).removeprefix("node/") for end in (source, target))
        self.diagnostics.error(
            "E0602",
            "no address family in common",
            origin.span,
            f"`{one}` and `{other}` have no addresses of one family",
            reason="IPv4 packets need an IPv4 address at both ends, IPv6 packets an IPv6 one",
            origin=origin,
        )

    def _too_many(self, origin: Origin, pairs: int) -> None:
        self.diagnostics.error(
            "E0603",
            "too many pairs in one flow",
            origin.span,
            f"these sets make {pairs:,} pairs; a test takes {MOST_PAIRS:,}",
            help="name fewer nodes; a policy tests sets by representatives",
            origin=origin,
        )
