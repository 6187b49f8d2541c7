"""What both forms say alike: groups, counts, a pair's verdict.

Enters: parts of a `Difference`. Leaves: text. Called by `text.py` and `markdown.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...plan.changed import told
from ..changes import Change, Difference, Reach

_SIGNS = (("new", "new"), ("changed", "changed"), ("replaced", "to be made anew"), ("gone", "gone"))
_FEW = 4


def groups(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """By node's name, `lab` for the rest, in the order of the changes."""
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(change.node.partition("/")[2] if change.node else "lab", []).append(change)
    return found


def counts(difference: Difference) -> Iterator[str]:
    """`2 changed`, `1 test`, …, of what there is."""
    for member, word in _SIGNS:
        count = getattr(difference.summary, member)
        if count:
            yield f"{count:,} {word}"
    for member, one, many in (("tests", "test", "tests"), ("requirements", "requirement", "requirements")):
        count = getattr(difference.summary, member)
        if count:
            yield f"{count:,} {one if count == 1 else many}"
    if difference.radius:
        count = difference.summary.radius
        yield f"{count:,} verdict{'s' * (count != 1)} that may differ"


def fields(change: Change) -> Iterator[str]:
    """Lines that say in which fields a record differs. The reasons of a replacement tell of `host` already, and what must be there
    first concerns who makes it."""
    for field in change.fields:
        if field.path not in ("host", "needs"):
            yield from told(field.path.removeprefix("spec."), field.old, field.new)


def verdict(reach: Reach) -> str:
    """`denied → allowed`; `unknown` where nothing is known of either side."""
    return reach.old if reach.old == reach.new else f"{reach.old} → {reach.new}"


def listed(names: tuple[str, ...], most: int = _FEW) -> str:
    """`pc1, pc2, pc3 and 17 more`."""
    if len(names) <= most + 1:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most:,} more"


def services(reach: Reach) -> str:
    return "anything" if reach.services == ("any",) else ", ".join(reach.services)


def why(reach: Reach) -> str:
    names = tuple(each.partition("/")[2] for each in reach.through)
    through = f"as far as packets may pass {listed(names)}" if names else ""
    return "; ".join(part for part in (through, reach.why) if part)
