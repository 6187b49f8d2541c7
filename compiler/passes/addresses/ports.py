"""Addresses of ports: those stated get their lengths, those left open are drawn from the segment's prefixes.

Enters: a lab whose segments have their prefixes. Leaves: `Port.addresses`. Called by the pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ...addresses import BITS, Address, Interface, Prefix
from ...diagnostics import Diagnostics, Label
from ...ir.domains import Domain
from ...ir.identity import port_identity
from ...ir.lab import Lab, Port, Segment
from ...slots import Claim, allot, number_of
from .stated import Stated
from .takers import Takers

_WINDOW = 1 << 32  # of an IPv6 prefix this many addresses are used: far more than ports, and short to read
_LINK_LOCAL = Prefix.parse("fe80::/10")
_NUMBERED = re.compile(r"^(.*?)(\d{1,9})$")


def assign_addresses(domains: list[Takers], stated: Stated, lab: Lab, diagnostics: Diagnostics) -> None:
    for port in lab.ports.values():
        if port.wanted:
            port.addresses = tuple(_with_length(wanted, port, lab) for wanted in port.wanted)
    for domain, _, takers in domains:
        if not takers or not any(segment.prefixes for segment in domain.segments):
            continue
        if len(domain.segments) > 1 or not _is_plain_pair(domain.segments[0], takers, stated, lab):
            _Drawing(domain, takers, stated, lab, diagnostics).draw()


def _is_plain_pair(segment: Segment, takers: list[Port], stated: Stated, lab: Lab) -> bool:
    """Most domains of a big lab are links of which nothing is stated: their two ends have the first and second address."""
    if segment.link is None or len(takers) != 2 or len(segment.ports) != 2 or lab.held:
        return False
    one, other = takers
    if stated.has_leases or len(one.attachments) > 1 or len(other.attachments) > 1:
        return False
    if port_identity(other, lab) < port_identity(one, lab):
        one, other = other, one
    firsts, seconds = [], []
    for prefix in segment.prefixes:
        family, _, length = prefix
        if length >= BITS[family] or stated.within(prefix):
            return False
        start = prefix.hosts.start
        firsts.append(Interface(Address(family, start), length))
        seconds.append(Interface(Address(family, start + 1), length))
    one.addresses, other.addresses = tuple(firsts), tuple(seconds)
    return True


def _with_length(wanted: Address | Interface, port: Port, lab: Lab) -> Interface:
    """The longest prefix around the address, of the port's segments. `check` reports that there is none."""
    if isinstance(wanted, Interface):
        return wanted
    if _LINK_LOCAL.holds(wanted):
        return Interface(wanted, 64)  # RFC 4291 §2.5.6, on any segment
    around = [prefix.length for prefix in _prefixes(port, lab) if prefix.holds(wanted)]
    return Interface(wanted, max(around, default=BITS[wanted.family]))


def _prefixes(port: Port, lab: Lab) -> Iterator[Prefix]:
    for attachment in port.attachments:
        yield from lab.segments[attachment.segment].prefixes


