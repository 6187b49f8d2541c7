"""What a probe must know of the running plan: services, nodes, addresses, rule sets. Made from the plan's resources."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .cases import Flow

Json = Mapping[str, Any]  # Any: JSON


@dataclass(slots=True)
class Lab:
    """Resources by id, and indexes over them. Node names are bare."""

    resources: dict[str, Json]
    ports_of: dict[str, list[Json]] = field(default_factory=dict)
    rulesets_of: dict[str, list[Json]] = field(default_factory=dict)
    owner: dict[str, str] = field(default_factory=dict)  # node by address
    forwarding: list[str] = field(default_factory=list)

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
        lab.forwarding.sort()
        return lab

    def fields(self, service: str | None) -> Json:
        """The fields of a service of the lab; none for one that is not in the plan."""
        return self.spec(service).get("fields") or {}

    def spec(self, identifier: str | None) -> Json:
        resource = self.resources.get(identifier or "")
        return resource["spec"] if resource else {}

    def application(self, flow: Flow) -> str | None:
        """What is spoken over the flow: as the case says, else by the service that listens there."""
        return flow.application or self.spec(flow.service).get("service")


def bare(node: str) -> str:
    return node.removeprefix("node/")


def _canonical(address: str) -> str:
    return str(ipaddress.ip_address(address))
