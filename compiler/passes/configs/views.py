"""What a template may see of a lab: small read-only views over the IR, made when they are asked for.

Enters: the lab and one node. Leaves: the names of a template (`names_of` the lab, `names_for` the node). Called by the pass `configs`. Attributes that
start with `_` are the IR behind a view, which the sandbox does not let a template reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from ...addresses import Address, Interface, Mac, Prefix
from ...ir.lab import Lab, Node, NodeId, Policy, Port, PortId, Route, Rule, Secret, Segment, SegmentId, Serving
from ...plan.defaults import port_mtu, segment_mtu
from ...quantities import Service
from ...walk import Network, members_of
from .filtering import Line, Spoofed, lines, otherwise, spoofed
from .filters import Placed
from .translation import ManyToOne, OneToOne, Translation, translations
from .words import no_text, word

T = TypeVar("T")


def names_of(network: Network) -> dict[str, object]:
    """What every template of a lab sees: `nodes`, `segments`, `zones`, `policies`, `lab`, `parameters`."""
    lab = network.lab
    return {
        "nodes": Table(lab.nodes, "node/", lambda other: NodeView(other, lab)),
        "segments": Table(lab.segments, "segment/", lambda segment: SegmentView(segment, lab)),
        "zones": Table(lab.zones, "zone/", lambda zone: ZoneView(zone.id, lab)),
        "policies": [PolicyView(policy, lab) for _, policy in sorted(lab.policies.items())],
        "lab": LabView(lab, lab),
        "parameters": shown(lab.parameters, lab),
    }


def names_for(node: Node, network: Network) -> dict[str, object]:
    """What a node's templates see beside that: `node`, and of it `ports`, `routes`, `nat`, `napt`, `services`, `fields`;
    `filtering` and `translations`, both made ready for nftables."""
    lab = network.lab
    view = NodeView(node, lab)
    return {
        "node": view,
        "ports": view.ports,
        "fields": view.fields,
        "routes": view.routes,
        "nat": view.nat,
        "napt": view.napt,
        "services": view.services,
        "filtering": FilteringView(node, lab),
        "translations": TranslationsView(node, network),
    }


class View:
    """Two references: the record behind it and the lab around it. As text it is its name; what has none is no text."""

    __slots__ = ("_lab", "_of")

    def __init__(self, of: object, lab: Lab) -> None:
        self._of = of
        self._lab = lab

    def __str__(self) -> str:
        name = getattr(self, "name", None)
        if name is None:
            raise no_text(self)
        return str(name)

    def __repr__(self) -> str:
        return str(
            getattr(self, "name", word(self))
        )  # what a list of them prints must not hold where they lie in memory


class Table(Mapping[Any, object]):  # Any: a name, or the view that a loop gave
    """Things of the lab by their names: `nodes.web`, `ports["ge-0/0/1"]`. A loop goes over the things themselves, by name."""

    def __init__(
        self, table: Mapping[Any, object], kind: str, view: Callable[..., object]
    ) -> None:  # Any: one of the ids
        self._table = table
        self._kind = kind
        self._view = view

    def __getitem__(self, name: object) -> object:
        return self._view(self._table[self._kind + str(name)])

    def __iter__(self) -> Iterator[object]:
        return (self._view(self._table[identity]) for identity in sorted(self._table))

    def __len__(self) -> int:
        return len(self._table)

    def values(self) -> list[object]:  # type: ignore[override]  # Mapping's own looks each up a second time
        return list(self)

    @property
    def _called(self) -> str:
        return f"{self._kind.rstrip('/') or 'port'}s"

    def __str__(self) -> str:
        raise no_text(self)


class LabView(View):
    __slots__ = ()
    _of: Lab

    @property
    def name(self) -> str:
        return self._of.name


class NodeView(View):
    """A node: `name`, `kind`, `fields`, `ports`, `address` (its first), `addresses`, `routes`, `nat`, `napt`, `services`."""

    __slots__ = ()
    _of: Node

    @property
    def name(self) -> str:
        return self._of.name

    @property
    def kind(self) -> str:
        return self._of.kind

    @property
    def forwards(self) -> bool:
        return self._of.forwards

    @property
    def fields(self) -> object:
        return shown(self._of.fields, self._lab)

    @property
    def ports(self) -> Mapping[str, object]:
        ports = {PortId(self._lab.ports[port].name): self._lab.ports[port] for port in self._of.ports}
        return Table(ports, "", lambda port: PortView(port, self._lab))

    @property
    def addresses(self) -> list[Interface]:
        return [interface for port in self._of.ports for interface in self._lab.ports[port].addresses]

    @property
    def address(self) -> Placed:
        return _first([Placed(*interface) for interface in self.addresses], f"{self._of.name} has no address")

    @property
    def routes(self) -> list[RouteView]:
        return [RouteView(route, self._lab) for route in self._of.routes]

    @property
    def nat(self) -> list[TranslationView]:
        return [TranslationView(rule.outside, rule.inside, ()) for rule in self._of.nat]

    @property
    def napt(self) -> list[TranslationView]:
        return [TranslationView(rule.to, None, rule.sources) for rule in self._of.napt]

    @property
    def services(self) -> list[ServiceView]:
        return [ServiceView(serving, self._lab) for serving in self._of.services]


class PortView(View):
    """A port: `name`, `interface` (in Linux), `address` and `prefix` (of its first address), `addresses`, `mac`, `mtu`,
    `segment`, `segments`, `vlan`, `form`."""

    __slots__ = ()
    _of: Port

    @property
    def name(self) -> str:
        return self._of.name

    @property
    def interface(self) -> str:
        return self._of.interface or self._of.name

    @property
    def addresses(self) -> tuple[Interface, ...]:
        return self._of.addresses

    @property
    def address(self) -> Placed:
        return _first([Placed(*interface) for interface in self._of.addresses], f"{self._of.name} has no address")

    @property
    def prefix(self) -> Prefix:
        return _first([interface.prefix for interface in self._of.addresses], f"{self._of.name} has no address")

    @property
    def mac(self) -> Mac | None:
        return self._of.mac

    @property
    def mtu(self) -> int:
        return port_mtu(self._of, self._lab)

    @property
    def vlan(self) -> int | None:
        return self._of.vlan

    @property
    def form(self) -> str:
        return self._of.form

    @property
    def segments(self) -> list[SegmentView]:
        return [SegmentView(self._lab.segments[each.segment], self._lab) for each in self._of.attachments]

    @property
    def segment(self) -> SegmentView:
        return _first(self.segments, f"{self._of.name} stands on no segment")


class SegmentView(View):
    """A segment: `name`, `prefixes`, `prefix` (its first), `mtu`, `vlan`."""

    __slots__ = ()
    _of: Segment

    @property
    def name(self) -> str:
        return self._of.name

    @property
    def prefixes(self) -> tuple[Prefix, ...]:
        return self._of.prefixes

    @property
    def prefix(self) -> Prefix:
        return _first(list(self._of.prefixes), f"{self._of.name} has no prefix")

    @property
    def mtu(self) -> int:
        return segment_mtu(self._of, self._lab)

    @property
    def vlan(self) -> int | None:
        return self._of.vlan


class RouteView(View):
    """A static route: `prefix` (none: the default route), `via` (addresses), `metric`, `blackhole`."""

    __slots__ = ()
    _of: Route

    @property
    def prefix(self) -> Prefix | None:
        return self._of.prefix

    @property
    def via(self) -> tuple[Address, ...]:
        return self._of.via

    @property
    def metric(self) -> int:
        return self._of.metric

    @property
    def blackhole(self) -> bool:
        return self._of.blackhole


class FilteringView(View):
    """The lab's policies as a filter of nftables: `lines` (`match`, `verdict`, `comment`), `spoofed` (`table`, `prefix`,
    `interfaces`), `otherwise` (accept or drop)."""

    __slots__ = ()
    _called = "filtering"
    _of: Node

    @property
    def lines(self) -> Sequence[object]:
        return lines(self._lab)

    @property
    def spoofed(self) -> Sequence[object]:
        return spoofed(self._of, self._lab)

    @property
    def otherwise(self) -> str:
        return otherwise(self._lab)


class TranslationsView(Sequence[object]):
    """The node's `nat` and `napt` by family: a list whose items have `table`, `nat`, `napt`. Made when a template asks for it."""

    _called = "translations"

    def __init__(self, node: Node, network: Network) -> None:
        self._node = node
        self._network = network

    @cached_property
    def _items(self) -> list[Translation]:
        return translations(self._node, self._network)

    def __getitem__(self, index: Any) -> Any:  # Any: as Sequence has it, a number or a slice
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __str__(self) -> str:
        raise no_text(self)


