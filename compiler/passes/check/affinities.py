"""Affinities: demands about one pair of nodes that cannot both hold. Soft ones contradict nothing."""

from __future__ import annotations

from ...ir.lab import Affinity
from ...ir.unions import Unions
from .design import Design, names, there


class _Shared:
    """Which nodes share a place: with `by` None a host, else a value of that label. Whoever shares a host shares its labels."""

    def __init__(self, wishes: list[Affinity], by: str | None) -> None:
        self.unions = Unions()
        self.cause: dict[str, Affinity] = {}
        for wish in wishes:
            if wish.by in (None, by):
                for member in wish.members:
                    self.unions.join(wish.members[0], member)
                    self.cause.setdefault(member, wish)


def check(design: Design) -> None:
    hard = [wish for wish in design.lab.affinities if wish.weight is None]
    together = [wish for wish in hard if wish.form == "together"]
    shared = {by: _Shared(together, by) for by in {None, *(wish.by for wish in hard)}} if together else {}
    for wish in hard if together else ():
        if wish.form == "apart":
            _both(wish, shared[wish.by], design)
        elif wish.form == "exclusive":
            _guests(wish, shared[None], design)


def _both(wish: Affinity, shared: _Shared, design: Design) -> None:
    seen: dict[str, str] = {}
    for member in wish.members:
        other = seen.setdefault(shared.unions.find(member), member)
        if other != member:
            cause = shared.cause.get(member)
            design.say(
                "E0420",
                f"{names([other, member])} shall be together and apart",
                wish.origin,
                "apart here",
                labels=[there(cause.origin, "together here")] if cause else [],
                reason="no host satisfies both",
                help="remove one of the two",
            )
            return


def _guests(wish: Affinity, shared: _Shared, design: Design) -> None:
    """Nodes that are alone on their hosts, and one that shall be with them."""
    owners = {shared.unions.find(member): member for member in wish.members}
    inside = set(wish.members)
    for guest, cause in shared.cause.items():
        owner = owners.get(shared.unions.find(guest))
        if owner is not None and guest not in inside:
            design.say(
                "E0420",
                f"{names([guest, owner])} shall be together, and {names([owner])} shall be alone on its host",
                wish.origin,
                "alone here",
                labels=[there(cause.origin, "together here")],
                reason="no host satisfies both",
                help="write `exclusive` of both, or remove one of the two",
            )
            return
