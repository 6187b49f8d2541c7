"""Both sides compared: for two places, the packets that fare differently, or of which nobody can show that they do not.

Enters: two worlds and two places. Leaves: `Finding`s. Called by `radius.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from ...addresses import Address
from ...quantities import Service
from ..changes import Verdict
from ..nft import Packet, Rules
from .places import Place
from .send import Fate, send
from .shots import EPHEMERAL, Shot, address_cuts, label, piece, shots
from .touched import doors
from .world import World, short

_FOREIGN = 16  # addresses that are not the sender's own, tried where filters differ
_ABSENT = frozenset({Fate("unreachable")})


class Finding(Struct, frozen=True):
    service: str
    old: Verdict
    new: Verdict
    why: str = ""


class Judge(Struct):
    """`services`: all that policies name and nodes serve. `aliases`: by address, what others may see of it. `left`: packets that may
    still be sent before the rest is called unknown."""

    old: World
    new: World
    services: tuple[Service, ...]
    aliases: dict[Address, frozenset[Address]]
    left: int = 60_000
    _shots: dict[frozenset[str], tuple[list[Shot], list[Rules]]] = field(default_factory=dict)

    def pair(self, source: Place, target: Place, met: set[str]) -> list[Finding]:
        """`met`: the nodes on any way between them."""
        tried, rules = self._tried(met)
        found: list[Finding] = []
        for goal in sorted({target.address, *self.aliases.get(target.address, ())}):
            if goal.family != source.address.family:
                continue
            sent_to = (f"sent to {goal}",) if goal != target.address else ()
            lost = False
            for shot in tried:
                lost = self._shot(source, target, _packet(source.address, goal, shot), shot, sent_to, found) or lost
            plain = [shot for shot in tried if shot.state == "new" and shot.sport in (0, EPHEMERAL)]
            for address in self._foreign(source, goal, rules, met):
                what = f"with the source {address}, which is not its own"
                for shot in plain:
                    self._shot(source, target, _packet(address, goal, shot), shot, (what,), found, answered=False)
            for door in self._doors(source) if lost else ():
                what = f"handed straight to {short(door).replace(chr(47), chr(58))}"
                for shot in tried:
                    packet = _packet(source.address, goal, shot)
                    self._shot(source, target, packet, shot, (what,), found, answered=False, handed=door)
        return found

    def _doors(self, source: Place) -> list[str]:
        both = [
            doors(world, source.port) if there else []
            for world, there in zip((self.old, self.new), source.sides, strict=True)
        ]
        return sorted({*both[0], *both[1]})

    def _tried(self, met: set[str]) -> tuple[list[Shot], list[Rules]]:
        found = [
            (thing.spec.text, rules)
            for world in (self.old, self.new)
            for name in sorted(met & world.nodes.keys())
            for thing, rules in world.rules(world.nodes[name])
        ]
        key = frozenset(text for text, _ in found)
        known = self._shots.get(key)
        if known is None:
            rules = [rules for _, rules in found]
            known = self._shots[key] = shots(rules, self.services), rules
        return known

    def _foreign(self, source: Place, goal: Address, rules: list[Rules], met: set[str]) -> list[Address]:
        """One address of each piece, where rule sets on the way differ: whether they let forged packets through may differ too."""
        texts = [
            {thing.spec.text for name in met & world.nodes.keys() for thing in world.nodes[name].texts}
            for world in (self.old, self.new)
        ]
        if texts[0] == texts[1]:
            return []
        cuts = address_cuts(rules)
        own = piece(source.address, cuts)
        bounds = cuts[goal.family]
        inner = (
            Address(goal.family, value) for value in bounds if value.bit_length() <= (32 if goal.family == 4 else 128)
        )
        return [each for each in inner if piece(each, cuts) != own][:_FOREIGN]

    def _shot(
        self,
        source: Place,
        target: Place,
        packet: Packet,
        shot: Shot,
        what: tuple[str, ...],
        found: list[Finding],
        *,
        answered: bool = True,
        handed: str | None = None,
    ) -> bool:
        """Whether it leads nowhere on a side."""
        self.left -= 1
        answered = answered and shot.state == "new" and shot.protocol != "other"
        fates = []
        for number, world in enumerate((self.old, self.new)):
            there = source.sides[number] and target.sides[number] and (handed is None or handed in world.things)
            fates.append(
                send(world, source.port, packet, target.node, answered=answered, handed=handed) if there else _ABSENT
            )
        compared = _compared(*fates)
        if compared is not None:
            old, new, why = compared
            said = (why, *what, *_special(source, target, shot))
            found.append(Finding(label(shot, self.services), old, new, ", ".join(filter(None, said))))
        return any(fate.result == "unreachable" for side in fates for fate in side)


def _special(source: Place, target: Place, shot: Shot) -> Iterator[str]:
    """What is unusual about a packet, for who has to send one like it."""
    if source.segment is not None:
        yield f"from {source.address}, which no node has"
    if target.segment is not None:
        yield f"to {target.address}, which no node has"
    if shot.sport not in (0, EPHEMERAL):
        yield f"from source port {shot.sport}"
    if shot.state == "invalid":
        yield "of a connection that nobody opened"
    if shot.protocol == "other":
        yield "neither TCP, UDP nor ICMP"


def _packet(source: Address, goal: Address, shot: Shot) -> Packet:
    protocol = "icmpv6" if shot.protocol == "icmp" and goal.family == 6 else shot.protocol
    kind = "echo-request" if shot.protocol == "icmp" else None
    return Packet(source, goal, protocol, shot.sport, shot.dport, kind or "", shot.state)


def _compared(old: frozenset[Fate], new: frozenset[Fate]) -> tuple[Verdict, Verdict, str] | None:
    """None: they are shown to be equal."""
    wild = next((fate.wild for fate in (*old, *new) if fate.wild), "")
    if wild:
        return "unknown", "unknown", wild
    if old == new and len({fate.result for fate in old}) == 1:
        return None
    was, now = _verdict(old), _verdict(new)
    if "unknown" in (was, now):
        return was, now, _guessed(old, new)
    if was != now:
        return was, now, ""
    return _narrower(was, next(iter(old)), next(iter(new)))


def _narrower(verdict: Verdict, old: Fate, new: Fate) -> tuple[Verdict, Verdict, str] | None:
    """Of one verdict, but not in all."""
    if old.arrived != new.arrived:
        verdicts: tuple[Verdict, Verdict] = ("allowed", "denied") if old.arrived else ("denied", "allowed")
        return *verdicts, "one way: no answer comes back"
    if verdict == "allowed" and old.mtu != new.mtu:
        return verdict, "unknown", f"the way carries packets of {new.mtu} bytes at most instead of {old.mtu}"
    if verdict == "allowed" and old.rate != new.rate:
        return verdict, "unknown", f"the way carries {_rate(new.rate)} instead of {_rate(old.rate)}"
    return None


def _rate(rate: int | None) -> str:
    return "any rate" if rate is None else f"{rate:,} bit/s at most"


def _verdict(fates: frozenset[Fate]) -> Verdict:
    results = {fate.result for fate in fates}
    if len(results) != 1 or any(fate.guessed for fate in fates):
        return "unknown"
    return next(iter(results))


def _guessed(old: Iterable[Fate], new: Iterable[Fate]) -> str:
    texts = [{(guess[0], guess[1]) for fate in side for guess in fate.guessed} for side in (old, new)]
    changed = sorted({name for name, _ in texts[0] ^ texts[1]})
    if changed:
        return f"{changed[0]} differs: labc cannot see what it does"
    known = sorted({name for name, _ in texts[0] | texts[1]})
    if known:
        return f"other packets come to {known[0]}, and labc cannot see what it does"
    return "routes of equal cost fare differently"
