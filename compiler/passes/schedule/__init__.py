"""Schedule: the finished lab → the resources of the plan and what each of them needs first.

Enters: a lab after all other passes. Leaves: `lab.resources`, each with the spec that docs/plan.md states, every default
written out, so that another version of labc alone never changes a running lab. Called by the pipeline; `plan/write.py`
writes what it leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ...addresses import BITS, Address, Prefix
from ...diagnostics import Diagnostics
from ...ir.lab import Attachment, Config, Lab, Node, NodeId, Port, PortId, Resource, Route, Serving
from ...plan.defaults import port_mtu, port_rate
from ...plan.ids import interface_of, service_id
from ...plan.plain import plain
from ..manager import register
from .gear import attachments, patches
from .parts import HOST, part_id, parts_of

FILE_MODE = 0o644
_DEFAULT_ROUTE = {4: Prefix(4, 0, 0), 6: Prefix(6, 0, 0)}
_NOT_IN_HOSTNAMES = re.compile(r"[^A-Za-z0-9-]+")
_TABLE = re.compile(
    r"^\s*(?:(?:add|create)\s+)?table\s+(?:(ip|ip6|inet|arp|bridge|netdev)\s+)?([A-Za-z_][\w./-]*)", re.MULTILINE
)


@register(reads=("nodes", "ports", "segments", "links", "site"), writes=("resources",))
def schedule(lab: Lab, _: Diagnostics) -> Lab:
    """A node `web` with a port on `dmz` leaves `node/web`, `segment/dmz` and `port/web/eth0`, which needs both. Where `dmz` crosses
    hosts, each has its part of it, `segment/dmz@h1`, and a `tunnel/dmz@h1` to the others."""
    lab.resources = [part for segment in lab.segments.values() for part in parts_of(segment, lab)]
    for node in lab.nodes.values():
        lab.resources.extend(_of_node(node, lab))
        if node.device is not None:
            lab.resources.extend(attachments(node, lab))
    lab.resources.extend(patches(lab))
    return lab


def _of_node(node: Node, lab: Lab) -> Iterator[Resource]:
    ports = [lab.ports[port] for port in node.ports]
    yield _node(node, ports, lab)
    answered = _answered(node)
    for port in ports:
        yield _port(port, node, answered, lab)
    yield from _routes(node, ports)
    for config in node.configs:
        yield _ruleset(config, node) if config.loader == "nft" else _file(config, node)
    for serving in node.services:
        yield _service(serving, node, lab)


def _node(node: Node, ports: list[Port], lab: Lab) -> Resource:
    name = hostname(node.name)
    own = [[str(interface.address), name] for port in ports for interface in port.addresses]
    stated = node.fields.get("hosts")
    more = sorted([str(plain(item)), each] for each, item in stated.items()) if isinstance(stated, dict) else []
    spec: dict[str, object] = {
        "kind": node.kind,
        "hostname": name,
        "forward": node.forwards,
        "bridge": node.bridges,
        "hosts": sorted(own) + more,
        "nameservers": _nameservers(node, lab),
        "probe": node.probe,
    }
    if node.device is not None:
        spec["device"] = node.device.removeprefix("device/")
    return Resource(node.id, "node", node.host or HOST, node.backend, spec, [], node.origin)


def hostname(name: str) -> str:
    """What the kernel and `/etc/hosts` take (RFC 1123 §2.1): letters, digits and hyphens, at most 63."""
    return _NOT_IN_HOSTNAMES.sub("-", name).strip("-")[:63] or "node"


def _nameservers(node: Node, lab: Lab) -> list[str]:
    """The field `nameservers`: addresses, or nodes, which stand for their first address."""
    stated = node.fields.get("nameservers")
    return [text for item in stated for text in _nameserver(item, lab)] if isinstance(stated, list | tuple) else []


def _nameserver(item: object, lab: Lab, families: tuple[int, ...] = (4, 6)) -> list[str]:
    server = lab.nodes.get(NodeId(item)) if isinstance(item, str) else None
    if server is None:
        return [str(item)]
    own = (interface.address for port in server.ports for interface in lab.ports[port].addresses)
    return [str(address) for address in own if address.family in families][:1]


def _port(port: Port, node: Node, answered: list[Address], lab: Lab) -> Resource:
    placed = _sorted(port.attachments)
    host = node.host or HOST
    segments = [] if node.device else [part_id(lab.segments[each.segment], host) for each in placed]
    spec: dict[str, object] = {
        "node": node.id,
        "name": port.name,
        "interface": interface_of(port),
        "form": port.form,
        "segments": [{"segment": each.segment, "tag": each.tag} for each in placed],
        "over": sorted(interface_of(lab.ports[below]) for below in port.over) if port.over else [],
        "vlan": port.vlan,
        "mac": str(port.mac) if port.mac is not None else None,
        "mtu": port_mtu(port, lab),
        "rate": _rate(port, lab),
        "addresses": [*map(str, port.addresses), *(_answered_on(port, answered) if answered else ())],
        "dhcp": port.dhcp,
    }
    if port.socket:
        spec["socket"] = port.socket
    return Resource(port.id, "port", host, node.backend, spec, [node.id, *segments, *port.over], port.origin)


def _sorted(attachments: list[Attachment]) -> list[Attachment]:
    """The order in which a port names its segments means nothing."""
    return attachments if len(attachments) < 2 else sorted(attachments, key=lambda each: (each.segment, each.tag or 0))


def _answered(node: Node) -> list[Address]:
    """The addresses for which a node translates: nobody could send to them unless it answered ARP and ND for them."""
    return sorted({rule.outside for rule in node.nat} | {rule.to for rule in node.napt})


def _answered_on(port: Port, answered: list[Address]) -> list[str]:
    """Those that its prefixes hold and that it does not have itself, as single addresses."""
    own = {interface.address for interface in port.addresses}
    prefixes = [interface.prefix for interface in port.addresses]
    near = [address for address in answered if address not in own and any(prefix.holds(address) for prefix in prefixes)]
    return [f"{address}/{BITS[address.family]}" for address in near]


def _rate(port: Port, lab: Lab) -> int | None:
    rate = port_rate(port, lab)
    return rate.amount if rate is not None else None


def _routes(node: Node, ports: list[Port]) -> Iterator[Resource]:
    """Several routes of one prefix and metric are one with several next hops (ECMP)."""
    if not node.routes:
        return
    connected = {interface.prefix: port.id for port in ports for interface in port.addresses}
    lengths = sorted({(prefix.family, prefix.length) for prefix in connected}, reverse=True)
    hops: dict[tuple[Prefix, int], tuple[list[Address], Route]] = {}
    for route in node.routes:
        for prefix, via in _by_family(route):
            hops.setdefault((prefix, route.metric), ([], route))[0].extend(via)
    for (prefix, metric), (stated, route) in hops.items():
        via = sorted(set(stated))
        identity = f"route/{node.name}/{prefix}" + (f"/{metric}" if metric else "")
        out = sorted({port for hop in via for port in _towards(hop, connected, lengths)})
        spec: dict[str, object] = {
            "node": node.id,
            "prefix": str(prefix),
            "via": [str(hop) for hop in via],
            "metric": metric,
        }
        yield Resource(identity, "route", node.host or HOST, node.backend, spec, [node.id, *out], route.origin)


def _by_family(route: Route) -> Iterator[tuple[Prefix, list[Address]]]:
    if route.prefix is not None:
        if route.via or route.blackhole:
            yield route.prefix, [] if route.blackhole else list(route.via)
        return
    for family, prefix in _DEFAULT_ROUTE.items():
        via = [address for address in route.via if address.family == family]
        if via:
            yield prefix, via


def _towards(hop: Address, connected: dict[Prefix, PortId], lengths: Iterable[tuple[int, int]]) -> list[PortId]:
    for family, length in lengths:
        if family == hop.family:
            shift = BITS[family] - length
            port = connected.get(Prefix(family, hop.value >> shift << shift, length))
            if port is not None:
                return [port]
    return []


def _ruleset(config: Config, node: Node) -> Resource:
    spec: dict[str, object] = {
        "node": node.id,
        "table": config.name,
        "tables": tables_of(config.text),
        "text": config.text,
        "template": config.template,
    }
    identity = f"ruleset/{node.name}/{config.name}"
    return Resource(identity, "ruleset", node.host or HOST, node.backend, spec, [node.id, *node.ports], config.origin)


def tables_of(text: str) -> list[str]:
    """The nftables tables that a rule set makes, `FAMILY NAME`; nft's family is `ip` where none is said."""
    return sorted({f"{family or 'ip'} {name}" for family, name in _TABLE.findall(text)})


