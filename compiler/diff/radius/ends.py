"""How people call the ends of pairs: by the sets of nodes that policies name, where all of a set is meant, else by nodes' names.

Enters: labs, where there are any. Leaves: a `Book` of sets. Called by `radius.py`. A plan alone has no zones: its ends are nodes.

A segment's, prefix's or address's hosts are its members. What forwards has an address on many segments and is a member only where it is
named itself: what it does is told under its own name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from ...addresses import Address, Prefix
from ...ir.lab import Lab, Node
from ...walk import Members, members_of
from .world import short

_DIGITS = "0123456789"
_RANKS = {"node": 0, "zone": 1, "group": 2, "segment": 3}


class Book:
    """Sets of nodes by name, the biggest first; of equal ones only that which a rule says most closely."""

    def __init__(self, labs: Iterable[Lab | None], renamed: Mapping[str, str]) -> None:
        """`renamed`: from old names of nodes to new ones."""
        known = [lab for lab in labs if lab is not None]
        ends = {end for lab in known for end in _named(lab)}
        self._single = {renamed.get(short(end), short(end)) for end in ends if end.startswith("node/")}
        found: dict[frozenset[str], str] = {}
        self._ranges = {_called(end): [each for lab in known for each in _ranges(end, lab)] for end in ends}
        for end in sorted(ends, key=lambda end: (_rank(end), end)):
            members = frozenset(renamed.get(name, name) for lab in known for name in _members(end, lab))
            if members and not (len(members) == 1 and members <= self._single):
                found.setdefault(members, _called(end))
        self.sets = sorted(found.items(), key=lambda item: (-len(item[0]), item[1]))

    def names(self, nodes: Collection[str], itself: Collection[str] = ()) -> tuple[str, ...]:
        """What the nodes are called: by sets that hold no other node, then one by one. `itself`: the one that stands at the pair's other end
        and makes no pair with itself."""
        left, allowed = set(nodes), {*nodes, *itself}
        found = []
        for members, name in self.sets:
            if len(members) <= len(allowed) and members <= allowed and not members.isdisjoint(left):
                found.append(name)
                left -= members
                left -= {end for end in left if self._lies_in(end, name)}
        return tuple(dict.fromkeys((*found, *(name for name in nodes if name in left))))

    def _lies_in(self, end: str, name: str) -> bool:
        """Whether an address that no node has is among what a policy calls by a name: with all its nodes it needs no word of its own."""
        if end[:1] not in _DIGITS and ":" not in end:
            return False
        try:
            address = Address.parse(end)
        except ValueError:
            return False
        return any(prefix.holds(address) for prefix in self._ranges[name])


def _named(lab: Lab) -> Iterator[str]:
    for policy in lab.policies.values():
        for rule in policy.rules:
            yield from (*rule.sources, *rule.targets)


def _members(end: str, lab: Lab) -> Iterator[str]:
    members = members_of(end, lab)
    for node in lab.nodes.values():
        if node.id in members.nodes or (not (node.forwards or node.bridges) and _is_in(members, node, lab)):
            yield node.name


def _is_in(members: Members, node: Node, lab: Lab) -> bool:
    ports = [lab.ports[port] for port in node.ports]
    if any(on.segment in members.segments for port in ports for on in port.attachments):
        return True
    own = [interface.address for port in ports for interface in port.addresses]
    return any(each in members.addresses or any(prefix.holds(each) for prefix in members.prefixes) for each in own)


def _ranges(end: str, lab: Lab) -> Iterator[Prefix]:
    members = members_of(end, lab)
    yield from members.prefixes
    for segment in members.segments:
        yield from lab.segments[segment].prefixes


def _rank(end: str) -> int:
    """What a rule says most closely comes first."""
    return _RANKS.get(end.partition("/")[0], len(_RANKS))


def _called(end: str) -> str:
    return short(end) if _rank(end) < len(_RANKS) else end
