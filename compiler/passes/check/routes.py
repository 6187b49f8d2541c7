"""Routes and gateways: next hops that cannot be reached, that do not forward, that lead in a circle or nowhere."""

from __future__ import annotations

from ...addresses import Address, Prefix
from ...ir.lab import Node, NodeId, Port, Route
from .design import Design, called, names, there
from .services import dhcp_server

_LINK_LOCAL = Prefix.parse("fe80::/10")
_MOST_HOPS = 64  # a packet's time to live in Linux


def check(design: Design) -> None:
    told: set[frozenset[str]] = set()
    for node in design.lab.nodes.values():
        for route in node.routes:
            if route.blackhole or not design.is_whole(route.origin, node.origin):
                continue
            if route.via_node is not None:
                _by_node(node, route, route.via_node, design)
            else:
                _by_address(node, route, design)
            if route.via and not _is_default(route):
                _follow(node, route, told, design)
            elif route.via and node.forwards:
                _follow_defaults(node, route, told, design)


# --- The next hop ------------------------------------------------------------------------------------------


def _what(route: Route) -> str:
    return "gateway" if route.prefix is None else "next hop"


def _by_node(node: Node, route: Route, target: NodeId, design: Design) -> None:
    via = design.lab.nodes.get(target)
    if via is None or not design.is_whole(via.origin):
        return
    if via is node:
        design.say(
            "E0418",
            f"{node.name} is its own {_what(route)}",
            route.origin,
            "a packet would never leave",
            mark=node.name,
            help="name a router on one of its segments",
        )
    elif not route.via:
        _unreachable(node, route, via, design)
    elif not via.forwards and not via.physical:
        _does_not_forward(node, route, via, design)
    else:
        for address in route.via:
            if _port_towards(node, address, design) is None:
                _over_a_lease(node, route, via.name, design)


def _unreachable(node: Node, route: Route, via: Node, design: Design) -> None:
    shared = design.domains_of_node(node.id) & design.domains_of_node(via.id)
    if shared and _has_other_family(node, via, route, design):
        return
    here = sorted(name for name in design.domains_of_node(node.id))
    if not shared:
        why, label = "a next hop must be a neighbour", f"{node.name} and {via.name} share no segment"
        near = _routers_near(node, design)
        help = f"did you mean `{near[0]}`?" if near else f"put a port of {via.name} on {names(here) or 'its segment'}"
    else:
        segment = design.lab.segments[min(shared)]
        why, label = (
            "a route needs an address to send to",
            f"{via.name} has no address on {segment.name} that {node.name} sees",
        )
        help = f"give {via.name} an address there that lies in a prefix of {node.name}'s port"
    design.say(
        "E0414",
        f"{node.name} cannot reach its {_what(route)} {via.name}",
        route.origin,
        label,
        mark=via.name,
        labels=[there(via.origin, f"{via.name} is declared here", via.name)],
        reason=why,
        help=help,
    )


def _has_other_family(node: Node, via: Node, route: Route, design: Design) -> bool:
    """Says that a route and its next hop are of two families, where that is the reason."""
    has = {i.address.family for name in via.ports for i in design.lab.ports[name].addresses}
    if not has or route.prefix is None or route.prefix.family in has:
        return False
    _other_family(node, route, via.name, design)
    return True


def _routers_near(node: Node, design: Design) -> list[str]:
    found = set()
    for domain in design.domains_of_node(node.id):
        for port, _ in design.stations.get(domain, ()):
            if port.node != node.id and design.node_of(port).forwards:
                found.add(design.node_of(port).name)
    return sorted(found)


def _does_not_forward(node: Node, route: Route, via: Node, design: Design) -> None:
    design.say(
        "E0413",
        f"{via.name} does not forward, yet is the {_what(route)} of {node.name}",
        route.origin,
        f"a packet sent to {via.name} ends there",
        mark=via.name,
        labels=[there(via.origin, f"its kind {via.kind} does not forward", via.kind)],
        help="give it a kind that routes, such as `linux.router`, or write `forward = true` in it",
    )


def _by_address(node: Node, route: Route, design: Design) -> None:
    for via in route.via:
        if route.prefix is not None and route.prefix.family != via.family:
            _other_family(node, route, str(via), design)
        elif _LINK_LOCAL.holds(via):
            _link_local(node, route, via, design)
        elif (port := _port_towards(node, via, design)) is not None:
            _who_has(node, route, via, port, design)
        elif any(design.lab.ports[name].dhcp for name in node.ports):
            _over_a_lease(node, route, str(via), design)
        else:
            _not_on_link(node, route, via, design)


