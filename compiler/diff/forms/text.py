"""A difference for a terminal: by node, with the lines of configurations that differ, then tests, requirements and the blast radius.

Enters: a `Difference`, colours, columns. Leaves: lines. Called by `labc diff`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ...excerpt import visible
from ...plan.changed import told
from ...style import Style
from ..changes import Change, Difference, Reach, RequirementChange, TestChange
from .words import fields, groups, listed, services, verdict, why

_MOST = 60  # lines of one change
_TONES = {"+": "good", "-": "bad", "~": "changed", "-/+": "bad", "@": "frame"}
_TESTS = 40
_FEW = 3  # fields of a test
_VAIN = ("title", "cases")  # of a test and of a requirement: they follow from the rest


def text(difference: Difference, style: Style) -> Iterator[str]:
    for name, changes in groups(difference.notable).items():
        yield style.paint(visible(name), "strong")
        for change in changes:
            yield from _change(change, style)
    yield from _titled("tests", difference.tests, style)
    yield from _titled("requirements", difference.requirements, style)
    if difference.radius:
        yield style.paint("blast radius", "strong")
        for _, alike in groupby(difference.radius, key=lambda reach: (reach.old, reach.new, why(reach))):
            yield from _reaches(list(alike), style)
    yield from difference.notes


def _change(change: Change, style: Style) -> Iterator[str]:
    brief = f"  {style.paint(visible(change.brief), 'dim')}" if change.brief else ""
    yield f"  {style.paint(f'{change.sign} {visible(change.id)}', _TONES[change.sign])}{brief}"
    for reason in change.reasons:
        yield f"      {style.paint('made anew:', 'bad')} {visible(reason)}"
    lines = [*fields(change), *change.lines]
    for line in lines[:_MOST]:
        shown = visible(line)
        yield f"      {style.paint(shown, _TONES.get(line.lstrip()[:1], 'dim')) if line in change.lines else shown}"
    if len(lines) > _MOST:
        yield f"      … {len(lines) - _MOST:,} more lines: --format json has all"


def _titled(title: str, found: Sequence[TestChange | RequirementChange], style: Style) -> Iterator[str]:
    if found:
        yield style.paint(title, "strong")
    for each in found[:_TESTS]:
        what = f"  {style.paint(visible(each.text), 'dim')}" if isinstance(each, RequirementChange) else ""
        yield f"  {style.paint(f'{each.sign} {visible(each.id)}', _TONES[each.sign])}{what}"
        lines = [
            line for field in each.fields if field.path not in _VAIN for line in told(field.path, field.old, field.new)
        ]
        yield from (f"      {visible(line)}" for line in lines[:_FEW])
        if len(lines) > _FEW:
            yield f"      … {len(lines) - _FEW:,} more"
    if len(found) > _TESTS:
        yield f"  … {len(found) - _TESTS:,} more: --format json has all"


def _reaches(alike: list[Reach], style: Style) -> Iterator[str]:
    """Of one verdict and one reason, which is said once."""
    for reach in alike:
        tone = "changed" if "unknown" in (reach.old, reach.new) else "good" if reach.new == "allowed" else "bad"
        ends = visible(f"{listed(reach.sources)} → {listed(reach.targets)}")
        yield f"  {ends}  {services(reach)}: {style.paint(verdict(reach), tone)}"
    if reason := why(alike[0]):
        yield f"      {f'these {len(alike)}: ' if len(alike) > 1 else ''}{reason}"
