"""Why a case failed: where its packet went, and the rule or route that stopped it or let it through.

The packet is sent again under watch: packet sockets in the nodes of its way, then nftables' trace in those. Called by allows,
denies and scripts; gives the evidence as JSON.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from .applications import speaker
from .bench import Bench
from .cases import CaseError, End, Flow, Packet
from .ground import Place
from .lab import SECRET
from .pcap import SNAP, pcap
from .routes import way_to
from .rules import list_chain, locate, translates
from .trace import Decision, Tracer
from .trail import Step, Trail, Watcher, in_order
from .wire import Sent, prepare

_HIDDEN = "‹secret›"
_HEADERS = 66  # Ethernet, IPv4, TCP with its options
_QUIET, _MOST = 0.25, 1.0
_RESEND = 0.1
_TRACE_WITHIN = 1.5
_MOST_TRACED = 12
_MOST_LEAKS = 4
Evidence = dict[str, Any]  # Any: JSON
_NOT_INQUIRED: Evidence = {"found": ["not looked into: too many cases failed before it"]}


@dataclass(slots=True)
class Inquiry:
    """One packet sent again: its trail and what rules said about it."""

    packet: Packet
    trail: Trail
    decisions: list[Decision]

    def decided(self, node: str) -> list[Decision]:
        return [one for one in self.decisions if one.node == node]


async def why_it_failed(bench: Bench, flow: Flow) -> Evidence:
    """What stopped a flow that should work."""
    if not bench.may_inquire():
        return dict(_NOT_INQUIRED)
    payload = b""
    if flow.packet.protocol == "udp":
        payload = speaker(bench.lab.application(flow), "udp").question(bench.lab.fields(flow.service))
    try:
        async with bench.listener(flow), bench.tracing:
            inquiry = await _inquire(bench, flow.source, flow.target, flow.packet, payload)
            found, rules = _stopped(bench, flow, inquiry)
    except (CaseError, OSError) as failure:
        return {"found": [f"no more is known: {failure}"]}
    return _evidence(bench, flow.source, flow.target, [inquiry], found, rules)


async def why_it_passed(bench: Bench, source: End, target: End, leaks: Sequence[Sent]) -> Evidence:
    """Which rules let denied packets through."""
    if not bench.may_inquire():
        return dict(_NOT_INQUIRED)
    inquiries, found, rules = [], [], []
    told: set[str] = set()  # a rule is blamed once, by the first packet that it let through
    try:
        async with bench.tracing:
            for leak in _examples(leaks):
                inquiry = await _inquire(bench, source, target, leak.packet, b"")
                inquiries.append(inquiry)
                lines, located = _let_through(bench, inquiry)
                found += [f"{leak.packet}: {line}" for line in lines if line not in told]
                told.update(lines)
                rules += [one for one in located if one not in rules]
    except (CaseError, OSError) as failure:
        found.append(f"no more is known: {failure}")
    return _evidence(bench, source, target, inquiries, found, rules)


def _examples(leaks: Sequence[Sent]) -> list[Sent]:
    """One leak of each sort: those alike in protocol, flags and source port mostly passed by one rule."""
    sorts: dict[tuple[str, str | None, int], Sent] = {}
    for leak in leaks:
        sorts.setdefault((leak.packet.protocol, leak.packet.flags, leak.packet.source_port), leak)
    return list(sorts.values())[:_MOST_LEAKS]


async def _inquire(bench: Bench, source: End, target: End | None, packet: Packet, payload: bytes) -> Inquiry:
    places = _places(bench, source, target)
    known = replace(packet, source_port=packet.source_port or bench.ports.take(packet.protocol, source.address))
    watcher = Watcher(places)
    try:
        _send(bench, source, known, payload, watcher)
        await watcher.until_quiet(_QUIET, _MOST)
    finally:
        watcher.close()
    suspects = watcher.trail.nodes() or [source.node]
    traced = [node for node in suspects if node in places][:_MOST_TRACED]
    tracers = [(node, places[node], watcher.trail.directions(node)) for node in traced]
    return Inquiry(known, watcher.trail, await _trace(bench, source, known, payload, tracers))


def _places(bench: Bench, source: End, target: End | None) -> dict[str, Place]:
    """Where the packet may be seen: the ends, and every node that forwards."""
    places: dict[str, Place] = {node: partial(bench.ground.network, node) for node in bench.lab.forwarding}
    for end in (source, target):
        if end is not None:
            places.setdefault(end.node, partial(bench.place, end))
    return places


def _send(bench: Bench, source: End, packet: Packet, payload: bytes, watcher: Watcher | None = None) -> None:
    bench.forget_flow(source.address, packet)
    prepared = prepare(source, packet, bench.ports, payload)
    if watcher is not None:
        watcher.expect(prepared)
    bench.wire(source).send(prepared)


async def _trace(
    bench: Bench, source: End, packet: Packet, payload: bytes, where: Sequence[tuple[str, Place, frozenset[bool]]]
) -> list[Decision]:
    """Send the packet again until every node's trace has told all of each direction that the node saw, or time is over."""
    ports = frozenset((packet.source_port, packet.port))
    async with AsyncExitStack() as stack:
        # Rules that mark packets know them by their ports alone, since NAT changes addresses.
        await stack.enter_async_context(bench.alike[packet.protocol, ports])
        tracers = []
        for node, place, directions in where:
            stack.enter_context(_tracing(bench, node))
            try:
                tracer = Tracer(node, place(), packet, source.address)
            except OSError:
                continue  # no nft there: nothing to tell
            stack.callback(lambda tracer=tracer, place=place: tracer.close(place()))  # type: ignore[misc]
            tracers.append((tracer, directions))
        deadline = bench.pulse.deadline(_TRACE_WITHIN)
        while deadline.left() > 0 and not all(directions <= tracer.told() for tracer, directions in tracers):
            _send(bench, source, packet, payload)
            await asyncio.sleep(_RESEND)
        return [decision for tracer, _ in tracers for decision in tracer.decisions]


