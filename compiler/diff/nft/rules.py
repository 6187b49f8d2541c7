"""Rule sets that are understood, and what they do with a packet.

Enters: parsed tables. Leaves: a `Ruling` for a packet at a hook. Called by `radius/`. Only the first packet of a connection meets
the rules that translate; answers are translated back by what the kernel remembers, which is the walk's matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from msgspec import Struct, field

from ...addresses import Address
from .values import Names, Numbers

_PORTS = ("dport", "sport")
_DEEP = 16  # jumps within jumps; the kernel's own limit


class Packet(Struct, frozen=True):
    """A packet as a rule sees it. None: not known, or not yet. `state`: of its connection. `original`: the destination that its
    connection was opened to, as this node first saw it. `kind`: an ICMP type."""

    source: Address
    target: Address
    protocol: str | None = None
    sport: int | None = None
    dport: int | None = None
    kind: str | None = None
    state: str = "new"
    entered: str | None = None
    leaving: str | None = None
    original: Address | None = None
    opener: Address | None = None


class Match(Struct, frozen=True):
    """`field` of a packet compared with a value; `family`: 4, 6 or 0 for both; `protocol`: what the field implies."""

    field: str
    value: Numbers | Names
    family: int = 0
    protocol: frozenset[str] = frozenset()

    def test(self, packet: Packet) -> bool | None:
        if self.family and packet.target.family != self.family:
            return False
        if self.protocol and packet.protocol is not None and packet.protocol not in self.protocol:
            return False
        answer = self.value.holds(_read(packet, self.field))
        return None if answer and self.protocol and packet.protocol is None else answer


def _read(packet: Packet, name: str) -> Any:
    """An address as its number; Any: a number or a word, as the match's value has it."""
    if name == "family":
        return "ipv4" if packet.target.family == 4 else "ipv6"
    found = getattr(packet, name)
    return found.value if isinstance(found, Address) else found


class Act(Struct, frozen=True):
    """What a rule does: accept, drop, return, jump, goto, dnat, snat, masquerade; `unclear`: labc does not know.
    `alters`: of an unclear one, whether it may change or redirect packets."""

    verb: str
    chain: str = ""
    address: Address | None = None
    port: int | None = None
    alters: bool = False


class Rule(Struct, frozen=True):
    """`choices`: of a verdict map, verdicts by value; they stand in place of `act`."""

    matches: tuple[Match, ...]
    act: Act | None
    choices: tuple[tuple[Match, Act], ...] = ()

    def fits(self, packet: Packet) -> bool | None:
        unsure = False
        for match in self.matches:
            answer = match.test(packet)
            if answer is False:
                return False
            unsure = unsure or answer is None
        return None if unsure else True


class Chain(Struct):
    """A base chain has a hook; `type` is filter or nat."""

    name: str
    family: int
    rules: list[Rule] = field(default_factory=list)
    type: str = ""
    hook: str = ""
    priority: int = 0
    policy: str = "accept"


class Ruling(Struct, frozen=True):
    """`unclear`: labc cannot say; `alters`: and the packet may have become another. `to`, `port`: where it is translated to."""

    verdict: Literal["accept", "drop"]
    unclear: bool = False
    alters: bool = False
    to: Act | None = None


ACCEPT = Ruling("accept")
_DROP = Ruling("drop")


class Rules(Struct):
    """All tables of one text. `murky`: the text as a whole is not understood."""

    chains: dict[tuple[str, str], Chain] = field(default_factory=dict)  # by table and name
    murky: bool = False
    _ported: list[Rule] | None = None

    @property
    def ported(self) -> list[Rule]:
        """The rules that look at ports, or choose by a map."""
        if self._ported is None:
            rules = (rule for chain in self.chains.values() for rule in chain.rules)
            self._ported = [rule for rule in rules if rule.choices or any(m.field in _PORTS for m in rule.matches)]
        return self._ported

    def bases(self, hook: str) -> list[tuple[str, Chain]]:
        return [(table, chain) for (table, _), chain in self.chains.items() if chain.hook == hook]

    def matches(self) -> Iterator[Match]:
        for chain in self.chains.values():
            for rule in chain.rules:
                yield from rule.matches
                yield from (match for match, _ in rule.choices)

    def run(self, table: str, chain: Chain, packet: Packet) -> Ruling:
        """One base chain."""
        found = self._walk(table, chain, packet, 0)
        return found if found is not None else ACCEPT if chain.policy == "accept" else _DROP

    def _walk(self, table: str, chain: Chain, packet: Packet, depth: int) -> Ruling | None:
        """None: the end of the chain, or `return`."""
        if chain.family and chain.family != packet.target.family:
            return ACCEPT if depth == 0 else None
        for rule in chain.rules:
            fits = rule.fits(packet)
            if fits is False:
                continue
            for act in _acts(rule, packet):
                if fits is None or act.verb == "unclear":
                    return Ruling("accept", unclear=True, alters=act.alters or act.verb in _TRANSLATES)
                if act.verb == "return":
                    return None
                ruling = self._act(table, act, packet, depth)
                if ruling is not None:
                    return ruling
                if act.verb == "goto":
                    return None
        return None

    def _act(self, table: str, act: Act, packet: Packet, depth: int) -> Ruling | None:
        if act.verb in ("jump", "goto"):
            chain = self.chains.get((table, act.chain))
            if chain is None or depth > _DEEP:
                return Ruling("accept", unclear=True)
            return self._walk(table, chain, packet, depth + 1)
        if act.verb in _TRANSLATES:
            return Ruling("accept", to=act)
        return _DROP if act.verb == "drop" else ACCEPT

    def translations(self, hook: str, target: Address | None = None) -> Iterator[tuple[Act, tuple[Match, ...]]]:
        """All that may be done at a hook to a packet of which no more than its destination is known."""
        for chain in self.chains.values():
            if chain.hook in (hook, "") and (target is None or chain.family in (0, target.family)):
                for rule in chain.rules:
                    if rule.act is not None and rule.act.verb in _TRANSLATES and _may_fit(rule, target):
                        yield rule.act, rule.matches

    @property
    def alters(self) -> bool:
        """Whether a rule that is not understood may change packets or send them elsewhere."""
        return self.murky or any(
            rule.act is not None and rule.act.alters for chain in self.chains.values() for rule in chain.rules
        )


_TRANSLATES = ("dnat", "snat", "masquerade")


def _may_fit(rule: Rule, target: Address | None) -> bool:
    matches = (match for match in rule.matches if target is not None and match.field == "target")
    return all(match.family == target.family and match.value.holds(target.value) for match in matches)  # type: ignore[union-attr, arg-type]


def _acts(rule: Rule, packet: Packet) -> Sequence[Act]:
    if not rule.choices:
        return (rule.act,) if rule.act is not None else ()
    for match, act in rule.choices:
        answer = match.test(packet)
        if answer is None:
            return (Act("unclear"),)
        if answer:
            return (act,)
    return ()
