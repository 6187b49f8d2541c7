"""Pools and the shares of them that labs and instances keep: none may claim what another has.

Enters: a site. Leaves: diagnostics. Called by `checks.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..addresses import Prefix
from ..diagnostics import Diagnostic
from ..ir.lab import Pool, Site
from .pools import DEFAULTS, Range, subtracted, whole_of
from .said import place, said

Part = Range | Prefix
Claim = tuple[Part, Pool]


def check(site: Site) -> Iterator[Diagnostic]:
    for name in sorted({pool.name for pool in site.pools}):
        named = sorted((pool for pool in site.pools if pool.name == name), key=lambda pool: place(pool.origin))
        whole = [pool for pool in named if pool.lab is None and not pool.instances]
        shares = [pool for pool in named if pool not in whole]
        yield from _twice(whole)
        yield from _shared(shares)
        for share in shares:
            yield from _outside(site, share, whole)
        for pool in whole:
            yield from _idle(pool, whole)


def _owner(pool: Pool) -> str:
    if pool.instances:
        return "instances"
    return f"the lab `{pool.lab}`" if pool.lab is not None else f"the pool `{pool.name}`"


def _twice(whole: list[Pool]) -> Iterator[Diagnostic]:
    """Parts of one pool that overlap: one of the two is not what was meant."""
    clash = next(_clashes([(part, pool) for pool in whole for part in pool.ranges]), None)
    if clash is not None:
        (one, first), (other, second) = clash
        yield said(
            "E0351",
            f"the pool `{second.name}` holds {_both(one, other)} twice",
            second.origin,
            f"{_text(other)} here",
            other=None if first is second else (first.origin, f"{_text(one)} here"),
            help="state each part of a pool once",
        )


def _shared(shares: list[Pool]) -> Iterator[Diagnostic]:
    for (one, first), (other, second) in _clashes([(part, share) for share in shares for part in share.ranges]):
        if (first.lab, first.instances) != (second.lab, second.instances):
            yield said(
                "E0353",
                f"{_owner(first)} and {_owner(second)} both draw from {_both(one, other)}",
                second.origin,
                f"for {_owner(second)}",
                other=(first.origin, f"for {_owner(first)}"),
                reason=f"both would use one {first.name} on the same hosts",
                help="keep ranges that do not overlap",
            )


def _clashes(claims: list[Claim]) -> Iterator[tuple[Claim, Claim]]:
    """Pairs that overlap, the earlier in the text first: each claim with the one that reaches furthest of those that start before
    it. Not every pair is told, but where two owners clash some pair of owners is."""
    spans = sorted((*_span(part), number) for number, (part, _) in enumerate(claims))
    furthest = spans[0] if spans else None
    for span in spans[1:]:
        assert furthest is not None  # there are spans
        if span[0] == furthest[0] and span[1] <= furthest[2]:
            one, other = sorted((furthest[3], span[3]))
            yield claims[one], claims[other]
        furthest = max(furthest, span, key=lambda each: (each[0], each[2]))


def _span(part: Part) -> tuple[int, int, int]:
    """The family of addresses, or 0 for ids; first and last."""
    if isinstance(part, Prefix):
        return part.family, part.value, part.last.value
    return 0, *part


def _outside(site: Site, share: Pool, whole: list[Pool]) -> Iterator[Diagnostic]:
    """A lab's share lies in the pool. That of instances may lie beside it: it is a pool of its own. Neither takes what is reserved."""
    for pool in whole:
        for part in share.ranges:
            kept = next((gap for gap in pool.reserved if _overlap(gap, part)), None)
            if kept is not None:
                yield said(
                    "E0352",
                    f"{_owner(share)} draws from {_both(part, kept)}, which the pool `{pool.name}` leaves out",
                    share.origin,
                    "takes what is reserved",
                    other=(pool.origin, f"{_text(kept)} is reserved here"),
                    help="choose another range",
                )
                return
    if share.instances or (not whole and share.name not in DEFAULTS):
        return
    for part in share.ranges:
        if not _lies_in(part, site, share.name, whole):
            bounds = ", ".join(map(_text, [item for pool in whole for item in pool.ranges] or DEFAULTS[share.name]))
            yield said(
                "E0352",
                f"{_text(part)} lies outside of the pool `{share.name}`",
                share.origin,
                f"the pool is {bounds}",
                other=(whole[0].origin, "the pool is stated here") if whole else None,
                help="choose a range inside of it" + ("" if whole else f", or state one: `pool {share.name} RANGE`"),
            )
            return


def _lies_in(part: Part, site: Site, name: str, whole: list[Pool]) -> bool:
    if isinstance(part, Prefix):
        return any(isinstance(other, Prefix) and other.holds(part) for pool in whole for other in pool.ranges)
    return not subtracted([part], whole_of(site, name))


def _idle(pool: Pool, whole: list[Pool]) -> Iterator[Diagnostic]:
    """An exception of what the pool does not hold is a slip of one of the two."""
    for gap in pool.reserved:
        if not any(_overlap(gap, part) for other in whole for part in other.ranges):
            yield said(
                "W0359",
                f"{_text(gap)} is no part of the pool `{pool.name}`",
                pool.origin,
                "so leaving it out changes nothing",
                severity="warning",
            )


def _overlap(one: Part, other: Part) -> bool:
    if isinstance(one, Prefix) or isinstance(other, Prefix):
        return isinstance(one, Prefix) and isinstance(other, Prefix) and one.overlaps(other)
    return one[0] <= other[1] and other[0] <= one[1]


def _both(one: Part, other: Part) -> str:
    """What two overlapping parts have in common."""
    if isinstance(one, Prefix) or isinstance(other, Prefix):
        return str(max((part for part in (one, other) if isinstance(part, Prefix)), key=lambda part: part.length))
    return _text((max(one[0], other[0]), min(one[1], other[1])))


def _text(part: Part) -> str:
    if isinstance(part, Prefix):
        return str(part)
    return str(part[0]) if part[0] == part[1] else f"{part[0]}..{part[1]}"
