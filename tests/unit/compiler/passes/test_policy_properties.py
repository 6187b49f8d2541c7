"""Any policy: no generated case says other than the policy, as a second, plain reading of it has it."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from labc.compiler.addresses import Address, Prefix
from labc.compiler.quantities import Service
from tests.unit.compiler.building import Building, apply

NODES = {
    "pc1": ("inside", "10.1.0.11"),
    "pc2": ("inside", "10.1.0.12"),
    "db": ("dmz", "10.2.0.90"),
    "web": ("dmz", "10.2.0.80"),
    "net": ("outside", "192.0.2.7"),
}
ENDS = st.sampled_from(
    [
        *("zone/all", "segment/inside", "segment/dmz", "segment/outside"),
        *(f"node/{name}" for name in NODES),
        *("10.1.0.0/24", "10.1.0.8/30", "10.2.0.64/26", "192.0.2.80", "192.0.2.7", "0.0.0.0/0"),
    ]
)
SERVICES = st.sampled_from(["tcp/80", "udp/53", "tcp/20..25", "icmp", "any", "udp/5000..5010"])
RULES = st.builds(
    lambda sources, targets, action, services: (
        f"{','.join(sources)} -> {','.join(targets)} {action} {' '.join(services)}"
    ),
    st.lists(ENDS, min_size=1, max_size=2),
    st.lists(ENDS, min_size=1, max_size=2),
    st.sampled_from(["allow", "deny"]),
    st.lists(SERVICES, max_size=2),
)


def office() -> Building:
    lab = Building().segment("inside", "10.1.0.0/24").segment("dmz", "10.2.0.0/24").segment("outside", "192.0.2.0/24")
    kinds = ("firewall.nftables", "linux.router", "node")
    lab.node("fw", "firewall.nftables", forwards=True, kinds=kinds)
    lab.port("fw:lan", "inside", "10.1.0.1").port("fw:srv", "dmz", "10.2.0.1").port("fw:wan", "outside", "192.0.2.1")
    for name, (segment, address) in NODES.items():
        lab.node(name).port(f"{name}:e", segment, address).gateway(name, "fw")
    return lab.nat("fw", "192.0.2.80", "web").zone("all", "segment/inside", "segment/dmz", "segment/outside")


def matches(end: str, node: str, segment: str, addresses: list[str]) -> bool:
    kind, _, name = end.partition("/")
    if kind == "zone":
        return True
    if kind in ("node", "segment"):
        return name == (node if kind == "node" else segment)
    if "/" in end:
        return any(Prefix.parse(end).holds(Address.parse(address)) for address in addresses)
    return end in addresses


def verdict(
    rules: list[str], source: dict[str, Any], target: dict[str, Any], packet: dict[str, Any]
) -> str:  # Any: JSON
    for rule in rules:
        ends, _, rest = rule.partition(" -> ")
        targets, action, *services = rest.split()
        sent = [target["address"], packet["address"]]
        if not any(matches(end, *_named(source), [source["address"]]) for end in ends.split(",")):
            continue
        if not any(matches(end, *_named(target), sent) for end in targets.split(",")):
            continue
        if not services or any(_covers(Service.parse(service), packet) for service in services):
            return action
    return "deny"


def _named(end: dict[str, Any]) -> tuple[str, str]:
    """The node that stands there, if it is one, and the segment."""
    node = end["node"].removeprefix("node/")
    if node == "fw":
        return "fw", {"lan": "inside", "srv": "dmz", "wan": "outside"}[end["port"].rpartition("/")[2]]
    segment, address = NODES[node]
    return (node if address == end["address"] else "nobody"), segment


def _covers(service: Service, packet: dict[str, Any]) -> bool:
    if service.protocol in ("any", "icmp"):
        return service.protocol == "any" or packet["protocol"] == "icmp"
    return bool(service.protocol == packet["protocol"] and service.first <= packet["port"] <= service.last)


@settings(max_examples=60)
@given(st.lists(RULES, min_size=1, max_size=5))
def test_cases_say_what_the_policy_says(rules: list[str]) -> None:
    """Every allowed flow is allowed, every denied packet denied, every control allowed or sent from the receiver's segment."""
    lab = office().policy("p", *rules).lab
    apply(lab, "segments", "addresses", "configs", "tests")
    for case in lab.cases:
        spec: dict[str, Any] = case.spec
        if spec["kind"] == "allow":
            assert verdict(rules, spec["from"], spec["to"], spec["flow"]) == "allow", case.id
            continue
        for packet in spec["packets"]:
            assert verdict(rules, spec["from"], spec["to"], packet) == "deny", (case.id, packet)
        control = spec["control"]
        nearby = _named(control["from"])[1] == _named(spec["to"])[1]
        assert nearby or verdict(rules, control["from"], spec["to"], control["flow"]) == "allow", case.id
        assert spec["requirement"]


@settings(max_examples=30)
@given(st.lists(RULES, min_size=1, max_size=5))
def test_every_rule_is_a_requirement_with_cases_or_a_reason(rules: list[str]) -> None:
    """Coverage never has a hole without a word about it."""
    lab = office().policy("p", *rules).lab
    apply(lab, "segments", "addresses", "configs", "tests")
    ids = {case.id for case in lab.cases}
    assert len(lab.requirements) == len(rules) + 1
    for requirement in lab.requirements:
        assert set(requirement.cases) <= ids
        assert requirement.cases or requirement.note
