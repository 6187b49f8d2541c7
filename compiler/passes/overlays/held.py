"""A number that the lock holds, as a place among those that the lab may draw.

Enters: what the lock holds for an id. Leaves: its index; None, with a note, when the lab may no longer have it. Called for VNIs and VLANs.
"""

from __future__ import annotations

from ...diagnostics import Diagnostics
from ...site.pools import Ids


def held_index(id: str, key: str, values: tuple[str, ...] | None, free: Ids, diagnostics: Diagnostics) -> int | None:
    if not values:
        return None
    index = free.index(int(values[0]))
    if index is None:
        diagnostics.note(
            "N0903",
            f"the {key} {values[0]}, which the lock holds for {id}, is not one that this lab may have now: a new one is drawn",
            free.origins[0].span if free.origins else None,
            "the range of this lab",
        )
    return index
