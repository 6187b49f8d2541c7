"""Digests of what a lab, its site and its parameters say, not of how they are spelt.

Enters: a finished lab. Leaves: three SHA-256 of canonical forms. Called by `write.py`. The canonical lab is what was
stated: what passes chose (addresses from pools, hosts) is left out, so a new lock file alone leaves it equal.
"""

from __future__ import annotations

from ..ir.lab import Affinity, Host, Lab, Link, Node, Policy, Port, Segment, Site, Step, Test
from .canonical import canonical, digest
from .plain import plain


def digests_of(lab: Lab) -> dict[str, str]:
    return {
        "lab": digest(canonical(_lab(lab))),
        "site": digest(canonical(site_as_json(lab.site))),
        "parameters": digest(canonical(plain(lab.parameters))),
    }


def _lab(lab: Lab) -> dict[str, object]:
    return {
        "name": lab.name,
        "nodes": {node.id: _node(node) for node in lab.nodes.values()},
        "ports": {port.id: _port(port) for port in lab.ports.values()},
        "segments": {segment.id: _segment(segment) for segment in lab.segments.values() if segment.link is None},
        "links": {link.id: _link(link) for link in lab.links.values()},
        "zones": {zone.id: sorted(zone.members) for zone in lab.zones.values()},
        "groups": {group.id: sorted(group.members) for group in lab.groups.values()},
        "policies": {policy.id: _policy(policy) for policy in lab.policies.values()},
        "tests": {test.id: _test(test) for test in lab.tests.values()},
        "affinities": sorted((_affinity(each) for each in lab.affinities), key=canonical),
        **({"strategy": lab.strategy} if lab.strategy else {}),
    }


def _affinity(wish: Affinity) -> object:
    return [wish.form, wish.by, wish.weight, *sorted(wish.members)]


def _node(node: Node) -> list[object]:
    routes = [plain([r.prefix, r.via_node or r.via, r.metric, r.blackhole]) for r in node.routes]
    demands = [plain([d.key, d.operator, d.value, d.weight]) for d in node.demands]
    return [
        [node.kind, node.backend, node.forwards, node.bridges, node.physical, node.probe, plain(node.fields)],
        sorted(routes, key=canonical),
        sorted((plain([nat.outside, nat.inside_node or nat.inside]) for nat in node.nat), key=canonical),
        sorted((plain([napt.to, sorted(napt.source_ids)]) for napt in node.napt), key=canonical),
        sorted(plain([c.name, c.loader, c.path, c.source]) for c in node.configs),  # type: ignore[type-var]  # lists of text
        sorted((plain([s.name, s.listens, s.fields]) for s in node.services), key=canonical),
        sorted(demands, key=canonical),
    ]


def _port(port: Port) -> list[object]:
    attachments = [[attachment.segment, attachment.tag] for attachment in port.attachments]
    wanted = [str(address) for address in port.wanted]
    mtu_and_rate = [port.mtu, port.rate.amount if port.rate else None]
    return [port.form, attachments, list(port.over), port.vlan, wanted, port.dhcp, mtu_and_rate]


def _segment(segment: Segment) -> object:
    return [[str(prefix) for prefix in segment.prefixes], segment.vlan, segment.mtu, segment.split]


def _link(link: Link) -> object:
    rate = link.rate.amount if link.rate else None
    return [*sorted(link.ends), [str(prefix) for prefix in link.prefixes], link.mtu, rate]


def _policy(policy: Policy) -> object:
    """In order: the first rule that matches decides."""
    rules = [[sorted(r.sources), sorted(r.targets), r.action, sorted(plain(r.services))] for r in policy.rules]  # type: ignore[call-overload]  # a list of text
    return [rules, policy.otherwise]


def _test(test: Test) -> object:
    return [test.title, [_step(step) for step in test.steps]]


def _step(step: Step) -> object:
    flow = step.flow
    talk = plain([flow.sources, flow.targets, flow.service, flow.source_port, flow.application]) if flow else None
    checks = [plain([check.subject, check.label, check.operator, check.value]) for check in step.checks]
    return [step.verb, talk, checks, step.target, step.count, step.within, step.after, step.every, step.label]


def site_as_json(site: Site) -> dict[str, object]:
    """What a site says, in a form whose canonical bytes do not depend on how it is spelt."""
    return {
        "name": site.name,
        "hosts": {host.id: _host(host) for host in site.hosts.values()},
        "devices": {
            device.id: [
                device.form,
                device.kind,
                plain(device.fields),
                {socket.name: plain([socket.cable, socket.fields]) for socket in device.sockets.values()},
            ]
            for device in site.devices.values()
        },
        "pools": sorted(
            (plain([p.name, list(p.ranges), list(p.reserved), p.lab, p.instances]) for p in site.pools), key=canonical
        ),
    }


def _host(host: Host) -> object:
    return [plain(host.fields), {nic.name: plain(nic.fields) for nic in host.nics.values()}]
