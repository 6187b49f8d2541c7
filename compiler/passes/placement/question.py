"""The question: what of a lab has to find a host, how large it is, and what was asked of its place.

Enters: a lab after the pass `bind`, with a site that has hosts. Leaves: a `Question` in plain Python, which a build whose lock
answers it never turns into arrays. Called by the pass; `arrays.py` makes the solvers' `Problem` of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from msgspec import Struct

from ...ir.lab import Affinity, Demand, Host, Lab, Node, NodeId
from ...site.hosts import RESOURCES, capacity_of, taken_by
from ...site.meets import meets
from ...source import Origin

Row = tuple[int, ...]
COUNTED = 50  # binary digits: with costs and fractions on top, sums over a site stay within 64
_NOTHING: Row = (0,) * len(RESOURCES)


class Statement(Struct, frozen=True):
    """One thing asked. `form`: allow, together, apart, balance, exclusive. `members`: numbers of nodes.

    `hosts`: of `allow`, the hosts that will do. `places`: of the others, a number for each host; hosts of one number are one place,
    -1 is a host that has no such label. `text`: in the lab's own words. `key`: of a need, the label that it is about; of gear, "". `weight` None: it must hold.
    """

    form: str
    members: tuple[int, ...]
    origin: Origin
    text: str
    hosts: frozenset[int] = frozenset()
    places: Row = ()
    weight: int | None = None
    key: str | None = None


class Question:
    """`nodes` by id and `hosts` by name, each sorted: their numbers depend on no order of declaration. Real gear is among them: it
    takes nothing, and sits at one of the hosts at which it enters. `homes`: these hosts, by node, where they are not those of the binding
    that the lab has. `demand`: a row a node,
    `capacity`: a row a host, of RESOURCES in whole units; None is no limit."""

    def __init__(self, lab: Lab, homes: Mapping[NodeId, frozenset[str]] | None = None) -> None:
        self.lab = lab
        self._homes = homes
        self.nodes: list[Node] = sorted(lab.nodes.values(), key=lambda node: node.id)
        self.hosts: list[Host] = sorted(lab.site.hosts.values(), key=lambda host: host.name)
        self.number: dict[NodeId, int] = {node.id: at for at, node in enumerate(self.nodes)}
        self.demand: list[Row] = [_amounts(node) for node in self.nodes]
        self.capacity: list[tuple[int | None, ...]] = [tuple(capacity_of(host).values()) for host in self.hosts]

    @cached_property
    def shift(self) -> Row:
        """Of each resource, how many binary digits the solvers do without: the sum of all demands has no more than COUNTED of them."""
        return (
            tuple(max(0, sum(column).bit_length() - COUNTED) for column in zip(*self.demand, strict=True)) or _NOTHING
        )

    @cached_property
    def statements(self) -> list[Statement]:
        """All that was asked, what must hold and what is preferred, in an order that the lab's ids decide."""
        wishes = (each for each in self.lab.affinities if self.number.keys() & set(each.members))
        found = [*self._of_demands(), *self._of_gear(), *map(self._of_affinity, wishes)]
        return sorted(found, key=lambda each: (each.members, each.form, each.text, sorted(each.hosts), each.places))

    def _of_demands(self) -> Iterator[Statement]:
        """Nodes of one kind share their demands' text: each different one is compared with the hosts once."""
        known: dict[tuple[str, str, str], frozenset[int]] = {}
        for at, node in enumerate(self.nodes):
            for demand in () if node.device else node.demands:
                if demand.key in RESOURCES and demand.weight is None:
                    continue
                key = (demand.key, demand.operator, repr(demand.value))
                hosts = known.get(key)
                if hosts is None:
                    hosts = known[key] = frozenset(self._where(lambda host, of=demand: meets(of, host.fields)))  # type: ignore[misc]
                text = _said(demand)
                yield Statement("allow", (at,), demand.origin, text, hosts, weight=demand.weight, key=demand.key)

    def _of_gear(self) -> Iterator[Statement]:
        for at, node in enumerate(self.nodes):
            if node.device is not None and (homes := self.homes_of(node)):
                hosts = frozenset(self._where(lambda host, names=homes: host.name in names))  # type: ignore[misc]
                text = f"is real gear, which is cabled to {', '.join(sorted(homes))}"
                yield Statement("allow", (at,), node.origin, text, hosts, key="")

    def homes_of(self, node: Node) -> frozenset[str]:
        """The hosts at which real gear enters; none where it does not, and may sit anywhere."""
        if self._homes is not None:
            return self._homes.get(node.id, frozenset())
        return frozenset(entry for port in node.ports if (entry := self.lab.ports[port].entry))

    def _of_affinity(self, wish: Affinity) -> Statement:
        text, weight = _words(wish), wish.weight
        if wish.form == "on":
            at, names = self.number[NodeId(wish.members[0])], set(wish.members[1:])
            hosts = frozenset(self._where(lambda host: host.name in names))
            return Statement("allow", (at,), wish.origin, text, hosts, weight=weight)
        members = tuple(sorted(self.number[each] for each in map(NodeId, wish.members) if each in self.number))
        return Statement(wish.form, members, wish.origin, text, places=self._places(wish.by), weight=weight)

    def _where(self, holds: Callable[[Host], bool]) -> Iterator[int]:
        return (at for at, host in enumerate(self.hosts) if holds(host))

    def _places(self, label: str | None) -> Row:
        if label is None:
            return tuple(range(len(self.hosts)))
        values = [_same(host.fields[label]) if label in host.fields else None for host in self.hosts]
        numbers = {value: at for at, value in enumerate(sorted({value for value in values if value is not None}))}
        return tuple(-1 if value is None else numbers[value] for value in values)


def _same(value: object) -> str:
    """Values that are equal are one place, whatever they are written as: `1` and `1.0`."""
    return repr(float(value)) if isinstance(value, int | float) and not isinstance(value, bool) else repr(value)


def _amounts(node: Node) -> Row:
    if not node.demands or node.device:
        return _NOTHING
    taken = taken_by(node)
    return tuple(taken.get(name, 0) for name in RESOURCES)


def _said(demand: Demand) -> str:
    """As it stands in the text: quotes and units tell what was meant."""
    return f"{'needs' if demand.weight is None else 'prefers'} {demand.origin.span.shown}"


def _words(wish: Affinity) -> str:
    soft = "" if wish.weight is None else "prefers "
    own = wish.form == "on" or len(wish.members) == 1
    names = ", ".join(member.removeprefix("node/") for member in wish.members[own:])
    return f"{soft}{wish.form} {names}".rstrip() + (f" by {wish.by}" if wish.by else "")