def _other_family(node: Node, route: Route, via: str, design: Design) -> None:
    design.say(
        "E0423",
        f"{route.prefix} is IPv{route.prefix.family if route.prefix else 4}, its next hop {via} is not",
        route.origin,
        f"{node.name} would have no address to send to",
        mark=via,
        help="route each family by an address of its own",
    )


def _link_local(node: Node, route: Route, via: Address, design: Design) -> None:
    """Such an address needs no prefix on the node's own port; whoever has it must be on one of its segments."""
    ports = [design.lab.ports[name] for name in node.ports]
    if ports and all(design.network.holder(port.id, via) is None for port in ports):
        _nobody_has(route, via, ports[0], design)


def _port_towards(node: Node, via: Address, design: Design) -> Port | None:
    return design.connected(node.id).port_of(via)


def _not_on_link(node: Node, route: Route, via: Address, design: Design) -> None:
    own = [i for name in node.ports for i in design.lab.ports[name].addresses if i.address.family == via.family]
    wide = sorted({str(i.prefix) for i in own if len(i.prefix.hosts) > 1})
    if wide:
        help = f"choose an address in {' or '.join(wide)}"
    elif own:
        help = f"{own[0]} holds one address only: give the port its segment's prefix length"
    else:
        help = f"{node.name} has no IPv{via.family} address"
    design.say(
        "E0414",
        f"{node.name} cannot reach its {_what(route)} {via}",
        route.origin,
        "it lies in no prefix of its ports",
        mark=via,
        reason="a next hop must be a neighbour",
        help=help,
    )


def _over_a_lease(node: Node, route: Route, via: str, design: Design) -> None:
    """Of a daemon's or a device's own affairs labc knows nothing; its own routes are made once, before there is a lease."""
    port = next((design.lab.ports[name] for name in node.ports if design.lab.ports[name].dhcp), None)
    if port is None or node.physical:
        return
    server = dhcp_server(port, design)
    if not _is_default(route):
        help = f"give {called(port)} an address of its own: `at ADDRESS`"
    elif server is not None and server[1].fields.get("gateway"):
        help = f"leave it out: the DHCP server of {server[0].name} tells its clients of a gateway already"
    else:
        where = f" of {server[0].name}" if server is not None else ""
        help = f"let the DHCP server{where} tell it instead: `serve dhcp {{ gateway = {via} }}`"
    design.say(
        "E0425",
        f"{node.name} knows no way to its {_what(route)} {via}",
        route.origin,
        f"{called(port)} has no address until it is leased one",
        mark=via,
        reason="a route needs a prefix on the port; this one would have none, and lose it with every new lease",
        help=help,
    )


def _who_has(node: Node, route: Route, via: Address, port: Port, design: Design) -> None:
    if any(interface.address == via for interface in port.addresses):
        design.say("E0418", f"{via} is {node.name}'s own address", route.origin, "a packet would never leave", mark=via)
        return
    holder = design.network.holder(port.id, via)
    if holder is None:
        _nobody_has(route, via, port, design)
        return
    other = design.node_of(design.lab.ports[holder])
    if not other.forwards and not other.physical:
        _does_not_forward(node, route, other, design)


def _nobody_has(route: Route, via: Address, port: Port, design: Design) -> None:
    near = _routers_near(design.node_of(port), design)
    design.say(
        "W0415",
        f"nobody has the {_what(route)}'s address {via}",
        route.origin,
        f"no port in the broadcast domain of {called(port)} has it",
        mark=via,
        reason="packets would be dropped, unless something that labc does not see takes this address",
        help=f"did you mean `{near[0]}`?" if near else "",
        severity="warning",
    )


# --- Beyond the next hop -----------------------------------------------------------------------------------


def _follow(node: Node, route: Route, told: set[frozenset[str]], design: Design) -> None:
    """Walks from router to router as a packet to the prefix would; what labc cannot see into ends the walk. A circle is
    told once, not for each of its routes."""
    prefix = route.prefix
    if prefix is None:
        return
    passed: list[NodeId] = [node.id]
    here = _next_node(node.id, route.via[0], design)
    while here is not None and len(passed) < _MOST_HOPS:
        if here in passed:
            circle = [*passed[passed.index(here) :], here]
            if (key := frozenset([str(prefix), *circle])) not in told:
                told.add(key)
                _goes_in_a_circle(route, circle, design)
            return
        if _is_opaque(design.lab.nodes[here]) or _ends_at(here, prefix, design):
            return
        passed.append(here)
        hops = design.network.hops(here, _probe(prefix))
        if not hops:
            _leads_nowhere(node, route, here, design)
            return
        if hops[0].to is None:
            return
        here = _next_node(here, hops[0].to, design)


