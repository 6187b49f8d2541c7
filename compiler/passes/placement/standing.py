"""Whether nodes may stand where they stand: capacities and statements, in plain Python, since with a whole lock nothing else runs.

Enters: a question, and for each node the number of its host or None. Leaves: what is broken. Called by the pass and `additions.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from .question import Question, Statement

Hosts = Sequence[int | None]


def stands(question: Question, hosts: Hosts) -> bool:
    """Whether all nodes have a host, no host carries more than it has, and every statement that must hold does."""
    if None in hosts or overfull(question, hosts):
        return False
    crowd = Counter(hosts)
    return all(is_met(each, hosts, crowd) for each in question.statements if each.weight is None)


def overfull(question: Question, hosts: Hosts) -> list[int]:
    """The hosts whose nodes ask for more than there is."""
    loads = loads_of(question, hosts)
    return [at for at, room in enumerate(question.capacity) if not _within(loads[at], room)]


def loads_of(question: Question, hosts: Hosts) -> list[list[int]]:
    loads = [[0] * len(room) for room in question.capacity]
    for row, host in zip(question.demand, hosts, strict=True):
        if host is not None:
            load = loads[host]
            for at, amount in enumerate(row):
                load[at] += amount
    return loads


def has_room(load: Sequence[int], row: Sequence[int], room: Sequence[int | None]) -> bool:
    """Whether a host with that load takes one node more."""
    return all(limit is None or taken + more <= limit for taken, more, limit in zip(load, row, room, strict=True))


def _within(load: Sequence[int], room: Sequence[int | None]) -> bool:
    return all(limit is None or taken <= limit for taken, limit in zip(load, room, strict=True))


def is_met(statement: Statement, hosts: Hosts, crowd: Counter[int | None]) -> bool:
    """Nodes without a host break nothing but a balance, which counts everyone. `crowd`: how many nodes each host carries."""
    there = [host for member in statement.members if (host := hosts[member]) is not None]
    if statement.form == "allow":
        return all(host in statement.hosts for host in there)
    if statement.form == "exclusive":
        return all(crowd[host] == count for host, count in Counter(there).items())
    places = [statement.places[host] for host in there]
    return -1 not in places and _FORMS[statement.form](places, statement.places)


def _together(places: list[int], _: Iterable[int]) -> bool:
    return len(set(places)) <= 1


def _apart(places: list[int], _: Iterable[int]) -> bool:
    return len(set(places)) == len(places)


def _balance(places: list[int], everywhere: Iterable[int]) -> bool:
    counts = Counter(places)
    numbers = [counts[place] for place in set(everywhere) - {-1}]
    return max(numbers) - min(numbers) <= 1


_FORMS = {"together": _together, "apart": _apart, "balance": _balance}
