"""What changes from one lab to another, on one page: what differs, what of it must be made anew, which tests and which packets it touches.

Enters: two sides, and the labs that they were compiled from where there are any, for the names of zones. Leaves: a `Difference`. Called by
`labc diff`. Pure. Sides that are equal byte for byte are not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..collector import collector_off
from ..ir.lab import Lab
from ..plan.read import read_plan
from .changes import Difference, Reach, difference
from .compare import Pair, changes, differing, requirements, tests
from .renamed import renamed, renames
from .sides import Side


def differences(old: Side, new: Side, labs: tuple[Lab | None, Lab | None] = (None, None)) -> Difference:
    """Raises PlanError for a plan whose digest is right and whose records are none that labc writes."""
    if old.data == new.data:
        return difference(old.where, new.where)
    try:
        with collector_off():
            return _differences(old, new, labs)
    except (KeyError, TypeError, ValueError, AttributeError):
        for side in (old, new):
            read_plan(side.data)  # says what is wrong with it
        raise


def _differences(old: Side, new: Side, labs: tuple[Lab | None, Lab | None]) -> Difference:
    names = renames(old, new, labs[1])
    if names:
        old = renamed(old, new, names)
    resources = differing(old.resources, new.resources)
    return difference(
        old.where,
        new.where,
        changes(old, new, resources, names),
        tests(old, new),
        requirements(old, new),
        _radius(old, new, resources, labs, names),
    )


def _radius(
    old: Side,
    new: Side,
    resources: Mapping[str, Pair],
    labs: tuple[Lab | None, Lab | None],
    names: Mapping[str, str],
) -> tuple[Reach, ...]:
    if not resources:
        return ()
    from .radius import radius  # many differences are none that a packet could notice: they load no walk
    from .radius.ends import Book

    return radius(old, new, resources.values(), Book(labs, names))
