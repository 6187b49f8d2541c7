"""Findings put together: pairs that fare alike are told once.

Enters: `Reach`es of one pair and one service. Leaves: fewer, sorted. Called by `radius.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from msgspec.structs import replace

from ..changes import Reach

ANY = "any"
_RANK = {"allowed": 0, "denied": 1, "unreachable": 2, "unknown": 3}


def gathered(found: Iterable[Reach], services: Collection[str]) -> tuple[Reach, ...]:
    """First the services of each pair, then its targets, then sources. `services`: all that there are; who has them all has any."""
    pairs = [
        replace(each, sources=(source,), targets=(target,))
        for each in dict.fromkeys(found)
        for source in each.sources
        for target in each.targets
    ]
    reaches = _joined(_plainest(pairs), "services", lambda each: (each.sources, each.targets, each.through))
    reaches = [replace(each, services=(ANY,)) if {ANY, *each.services} >= {*services} else each for each in reaches]
    reaches = _joined(reaches, "targets", lambda each: (each.sources, each.services, each.through))
    reaches = _joined(reaches, "sources", lambda each: (each.targets, each.services, each.through))
    reaches = _joined(reaches, "through", lambda each: (each.sources, each.targets, each.services))
    return tuple(sorted(reaches, key=_order))


def _plainest(pairs: Iterable[Reach]) -> list[Reach]:
    """Of all kinds of packets that show one verdict of a pair and a service, the simplest."""
    groups: dict[Any, Reach] = {}
    for each in pairs:
        key = each.sources, each.targets, each.services, each.old, each.new, each.through
        known = groups.get(key)
        if known is None or (len(each.why), each.why) < (len(known.why), known.why):
            groups[key] = each
    return list(groups.values())


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
    """What opens comes first, then what closes, then what nobody knows."""
    return (
        "unknown" in (each.old, each.new),
        _RANK[each.new],
        _RANK[each.old],
        each.sources,
        each.targets,
        each.services,
        each.why,
    )
