"""Addresses: prefixes, addresses, MACs and Linux names for what the text left open, and next hops as addresses.

Enters: a lab whose segments and domains are known. Leaves: `Port.addresses`, `Port.mac`, `Port.interface`,
`Segment.prefixes` of links, `Route.via`, `NatRule.inside`, `NaptRule.sources`. Called by the pipeline.

Nothing here depends on the order of declaration, and little on what else stands in the lab. Every choice starts at a home
that only the thing's own name decides (`compiler/slots.py` says how, and what two things do that want one home):

- a link's prefix: a hash of the link's id into the pool `links`;
- a port's address: a hash of its segment, and of the family of names it belongs to, plus its number, so that
  `pc1`, `pc2`, `pc3` stand side by side;
- a MAC: a hash of the lab's name and the port's id.

What can move when something is added, while no lock holds it: a thing whose home the newcomer has too, when the newcomer's
name is shorter (of equal length: lesser); a thing that had been driven from its own home to the place that is now taken; and
whatever lies where the text now states an address or a prefix. A default pool of a million links makes the first two rare, a small
segment that is nearly full does not. `lab.lock` stops the first two, since what it holds is placed before anything else.
`was OLD` keeps the home of the old name.
"""

from __future__ import annotations

from ...diagnostics import Diagnostics
from ...ir.lab import Lab
from ..manager import register
from .hops import resolve_hops
from .interfaces import name_interfaces
from .macs import assign_macs
from .pools import assign_prefixes
from .ports import assign_addresses
from .stated import Stated
from .takers import takers_by_domain


@register(
    reads=("nodes", "ports", "segments", "links", "zones", "groups", "policies", "site", "held"),
    writes=(
        "segments.prefixes",
        "ports.addresses",
        "ports.mac",
        "ports.interface",
        "nodes.routes",
        "nodes.nat",
        "nodes.napt",
    ),
)
def addresses(lab: Lab, diagnostics: Diagnostics) -> Lab:
    """`segment dmz 10.0.0.0/24` and `port eth0 on dmz` give the port one of 254 addresses, today as tomorrow."""
    stated = Stated(lab)
    takers = takers_by_domain(lab)
    assign_prefixes(takers, stated, lab, diagnostics)
    assign_addresses(takers, stated, lab, diagnostics)
    assign_macs(lab)
    name_interfaces(lab)
    resolve_hops(lab)
    return lab
