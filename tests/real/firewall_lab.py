"""A firewall between three segments, made by `ip` and `nft`, with services of labc's: what the probes' tests stand on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from labc.runtime.probes.process import run_cases
from labc.runtime.services.house import House
from labc.runtime.services.model import Request
from tests.real.tinyground import TinyGround, resources
from tests.real.tinynet import TinyNet

GOOD = """
table inet filter {
  set published { type inet_service; elements = { 80, 443 } }
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname "lan" oifname "srv" tcp dport @published accept
    iifname "lan" meta l4proto { icmp, ipv6-icmp } accept
    # names
    iifname "lan" udp dport 53 accept
    iifname "lan" tcp dport 53 accept
    iifname "wan" oifname "srv" tcp dport 80 accept
  }
  chain input {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
    iifname "lan" icmp type echo-request accept
    meta l4proto ipv6-icmp accept
  }
}
"""
ADDRESSES = {
    "pc": "10.0.1.10",
    "pc6": "fd00:1::10",
    "web": "10.0.2.10",
    "web6": "fd00:2::10",
    "world": "10.0.3.10",
    "world6": "fd00:3::10",
    "fw": "10.0.1.1",
}
_NODES = {"pc": "lan", "web": "srv", "world": "wan"}


class FirewallLab:
    """The lab; `load` gives the firewall other rules, `run` runs cases and gives their results by id."""

    def __init__(self, rules: str = GOOD) -> None:
        self.net = TinyNet()
        self.net.node("fw", forward=True)
        for number, (node, port) in enumerate(_NODES.items(), 1):
            self.net.segment(f"s{number}")
            self.net.node(node)
            self.net.port(node, "eth0", f"s{number}", f"10.0.{number}.10/24", f"fd00:{number}::10/64")
            self.net.port("fw", port, f"s{number}", f"10.0.{number}.1/24", f"fd00:{number}::1/64")
            self.net.run(node, f"ip route add default via 10.0.{number}.1")
            self.net.run(node, f"ip route add default via fd00:{number}::1")
        self.rules = ""
        self.load(rules)
        self.services = [
            Request("service/web/http", "web", "http", ("tcp/80",), {"page": "hello"}),
            Request("service/web/dns", "web", "dns", ("udp/53", "tcp/53"), {"records": {"www.lab": "10.0.2.10"}}),
        ]

    def load(self, rules: str) -> None:
        self.rules = rules
        self.net.run("fw", "nft -f -", text="flush ruleset\n" + rules)

    def resources(self) -> list[dict[str, Any]]:
        nodes = [
            {"id": f"node/{name}", "kind": "node", "spec": {"forward": name == "fw", "bridge": False}}
            for name in (*_NODES, "fw")
        ]
        ports = [
            {
                "id": f"port/{node}/{port}",
                "kind": "port",
                "spec": {
                    "node": f"node/{node}",
                    "interface": port,
                    "segments": [{"segment": f"segment/s{number}", "tag": None}],
                    "addresses": [f"10.0.{number}.{last}/24", f"fd00:{number}::{last}/64"],
                },
            }
            for number, (name, far) in enumerate(_NODES.items(), 1)
            for node, port, last in ((name, "eth0", 10), ("fw", far, 1))
        ]
        ruleset = {
            "id": "ruleset/fw/filter",
            "kind": "ruleset",
            "spec": {
                "node": "node/fw",
                "table": "filter",
                "tables": ["inet filter"],
                "text": self.rules,
                "template": "fw.nft.j2",
            },
        }
        services = [
            {
                "id": one.id,
                "kind": "service",
                "spec": {
                    "node": f"node/{one.node}",
                    "service": one.service,
                    "listens": list(one.listens),
                    "fields": one.fields,
                },
            }
            for one in self.services
        ]
        return resources(*nodes, *ports, ruleset, *services)

    def run(
        self, *cases: dict[str, Any], tell: Callable[[dict[str, Any]], None] | None = None
    ) -> dict[str, dict[str, Any]]:
        results: dict[str, dict[str, Any]] = {}

        def keep(event: Any) -> None:
            if event["event"] == "ended":
                results[event["result"]["case"]] = event["result"]
            if tell is not None:
                tell(event)

        asyncio.run(self._run(list(cases), keep))
        return results

    async def _run(self, cases: list[dict[str, Any]], keep: Callable[[Any], None]) -> None:
        house = House(self.net.inside)
        self.ground = TinyGround(self.net, house)
        try:
            for service in self.services:
                house.serve(service)
            await run_cases(self.ground, {"resources": self.resources(), "cases": cases}, keep)
        finally:
            house.close()
            await asyncio.sleep(0)

    def close(self) -> None:
        self.net.close()


def end(
    node: str, *, six: bool = False, interface: str = "eth0", address: str = "", place: str = "inside"
) -> dict[str, Any]:
    found = address or ADDRESSES[node + ("6" if six else "")]
    return {
        "node": f"node/{node}",
        "port": f"port/{node}/{interface}",
        "interface": interface,
        "address": found,
        "place": place,
    }


def packet(protocol: str, address: str, port: int = 0, source_port: int = 0, **more: Any) -> dict[str, Any]:
    return {"protocol": protocol, "source_port": source_port, "port": port, "address": address, **more}


def flow(
    source: str, target: str, protocol: str, port: int = 0, *, six: bool = False, source_port: int = 0, **more: Any
) -> dict[str, Any]:
    address = ADDRESSES[target + ("6" if six else "")]
    return {
        "from": end(source, six=six),
        "to": end(target, six=six, interface="lan" if target == "fw" else "eth0"),
        "flow": packet(protocol, address, port, source_port),
        "service": None,
        "application": None,
        **more,
    }


def allow(name: str, *arguments: Any, **more: Any) -> dict[str, Any]:
    return {"id": name, "title": name, "kind": "allow", "alone": False, "requirement": [], **flow(*arguments, **more)}


def deny(
    name: str, source: str, target: str, packets: list[dict[str, Any]], control: dict[str, Any] | None, **more: Any
) -> dict[str, Any]:
    return {
        "id": name,
        "title": name,
        "kind": "deny",
        "alone": False,
        "requirement": [],
        "capture": "port",
        "from": end(source),
        "to": end(target, interface="lan" if target == "fw" else "eth0"),
        "packets": packets,
        "control": control,
        **more,
    }


def script(name: str, *steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": name, "title": name, "kind": "script", "alone": True, "requirement": [], "steps": list(steps), **more}