def _file(config: Config, node: Node) -> Resource:
    spec: dict[str, object] = {"node": node.id, "path": config.path, "text": config.text, "mode": FILE_MODE}
    identity = f"file/{node.name}/{config.name}"
    return Resource(identity, "file", node.host or HOST, node.backend, spec, [node.id], config.origin)


def _told_by_dhcp(serving: Serving, node: Node, lab: Lab) -> dict[str, object]:
    """`gateway` and `dns` name nodes or addresses; a client learns addresses, of IPv4; a gateway's are those on its segment."""
    gateway, stated = serving.fields.get("gateway", ""), serving.fields.get("dns", "")
    servers = stated if isinstance(stated, list) else [stated] if stated else []
    dns = [text for item in servers for text in _nameserver(item, lab, (4,))]
    near = _beside_clients(gateway, node, lab)
    return {"gateway": near or "".join(_nameserver(gateway, lab, (4,))), "dns": dns}


def _beside_clients(gateway: object, server: Node, lab: Lab) -> str:
    """The address of a gateway on a segment on which the server has clients, else on one that both share."""
    router = lab.nodes.get(NodeId(gateway)) if isinstance(gateway, str) else None
    if router is None:
        return ""
    served = {each.segment for port in server.ports for each in lab.ports[port].attachments}
    leased = {each for each in served if any(lab.ports[port].dhcp for port in lab.segments[each].ports)}
    for segments in (leased, served):
        for port in (lab.ports[name] for name in router.ports):
            if not segments.isdisjoint(each.segment for each in port.attachments):
                for interface in port.addresses:
                    if interface.address.family == 4:
                        return str(interface.address)
    return ""


def _service(serving: Serving, node: Node, lab: Lab) -> Resource:
    told = _told_by_dhcp(serving, node, lab) if serving.name == "dhcp" else {}
    spec: dict[str, object] = {
        "node": node.id,
        "service": serving.name,
        "listens": [str(service) for service in serving.listens],
        "fields": plain(serving.fields | told),
    }
    files = [f"file/{node.name}/{config.name}" for config in node.configs if config.loader != "nft"]
    needs = [node.id, *node.ports, *files]
    return Resource(service_id(serving, node), "service", node.host or HOST, node.backend, spec, needs, serving.origin)
