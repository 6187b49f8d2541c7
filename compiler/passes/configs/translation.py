"""What the rule set `nat` of a node is made from: its `nat` and `napt` statements, by family, with the ports behind which
they are seen.

Enters: a node. Leaves: plain records for stdlib/templates/nat.nft.j2. Called by the pass `configs`.

A source is translated only where it leaves by an outer port: 10.10.0.11 keeps its address towards the other inside segments.
"""

from __future__ import annotations

from ...addresses import Address, Prefix
from ...ir.lab import NaptRule, NatRule, Node, PortId
from ...walk import Network, outer_ports
from .record import Record

_TABLES = {4: "ip", 6: "ip6"}


class OneToOne(Record, frozen=True):
    outside: Address
    inside: Address
    leaving: tuple[str, ...]  # interfaces


class ManyToOne(Record, frozen=True):
    to: Address
    sources: tuple[Prefix, ...]
    leaving: tuple[str, ...]


class Translation(Record, frozen=True):
    """All of one family; `table` is nftables' name of the family."""

    table: str
    nat: tuple[OneToOne, ...]
    napt: tuple[ManyToOne, ...]


def translations(node: Node, network: Network) -> list[Translation]:
    found = []
    for family, table in _TABLES.items():
        nat = tuple(_one_to_one(r, node, network) for r in _sorted(node.nat) if r.outside.family == family and r.inside)
        napt = tuple(_many_to_one(r, node, network) for r in node.napt if r.to.family == family)
        if nat or napt:
            found.append(Translation(table, nat, tuple(sorted(napt, key=lambda rule: (rule.to, rule.sources)))))
    return found


def _sorted(rules: list[NatRule]) -> list[NatRule]:
    return sorted(rules, key=lambda rule: rule.outside)


def _one_to_one(rule: NatRule, node: Node, network: Network) -> OneToOne:
    assert rule.inside is not None
    return OneToOne(rule.outside, rule.inside, _interfaces(outer_ports(node, rule.outside, network), network))


def _many_to_one(rule: NaptRule, node: Node, network: Network) -> ManyToOne:
    sources = tuple(without_nested([prefix for prefix in rule.sources if prefix.family == rule.to.family]))
    return ManyToOne(rule.to, sources, _interfaces(outer_ports(node, rule.to, network), network))


def _interfaces(ports: list[PortId], network: Network) -> tuple[str, ...]:
    return tuple(network.lab.ports[port].interface or network.lab.ports[port].name for port in ports)


def without_nested(prefixes: list[Prefix]) -> list[Prefix]:
    """Sorted, without those that lie in another one: nftables refuses sets whose intervals overlap."""
    kept: list[Prefix] = []
    for prefix in sorted(set(prefixes), key=lambda prefix: (prefix.family, prefix.value, prefix.length)):
        if not (kept and kept[-1].holds(prefix)):
            kept.append(prefix)
    return kept
