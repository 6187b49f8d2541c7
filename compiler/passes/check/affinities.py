"""Together and apart: two wishes about one pair that cannot both hold."""

from __future__ import annotations

from ...ir.lab import Affinity
from ...ir.unions import Unions
from .design import Design, names, there


def check(design: Design) -> None:
    together = Unions()
    cause: dict[str, Affinity] = {}
    for wish in design.lab.affinities:
        if wish.form == "together":
            for member in wish.members:
                together.join(wish.members[0], member)
                cause.setdefault(member, wish)
    for wish in design.lab.affinities:
        if wish.form == "apart":
            _contradiction(wish, together, cause, design)


def _contradiction(wish: Affinity, together: Unions, cause: dict[str, Affinity], design: Design) -> None:
    seen: dict[str, str] = {}
    for member in wish.members:
        other = seen.setdefault(together.find(member), member)
        if other != member:
            design.say(
                "E0420",
                f"{names([other, member])} shall be together and apart",
                wish.origin,
                "apart here",
                labels=[there(cause[member].origin, "together here")] if member in cause else [],
                reason="no host satisfies both",
                help="remove one of the two",
            )
            return
