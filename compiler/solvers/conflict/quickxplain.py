"""QuickXplain (Junker, AAAI 2004): of many parts that fail together, a minimal set that fails, in chunks.

Enters: parts, and a question about a list of them. Leaves: those that are needed. Called by the searches for conflicts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Part = TypeVar("Part")


def needed(parts: list[Part], fails: Callable[[list[Part]], bool]) -> list[Part]:
    """`parts` must fail together, and more parts never fail less. Of several minimal sets, one with early parts rather than late ones.

    `fails` may answer False where it does not know; the set then still fails, and may be larger than need be.
    """
    return _needed([], False, parts, fails)


def _needed(base: list[Part], grown: bool, parts: list[Part], fails: Callable[[list[Part]], bool]) -> list[Part]:
    """Of `parts` those that are needed beside `base`; `grown`: the base has changed since it was last asked about."""
    if grown and fails(base):
        return []
    if len(parts) <= 1:
        return parts
    half = len(parts) // 2
    early, late = parts[:half], parts[half:]
    from_late = _needed(base + early, True, late, fails)
    return _needed(base + from_late, bool(from_late), early, fails) + from_late
