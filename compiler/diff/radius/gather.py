"""A table of findings told in few lines: pairs that fare alike once, and sets of nodes by their name where all of them do.

Enters: a `Table`. Leaves: `Reach`es, sorted. Called by `radius.py`. Each pair of different ends of a line fares as the line says, and what no
line says was shown to be equal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from ..changes import Reach, Verdict
from .cells import Ends, Table
from .ends import Book

ANY = "any"
_RANK = {"allowed": 0, "denied": 1, "unreachable": 2, "unknown": 3}
_Line = tuple[Ends, Verdict, Verdict, str, Ends]  # services, old, new, why, through
_Group = tuple[_Line, frozenset[int], frozenset[int]]


def gathered(table: Table, services: Collection[str], book: Book) -> tuple[Reach, ...]:
    """`services`: all that there are; who has them all has any."""
    reaches = [_reach(group, table, book) for group in _grouped(_lines(table, {*services}), table)]
    reaches = _joined(reaches, "through", lambda each: (each.sources, each.targets, each.services))
    return tuple(sorted(reaches, key=_order))


def _lines(table: Table, services: set[str]) -> Iterator[tuple[int, int, _Line]]:
    """What each pair has to say, all services of one verdict together."""
    found: dict[Any, list[str]] = defaultdict(list)
    for (source, target, service, through), verdicts in table.cells.items():
        for (old, new), said in verdicts.items():
            found[source, target, old, new, said.why, through].append(service)
    for (source, target, old, new, why, through), own in found.items():
        told = (ANY,) if {ANY, *own} >= services else tuple(sorted(own, key=_name))
        yield source, target, (told, old, new, why, through)


def _grouped(lines: Iterable[tuple[int, int, _Line]], table: Table) -> Iterator[_Group]:
    """Sources that say the same of the same targets; then those that say it of all of each other."""
    targets: dict[tuple[_Line, int], set[int]] = defaultdict(set)
    for source, target, line in lines:
        targets[line, source].add(target)
    alike: dict[tuple[_Line, frozenset[int]], set[int]] = defaultdict(set)
    for (line, source), found in targets.items():
        alike[line, frozenset(found)].add(source)
    circles: dict[tuple[_Line, frozenset[int]], set[int]] = defaultdict(set)
    for (line, own), sources in alike.items():
        if len(sources) == 1 and not any(map(table.has_inner, sources)):
            circles[line, own | sources] |= sources
        else:
            yield line, frozenset(sources), own
    for (line, circle), sources in circles.items():
        if len(sources) > 1:
            yield line, frozenset(sources), circle
        else:
            (source,) = sources
            yield line, frozenset(sources), frozenset(targets[line, source])


def _reach(group: _Group, table: Table, book: Book) -> Reach:
    (services, old, new, why, through), *rows = group
    sources, targets = (sorted((end for row in side for end in table.ends[row]), key=_name) for side in rows)
    called = book.names(sources, _lone(targets, sources)), book.names(targets, _lone(sources, targets))
    one, other = (tuple(sorted(names, key=_name)) for names in called)
    return Reach(one, other, services, old, new, why, through)


def _lone(end: list[str], others: list[str]) -> list[str]:
    """The one end over against many, which is no partner of its own."""
    return end if len(end) == 1 < len(others) else []


def _joined(reaches: Iterable[Reach], member: str, rest: Callable[[Reach], Any]) -> list[Reach]:
    """Those that differ in one member only."""
    groups: dict[Any, tuple[Reach, dict[str, None]]] = {}
    for each in reaches:
        key = each.old, each.new, each.why, rest(each)
        _, items = groups.setdefault(key, (each, {}))
        items.update(dict.fromkeys(getattr(each, member)))
    return [replace(each, **{member: tuple(sorted(items, key=_name))}) for each, items in groups.values()]


def _name(text: str) -> tuple[bool, int, str]:
    """`pc2` before `pc10`, what stands for all the rest last."""
    return text.startswith("any"), len(text), text


def _order(each: Reach) -> tuple[Any, ...]:
    """What opens comes first, then what closes, then what only unusual packets show, then what nobody knows."""
    return (
        "unknown" in (each.old, each.new),
        bool(each.why),
        _RANK[each.new],
        _RANK[each.old],
        each.why,
        each.sources,
        each.targets,
        each.services,
    )
