"""Prefixes of links, drawn from the pool `links`.

Enters: a lab whose domains are known. Leaves: `Segment.prefixes` of every segment that a link made. Called by the pass.

A link whose domain already has a prefix, because a segment in it states one or a port states its address with a length, has
that prefix. Every other one draws: /31 (RFC 3021) and /127 (RFC 6164) for a link between two nodes; /24, or /20 for more than
254 ports, and /64 for links that a switch joins. IPv6 is drawn as soon as the lab states any IPv6 address: a link in the
middle of a dual-stack path must not be the one that has none.

A site's pool `links` replaces the default one: 100.64.0.0/10 (RFC 6598), which labs rarely use otherwise, and a unique
local /48 (RFC 4193). Its lower half is for links between two nodes, its upper for those behind switches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ...addresses import BITS, Interface, Prefix
from ...diagnostics import Diagnostics
from ...ir.domains import Domain, stated_prefixes
from ...ir.identity import link_identity
from ...ir.lab import Lab, Port, Segment
from ...slots import Claim, allot, number_of
from .stated import Stated
from .takers import Takers

DEFAULT_POOL = (Prefix.parse("100.64.0.0/10"), Prefix.parse("fd6c:6162:6300::/48"))
_LINK_LOCAL = Prefix.parse("fe80::/10")
_SMALL_LAN = 254


class _Draw(NamedTuple):
    """One domain that draws prefixes. `form`: pair, lan or big-lan. `identity`: the name whose hash is its home."""

    domain: Domain
    form: str
    identity: str


class _Region(NamedTuple):
    """A run of equally long prefixes."""

    family: int
    start: int
    length: int
    size: int

    @property
    def whole(self) -> Prefix:
        return Prefix(self.family, self.start, self.length - self.size.bit_length() + 1)

    def prefix(self, slot: int) -> Prefix:
        return Prefix(self.family, self.start + (slot << (BITS[self.family] - self.length)), self.length)

    def slot(self, prefix: Prefix) -> int | None:
        slot = (prefix.value - self.start) >> (BITS[self.family] - self.length)
        return slot if prefix.length == self.length and 0 <= slot < self.size else None


def assign_prefixes(domains: list[Takers], stated: Stated, lab: Lab, diagnostics: Diagnostics) -> None:
    draws: list[_Draw] = []
    for domain, ports, takers in domains:
        known = _known_prefixes(domain, ports)
        if known:
            _spread(domain, known)
        elif takers and all(_made_here(segment) for segment in domain.segments):
            draws.append(_draw_of(domain, ports, len(takers), lab))
    families = (4, 6) if stated.has_ipv6 else (4,)
    for family in families:
        for form in ("pair", "lan", "big-lan"):
            wanted = [draw for draw in draws if draw.form == form]
            if wanted:
                _draw(wanted, family, stated, lab, diagnostics)


def _known_prefixes(domain: Domain, ports: list[Port]) -> list[Prefix]:
    stated = {prefix for segment in domain.segments for prefix in segment.prefixes}
    if not stated and any(port.wanted for port in ports):
        stated = {prefix for prefix in stated_prefixes(ports) if not _LINK_LOCAL.holds(prefix)}
    return sorted(stated)


def _spread(domain: Domain, known: list[Prefix]) -> None:
    for segment in domain.segments:
        if not segment.prefixes and _made_here(segment):
            segment.prefixes = tuple(known)


def _made_here(segment: Segment) -> bool:
    """Whether the pass `segments` made it: for a link, or for a tag on a link."""
    return segment.link is not None or "#" in segment.id


def _draw_of(domain: Domain, ports: list[Port], takers: int, lab: Lab) -> _Draw:
    only = domain.segments[0]
    if len(domain.segments) == 1 and only.link is not None and takers <= 2:
        return _Draw(domain, "pair", link_identity(lab.links[only.link], lab))
    return _Draw(domain, "lan" if takers <= _SMALL_LAN else "big-lan", _middle(domain, ports, lab))


def _middle(domain: Domain, ports: list[Port], lab: Lab) -> str:
    """What a domain of several links is known by: its least bridging node, which a new link to it does not change."""
    nodes = (lab.nodes[port.node] for port in ports)
    names = sorted(f"node/{node.was or node.name}" for node in nodes if node.bridges)
    tags = sorted({segment.vlan for segment in domain.segments if segment.vlan is not None})
    return f"{names[0] if names else domain.id}{f'#{tags[0]}' if tags else ''}"


def _draw(draws: list[_Draw], family: int, stated: Stated, lab: Lab, diagnostics: Diagnostics) -> None:
    regions = _regions(family, draws[0].form, lab)
    size = sum(region.size for region in regions)
    if not size:
        for draw in draws if not any(pool.family != family for pool in _pool(lab)) else ():
            _pool_is_full(draw, family, lab, diagnostics)
        return
    claims = [Claim(draw.identity, number_of(draw.identity), _held_slot(draw, regions, lab)) for draw in draws]
    slots = allot(claims, size, _taken_in(regions, stated))
    for draw in draws:
        slot = slots[draw.identity]
        if slot is None:
            _pool_is_full(draw, family, lab, diagnostics)
            continue
        for segment in draw.domain.segments:
            segment.prefixes = (*segment.prefixes, _at(regions, slot))


def _taken_in(regions: list[_Region], stated: Stated) -> Callable[[int], bool]:
    """Whether something stated lies in a slot; for most labs nothing lies in the whole pool."""
    if not any(stated.blocks_meet(region.whole) for region in regions):
        return lambda _: False
    return lambda slot: stated.blocks_meet(_at(regions, slot))


def _pool(lab: Lab) -> tuple[Prefix, ...]:
    stated = [
        part
        for pool in lab.site.pools
        if pool.name == "links" and pool.lab in (None, lab.name) and not pool.instances
        for part in pool.ranges
        if isinstance(part, Prefix)
    ]
    return tuple(stated) or DEFAULT_POOL


def _regions(family: int, form: str, lab: Lab) -> list[_Region]:
    return [region for pool in _pool(lab) if pool.family == family if (region := _region(pool, form)).size]


def _region(pool: Prefix, form: str) -> _Region:
    """The lower half for pairs; of the upper half, the lower for lans and the upper for big ones. IPv6 has one size of lan."""
    bits = BITS[pool.family]
    if form == "pair":
        part = pool.subnet(pool.length + 1, 0) if pool.length < bits - 1 else pool
        length = bits - 1
    else:
        if pool.length > bits - 4:
            return _Region(pool.family, 0, 0, 0)
        part = pool.subnet(pool.length + 2, 2 if form == "lan" else 3)
        length = 64 if pool.family == 6 else 24 if form == "lan" else 20
    return _Region(pool.family, part.value, length, max(0, 1 << (length - part.length)) if length >= part.length else 0)


def _at(regions: list[_Region], slot: int) -> Prefix:
    for region in regions:
        if slot < region.size:
            return region.prefix(slot)
        slot -= region.size
    raise IndexError(slot)


def _held_slot(draw: _Draw, regions: list[_Region], lab: Lab) -> int | None:
    """The slot of what the lock holds, where it still is one of this pool."""
    for text in _held(draw, lab):
        try:
            prefix = Interface.parse(text).prefix
        except ValueError:
            continue
        before = 0
        for region in regions:
            if region.family == prefix.family and (slot := region.slot(prefix)) is not None:
                return before + slot
            before += region.size
    return None


def _held(draw: _Draw, lab: Lab) -> Iterator[str]:
    """The lock files a prefix under the links that have it; those of a renamed link under its old name."""
    if not lab.held:
        return
    yield from lab.held.get((draw.identity, "prefix"), ())
    for segment in draw.domain.segments:
        if segment.link is not None:
            yield from lab.held.get((segment.link, "prefix"), ())


def _pool_is_full(draw: _Draw, family: int, lab: Lab, diagnostics: Diagnostics) -> None:
    origin = draw.domain.segments[0].origin
    diagnostics.error(
        "E0502",
        f"the pool `links` has no IPv{family} prefix left",
        origin.span,
        "this needs one",
        reason=f"the pool is {', '.join(map(str, _pool(lab)))}; half of it is for links between two nodes, half for those behind switches",
        help="state a prefix here (`on PREFIX`), or give the site a larger pool: `pool links 10.0.0.0/8`",
        origin=origin,
    )
