"""What a lab may draw ids from: ranges of VNIs and VLANs, less what is kept for others.

Enters: a site and a lab's name. Leaves: `Ids`. Called by the pass `overlays`, and by `checks.py` beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from ..ir.lab import Pool, Site
from ..source import Origin

Range = tuple[int, int]  # both ends included

# Where the site says nothing. VNIs below 4096 are left to those who number their VXLANs as their VLANs.
DEFAULTS: dict[str, tuple[Range, ...]] = {"vni": ((4096, (1 << 24) - 1),), "vlan": ((1, 4094),)}


class Ids(Struct, frozen=True):
    """Ranges in rising order that neither overlap nor touch. `origins`: the statements that give them; none for the default."""

    ranges: tuple[Range, ...]
    origins: tuple[Origin, ...] = ()

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.ranges)

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and any(first <= number <= last for first, last in self.ranges)

    def at(self, index: int) -> int:
        """The `index`-th id, from 0. Raises IndexError past the last."""
        left = index
        for first, last in self.ranges if index >= 0 else ():
            if left <= last - first:
                return first + left
            left -= last - first + 1
        raise IndexError(index)

    def index(self, number: int) -> int | None:
        """Where an id stands, as `at` counts; None for one that is not here."""
        before = 0
        for first, last in self.ranges:
            if first <= number <= last:
                return before + number - first
            before += last - first + 1
        return None


def vni_ranges(site: Site, lab: str) -> Ids:
    """The VNIs of a lab: those that the site keeps for it, else the pool's, less what is reserved and kept for others."""
    return ids_of(site, "vni", lab)


def instance_vnis(site: Site) -> Ids:
    """The VNIs that other instances than a lab's default one draw from; none where the site keeps none for them."""
    kept = [pool for pool in site.pools if pool.name == "vni" and pool.instances]
    return Ids(subtracted(_numbers(kept), reserved(site, "vni")), tuple(pool.origin for pool in kept))


def ids_of(site: Site, name: str, lab: str) -> Ids:
    """As `vni_ranges`, of `vni` or `vlan`."""
    stated = [pool for pool in site.pools if pool.name == name]
    own = [pool for pool in stated if pool.lab == lab]
    if own:
        return Ids(subtracted(_numbers(own), reserved(site, name)), tuple(pool.origin for pool in own))
    whole = [pool for pool in stated if pool.lab is None and not pool.instances]
    others = [pool for pool in stated if pool.lab is not None or pool.instances]
    taken = (*reserved(site, name), *_numbers(others))
    return Ids(subtracted(whole_of(site, name), taken), tuple(pool.origin for pool in whole))


def whole_of(site: Site, name: str) -> tuple[Range, ...]:
    """The ranges of a pool as stated, or its default."""
    whole = [pool for pool in site.pools if pool.name == name and pool.lab is None and not pool.instances]
    return merged(_numbers(whole)) if whole else DEFAULTS.get(name, ())


def reserved(site: Site, name: str) -> tuple[Range, ...]:
    return tuple(part for pool in site.pools if pool.name == name for part in numbers_in(pool.reserved))


def numbers_in(parts: Iterable[object]) -> Iterator[Range]:
    """The ranges among the parts of a pool; prefixes are left out."""
    for part in parts:
        if type(part) is tuple:
            yield part


def _numbers(pools: Iterable[Pool]) -> tuple[Range, ...]:
    return tuple(part for pool in pools for part in numbers_in(pool.ranges))


def merged(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """The same ids in rising order, as few ranges as can be."""
    made: list[Range] = []
    for first, last in sorted(ranges):
        if made and first <= made[-1][1] + 1:
            made[-1] = (made[-1][0], max(last, made[-1][1]))
        else:
            made.append((first, last))
    return tuple(made)


def subtracted(ranges: Iterable[Range], taken: Iterable[Range]) -> tuple[Range, ...]:
    """The ids of `ranges` that are not in `taken`."""
    gaps = merged(taken)
    left: list[Range] = []
    for first, last in merged(ranges):
        start = first
        for low, high in gaps:
            if low > last or high < start:
                continue
            if start < low:
                left.append((start, low - 1))
            start = high + 1
        if start <= last:
            left.append((start, last))
    return tuple(left)
