"""Takers: the ports of each domain that get their addresses from its prefixes.

Enters: a lab whose domains are known. Leaves: every domain with its takers. Called by the pass.
"""

from __future__ import annotations

from ...ir.domains import Domain, carried_ports, domains_of, speaks_ip
from ...ir.lab import Lab, Port, PortId

Takers = tuple[Domain, list[Port]]


def takers_by_domain(lab: Lab) -> list[Takers]:
    carried = carried_ports(lab)
    return [
        (domain, [port for port in domain.ports(lab) if _wants_address(port, lab, carried)])
        for domain in domains_of(lab).values()
    ]


def _wants_address(port: Port, lab: Lab, carried: set[PortId]) -> bool:
    """One that states none, is not addressed by DHCP, carries no logical port, and is no port of a bridge."""
    if port.wanted or port.dhcp or port.form == "loopback" or port.id in carried:
        return False
    return speaks_ip(port, lab)
