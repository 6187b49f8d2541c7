"""Both sides compared: for two places, the packets that fare differently, or of which nobody can show that they do not.

Enters: two worlds and two places. Leaves: `Finding`s. Called by `radius.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct, field

from ...addresses import BITS, Address
from ...quantities import Service
from ..changes import Verdict
from ..nft import Packet, Rules
from ..nft.rules import Match
from ..nft.values import Numbers
from .places import Place
from .send import Fate, send
from .shots import EPHEMERAL, Shot, labels, sender_matches, shots
from .touched import doors
from .world import World, short

_FOREIGN = 16  # addresses that are not the sender's own, tried of each pair
_CANDIDATES = 512  # of which these are chosen
Goals = tuple[Address, Address]  # on the old side, on the new one
_Answers = tuple["bool | None", ...]
_ONE_WAY = "one way: no answer comes back"
_ABSENT = frozenset({Fate("unreachable")})


class Finding(Struct, frozen=True):
    service: str
    old: Verdict
    new: Verdict
    why: str = ""


class _Way(Struct, frozen=True):
    """An address that packets are sent to, on either side."""

    goals: Goals
    said: tuple[str, ...]


class Judge(Struct):
    """`services`: all that policies name and nodes serve. `aliases`: by address, what others may see of it. `left`: packets that may
    still be sent before the rest is called unknown."""

    old: World
    new: World
    services: tuple[Service, ...]
    aliases: dict[Address, frozenset[Address]]
    left: int
    _kinds: dict[tuple[tuple[Match, ...], int], dict[_Answers, Address]] = field(default_factory=dict)

    def pair(self, source: Place, target: Place, met: set[str]) -> list[Finding]:
        """`met`: the nodes on any way between them. Plain packets to all addresses come first: what they show is what people look for."""
        rules = self._rules(met)
        found: list[Finding] = []
        ways = [_Way((target.at(0), target.at(1)), ())]
        outer = sorted({outer for side in (0, 1) for outer in self.aliases.get(target.at(side), ())})
        ways += [_Way((goal, goal), (f"sent to {goal}",)) for goal in outer if goal.family == source.address.family]
        lost = [self._plain(way, source, target, rules, found) for way in ways]
        if source.segment is None or target.segment is None:
            for way, is_lost in zip(ways, lost, strict=True):
                self._special(way, source, target, rules, found, lost=is_lost)
        return found

    def _plain(self, way: _Way, source: Place, target: Place, rules: list[Rules], found: list[Finding]) -> bool:
        """Whether one leads nowhere on a side."""
        own = source.at(0), source.at(1)
        tried = shots(rules, {*own, *way.goals, *self._translations(rules)})
        plain = [shot for shot in tried if shot.plain]
        lost = [self._shot(source, target, _packets(own, way.goals, shot), shot, way.said, found) for shot in plain]
        return any(lost)

    def _special(
        self, way: _Way, source: Place, target: Place, rules: list[Rules], found: list[Finding], *, lost: bool
    ) -> None:
        """From other ports, of no connection, forged, or handed to a firewall; what is listed of a pair needs none of them to show it."""
        own, others = (source.at(0), source.at(1)), self._translations(rules)

        def send_all(sources: Goals, what: tuple[str, ...], *, plain: bool | None, **how: Any) -> None:
            for shot in shots(rules, {*sources, *way.goals, *others}):
                known = {finding.service for finding in found}
                if plain in (None, shot.plain) and not known.issuperset(labels(shot, self.services)):
                    packets = _packets(sources, way.goals, shot)
                    self._shot(source, target, packets, shot, (*way.said, *what), found, **how)

        send_all(own, (), plain=False)
        for address in self._foreign(source, {*way.goals, *others}, rules):
            what = f"with the source {address}, which is not its own"
            send_all((address, address), (what,), plain=True, answered=False)
        for door in self._doors(source) if lost else ():
            what = f"handed straight to {short(door).replace('/', ':')}"
            send_all(own, (what,), plain=None, answered=False, handed=door)

    def _rules(self, met: set[str]) -> list[Rules]:
        """The rule sets on any way, of both sides, each once."""
        found = {
            thing.spec.text: rules
            for world in (self.old, self.new)
            for name in sorted(met & world.nodes.keys())
            for thing, rules in world.rules(world.nodes[name])
        }
        return [found[text] for text in sorted(found)]

    def _translations(self, rules: list[Rules]) -> set[Address]:
        """All addresses that a packet may be given on its way; masquerading gives those of ports, which no rule can foresee."""
        hooks = ("prerouting", "output", "postrouting")
        acts = [act for each in rules for hook in hooks for act, _ in each.translations(hook)]
        found = {act.address for act in acts if act.address is not None}
        if any(act.verb == "masquerade" for act in acts):
            worlds = (self.old, self.new)
            found |= {
                address
                for world in worlds
                for name, node in world.nodes.items()
                if node.texts
                for address in world.addresses(name)
            }
        return found

    def _doors(self, source: Place) -> list[str]:
        both = [
            doors(world, source.on(side)) if source.sides[side] else []
            for side, world in enumerate((self.old, self.new))
        ]
        return sorted({*both[0], *both[1]})

    def _foreign(self, source: Place, goals: set[Address], rules: list[Rules]) -> list[Address]:
        """Sources that are not the sender's own, one for each answer that the rules on the way have for them."""
        matches = tuple(sender_matches(rules, goals))
        key = matches, source.address.family
        known = self._kinds.get(key)
        if known is None:
            known = self._kinds[key] = _kinds(matches, source.address.family)
        own = {_answers(matches, source.at(side)) for side in (0, 1)}
        return [address for answers, address in known.items() if answers not in own][:_FOREIGN]

    def _shot(
        self,
        source: Place,
        target: Place,
        packets: tuple[Packet, Packet],
        shot: Shot,
        what: tuple[str, ...],
        found: list[Finding],
        *,
        answered: bool = True,
        handed: str | None = None,
    ) -> bool:
        """Whether it leads nowhere on a side."""
        special = (*what, *_unusual(shot))
        is_strange = bool(special or source.segment or target.segment)
        self.left -= 1
        answered = answered and shot.state == "new" and shot.protocol != "other"
        fates = []
        for number, world in enumerate((self.old, self.new)):
            there = source.sides[number] and target.sides[number] and (handed is None or handed in world.things)
            fates.append(
                send(world, source.on(number), packets[number], target.node, answered=answered, handed=handed)
                if there
                else _ABSENT
            )
        compared = _compared(*fates)
        if compared is not None and not (is_strange and _is_vain(compared)):
            old, new, why = compared
            said = why if "unknown" in (old, new) else ", ".join(filter(None, (why, *special)))
            found.extend(Finding(service, old, new, said) for service in labels(shot, self.services))
        return any(fate.result == "unreachable" for side in fates for fate in side)


