"""What a comparison of two labs says: the records that `labc diff` prints, and that its JSON form has member by member.

Enters: nothing; these are types. Made by `compare.py` and `radius/`, printed by `forms/`. `labc schema diff` publishes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from msgspec import Struct, field

Sign = Literal["+", "-", "~", "-/+"]
Verdict = Literal["allowed", "denied", "unreachable", "unknown"]
FORMAT = "1.0"


class FieldChange(Struct, frozen=True):
    """One field that differs: its path in the record, and what it was and is. null: it is not there. A secret is its reference."""

    path: str
    old: Any  # JSON
    new: Any


class Change(Struct, frozen=True):
    """A resource, a parameter or the like that is new (+), gone (-), different (~) or has to be made anew (-/+).

    `node`: the node's id, null for what belongs to none. `reasons`: why it has to be made anew. `lines`: of rendered texts, what
    `diff -u` says, every line. `brief`: of what is new or gone, what it is, in a few words.
    """

    sign: Sign
    id: str
    kind: str
    node: str | None
    fields: tuple[FieldChange, ...] = ()
    reasons: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    brief: str = ""


class TestChange(Struct, frozen=True):
    """A test that is new (+), gone (-), or touched (~): its case or the packets of its case differ. `fields`: in what."""

    __test__ = False  # for pytest

    sign: Sign
    id: str
    title: str
    fields: tuple[FieldChange, ...] = ()


class RequirementChange(Struct, frozen=True):
    """A statement of a policy. Where `~`: what it says, the cases that prove it, or why none does."""

    sign: Sign
    id: str
    text: str
    fields: tuple[FieldChange, ...] = ()


class Reach(Struct, frozen=True):
    """Ordered pairs, each of `sources` with each of `targets`, whose verdict over `services` differs or cannot be shown equal.

    An end with itself is no pair. Ends are nodes, and addresses that no node has; a zone, segment or group that a policy names stands where all
    of its nodes fare so; `any` is every end of the lab. `through`: pairs only as far as their packets may pass one of these nodes or segments. `why`: what makes the verdict unknown, or what packets the difference concerns.
    """

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    services: tuple[str, ...]
    old: Verdict
    new: Verdict
    why: str = ""
    through: tuple[str, ...] = ()


class Summary(Struct, frozen=True):
    """How many: changes by their sign (`placement` only where nothing else changes), tests and requirements, and verdicts that may differ, one for each pair of ends listed and service."""

    new: int
    changed: int
    replaced: int
    gone: int
    tests: int
    requirements: int
    radius: int


class Difference(Struct, frozen=True):
    """Everything in which two labs differ. `old` and `new` are what was compared, as it was given."""

    format: str
    old: str
    new: str
    summary: Summary
    changes: tuple[Change, ...] = ()
    tests: tuple[TestChange, ...] = ()
    requirements: tuple[RequirementChange, ...] = ()
    radius: tuple[Reach, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def notable(self) -> tuple[Change, ...]:
        """The changes, without which way a solver went where that is not all that differs: no reviewer asks for it."""
        return _notable(self.changes)

    @property
    def is_empty(self) -> bool:
        return not (self.changes or self.tests or self.requirements or self.radius)


def _notable(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    return tuple(change for change in changes if change.kind != "placement") or changes


def verdicts(radius: Iterable[Reach]) -> int:
    """One for each pair of different ends and service."""
    return sum(_pairs(each.sources, each.targets) * len(each.services) for each in radius)


def _pairs(sources: tuple[str, ...], targets: tuple[str, ...]) -> int:
    return len(sources) * len(targets) - len({*sources} & {*targets}) or 1  # within one set, or from any to any


def difference(
    old: str,
    new: str,
    changes: tuple[Change, ...] = (),
    tests: tuple[TestChange, ...] = (),
    requirements: tuple[RequirementChange, ...] = (),
    radius: tuple[Reach, ...] = (),
    notes: tuple[str, ...] = (),
) -> Difference:
    """With its summary."""
    signs = [change.sign for change in _notable(changes)]
    new_ones, changed, replaced, gone = (signs.count(sign) for sign in ("+", "~", "-/+", "-"))
    summary = Summary(new_ones, changed, replaced, gone, len(tests), len(requirements), verdicts(radius))
    return Difference(FORMAT, old, new, summary, changes, tests, requirements, radius, notes)
