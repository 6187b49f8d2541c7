"""Facts of the kernel, and what is wanted → what is there, under the plan's ids and as the same fields. Pure.

Called by the backend in the client. What bears the instance's label and no id of the plan comes out under the id in its label.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...decide import Observed, Wanted
from . import links

Facts = Mapping[str, Any]  # Any: JSON
_NO_QUEUE = {"", "noqueue", "noop", "tbf"}  # the kernel's own, that of a link that is down, and ours
_OF_NODE = ("label", "forward", "rp_filter", "proxy_arp", "bridge", "ipv6", "rules", "tables", "neighbours")
_LOOPBACK_OWN = {"127.0.0.1/8", "::1/128"}


def observed(facts: Facts, wanted: Sequence[Wanted]) -> dict[str, Observed]:
    """Everything of the instance, by id."""
    view = _View(facts, wanted)
    found = [*_nodes(view), *_segments(view), *_ports(view), *_routes(view), *_owned(view), *_services(view)]
    return {each.id: each for each in found}


class _View:
    """The facts with the tables that several kinds need."""

    __slots__ = ("fabric", "facts", "interfaces", "leases", "loopbacks", "networks", "nodes", "wanted")

    def __init__(self, facts: Facts, wanted: Sequence[Wanted]) -> None:
        self.facts = facts
        self.wanted = {each.id: each for each in wanted}
        self.nodes: dict[str, Facts] = {f"node/{name}": node for name, node in facts["nodes"].items() if node}
        self.fabric = {link["index"]: link for link in facts["fabric"]}
        ports = [each for each in wanted if each.kind == "port"]
        self.interfaces = {(p.fields["node"], p.fields["interface"]): p for p in ports if p.fields["form"] == "port"}
        self.loopbacks: dict[str, list[Wanted]] = {}
        for port in ports:
            if port.fields["form"] == "loopback":
                self.loopbacks.setdefault(port.fields["node"], []).append(port)
        self.leases = {lease["port"]: lease for lease in facts["leases"]}


def _nodes(view: _View) -> Iterator[Observed]:
    for name, facts in view.facts["nodes"].items():
        identity = f"node/{name}"
        if facts is None:
            if identity not in view.wanted:
                yield Observed(identity, "node", {})
            continue
        fields = {name: facts[name] for name in _OF_NODE} | facts["etc"]
        yield Observed(identity, "node", fields)


def _segments(view: _View) -> Iterator[Observed]:
    names = {links.fabric_name(each.id): each.id for each in view.wanted.values() if each.kind == "segment"}
    for link in view.facts["fabric"]:
        if link["kind"] == "bridge":
            identity = names.get(link["name"]) or link["alias"] or f"segment/{link['name']}"
            fields = {"direct": False, "mtu": link["mtu"], "up": link["up"], "mac": link["mac"], "name": link["name"]}
            yield Observed(identity, "segment", fields)
    for each in view.wanted.values():
        if each.kind == "segment" and each.fields["direct"] and _joined(each.fields["ends"], view):
            yield Observed(each.id, "segment", each.fields)


def _joined(ends: Sequence[Sequence[str]], view: _View) -> bool:
    one, other = (_interface(view, node, interface) for node, interface in ends)
    return bool(one and other and one["peer"] == other["index"] and other["peer"] == one["index"])


def _interface(view: _View, node: str, name: str) -> Facts | None:
    return (
        next((link for link in view.nodes[node]["links"] if link["name"] == name), None) if node in view.nodes else None
    )


def _ports(view: _View) -> Iterator[Observed]:
    seen: set[int] = set()
    for node, facts in view.nodes.items():
        own: dict[int, list[str]] = {}
        for index, text, _ in facts["addresses"]:
            own.setdefault(index, []).append(text)
        bridge = next((link["index"] for link in facts["links"] if link["name"] == links.BRIDGE), None)
        for link in facts["links"]:
            if (link["ours"] and link["kind"] == "veth") or (node, link["name"]) in view.interfaces:
                port = _port(view, node, facts, link, own.get(link["index"], []), bridge)
                seen.add(link["peer"])
                yield port
        yield from _loopbacks(view, node, own.get(links.LOOPBACK, []))
    for link in view.facts["fabric"]:
        if link["kind"] == "veth" and link["index"] not in seen:
            identity = link["alias"] or f"port/{link['name']}"
            if identity not in view.wanted:  # a wanted one takes the name over when it is made
                fields = {"form": "fabric", "interface": link["name"], "dhcp": False}
                yield Observed(identity, "port", fields)


def _port(view: _View, node: str, facts: Facts, link: Facts, own: list[str], bridge: int | None) -> Observed:
    wanted = view.interfaces.get((node, link["name"]))
    identity = wanted.id if wanted else link["alias"] or f"port/{node.removeprefix('node/')}/{link['name']}"
    far = view.fabric.get(link["peer"])
    if far is not None and far["name"] != links.fabric_name(identity):
        far = None  # the peer is in another node and only shares the number
    lease = view.leases.get(identity)
    segment, direct = _attachment(view, wanted, far)
    rate = facts["rates"].get(str(link["index"])) or (None if link["queueing"] in _NO_QUEUE else link["queueing"])
    fields = {
        "node": node,
        "form": "port",
        "interface": link["name"],
        "segment": segment,
        "direct": direct,
        "bridged": _bridged(link, bridge),
        "mac": link["mac"],
        "mtu": min(link["mtu"], far["mtu"]) if far else link["mtu"],
        "rate": rate,
        "up": link["up"],
        "arp": links.NO_ARP not in link["flaws"],
        "plugged": far["up"] and segment is not None if far else direct and segment is not None,
        "label": link["alias"],
        "group": "labc" if link["ours"] else "another",
        "dhcp": lease is not None and (lease["address"] in own or lease["state"] != "bound"),
        "addresses": sorted(text for text in own if lease is None or text != lease["address"]),
        "leased": lease["address"] if lease is not None and lease["address"] in own else None,
    }
    return Observed(identity, "port", fields)


def _bridged(link: Facts, bridge: int | None) -> bool | str:
    there = bridge is not None and link["master"] == bridge
    if link["master"] and not there:
        return "on a bridge of somebody else's"
    return links.ISOLATED if there and links.ISOLATED in link["flaws"] else there


def _attachment(view: _View, wanted: Wanted | None, far: Facts | None) -> tuple[str | None, bool]:
    """The segment that a link leads to, and whether it goes straight to another node."""
    if far is not None:
        bridge = view.fabric.get(far["master"])
        if bridge is None:
            return None, False
        names = (each for each in (wanted.fields["segment"] if wanted else None, bridge["alias"]) if each)
        return next((name for name in names if links.fabric_name(name) == bridge["name"]), bridge["name"]), False
    if wanted is not None and wanted.fields["direct"]:
        segment = view.wanted.get(wanted.fields["segment"])
        if segment is not None and _joined(segment.fields["ends"], view):
            return segment.id, True
    return None, True


def _loopbacks(view: _View, node: str, own: list[str]) -> Iterator[Observed]:
    """All loopback ports of a node share `lo`; an address that none of them wants counts with the first, or for itself."""
    left = set(own) - _LOOPBACK_OWN
    ports = view.loopbacks.get(node, [])
    for port in ports:
        left -= set(port.fields["addresses"])
    for number, port in enumerate(ports):
        here = set(port.fields["addresses"]) & set(own)
        found = sorted(here | left if number == 0 else here)
        if found:
            yield Observed(port.id, "port", {"node": node, "form": "loopback", "addresses": found})
    if left and not ports:
        identity = f"port/{node.removeprefix('node/')}/lo"
        yield Observed(identity, "port", {"node": node, "form": "loopback", "addresses": sorted(left)})


def _routes(view: _View) -> Iterator[Observed]:
    ids = {
        (each.fields["node"], each.fields["prefix"], each.fields["metric"]): each.id
        for each in view.wanted.values()
        if each.kind == "route"
    }
    for node, facts in view.nodes.items():
        for prefix, via, metric in facts["routes"]:
            written = f"route/{node.removeprefix('node/')}/{prefix}" + (f"/{metric}" if metric else "")
            fields = {"node": node, "prefix": prefix, "metric": metric, "via": via}
            yield Observed(ids.get((node, prefix, metric), written), "route", fields)


def _owned(view: _View) -> Iterator[Observed]:
    for node, facts in view.nodes.items():
        for identity, found in facts["rulesets"].items():
            yield Observed(identity, "ruleset", {"node": node, **found})
        for identity, found in facts["files"].items():
            yield Observed(identity, "file", {"node": node, **(found or {})})


def _services(view: _View) -> Iterator[Observed]:
    """One that serves in a namespace that its node has no more is as good as stopped."""
    for served in view.facts["services"]:
        node = f"node/{served['node']}"
        here = node in view.nodes and view.nodes[node]["network"] == served["network"]
        fields = {
            "node": node,
            "settings": served["fields"].get("settings"),
            "listening": served["state"] == "running" and here,
        }
        yield Observed(served["id"], "service", fields)
