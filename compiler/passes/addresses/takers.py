"""Takers: the ports of each domain that get their addresses from its prefixes.

Enters: a lab whose domains are known. Leaves: every domain with its takers. Called by the pass.
"""

from __future__ import annotations

from typing import NamedTuple

from ...ir.domains import Domain, carried_ports, domains_of, speaks_ip
from ...ir.lab import Lab, Port, PortId


class Takers(NamedTuple):
    """A domain, all its ports, and those of them that take addresses."""

    domain: Domain
    ports: list[Port]
    takers: list[Port]


def takers_by_domain(lab: Lab) -> list[Takers]:
    carried = carried_ports(lab)
    found = []
    for domain in domains_of(lab).values():
        ports = domain.ports(lab)
        found.append(Takers(domain, ports, [port for port in ports if _wants_address(port, lab, carried)]))
    return found


def _wants_address(port: Port, lab: Lab, carried: set[PortId]) -> bool:
    """One that states none, is not addressed by DHCP, carries no logical port, and is no port of a bridge."""
    if port.wanted or port.dhcp or port.form == "loopback" or port.id in carried:
        return False
    return speaks_ip(port, lab)
