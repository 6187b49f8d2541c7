"""Findings as a table: for each pair of ends, what packets between them may do otherwise.

Enters: `Judged` pairs of places, and `Reach`es of what was not judged by places. Leaves: `Table`. Called by `gather.py`.

An end is a node, an address that no node has, or all. Nodes that were always judged together are one row of the table, so that ten
thousand hosts cost as much as one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from msgspec import Struct, field

from ..changes import Reach, Verdict
from .judge import Finding
from .places import Place
from .world import short

Ends = tuple[str, ...]
Beside = tuple[Ends, Ends]  # the hosts on a segment, and all nodes
Key = tuple[int, int, str, Ends]  # source, target, service, through
Verdicts = tuple[Verdict, Verdict]


class Judged(Struct, frozen=True):
    """What was found between two places."""

    source: Place
    target: Place
    finding: Finding


class Said(Struct):
    """One verdict of a pair and a service: the simplest packets that show it, and between which addresses."""

    why: str
    sources: dict[str, None] = field(default_factory=dict)
    targets: dict[str, None] = field(default_factory=dict)


class Table:
    """`ends`: of each row. `beside`: of an address that no node has, the nodes there."""

    def __init__(self, judged: Collection[Judged], others: Collection[Reach], beside: dict[str, Beside]) -> None:
        classes = {_ends(place) for each in judged for place in (each.source, each.target)}
        classes |= {ends for each in others for ends in (each.sources, each.targets)}
        self.ends = _rows(classes)
        of = {end: row for row, ends in enumerate(self.ends) for end in ends}
        self._rows = {ends: tuple(dict.fromkeys(of[end] for end in ends)) for ends in classes}
        self.cells: dict[Key, dict[Verdicts, Said]] = defaultdict(dict)
        for each in judged:
            self._add_judged(each)
        for reach in others:
            for key in self._keys(reach.sources, reach.targets, reach.services[0], reach.through):
                self._said(key, (reach.old, reach.new), reach.why)
        self._absorb(of, beside)
        for key, verdicts in self.cells.items():
            if len(verdicts) > 1:
                self._tell_apart(key, verdicts)

    def _keys(self, sources: Ends, targets: Ends, service: str, through: Ends = ()) -> Iterator[Key]:
        for source in self._rows[sources]:
            for target in self._rows[targets]:
                if source != target or self.has_inner(source):
                    yield source, target, service, through

    def has_inner(self, row: int) -> bool:
        """Whether there are pairs among the ends of a row themselves."""
        return len(self.ends[row]) > 1 or self.ends[row] == ("any",)

    def _add_judged(self, each: Judged) -> None:
        found = each.finding
        for key in self._keys(_ends(each.source), _ends(each.target), found.service):
            said = self._said(key, (found.old, found.new), found.why)
            said.sources[str(each.source.address)] = None
            said.targets[str(each.target.address)] = None

    def _said(self, key: Key, verdicts: Verdicts, why: str) -> Said:
        known = self.cells[key].setdefault(verdicts, Said(why))
        if (len(why), why) < (len(known.why), known.why):
            known.why = why
        return known

    def _absorb(self, of: dict[str, int], beside: dict[str, Beside]) -> None:
        """An address that no node has is told only where not all nodes beside it fare as packets from or to it do."""
        gone = []
        for key, verdicts in self.cells.items():
            source, target, *_ = key
            sides = [[(row, target) for row in self._near(source, target, of, beside)]]
            sides.append([(source, row) for row in self._near(target, source, of, beside)])
            gone += [(key, each) for each in verdicts if any(self._all_say(pairs, key, each) for pairs in sides)]
        for key, each in gone:
            del self.cells[key][each]

    def _near(self, row: int, other: int, of: dict[str, int], beside: dict[str, Beside]) -> set[int]:
        """The hosts beside an address, else what routes there, but for the pair's other end; none where one has no row."""
        for names in beside.get(self.ends[row][0], ()):
            rows = {of.get(name, -1) for name in names} - {other}
            if rows:
                return rows if all(near >= 0 and {*self.ends[near]} <= {*names} for near in rows) else set()
        return set()

    def _all_say(self, pairs: list[tuple[int, int]], key: Key, verdicts: Verdicts) -> bool:
        """Whether pairs show a verdict by packets no stranger than those of this one."""
        found = [self.cells.get((*pair, key[2], key[3]), {}).get(verdicts) for pair in pairs]
        why = self.cells[key][verdicts].why
        return bool(found) and all(said is not None and said.why in ("", why) for said in found)

    def _tell_apart(self, key: Key, verdicts: dict[Verdicts, Said]) -> None:
        """Of several verdicts of one pair, which of a node's addresses each is about."""
        for member, word in (("sources", "from"), ("targets", "to")):
            seen = [tuple(getattr(said, member)) for said in verdicts.values()]
            if len({*seen}) > 1:
                for said in verdicts.values():
                    own = ", ".join(getattr(said, member))
                    if own and f"{word} {own}" not in said.why:
                        said.why = "; ".join(filter(None, (f"{word} {own}", said.why)))


def _ends(place: Place) -> Ends:
    if place.segment is not None:
        return (str(place.address),)
    return tuple(map(short, place.members))


def _rows(classes: Iterable[Ends]) -> list[Ends]:
    """The ends that stand in the same classes together."""
    marks: dict[str, list[int]] = defaultdict(list)
    for number, ends in enumerate(sorted({tuple(sorted(ends)) for ends in classes})):
        for end in ends:
            marks[end].append(number)
    found: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for end, mark in marks.items():
        found[tuple(mark)].append(end)
    return [tuple(ends) for ends in found.values()]