class _Drawing:
    """The addresses of one domain's ports that state none. Segments of one domain may share a prefix, so they draw together."""

    __slots__ = ("_diagnostics", "_domain", "_found", "_lab", "_ranks", "_stated", "_takers", "_used")

    def __init__(self, domain: Domain, takers: list[Port], stated: Stated, lab: Lab, diagnostics: Diagnostics) -> None:
        self._domain = domain
        self._takers = takers
        self._stated = stated
        self._lab = lab
        self._diagnostics = diagnostics
        self._used: dict[int, set[int]] = {4: set(), 6: set()}
        self._found: dict[tuple[str, Prefix], Interface] = {}
        self._ranks = self._ranks_of_a_pair()

    def draw(self) -> None:
        takers_of: dict[Prefix, list[Port]] = {}
        wanted = [(port, self._wanted_prefixes(port)) for port in self._takers]
        for port, prefixes in wanted:
            for prefix in prefixes:
                takers_of.setdefault(prefix, []).append(port)
        for prefix in sorted(takers_of):
            self._draw_from(prefix, takers_of[prefix])
        for port, prefixes in wanted:
            found = (self._found.get((port.id, prefix)) for prefix in prefixes)
            port.addresses = tuple(interface for interface in found if interface is not None)

    def _wanted_prefixes(self, port: Port) -> tuple[Prefix, ...]:
        """Of the segment that the port's own frames are on: a trunk's tagged segments are for its sub-interfaces."""
        own = port.form in ("subinterface", "svi")
        segments = [self._lab.segments[a.segment] for a in port.attachments if own or a.tag is None]
        if len(segments) == 1:
            return segments[0].prefixes
        here = (segment for segment in segments if segment.domain == self._domain.id)
        return tuple(dict.fromkeys(prefix for segment in here for prefix in segment.prefixes))

    def _draw_from(self, prefix: Prefix, takers: list[Port]) -> None:
        hosts = prefix.hosts
        first = hosts.start
        size = min(hosts.stop - hosts.start, _WINDOW)
        taken = self._stated.within(prefix) | self._used[prefix.family]
        leases = self._stated.leases_within(prefix)

        def is_taken(slot: int) -> bool:
            value = first + slot
            return value in taken or any(low <= value <= high for low, high in leases)

        claims = [self._claim(port, prefix, first, size) for port in takers]
        slots = allot(claims, size, is_taken)
        for port, claim in zip(takers, claims, strict=True):
            slot = slots[claim.name]
            if slot is None:
                self._is_full(prefix, port)
                continue
            self._used[prefix.family].add(first + slot)
            self._found[port.id, prefix] = Interface(Address(prefix.family, first + slot), prefix.length)

    def _claim(self, port: Port, prefix: Prefix, first: int, size: int) -> Claim:
        name = port_identity(port, self._lab)
        held = None
        for text in self._lab.held.get((port.id, "address"), ()) or self._lab.held.get((name, "address"), ()):
            value = _value_in(prefix, text)
            if value is not None and 0 <= value - first < size:
                held = value - first
        rank = self._ranks.get(port.id)
        return Claim(name, rank if rank is not None else self._home(port, prefix), held)

    def _home(self, port: Port, prefix: Prefix) -> int:
        node = self._lab.nodes[port.node]
        stem, number = _family_of(node.was or node.name, port.was or port.name)
        return _offset(stem, str(prefix)) + number

    def _ranks_of_a_pair(self) -> dict[str, int]:
        """The two ends of a link have the first and the second address: a link never has more ends."""
        if len(self._domain.segments) > 1 or self._domain.segments[0].link is None:
            return {}
        ends = sorted(self._domain.ports(self._lab), key=lambda port: port_identity(port, self._lab))
        return {port.id: rank for rank, port in enumerate(ends)}

    def _is_full(self, prefix: Prefix, port: Port) -> None:
        segment: Segment = next(s for s in self._domain.segments if prefix in s.prefixes)
        self._diagnostics.error(
            "E0503",
            f"{prefix} has no address left",
            port.origin.span,
            "this port needs one",
            labels=(Label(segment.origin.span, f"{segment.name} has {len(set(segment.ports))} ports"),),
            reason="addresses that the lab states, and ranges of its DHCP servers, are not given to other ports",
            help="widen the prefix, or state an address here: `at ADDRESS`",
            origin=port.origin,
        )


def _value_in(prefix: Prefix, text: str) -> int | None:
    try:
        address = Interface.parse(text).address if "/" in text else Address.parse(text)
    except ValueError:
        return None
    return address.value if prefix.holds(address) else None


def _family_of(node: str, port: str) -> tuple[str, int]:
    """What a port has in common with its siblings, and its number among them.

    >>> _family_of("pc12", "eth0")
    ('pc/eth0', 12)
    >>> _family_of("core", "down3")
    ('core/down', 3)
    """
    if found := _NUMBERED.match(node):
        return f"{found[1]}/{port}", int(found[2])
    if found := _NUMBERED.match(port):
        return f"{node}/{found[1]}", int(found[2])
    return f"{node}/{port}", 0


@lru_cache(maxsize=1 << 16)
def _offset(stem: str, prefix: str) -> int:
    return number_of(stem, prefix)
