"""How people call the ends of pairs: as policies do, else by nodes' names.

Enters: a lab, where there is one. Leaves: names. Called by `radius.py`. A plan alone has no zones: its ends are nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...addresses import Address
from ...ir.lab import Lab, NodeId, Port
from ...walk import Members, members_of
from .world import short

# The names of an end at an address: (nodes, the segment of an address that no node has, the address) → names. Where policies name no such
# end, an address that no node has is called by the node beside which a probe would stand there.
Names = Callable[[tuple[str, ...], "str | None", Address], "tuple[str, ...]"]


def names_by(labs: Iterable[Lab | None]) -> Names:
    """By the policies of the labs, the later first: what a policy calls by its own name is called so, then zones, groups, segments."""
    books = [_Book(lab) for lab in labs if lab is not None and lab.policies]

    def names(nodes: tuple[str, ...], segment: str | None, address: Address) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for node in nodes:
            at = address if node == nodes[0] else None  # the others stand behind it with addresses of their own
            said = next((said for book in books if (said := book.names(node, segment, at))), ())
            found.update(dict.fromkeys(said or (short(node),)))
        return tuple(found)

    return names


class _Book:
    """The ends that one lab's policies name."""

    def __init__(self, lab: Lab) -> None:
        rules = (rule for policy in lab.policies.values() for rule in policy.rules)
        named = {end for rule in rules for end in (*rule.sources, *rule.targets)}
        self._lab = lab
        self._ends = [(end, members_of(end, lab)) for end in sorted(named, key=lambda end: (_rank(end), end))]

    def names(self, node: str, segment: str | None, address: Address | None) -> tuple[str, ...]:
        """All of the best rank: a node may be in two zones. Without an address, by all that the node has."""
        found = [end for end, members in self._ends if self._holds(members, node, segment, address)]
        return tuple(_called(end) for end in found if _rank(end) == _rank(found[0]))

    def _holds(self, members: Members, node: str, segment: str | None, address: Address | None) -> bool:
        if segment is None and node in members.nodes:
            return True
        ports = self._ports(node) if segment is None else []
        at = [port for port in ports if address is None or any(each.address == address for each in port.addresses)]
        own = [each.address for port in at for each in port.addresses] if address is None else [address]
        if any(each in members.addresses or any(prefix.holds(each) for prefix in members.prefixes) for each in own):
            return True
        on = {segment} if segment is not None else {on.segment for port in at for on in port.attachments}
        return not members.segments.isdisjoint(on)

    def _ports(self, node: str) -> list[Port]:
        known = self._lab.nodes.get(NodeId(node))
        return [self._lab.ports[port] for port in known.ports] if known else []


def _rank(end: str) -> int:
    """What a rule says most closely comes first."""
    return {"node": 0, "zone": 1, "group": 2, "segment": 3}.get(end.partition("/")[0], 4)


def _called(end: str) -> str:
    return end.partition("/")[2] if _rank(end) < 4 else end
