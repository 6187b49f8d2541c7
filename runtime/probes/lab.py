"""What a probe must know of the running plan: services, nodes, addresses, rule sets. Made from the plan's resources."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .cases import End, Flow

Json = Mapping[str, Any]  # Any: JSON
SECRET = re.compile("\0secret:[^\0]*\0")


@dataclass(slots=True)
class Lab:
    """Resources by id, and indexes over them. Node names are bare."""

    resources: dict[str, Json]
    ports_of: dict[str, list[Json]] = field(default_factory=dict)
    rulesets_of: dict[str, list[Json]] = field(default_factory=dict)
    owner: dict[str, str] = field(default_factory=dict)  # node by address
    forwarding: list[str] = field(default_factory=list)
    secretive: bool = False  # some text or field holds a secret, which nothing that is written down may show

    @classmethod
    def of(cls, resources: Iterable[Json]) -> Lab:
        lab = cls({resource["id"]: resource for resource in resources})
        for resource in lab.resources.values():
            spec = resource["spec"]
            node = bare(spec.get("node", ""))
            if resource["kind"] == "port":
                lab.ports_of.setdefault(node, []).append(resource)
                for address in spec["addresses"]:
                    lab.owner.setdefault(_canonical(address.partition("/")[0]), node)
            elif resource["kind"] == "ruleset":
                lab.rulesets_of.setdefault(node, []).append(resource)
            elif resource["kind"] == "node" and spec.get("forward"):
                lab.forwarding.append(resource["id"].removeprefix("node/"))
            lab.secretive = lab.secretive or _holds_secret(spec.get("text")) or _holds_secret(spec.get("fields"))
        lab.forwarding.sort()
        return lab

    def fields(self, service: str | None) -> Json:
        """The fields of a service of the lab; none for one that is not in the plan."""
        return self.spec(service).get("fields") or {}

    def spec(self, identifier: str | None) -> Json:
        resource = self.resources.get(identifier or "")
        return resource["spec"] if resource else {}

    def stands_in(self, end: End) -> bool:
        """Whether a probe beside has the very address of its node, which is unplugged meanwhile."""
        own = {_canonical(each.partition("/")[0]) for each in self.spec(end.port).get("addresses", ())}
        return end.place == "beside" and _canonical(end.address) in own

    def application(self, flow: Flow) -> str | None:
        """What is spoken over the flow: as the case says, else by the service that listens there."""
        return flow.application or self.spec(flow.service).get("service")


def _holds_secret(value: object) -> bool:
    """As docs/plan.md spells secrets: a mark in a text, an object in a field."""
    if isinstance(value, str):
        return SECRET.search(value) is not None
    if isinstance(value, dict):
        return "secret" in value or any(_holds_secret(one) for one in value.values())
    return isinstance(value, list) and any(_holds_secret(one) for one in value)


def bare(node: str) -> str:
    return node.removeprefix("node/")


def _canonical(address: str) -> str:
    return str(ipaddress.ip_address(address))
