"""Random small labs and a random edit of each: two or three segments, a router or firewall, translations, policies, templates.

A lab is a dict of choices; an edit changes one or two of them; `text` writes it in the language.
"""

from __future__ import annotations

from random import Random
from typing import Any

Choices = dict[str, Any]
SERVICES = ("tcp/80", "tcp/443", "udp/53", "icmp", "tcp/8000..8010", "any")
_NETS = {"lan": "10.1.0.0/24", "srv": "10.2.0.0/24", "wan": "203.0.113.0/28"}
_GATES = {"lan": "10.1.0.1", "srv": "10.2.0.1", "wan": "203.0.113.1"}
_HOSTS = {
    "lan": ["10.1.0.10", "10.1.0.77", "10.1.0.200"],
    "srv": ["10.2.0.10", "10.2.0.20"],
    "wan": ["203.0.113.9", "203.0.113.10"],
}
TEMPLATE = """\
table inet own {{
  set good {{ type inet_service; flags interval; elements = {{ {ports} }} }}
  chain forward {{
    type filter hook forward priority filter; policy {policy};
    ct state vmap {{ established : accept, related : accept, invalid : drop }}
    {lines}
  }}
}}
"""
LINES = (
    'iifname "lan" oifname "srv" tcp dport @good accept',
    'iifname "wan" udp sport 53 accept',
    "ip saddr 10.1.0.0/25 accept",
    "ip saddr 10.1.0.64/26 ip daddr 10.2.0.10 udp dport { 53, 5000-5010 } accept",
    "icmp type echo-request accept",
    'iifname "wan" ip daddr != 10.2.0.20 tcp dport 80 accept',
    "ip daddr 10.2.0.10 drop",
    "meta l4proto udp accept",
    "tcp flags syn / syn,ack tcp dport 443 accept",
    "limit rate over 900000/second burst 900000 packets drop",
    'iifname "srv" accept',
)


def random_lab(random: Random) -> Choices:
    segments = ["lan", "srv", "wan"] if random.random() < 0.7 else ["lan", "srv"]
    hosts = [(segment, address) for segment in segments for address in _HOSTS[segment][: random.randint(1, 2)]]
    return {
        "segments": segments,
        "hosts": hosts,
        "gateless": [],
        "by_alt": [number for number in range(len(hosts)) if random.random() < 0.3] if random.random() < 0.4 else [],
        "kind": random.choice(["firewall.nftables", "firewall.nftables", "linux.router", "template"]),
        "rules": [_rule(random, segments) for _ in range(random.randint(1, 4))],
        "otherwise": random.choice(["deny", "deny", "deny", "allow"]),
        "nat": random.choice([None, "203.0.113.5", "203.0.113.6"]) if "wan" in segments else None,
        "napt": random.choice([None, "lan", "lan, srv"]) if "wan" in segments else None,
        "lines": random.sample(LINES, random.randint(2, 5)),
        "ports": random.choice(["80, 443", "80", "8000-8005"]),
        "policy": random.choice(["drop", "drop", "accept"]),
        "routes": [],
        "back": random.random() < 0.5,
    }


def edited(lab: Choices, random: Random) -> Choices:
    new = {name: list(value) if isinstance(value, list) else value for name, value in lab.items()}
    for _ in range(random.choice([1, 1, 1, 2])):
        random.choice(_EDITS)(new, random)
    return new


def _rule(random: Random, segments: list[str]) -> tuple[str, str, str, tuple[str, ...]]:
    ends = [*segments, *(f"{segment}1" for segment in segments), "10.1.0.64/26"]
    source, target = random.sample(ends, 2)
    return (
        source,
        target,
        random.choice(["allow", "allow", "deny"]),
        tuple(random.sample(SERVICES, random.randint(1, 2))),
    )


def _add_rule(new: Choices, random: Random) -> None:
    new["rules"].insert(random.randint(0, len(new["rules"])), _rule(random, new["segments"]))


def _drop_rule(new: Choices, random: Random) -> None:
    if len(new["rules"]) > 1:
        new["rules"].pop(random.randrange(len(new["rules"])))


def _move_host(new: Choices, random: Random) -> None:
    index = random.randrange(len(new["hosts"]))
    segment, _ = new["hosts"][index]
    free = [each for each in _HOSTS[segment] if (segment, each) not in new["hosts"]]
    if free:
        new["hosts"][index] = (segment, random.choice(free))


def _add_host(new: Choices, random: Random) -> None:
    segment = random.choice(new["segments"])
    free = [each for each in _HOSTS[segment] if (segment, each) not in new["hosts"]]
    if free:
        new["hosts"].append((segment, free[0]))


