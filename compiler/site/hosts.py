"""What a host can carry, as numbers: the typed view of a site's hosts that passes use.

Enters: a `Host` of the IR, whose fields `elaborate` has checked. Leaves: capacities in whole units, the address that overlays
run between, labels. Called by `checks.py` beside it and by the passes `placement` and `overlays`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor

from msgspec import Struct

from ..addresses import Address, Interface
from ..ir.lab import Host, Nic, Node
from ..quantities import Quantity

RESOURCES = ("cpu", "memory", "disk")
OWN_FIELDS = frozenset({*RESOURCES, "kvm", "reach"})  # what a host says of itself; every other setting is a label
MTU = 1500  # bytes of a NIC that does not say; IEEE 802.3
LOCAL = "local"


class Underlay(Struct, frozen=True):
    """Where a host's overlays end: the NIC, its address (RFC 7348's VTEP) and the MTU in bytes of what it sends."""

    nic: str
    address: Address
    mtu: int


def amount_of(key: str, value: object, whole: Callable[[Fraction], int]) -> int | None:
    """A capacity, or a node's demand of it, in whole units: thousandths of a processor, bytes of memory and disk. `whole`: `ceil` for a
    demand and `floor` for a capacity, so that finer ones fit too. None for a value that is no amount of `key`, or that is negative."""
    if key == "cpu":
        number = isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
        # As it is written: 1.1 is no more than eleven tenths, whatever the nearest float is.
        return whole(Fraction(str(value)) * 1000) if number else None
    if isinstance(value, Quantity) and value.dimension == "size":
        return value.amount
    return None


def capacity_of(host: Host) -> dict[str, int | None]:
    """What a host has of each of RESOURCES, in the units of `amount_of`. None: not stated, so without limit."""
    return {key: amount_of(key, host.fields.get(key), floor) for key in RESOURCES}


def taken_by(node: Node) -> dict[str, int]:
    """What a node takes of its host, of each of RESOURCES that it needs, in the units of `amount_of`. Of several demands the greatest
    holds: a kind says what its nodes need at least, and a node may need more."""
    taken: dict[str, int] = {}
    for demand in node.demands:
        hard = demand.weight is None and demand.key in RESOURCES
        amount = amount_of(demand.key, demand.value, ceil) if hard else None
        if amount is not None:
            taken[demand.key] = max(amount, taken.get(demand.key, 0))
    return taken


def labels(host: Host) -> dict[str, object]:
    """What people say of a host: every setting that is not one of OWN_FIELDS."""
    return {key: value for key, value in host.fields.items() if key not in OWN_FIELDS}


def mtu_of(nic: Nic) -> int:
    mtu = nic.fields.get("mtu")
    return mtu if isinstance(mtu, int) else MTU


def addressed(host: Host) -> list[Nic]:
    """The NICs that have an address, by name."""
    nics = (nic for nic in host.nics.values() if isinstance(nic.fields.get("address"), Interface))
    return sorted(nics, key=lambda nic: nic.name)


def underlay_of(host: Host) -> Underlay | None:
    """The end of a host's overlays: the NIC with `overlay = true`, else the only one with an address. None where no NIC has one.

    Of several with an address, none of them marked, the first by name: `checks.py` has refused that on a site with several hosts.
    """
    nics = addressed(host)
    marked = [nic for nic in nics if nic.fields.get("overlay") is True]
    for nic in marked or nics:
        address = nic.fields["address"]
        assert isinstance(address, Interface)
        return Underlay(nic.name, address.address, mtu_of(nic))
    return None
