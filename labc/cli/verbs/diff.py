"""Show what changes between two labs or plans."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from ...compiler.diff.plans import Change, differences
from ...compiler.plan.changed import told
from ...compiler.style import Style
from ..exits import Exit
from ..inputs import find_lab, given_by
from ..options import json_option, parameters_option
from ..talk import result, say, style_of

_MOST = 60  # lines of one change
_TONES = {"+": "good", "-": "bad", "~": "changed"}


@click.command()
@click.argument("old")
@click.argument("new")
@parameters_option
@json_option("The changes as JSON.")
def command(old: str, new: str, parameters: dict[str, str], as_json: bool) -> int:
    """Show what changes from OLD to NEW, each a lab or a plan: `+` new, `-` gone, `~` different. Exit status 1: they differ."""
    files = find_lab(old), find_lab(new)
    changes = differences(*(given_by(file, {} if file.is_plan else parameters).plan for file in files))
    if as_json:
        _print_json(changes)
    else:
        _print_text(changes, style_of(sys.stdout))
    return Exit.NO if changes else Exit.DONE


def _print_text(changes: list[Change], style: Style) -> None:
    if not changes:
        say("no difference")
    for node in sorted({change.node or "" for change in changes}):
        result(style.paint(node or "lab", "strong"))
        for change in changes:
            if (change.node or "") == node:
                result(f"  {style.paint(f'{change.sign} {change.id}', _TONES[change.sign])}")
                lines = list(_lines(change, style))
                for line in lines[:_MOST]:
                    result(f"      {line}")
                if len(lines) > _MOST:
                    result(f"      … {len(lines) - _MOST} more lines: --json has all")
    if changes:
        say(", ".join(_counts(changes)))


def _counts(changes: list[Change]) -> Iterator[str]:
    for sign, word in (("+", "new"), ("~", "changed"), ("-", "gone")):
        count = sum(change.sign == sign for change in changes)
        if count:
            yield f"{count} {word}"


def _lines(change: Change, style: Style) -> Iterator[str]:
    for field in change.fields:
        first, *rest = told(field.path, field.old, field.new)
        yield first
        for line in rest:
            yield style.paint(line, _TONES.get(line.lstrip()[:1], "dim"))


def _print_json(changes: list[Change]) -> None:
    import orjson
    from msgspec import to_builtins

    result(orjson.dumps(changes, default=to_builtins, option=orjson.OPT_INDENT_2).decode())
