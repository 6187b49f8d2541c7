"""The network below the overlays: the address of each host that VXLAN packets come from and go to.

Enters: a site. Leaves: diagnostics. Called by `checks.py`; `hosts.underlay_of` is what passes ask.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..addresses import Address
from ..diagnostics import Diagnostic
from ..ir.lab import Host, Site
from .hosts import addressed, underlay_of
from .said import place, said


def check(site: Site) -> Iterator[Diagnostic]:
    hosts = sorted(site.hosts.values(), key=lambda host: place(host.origin))
    for host in hosts:
        yield from _which(host, several=len(hosts) > 1)
    yield from _same(hosts)


def _which(host: Host, *, several: bool) -> Iterator[Diagnostic]:
    """`several`: the site has more hosts, so that overlays may be needed."""
    with_address = addressed(host)
    marked = [nic for nic in host.nics.values() if nic.fields.get("overlay") is True]
    for nic in marked:
        if nic not in with_address:
            label = "carries overlays"
            help = "write `address = ADDRESS/LENGTH` beside it"
            yield said("E0358", f"the NIC `{nic.name}` of `{host.name}` has no address", nic.origin, label, help=help)
    if len(marked) > 1:
        summary = f"two NICs of `{host.name}` carry its overlays"
        yield said("E0358", summary, marked[1].origin, "the second", other=(marked[0].origin, "the first"))
    elif several and not marked and len(with_address) > 1:
        names = " and ".join(f"`{nic.name}`" for nic in with_address[:2])
        yield said(
            "E0358",
            f"which NIC of `{host.name}` carries its overlays is not said",
            host.origin,
            f"{names} have addresses",
            reason="other hosts send the packets of segments that cross hosts to one address",
            help="write `overlay = true` in the NIC that does",
        )


def _same(hosts: list[Host]) -> Iterator[Diagnostic]:
    seen: dict[Address, Host] = {}
    for host in hosts:
        underlay = underlay_of(host)
        if underlay is None:
            continue
        first = seen.setdefault(underlay.address, host)
        if first is not host:
            other = underlay_of(first)
            assert other is not None  # it has put its address there
            yield said(
                "E0357",
                f"`{first.name}` and `{host.name}` have one address for overlays",
                host.nics[underlay.nic].origin,
                f"{underlay.address} again",
                other=(first.nics[other.nic].origin, "first here"),
                reason="what is sent to one of them would reach the other",
            )