class TranslationView:
    """An address translation: `outside`, and `inside` (one to one) or `sources` (many to one)."""

    __slots__ = ("inside", "outside", "sources")

    def __init__(self, outside: Address, inside: Address | None, sources: tuple[Prefix, ...]) -> None:
        self.outside = outside
        self.inside = inside
        self.sources = sources

    def __str__(self) -> str:
        raise no_text(self)

    def __repr__(self) -> str:
        return word(self)


class ServiceView(View):
    """A service that the node serves: `name`, `listens`, `fields`."""

    __slots__ = ()
    _of: Serving

    @property
    def name(self) -> str:
        return self._of.name

    @property
    def listens(self) -> tuple[Service, ...]:
        return self._of.listens

    @property
    def fields(self) -> object:
        return shown(self._of.fields, self._lab)


class EndView(View):
    """An end of a rule: its `name`, and `prefixes` and `addresses` of all that it holds, both families, sorted."""

    __slots__ = ()
    _of: str

    @property
    def name(self) -> str:
        return self._of.partition("/")[2] or self._of

    @property
    def prefixes(self) -> list[Prefix]:
        members = members_of(self._of, self._lab)
        return sorted(members.prefixes | {p for s in members.segments for p in self._lab.segments[s].prefixes})

    @property
    def addresses(self) -> list[Address]:
        members = members_of(self._of, self._lab)
        return sorted(members.addresses | {a for node in members.nodes for a in _addresses_of(node, self._lab)})

    @property
    def nodes(self) -> list[NodeView]:
        return [NodeView(self._lab.nodes[node], self._lab) for node in sorted(members_of(self._of, self._lab).nodes)]

    def __str__(self) -> str:
        return self.name