def _is_default(route: Route) -> bool:
    return route.prefix is None or not route.prefix.length


def _follow_defaults(node: Node, route: Route, told: set[frozenset[str]], design: Design) -> None:
    """Walks from router to router by their default routes, as a packet to nobody's address would."""
    family = route.via[0].family
    passed: list[NodeId] = [node.id]
    here = _next_node(node.id, route.via[0], design)
    while here is not None and not _is_opaque(design.lab.nodes[here]) and len(passed) < _MOST_HOPS:
        if here in passed:
            circle = [*passed[passed.index(here) :], here]
            if (key := frozenset([f"IPv{family}", *circle])) not in told:
                told.add(key)
                _defaults_go_in_a_circle(route, circle, design)
            return
        passed.append(here)
        onward = (each.via[0] for each in design.lab.nodes[here].routes if _is_default(each) and each.via)
        to = next((via for via in onward if via.family == family), None)
        here = _next_node(here, to, design) if to is not None else None


def _next_node(name: NodeId, via: Address, design: Design) -> NodeId | None:
    port = _port_towards(design.lab.nodes[name], via, design)
    holder = design.network.holder(port.id, via) if port is not None else None
    return design.lab.ports[holder].node if holder is not None else None


def _probe(prefix: Prefix) -> Address:
    return Address(prefix.family, prefix.hosts.start)


def _is_opaque(node: Node) -> bool:
    """Whether a daemon or a device may know routes that the lab does not state; one that does not forward was told already."""
    return node.physical or not node.forwards or any(config.loader == "file" for config in node.configs)


def _ends_at(name: NodeId, prefix: Prefix, design: Design) -> bool:
    """Whether the node itself has, translates or knows part of the prefix."""
    node = design.lab.nodes[name]
    own = [i.address for port in node.ports for i in design.lab.ports[port].addresses]
    own += [rule.outside for rule in node.nat] + [rule.to for rule in node.napt]
    if any(prefix.holds(address) for address in own):
        return True
    return any(
        route.prefix is not None and route.prefix != prefix and prefix.holds(route.prefix) for route in node.routes
    ) or any(i.prefix.overlaps(prefix) for port in node.ports for i in design.lab.ports[port].addresses)


def _defaults_go_in_a_circle(route: Route, circle: list[NodeId], design: Design) -> None:
    labels = [
        there(other.origin, f"{design.lab.nodes[each].name} sends it on from here")
        for each in circle[:-1]
        for other in design.lab.nodes[each].routes
        if other is not route and other.origin is not route.origin and _is_default(other)
    ]
    design.say(
        "W0424",
        "default routes lead in a circle",
        route.origin,
        _way(circle, design),
        labels=labels[:3],
        reason="a packet to an address that nobody has is passed on until its time to live ends",
        help="let one of these routers have no gateway, or one that leads out",
        severity="warning",
    )


def _way(circle: list[NodeId], design: Design) -> str:
    """`a → b → a`, from the least name on, wherever the walk began."""
    names = [design.lab.nodes[name].name for name in circle]
    start = min(range(len(circle) - 1), key=lambda index: circle[index])
    return " → ".join([*names[start:-1], *names[:start], names[start]])


def _goes_in_a_circle(route: Route, circle: list[NodeId], design: Design) -> None:
    nodes = [design.lab.nodes[name] for name in circle]
    labels = [
        there(other.origin, f"{each.name} sends it on from here")
        for each in nodes[:-1]
        for other in each.routes
        if other is not route
        and other.origin is not route.origin
        and (other.prefix is None or other.prefix == route.prefix)
    ]
    design.say(
        "E0417",
        f"packets to {route.prefix} go in a circle",
        route.origin,
        _way(circle, design),
        labels=labels[:3],
        reason="they are passed on until their time to live ends, and never arrive",
        help="let one of these routers send the prefix to where it is",
    )


def _leads_nowhere(node: Node, route: Route, end: NodeId, design: Design) -> None:
    last = design.lab.nodes[end]
    design.say(
        "E0416",
        f"the route of {node.name} to {route.prefix} resolves nowhere",
        route.origin,
        f"{last.name} does not know {route.prefix}",
        mark=route.prefix,
        labels=[there(last.origin, f"{last.name} has no port in it and no route to it", last.name)],
        reason="its packets are dropped on the way",
        help=f"give {last.name} a route: `route {route.prefix} via NODE`",
    )