@contextmanager
def _tracing(bench: Bench, node: str) -> Iterator[None]:
    bench.ground.tracing(node, on=True)
    try:
        yield
    finally:
        bench.ground.tracing(node, on=False)


def _stopped(bench: Bench, flow: Flow, inquiry: Inquiry) -> tuple[list[str], list[Evidence]]:
    """Lines and rules that say where a flow ended."""
    forward, back = inquiry.trail.way(reply=False), inquiry.trail.way(reply=True)
    target = flow.target.node if flow.target is not None else bench.lab.owner.get(flow.packet.address, "")
    if not any(step.node == target and not step.out for step in forward):
        return _ended(bench, flow.source, flow.packet.address, forward, inquiry, reply=False)
    if drops := _drops(inquiry, target, reply=False):
        return _blamed(bench, f"{target} received it and dropped it", drops)
    if not back:
        return [f"it reached {target}, which did not answer"], []
    if not any(step.node == flow.source.node and not step.out for step in back):
        return _ended(bench, flow.source, flow.source.address, back, inquiry, reply=True)
    return [f"it reached {target} and was answered ({back[-1].seen.protocol}), but not as it should be"], []


def _ended(
    bench: Bench, source: End, towards: str, steps: list[Step], inquiry: Inquiry, *, reply: bool
) -> tuple[list[str], list[Evidence]]:
    """Where a packet was last seen, and why there."""
    what = "the answer" if reply else "it"
    node = steps[-1].node if steps else source.node
    if steps and steps[-1].out:
        line = f"{what} left {node} by {steps[-1].interface} and was seen by nobody after that"
        return [line, *_way(bench, source, node, steps[-1].seen.target, None)], []
    if drops := _drops(inquiry, node, reply=reply):
        return _blamed(bench, f"{node} dropped {what}", drops)
    address = steps[-1].seen.target if steps else towards
    lines = _way(bench, source, node, address, steps[-1] if steps else None)
    where = f"{what} reached {node} and went no further" if steps else f"{what} never left {node}"
    return [where, *lines], []


def _way(bench: Bench, source: End, node: str, address: str, step: Step | None) -> list[str]:
    """What the routes of a node say about an address."""
    place = bench.place(source) if node == source.node else bench.ground.network(node)
    try:
        with place:
            way = way_to(address, step.seen.source, step.interface) if step is not None else way_to(address)
    except OSError:
        return []
    if way.problem:
        return [f"{node} has {way.problem} to {address}"]
    if way.local and step is not None and bench.lab.owner.get(address) == node:
        return [f"{address} is {node}'s own address: nothing there sends it on"]
    if way.silent:
        return [f"{node}'s next hop {way.next_hop} does not answer {'ND' if ':' in address else 'ARP'}"]
    if step is not None and node not in bench.lab.forwarding:
        return [f"{node} does not forward"]
    return []