def _is_vain(compared: tuple[Verdict, Verdict, str]) -> bool:
    """Dropped here, lost there: no packet tells the difference."""
    return set(compared[:2]) <= {"denied", "unreachable"} and not compared[2]


def _unusual(shot: Shot) -> Iterator[str]:
    """What is unusual about a packet, for who has to send one like it."""
    if shot.sport not in (0, EPHEMERAL):
        yield f"from source port {shot.sport}"
    if shot.state == "invalid":
        yield "of a connection that nobody opened"
    if shot.protocol == "other":
        yield "neither TCP, UDP nor ICMP"


def _intervals(match: Match) -> tuple[tuple[int, int], ...]:
    return match.value.intervals if isinstance(match.value, Numbers) else ()


def _answers(matches: Iterable[Match], address: Address) -> _Answers:
    """What each match says to a source."""
    return tuple(match.value.holds(address.value) for match in matches if isinstance(match.value, Numbers))


def _kinds(matches: tuple[Match, ...], family: int) -> dict[_Answers, Address]:
    """One address for each way in which matches may answer."""
    values = {edge for match in matches for low, high in _intervals(match) for edge in (low, high + 1)}
    found: dict[_Answers, Address] = {}
    for value in sorted(values)[:_CANDIDATES]:
        if value >> BITS[family] == 0:
            address = Address(family, value)
            found.setdefault(_answers(matches, address), address)
    return found


def _packets(sources: Goals, goals: Goals, shot: Shot) -> tuple[Packet, Packet]:
    """On the old side and on the new one."""
    first = _packet(sources[0], goals[0], shot)
    return first, first if sources[0] == sources[1] and goals[0] == goals[1] else _packet(sources[1], goals[1], shot)


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
    arrived = [{fate.arrived for fate in side} for side in (old, new)]
    if "allowed" not in (was, now) and arrived[0] != arrived[1]:
        return _one_way(was, now, *arrived)
    if was != now:
        return was, now, ""
    return _narrower(was, next(iter(old)), next(iter(new)))


def _one_way(was: Verdict, now: Verdict, old: set[bool], new: set[bool]) -> tuple[Verdict, Verdict, str]:
    """Packets that arrive, and of which the answer is lost: the sender may not care."""
    if len(old) > 1 or len(new) > 1:
        return "unknown", "unknown", "routes of equal cost fare differently"
    return ("allowed", now, _ONE_WAY) if True in old else (was, "allowed", _ONE_WAY)


def _narrower(verdict: Verdict, old: Fate, new: Fate) -> tuple[Verdict, Verdict, str] | None:
    """Of one verdict, but not in all."""
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
