"""VNIs: a number for each segment that crosses hosts, the same after every edit elsewhere.

Enters: the segments that cross hosts. Leaves: `Segment.vni`. Called by the pass.

The site may keep a range of the pool for this lab (`lab NAME uses vni 10000..10255`); else the whole pool, less what it keeps for
others, will do. In it, a VNI starts at a hash of the lab's name and the segment's id, and what the lock holds comes first
(`compiler/slots.py`). No ledger of other labs is kept: `up` claims VNIs on the hosts.
"""

from __future__ import annotations

from ...diagnostics import Diagnostics, Label
from ...ir.identity import distinct, held_values, segment_identity
from ...ir.lab import Lab, Segment
from ...site.pools import Ids, vni_ranges
from ...slots import Claim, allot, number_of
from .held import held_index


def assign_vnis(crossing: list[Segment], lab: Lab, diagnostics: Diagnostics) -> bool:
    """Whether there were enough of them."""
    free = vni_ranges(lab.site, lab.name)
    if len(free) < len(crossing):
        _too_few(crossing, free, lab, diagnostics)
        return False
    plain = {each.id: each.id for each in crossing}
    names = distinct(plain, {each.id: segment_identity(each, lab) for each in crossing})
    claims = [
        Claim(name := names[each.id], number_of(lab.name, name), _held(each, name, free, lab, diagnostics))
        for each in crossing
    ]
    slots = allot(claims, len(free), lambda _: False)
    for segment in crossing:
        slot = slots[names[segment.id]]
        segment.vni = None if slot is None else free.at(slot)
    return True


def _held(segment: Segment, name: str, free: Ids, lab: Lab, diagnostics: Diagnostics) -> int | None:
    """`name`: under which it was known before a rename."""
    return held_index(segment.id, "vni", held_values(lab, "vni", segment.id, name), free, diagnostics)


def _too_few(crossing: list[Segment], free: Ids, lab: Lab, diagnostics: Diagnostics) -> None:
    own = any(pool.lab == lab.name for pool in lab.site.pools if pool.name == "vni")
    first = min(crossing, key=lambda segment: segment.id)
    where = free.origins[0] if free.origins else first.origin
    diagnostics.error(
        "E0811",
        f"{len(crossing)} segments cross hosts, and there are {len(free)} VNIs for this lab",
        where.span,
        "the range kept for this lab" if own else "the pool, less what other labs and instances use",
        labels=(Label(first.origin.span, "the first of them"),),
        reason="each segment that crosses hosts needs a VNI of its own (RFC 7348)",
        help=f"make the range {len(crossing) - len(free)} longer, or keep more nodes together",
        origin=where,
    )