def _drops(inquiry: Inquiry, node: str, *, reply: bool) -> list[Decision]:
    ours = [one for one in inquiry.decided(node) if one.reply == reply]
    return [one for one in ours if one.verdict == "drop" or (one.rule and "reject" in one.rule)]


def _blamed(bench: Bench, line: str, decisions: list[Decision]) -> tuple[list[str], list[Evidence]]:
    rules = [_located(bench, one) for one in decisions]
    return [line, *[_rule_line(rule) for rule in rules]], rules


def _let_through(bench: Bench, inquiry: Inquiry) -> tuple[list[str], list[Evidence]]:
    """The rules that accepted a packet, else the open chains of filters that it passed. What only might have translated it decided
    nothing."""
    accepts = [one for one in inquiry.decisions if one.verdict == "accept" and not one.reply]
    chosen = [one for one in accepts if one.rule] or [one for one in accepts if not _translates(bench, one)]
    if not chosen:
        seen = ", ".join(inquiry.trail.nodes()) or "nobody"
        return [f"no rule and no filter saw it on its way ({seen}): nothing there holds such packets back"], []
    # The first of each chain: what follows it on the flow, such as `ct state established`, only followed.
    first = {(one.node, one.family, one.table, one.chain): one for one in reversed(chosen)}
    rules = [_located(bench, one) for one in reversed(first.values())]
    return [f"let through by {_rule_line(rule)}" for rule in rules], rules


def _translates(bench: Bench, decision: Decision) -> bool:
    try:
        return translates(bench.ground.network(decision.node), decision)
    except OSError:
        return False


def _located(bench: Bench, decision: Decision) -> Evidence:
    """A decision with the line of the configuration that made it."""
    said: Evidence = {"node": decision.node, "table": f"{decision.family} {decision.table}", "chain": decision.chain}
    said |= {"rule": decision.rule or f"policy {decision.verdict}", "verdict": decision.verdict}
    try:
        listed = list_chain(bench.ground.network(decision.node), decision)
    except OSError:
        listed = []
    rulesets = bench.lab.rulesets_of.get(decision.node, ())
    found = locate(decision, rulesets, listed)
    if decision.rule and any(SECRET.search(one["spec"]["text"]) for one in rulesets):
        # The kernel's text of a rule has the secret itself; the plan's has a mark in its place.
        said["rule"] = (
            SECRET.sub(_HIDDEN, str(found["text"]))
            if found
            else "a rule that is not shown, as the rule set holds secrets"
        )
    if found:
        said["configuration"] = {**found, "text": SECRET.sub(_HIDDEN, str(found["text"]))}
    return said


def snap_of(bench: Bench) -> int:
    """How much of each frame a capture may show: headers alone where payloads can hold a secret."""
    return _HEADERS if bench.lab.secretive else SNAP


def _rule_line(rule: Evidence) -> str:
    line = f"{rule['node']}: {rule['table']} {rule['chain']}: {rule['rule']}"
    return line if "configuration" in rule else f"{line} (no line of its configuration says so)"


def _evidence(
    bench: Bench, source: End, target: End | None, inquiries: list[Inquiry], found: list[str], rules: list[Evidence]
) -> Evidence:
    frames: dict[str, list[tuple[float, bytes]]] = {}
    for inquiry in inquiries:
        for name, node in (("sender", source.node), ("receiver", target.node if target else "")):
            frames.setdefault(name, []).extend(inquiry.trail.frames.get(node, ()))
    evidence: Evidence = {
        "found": found,
        "rules": rules,
        "path": [line for one in inquiries for line in in_order(one.trail.way(reply=False))],
        "captures": {
            name: base64.b64encode(pcap(sorted(kept), snap_of(bench))).decode() for name, kept in frames.items()
        },
    }
    if back := [line for one in inquiries for line in in_order(one.trail.way(reply=True))]:
        evidence["answer_path"] = back
    return evidence
