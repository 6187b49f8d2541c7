"""The pairs whose packets may fare differently: from what differs, by what is touched, to verdicts.

Enters: two sides, what differs between their resources, names of sets. Leaves: `Reach`es. Called by `difference.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from ...addresses import Address
from ...quantities import Service
from ..changes import Reach
from ..compare import Pair
from ..nft import Rules
from ..nft.values import Numbers
from ..sides import Side, record
from .cells import Beside, Judged, Table
from .crowd import PAIRS, Crowd
from .ends import Book
from .facts import Thing, noticed, things_of
from .gather import ANY, gathered
from .judge import Finding, Judge
from .places import Place, are_alike, beside, cuts_of, places_of
from .shots import OTHER, services_in
from .touched import Differs, Met, Touched, differs_of
from .world import World, short

_LISTENS = b'"listens":['
_TEXTS = 2_000  # rule sets that are read
PACKETS = 40_000  # that are sent before the rest is called unknown
_MANY = "too many packets to follow them all"


def radius(old: Side, new: Side, resources: Iterable[Pair], book: Book) -> tuple[Reach, ...]:
    """Empty where no packet can notice what differs."""
    pairs = noticed(resources)
    if not pairs:
        return ()
    blind = [(was, now) for was, now in pairs if _kind(was, now) == "file"]
    found = [_unseen(was, now) for was, now in blind]
    judged: list[Judged] = []
    beside: dict[str, Beside] = {}
    services = _services(old, new)
    if len(blind) < len(pairs):
        things = things_of(old, new)
        crowd = Crowd(things, pairs)
        if crowd.is_too_big:
            found += crowd.reaches(f"{crowd.routers:,} addresses of routers")
        else:
            walk = _Radius(World(things[0]), World(things[1]), pairs, services, crowd)
            judged = list(walk.judged())
            found += walk.unjudged
            beside = walk.beside(judged)
    return gathered(Table(judged, found, beside), {"icmp", OTHER, *map(str, services)}, book)


def _kind(was: Thing | None, now: Thing | None) -> str:
    thing = now or was
    return thing.kind if thing is not None else ""


def _unseen(was: Thing | None, now: Thing | None) -> Reach:
    """A file that differs: what reads it, and what that does with packets, nobody can say here."""
    thing = now or was
    assert thing is not None
    why = f"{short(thing.id).partition('/')[2] or thing.id} differs: labc cannot see what it does"
    return Reach((ANY,), (ANY,), (ANY,), "unknown", "unknown", why, (thing.spec.node,))


class _Radius:
    def __init__(
        self,
        before: World,
        after: World,
        pairs: list[tuple[Thing | None, Thing | None]],
        services: tuple[Service, ...],
        crowd: Crowd,
    ) -> None:
        self.worlds = before, after
        self.pairs = pairs
        self.differs: Differs = differs_of(pairs, before, after)
        self.services = services
        self.unjudged: list[Reach] = []
        self._crowd = crowd

    def judged(self) -> Iterator[Judged]:
        """What is judged pair by pair; what can be said without goes to `unjudged`."""
        texts = {thing.spec.text for world in self.worlds for node in world.nodes.values() for thing in node.texts}
        if len(texts) > _TEXTS:
            self.unjudged += [*self._leased(), *self._crowd.reaches(f"{len(texts):,} rule sets")]
            return
        rules = [each for world in self.worlds for node in world.nodes.values() for _, each in world.rules(node)]
        cuts = cuts_of(self.worlds, rules)
        self.differs = differs_of((pair for pair in self.pairs if not are_alike(*pair, cuts)), *self.worlds)
        self.unjudged += self._leased()
        places = places_of(*self.worlds, self.differs, cuts)
        places += beside(*self.worlds, places, cuts)
        chosen = self._chosen(places)
        if chosen is None:
            self.unjudged += self._crowd.reaches(f"{len(places):,} places")
            return
        yield from self._judged(chosen, _aliases(rules))

    def _chosen(self, places: list[Place]) -> list[tuple[Place, Place]] | None:
        """All pairs; where nothing on any way differs but its ends, only those with such an end. None: too many."""
        at_ends = places if self._inner else [place for place in places if place.node in self.differs.nodes]
        if len(at_ends) * len(places) > PAIRS:
            return None
        ends = {place.port for place in at_ends}
        found = []
        for one in places:
            for other in places:
                target = other.other if one is other else other
                if target is None or one.address.family != other.address.family or one.node == target.node:
                    continue
                if one.port in ends or other.port in ends:
                    found.append((one, target))
        return found

    def _judged(
        self, chosen: list[tuple[Place, Place]], aliases: dict[Address, frozenset[Address]]
    ) -> Iterator[Judged]:
        judge = Judge(*self.worlds, self.services, aliases, PACKETS)
        searches = [Touched(world, self.differs) for world in self.worlds]
        for source, target in chosen:
            met = self._met(source, target, searches, judge)
            if not (met.differing or met.wild or not all((*source.sides, *target.sides))):
                continue
            if met.wild:
                found: Iterable[Finding] = [Finding(ANY, "unknown", "unknown", met.wild)]
            elif judge.left <= 0:
                found = self._uncounted(source, target)
            else:
                found = judge.pair(source, target, met.nodes)
            for each in found:
                yield Judged(source, target, each)

    def _uncounted(self, source: Place, target: Place) -> list[Finding]:
        """A node that is on one side only has all its pairs in two lines; of others, each pair is listed."""
        for place in (source, target):
            if not all(place.sides):
                old, new = (("unreachable", "unknown"), ("unknown", "unreachable"))[place.sides[0]]
                for ends in ((short(place.node),), (ANY,)), ((ANY,), (short(place.node),)):
                    self.unjudged.append(Reach(*ends, (ANY,), old, new, _MANY))  # type: ignore[arg-type]
                return []
        return [Finding(ANY, "unknown", "unknown", _MANY)]

    def _met(self, source: Place, target: Place, searches: list[Touched], judge: Judge) -> Met:
        """On the old side's ways; the new side's nodes join, since their rules are tried too where something differs."""
        met = Met()
        for number, search in enumerate(searches):
            if source.sides[number] and target.sides[number]:
                own = target.at(number)
                for goal in (own, *judge.aliases.get(own, ())):
                    found = search.pair(source.on(number), source.at(number), goal)
                    met.nodes |= found.nodes
                    met.differing = met.differing or found.differing
                    met.wild = met.wild or found.wild
        return met

    def beside(self, judged: Iterable[Judged]) -> dict[str, Beside]:
        """By address that no node has: the hosts on its segment, and all that is there, on either side."""
        places = {place for each in judged for place in (each.source, each.target) if place.segment is not None}
        return {str(place.address): self._neighbours(place.segment or "") for place in places}

    def _neighbours(self, segment: str) -> Beside:
        nodes = (world.nodes[world.port(port).node] for world in self.worlds for port in world.on.get(segment, ()))
        there = {short(node.id): node.forward for node in nodes if not node.id.startswith("beside/")}
        return tuple(name for name, forwards in there.items() if not forwards), tuple(there)

    def _leased(self) -> Iterator[Reach]:
        """Nobody knows here what address a client will get, and so what any filter makes of it."""
        why = "an address that comes by DHCP"
        others = (ANY,) if self._inner or self.differs.leases else tuple(sorted(map(short, self.differs.nodes)))
        leased = {
            short(thing.spec.node)
            for world in self.worlds
            for thing in world.things.values()
            if thing.spec.dhcp and not thing.spec.addresses
        }
        for end in sorted(leased):
            yield Reach((end,), others, (ANY,), "unknown", "unknown", why)
            yield Reach(others, (end,), (ANY,), "unknown", "unknown", why)

    @cached_property
    def _inner(self) -> bool:
        """Whether something differs between ends, not only at them; or is so wild that what differs at one end may concern all."""
        nodes = ((world, node) for world in self.worlds for node in world.nodes.values() if node.texts or node.files)
        if self.differs.segments or any(world.wild(node) for world, node in nodes):
            return True
        return any(
            name in world.nodes and (world.nodes[name].forward or world.nodes[name].bridge)
            for name in self.differs.nodes
            for world in self.worlds
        )


def _services(old: Side, new: Side) -> tuple[Service, ...]:
    """Of the policies' words and of what nodes serve."""
    found: set[Service] = set()
    for raw in {*old.requirements, *new.requirements}:
        found.update(services_in(record(raw)["text"]))
    for side in (old, new):
        for text in _listens(side.data):
            found.update(services_in(text.decode()))
    return tuple(sorted(found))


def _listens(data: bytes) -> Iterator[bytes]:
    """What services listen on, found without reading the plan around them."""
    at = data.find(_LISTENS)
    while at >= 0:
        end = data.index(b"]", at)
        yield data[at + len(_LISTENS) : end]
        at = data.find(_LISTENS, end)


def _aliases(rules: Iterable[Rules]) -> dict[Address, frozenset[Address]]:
    """By inside address, the addresses that are translated to it."""
    found: dict[Address, set[Address]] = {}
    for each in rules:
        for hook in ("prerouting", "output"):
            for act, matches in each.translations(hook):
                for match in matches:
                    if match.field == "target" and isinstance(match.value, Numbers) and act.address is not None:
                        outer = (low for low, _ in match.value.intervals)
                        found.setdefault(act.address, set()).update(Address(match.family, low) for low in outer)
    return {inside: frozenset(outer) for inside, outer in found.items()}
