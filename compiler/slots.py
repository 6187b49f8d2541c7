"""Slots: who gets which place in a pool, so that an edit moves as little as can be.

Enters: claims, each with a home that its own name decides, and the places already taken. Leaves: a place for each claim.
Called for prefixes of links, for addresses of ports and for VNIs.

Three rounds. What a lock holds is placed first. Then every home goes to the claim whose name is shortest, of equal lengths
to the least: so `pc51`, added after `pc1` to `pc50`, drives nobody away. The rest look for a place by hashes of their own
names. A newcomer therefore moves at most the one claim that it outranks at its home, and those that had already lost
theirs and now find their second choice taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import NamedTuple

_TRIES = 64  # hashed tries before walking on slot by slot; at 90 % load one in a thousand claims needs more


class Claim(NamedTuple):
    """`home`: where it would be, were it alone. `held`: where the lock says that it is."""

    name: str
    home: int
    held: int | None = None


def allot(claims: Iterable[Claim], size: int, is_taken: Callable[[int], bool]) -> dict[str, int | None]:
    """A place below `size` for each claim; None where the pool is full. Homes are taken modulo `size`."""
    found: dict[str, int | None] = {}
    used: set[int] = set()

    def settle(claim: Claim, slot: int) -> bool:
        if slot in used or is_taken(slot):
            return False
        used.add(slot)
        found[claim.name] = slot
        return True

    claims = list(claims)
    held = sorted((claim for claim in claims if claim.held is not None), key=_rank)
    settled = {claim.name for claim in held if claim.held is not None and settle(claim, claim.held)}
    homes, homeless = _homes([claim for claim in claims if claim.name not in settled], size)
    homeless += [claim for slot, claim in homes.items() if not settle(claim, slot)]
    for claim in sorted(homeless, key=_rank):
        if not any(settle(claim, slot) for slot in _elsewhere(claim, size, len(used))):
            found[claim.name] = None
    return found


def _homes(claims: list[Claim], size: int) -> tuple[dict[int, Claim], list[Claim]]:
    """Who has each home, and who lost it. Few do, so no more than those are ever sorted."""
    homes: dict[int, Claim] = {}
    lost: list[Claim] = []
    for claim in claims:
        holder = homes.setdefault(claim.home % size, claim)
        if holder is not claim:
            first, second = sorted((holder, claim), key=_rank)
            homes[claim.home % size] = first
            lost.append(second)
    return homes, lost


def _rank(claim: Claim) -> tuple[int, str]:
    return len(claim.name), claim.name


def _elsewhere(claim: Claim, size: int, used: int) -> Iterable[int]:
    if used >= size:
        return
    for attempt in range(1, min(_TRIES, size) + 1):
        yield number_of(claim.name, str(attempt)) % size
    for step in range(1, min(size, 1 << 20)):
        yield (claim.home + step) % size


def number_of(*names: str) -> int:
    """Sixty-four bits that the names alone decide. The same on every machine and in every version: plans depend on it."""
    return int.from_bytes(blake2b("\n".join(names).encode(), digest_size=8).digest(), "big")
