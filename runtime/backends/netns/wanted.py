"""A plan's resources → the fields that the kernel can be compared with, or `NotYet` for what this backend cannot make.

Pure but for secrets, which are resolved here, in memory, and leave only as the actions' `content` and as keyed hashes.
Called by the backend in the client.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ....compiler.plan.model import Resource
from ...decide import Wanted
from ...errors import NotYet
from ...secret import Secrets
from . import etc, links, routing_rules

Spec = Mapping[str, Any]  # Any: JSON, by kind


def want(resources: Sequence[Resource], secrets: Secrets, key: bytes) -> list[Wanted]:
    """In the plan's order."""
    context = _Context(resources, secrets, key)
    return [_KINDS[resource.kind](resource, context) for resource in resources]


def refuse(resources: Sequence[Resource]) -> None:
    """Raise for what cannot be made yet; all of it is named at once."""
    refusals = [why for resource in resources for why in _refusals(resource)]
    if refusals:
        raise NotYet(
            "the netns backend cannot make this lab yet:\n" + "\n".join(f"  {why}" for why in refusals),
            "Leave these out, or run the lab with a backend that makes them.",
        )


class _Context:
    """What a resource must know of the others."""

    __slots__ = ("bridging", "direct", "key", "secrets", "six")

    def __init__(self, resources: Sequence[Resource], secrets: Secrets, key: bytes) -> None:
        self.secrets = secrets
        self.key = key
        self.bridging = {each.id for each in resources if each.kind == "node" and each.spec["bridge"]}
        self.direct = {each.id for each in resources if each.kind == "segment" and each.spec["direct"]}
        self.six = {each.spec["node"] for each in resources if each.kind in {"port", "route"} and _speaks_six(each)}

    def keyed(self, text: str) -> str:
        """A secret that changes is a difference, and the difference tells nothing of it."""
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()[:16]


def _speaks_six(resource: Resource) -> bool:
    texts = resource.spec.get("addresses") or [resource.spec.get("prefix", "")]
    return any(":" in text for text in texts)


def _refusals(resource: Resource) -> list[str]:
    if resource.kind != "port":
        return []
    spec = resource.spec
    why = []
    if spec["form"] not in {"port", "loopback"}:
        why.append(f"{resource.id}: a {spec['form']} (logical port)")
    if any(each["tag"] is not None for each in spec["segments"]):
        why.append(f"{resource.id}: VLAN tags")
    elif len(spec["segments"]) > 1:
        why.append(f"{resource.id}: several segments on one port")
    if spec["form"] == "port" and not links.name_fits(spec["interface"]):
        why.append(f"{resource.id}: an interface named {spec['interface']!r}")
    return why


def _node(resource: Resource, context: _Context) -> Wanted:
    spec = resource.spec
    content = {"hosts": etc.hosts(spec["hosts"], spec["hostname"]), "resolver": etc.resolver(spec["nameservers"])}
    fields = {
        "label": resource.id,
        "hostname": spec["hostname"],
        "forward": spec["forward"],
        "rp_filter": False,
        "proxy_arp": False,
        "bridge": spec["bridge"],
        "ipv6": resource.id in context.six,
        "rules": routing_rules.SOUND,
        "tables": [],
        "neighbours": [],
        "hosts": etc.digest(content["hosts"]),
        "nameservers": spec["nameservers"],
    }
    return Wanted(resource.id, "node", fields, resource.needs, content)


def _segment(resource: Resource, context: _Context) -> Wanted:
    spec = resource.spec
    fields: dict[str, Any] = {"direct": spec["direct"]}
    if spec["direct"]:
        fields["ends"] = sorted([node, interface] for node, interface in spec["ends"])
    else:
        fields |= {"mtu": spec["mtu"], "up": True, "mac": links.bridge_mac(resource.id)}
    return Wanted(resource.id, "segment", fields, resource.needs, {"mtu": spec["mtu"]})


def _port(resource: Resource, context: _Context) -> Wanted:
    spec = resource.spec
    addresses = sorted(spec["addresses"])
    if spec["form"] == "loopback":
        fields: dict[str, Any] = {"node": spec["node"], "form": "loopback", "addresses": addresses}
        return Wanted(resource.id, "port", fields, resource.needs)
    segment = spec["segments"][0]["segment"] if spec["segments"] else None
    fields = {
        "node": spec["node"],
        "form": "port",
        "interface": spec["interface"],
        "segment": segment,
        "direct": segment in context.direct,
        "bridged": spec["node"] in context.bridging,
        "mac": spec["mac"],
        "mtu": spec["mtu"],
        "rate": spec["rate"] // 8 * 8 if spec["rate"] else None,  # the kernel counts bytes
        "up": True,
        "arp": True,
        "plugged": segment is not None,
        "label": resource.id,
        "group": "labc",
        "dhcp": spec["dhcp"],
        "addresses": addresses,
    }
    if spec["mac"] is None:
        del fields["mac"]
    return Wanted(resource.id, "port", fields, resource.needs)


def _route(resource: Resource, context: _Context) -> Wanted:
    spec = resource.spec
    fields = {"node": spec["node"], "prefix": spec["prefix"], "metric": spec["metric"], "via": sorted(spec["via"])}
    return Wanted(resource.id, "route", fields, resource.needs)


def _ruleset(resource: Resource, context: _Context) -> Wanted:
    spec = resource.spec
    text = context.secrets.resolve_text(spec["text"])
    fields = {"node": spec["node"], "text": context.keyed(text), "rules": "as loaded"}
    return Wanted(resource.id, "ruleset", fields, resource.needs, {"text": text})


def _file(resource: Resource, context: _Context) -> Wanted:
    spec = resource.spec
    text = context.secrets.resolve_text(spec["text"])
    fields = {"node": spec["node"], "path": spec["path"], "mode": f"{spec['mode']:04o}", "text": context.keyed(text)}
    return Wanted(resource.id, "file", fields, resource.needs, {"text": text})


def _service(resource: Resource, context: _Context) -> Wanted:
    spec = resource.spec
    stated = {
        "service": spec["service"],
        "listens": sorted(spec["listens"]),
        "fields": context.secrets.resolve(spec["fields"]),
    }
    fields = {"node": spec["node"], "settings": context.keyed(repr(stated)), "listening": True}
    return Wanted(resource.id, "service", fields, resource.needs, stated)


_KINDS: dict[str, Callable[[Resource, _Context], Wanted]] = {
    "node": _node,
    "segment": _segment,
    "port": _port,
    "route": _route,
    "ruleset": _ruleset,
    "file": _file,
    "service": _service,
}