def _lose_gateway(new: Choices, random: Random) -> None:
    new["gateless"] = [] if new["gateless"] else [random.randrange(len(new["hosts"]))]


def _other_way(new: Choices, random: Random) -> None:
    """Hosts that send by a second router, whose answers come by the first one."""
    index = random.randrange(len(new["hosts"]))
    new["by_alt"] = [*new["by_alt"], index] if index not in new["by_alt"] else [n for n in new["by_alt"] if n != index]


def _otherwise(new: Choices, random: Random) -> None:
    new["otherwise"] = "allow" if new["otherwise"] == "deny" else "deny"


def _translate(new: Choices, random: Random) -> None:
    if "wan" in new["segments"]:
        name = random.choice(["nat", "napt"])
        choices = [None, "203.0.113.5", "203.0.113.6"] if name == "nat" else [None, "lan", "lan, srv", "srv"]
        new[name] = random.choice([each for each in choices if each != new[name]])


def _line(new: Choices, random: Random) -> None:
    free = [line for line in LINES if line not in new["lines"]]
    if random.random() < 0.5 and new["lines"]:
        new["lines"].pop(random.randrange(len(new["lines"])))
    elif free:
        new["lines"].insert(random.randint(0, len(new["lines"])), random.choice(free))


def _ports(new: Choices, random: Random) -> None:
    new["ports"] = random.choice(["80, 443", "80", "8000-8005", "22, 8000"])


def _kind(new: Choices, random: Random) -> None:
    new["kind"] = random.choice(["firewall.nftables", "linux.router", "template"])


def _route(new: Choices, random: Random) -> None:
    if new["routes"]:
        new["routes"] = []
    else:
        new["routes"] = [(0, random.choice(["10.2.0.0/28", "10.2.0.10/32", "203.0.113.8/29"]))]


def _back(new: Choices, random: Random) -> None:
    new["back"] = not new["back"]


_EDITS = (
    _add_rule, _add_rule, _drop_rule, _move_host, _add_host, _lose_gateway, _otherwise, _translate, _translate, _line, _line, _ports, _kind,
    _route, _back, _other_way, _other_way,
)  # fmt: skip


def sources(lab: Choices) -> dict[str, bytes]:
    lines = ["lab small", "import std.linux, std.firewall"]
    lines += [f"segment {segment} {_NETS[segment]}" for segment in lab["segments"]]
    kind = "linux.router" if lab["kind"] == "template" else lab["kind"]
    lines.append(f"node fw: {kind} {{")
    lines += [f"  port {segment} on {segment} at {_GATES[segment]}" for segment in lab["segments"]]
    if lab["kind"] == "template":
        lines.append('  config "own.nft.j2"')
    if lab["nat"]:
        lines.append(f"  nat {lab['nat']} <-> srv1")
    if lab["napt"]:
        lines.append(f"  napt {lab['napt']} to 203.0.113.7")
    lines.append("}")
    count: dict[str, int] = {}
    for number, (segment, address) in enumerate(lab["hosts"]):
        count[segment] = count.get(segment, 0) + 1
        gateway = "alt" if number in lab["by_alt"] and segment != "wan" else "fw"
        gate = "" if number in lab["gateless"] or (segment == "wan" and not lab["back"]) else f"gateway {gateway}; "
        routes = "".join(f"route {prefix} via 10.1.0.99; " for at, prefix in lab["routes"] if at == number)
        lines.append(
            f"node {segment}{count[segment]}: linux.host {{ port eth0 on {segment} at {address}; {gate}{routes}serve echo }}"
        )
    if lab["by_alt"]:
        ports = "port lan on lan at 10.1.0.2; port srv on srv at 10.2.0.2"
        lines.append(f"node alt: linux.router {{ {ports}; gateway 10.1.0.1 }}")
    if lab["routes"]:
        lines.append("node side: linux.router { port lan0 on lan at 10.1.0.99; gateway fw }")
    if lab["kind"] != "template" or lab["rules"]:
        lines.append("policy p {")
        for source, target, action, services in lab["rules"]:
            lines.append(f"  {source} -> {target} {action} {' '.join(services)}")
        lines += [f"  otherwise {lab['otherwise']}", "}"]
    text = TEMPLATE.format(ports=lab["ports"], policy=lab["policy"], lines="\n    ".join(lab["lines"]))
    return {"lab.net": "\n".join(lines).encode() + b"\n", "own.nft.j2": text.encode()}
