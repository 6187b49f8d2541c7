"""NAT and NAPT: outside addresses that nobody routes here or that two rules claim, insides that have no address."""

from __future__ import annotations

from ...addresses import Address
from ...ir.lab import NaptRule, NatRule, Node, NodeId
from ...source import Origin
from .design import Design, called, names, there


def check(design: Design) -> None:
    claimed: dict[Address, tuple[Node, Origin]] = {}
    for node in design.lab.nodes.values():
        if not node.nat and not node.napt:
            continue
        for rule in node.nat:
            _claim(node, rule.outside, rule.origin, claimed, design)
            _inside(node, rule, design)
        for many in {rule.to: rule for rule in node.napt}.values():
            _claim(node, many.to, many.origin, claimed, design)
        for many in node.napt:
            _sources(node, many, design)


def _claim(
    node: Node, outside: Address, origin: Origin, claimed: dict[Address, tuple[Node, Origin]], design: Design
) -> None:
    first, first_origin = claimed.setdefault(outside, (node, origin))
    if first is node and first_origin is not origin:
        design.say(
            "E0519",
            f"{node.name} translates to {outside} twice",
            origin,
            "the second rule",
            mark=outside,
            labels=[there(first_origin, "the first one", outside)],
            reason="an answer to this address would have two ways back",
            help="give one of them another address",
        )
    elif not _is_routed(node, outside, design):
        _not_routed(node, outside, origin, design)
    else:
        _taken(node, outside, origin, design)


def _taken(node: Node, outside: Address, origin: Origin, design: Design) -> None:
    """The node answers for the address on its segments: a neighbour that has it answers too."""
    for domain in design.domains_of_node(node.id):
        if outside.value not in design.taken.get(domain, ()):
            continue
        for port, interface in design.stations[domain]:
            if interface.address == outside and port.node != node.id:
                design.say(
                    "E0506",
                    f"{node.name} translates to {outside}, which {called(port)} has",
                    origin,
                    f"both are in the broadcast domain of {design.lab.segments[domain].name}",
                    mark=outside,
                    labels=[there(port.origin, f"{called(port)} has it already", outside)],
                    reason="which of them answers would change from one packet to the next",
                    help="translate to a free address",
                )
                return


def _is_routed(node: Node, outside: Address, design: Design) -> bool:
    """Whether neighbours find the way: the address is on one of the node's segments, or some router sends it here."""
    for name in node.ports:
        if any(interface.prefix.holds(outside) for interface in design.lab.ports[name].addresses):
            return True
    own = {i.address for name in node.ports for i in design.lab.ports[name].addresses}
    return any(
        hop.to in own for neighbour in _neighbours(node, design) for hop in design.network.hops(neighbour, outside)
    )


def _neighbours(node: Node, design: Design) -> set[NodeId]:
    stations = (design.stations.get(domain, ()) for domain in design.domains_of_node(node.id))
    return {
        port.node for each in stations for port, _ in each if port.node != node.id and design.node_of(port).forwards
    }


def _not_routed(node: Node, outside: Address, origin: Origin, design: Design) -> None:
    neighbours = sorted(design.lab.nodes[name].name for name in _neighbours(node, design))
    length = 32 if outside.family == 4 else 128
    where = f"in {neighbours[0]}" if neighbours else "in its neighbour"
    design.say(
        "W0518",
        f"nobody routes {outside} to {node.name}",
        origin,
        f"it lies in no prefix of {node.name}'s ports",
        mark=outside,
        reason="answers to what was translated would never come back",
        help=f"{where}: `route {outside}/{length} via {node.name}`",
        severity="warning",
    )


def _inside(node: Node, rule: NatRule, design: Design) -> None:
    if rule.inside is not None and rule.inside.family == rule.outside.family:
        return
    inside = design.lab.nodes.get(rule.inside_node) if rule.inside_node is not None else None
    if inside is not None and not design.is_whole(inside.origin):
        return
    name = inside.name if inside is not None else str(rule.inside)
    design.say(
        "E0517",
        f"{name} has no IPv{rule.outside.family} address to translate {rule.outside} to",
        rule.origin,
        "of the same family as the outside one",
        mark=name,
        labels=[there(inside.origin, f"{name} is declared here", name)] if inside is not None else [],
        help=f"give it one, or take an outside address of its family; {node.name} translates within one family",
    )


def _sources(node: Node, rule: NaptRule, design: Design) -> None:
    if rule.sources or not design.is_whole(rule.origin, node.origin):
        return
    design.say(
        "E0520",
        f"{names(rule.source_ids)} has no IPv{rule.to.family} prefix",
        rule.origin,
        "so nothing is translated",
        reason=f"what comes from here and leaves as {rule.to} must be of its family",
        help="give the segment a prefix, or name one that has",
    )
