"""The typed view of a site's hosts."""

from __future__ import annotations

from math import ceil, floor

import pytest

from labc.compiler.addresses import Address, Interface
from labc.compiler.ir.lab import Demand, Host, HostId, Nic, Node, NodeId
from labc.compiler.quantities import Quantity
from labc.compiler.site.hosts import Underlay, amount_of, capacity_of, labels, taken_by, underlay_of
from labc.compiler.source import Origin, Source, Span

HERE = Origin(Span(Source("site.net", b""), 0, 0))


def host(nics: dict[str, dict[str, object]] | None = None, **fields: object) -> Host:
    made = {name: Nic(name, said, HERE) for name, said in (nics or {}).items()}
    return Host(HostId("host/h1"), "h1", fields, made, HERE)


def test_a_capacity_is_whole_numbers() -> None:
    """Thousandths of a processor, bytes; what is not stated has no limit."""
    assert capacity_of(host(cpu=16, memory=Quantity("size", 2**30))) == {"cpu": 16_000, "memory": 2**30, "disk": None}


@pytest.mark.parametrize(
    ("key", "value", "amount"),
    [("cpu", 0.5, 500), ("cpu", 1, 1000), ("cpu", True, None), ("cpu", "x", None), ("memory", 5, None)],
)
def test_a_demand_has_the_unit_of_its_capacity(key: str, value: object, amount: int | None) -> None:
    """And none where it is of another type."""
    assert amount_of(key, value, ceil) == amount_of(key, value, floor) == amount


def test_a_demand_is_rounded_up_and_a_capacity_down() -> None:
    """What is finer than a thousandth; 1.1 is exactly eleven tenths."""
    demands = [Demand("cpu", ">=", 0.0014, HERE)]
    assert taken_by(Node(NodeId("node/a"), "a", "node", HERE, demands=demands)) == {"cpu": 2}
    assert capacity_of(host(cpu=0.0029))["cpu"] == 2
    assert amount_of("cpu", 1.1, ceil) == amount_of("cpu", 1.1, floor) == 1100


def test_of_several_amounts_the_greatest_is_taken() -> None:
    """A kind's and the node's own; wishes and other keys take nothing."""
    said = [
        ("cpu", 0.5, None),
        ("cpu", 2, None),
        ("cpu", 9, 5),
        ("memory", Quantity("size", 7), None),
        ("kvm", True, None),
    ]
    demands = [Demand(key, ">=", value, HERE, weight) for key, value, weight in said]
    assert taken_by(Node(NodeId("node/a"), "a", "node", HERE, demands=demands)) == {"cpu": 2000, "memory": 7}


def test_what_is_no_capacity_is_a_label() -> None:
    """Of any name and type."""
    assert labels(host(cpu=1, kvm=True, reach="local", rack="r1", isdn=2)) == {"rack": "r1", "isdn": 2}


def test_the_only_address_is_that_of_overlays() -> None:
    """With the MTU that its NIC states, else Ethernet's."""
    nics: dict[str, dict[str, object]] = {"eth0": {}, "eth1": {"address": Interface.parse("192.0.2.1/24"), "mtu": 9000}}
    assert underlay_of(host(nics)) == Underlay("eth1", Address.parse("192.0.2.1"), 9000)
    assert underlay_of(host({"eth0": {}})) is None


def test_of_several_addresses_the_marked_one_is_that_of_overlays() -> None:
    """`overlay = true`."""
    nics: dict[str, dict[str, object]] = {
        "eth0": {"address": Interface.parse("192.0.2.1/24")},
        "eth1": {"address": Interface.parse("2001:db8::1/64"), "overlay": True},
    }
    assert underlay_of(host(nics)) == Underlay("eth1", Address.parse("2001:db8::1"), 1500)