class ZoneView(EndView):
    """A zone has all that an end of a rule has."""

    __slots__ = ()


class PolicyView(View):
    """A policy: `name`, `rules`, `otherwise`."""

    __slots__ = ()
    _of: Policy

    @property
    def name(self) -> str:
        return self._of.name

    @property
    def rules(self) -> list[RuleView]:
        return [RuleView(rule, self._lab) for rule in self._of.rules]

    @property
    def otherwise(self) -> str | None:
        return self._of.otherwise


class RuleView(View):
    """A rule: `sources`, `targets` (ends), `action`, `services`."""

    __slots__ = ()
    _of: Rule

    @property
    def sources(self) -> list[EndView]:
        return [EndView(end, self._lab) for end in self._of.sources]

    @property
    def targets(self) -> list[EndView]:
        return [EndView(end, self._lab) for end in self._of.targets]

    @property
    def action(self) -> str:
        return self._of.action

    @property
    def services(self) -> tuple[Service, ...]:
        return self._of.services

    def __str__(self) -> str:
        return self._of.action


THINGS: frozenset[type] = frozenset(
    (
        *(Address, Interface, Mac, Placed, Prefix, Service),
        *(Table, TranslationsView, TranslationView, *View.__subclasses__(), ZoneView),
        *(Line, Spoofed, Translation, OneToOne, ManyToOne),
    )
)


def shown(value: object, lab: Lab) -> object:
    """A value of a field or parameter as templates see it, at any depth: secrets become their marks, ids views."""
    if isinstance(value, Secret):
        return placeholder(value)
    if isinstance(value, str):
        return _element(value, lab)
    if isinstance(value, dict):
        return {key: shown(item, lab) for key, item in value.items()}
    return [shown(item, lab) for item in value] if isinstance(value, list) else value


def _element(text: str, lab: Lab) -> object:
    """A field of type node or segment holds an id; any other text is itself."""
    if (node := lab.nodes.get(NodeId(text))) is not None:
        return NodeView(node, lab)
    segment = lab.segments.get(SegmentId(text))
    return text if segment is None else SegmentView(segment, lab)


def placeholder(secret: Secret) -> str:
    """The mark that stands for a secret in a text (docs/plan.md); the backend that loads the text replaces it in memory."""
    return f"\0secret:{secret.reference}\0"


def _first(values: list[T], otherwise: str) -> T:
    """AttributeError is what the template engine takes for "there is no such thing"."""
    if not values:
        raise AttributeError(otherwise)
    return values[0]


def _addresses_of(node: NodeId, lab: Lab) -> list[Address]:
    return [interface.address for port in lab.nodes[node].ports for interface in lab.ports[port].addresses]
