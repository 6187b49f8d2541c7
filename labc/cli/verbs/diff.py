"""Show what changes between two labs or plans."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator
from typing import Any

import click

from ...compiler.diff.plans import Change, FieldChange, differences
from ...compiler.style import Style
from ..exits import Exit
from ..inputs import plan_of
from ..options import json_option, parameters_option
from ..talk import result, say, style_of

_TONES = {"+": "good", "-": "bad", "~": "changed"}


@click.command()
@click.argument("old")
@click.argument("new")
@parameters_option
@json_option("The changes as JSON.")
def command(old: str, new: str, parameters: dict[str, str], as_json: bool) -> int:
    """Show what changes from OLD to NEW, each a lab or a plan: `+` new, `-` gone, `~` different. Exit status 1: they differ."""
    changes = differences(*(plan_of(given, {} if given.endswith(".json") else parameters) for given in (old, new)))
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
                for line in _lines(change, style):
                    result(f"      {line}")
    if changes:
        say(", ".join(_counts(changes)))


def _counts(changes: list[Change]) -> Iterator[str]:
    for sign, word in (("+", "new"), ("~", "changed"), ("-", "gone")):
        count = sum(change.sign == sign for change in changes)
        if count:
            yield f"{count} {word}"


def _lines(change: Change, style: Style) -> Iterator[str]:
    for field in change.fields:
        if isinstance(field.old, str) and isinstance(field.new, str) and "\n" in field.old + field.new:
            yield from _text_lines(field, style)
        else:
            yield f"{field.path}: {_value(field.old)} → {_value(field.new)}"


def _text_lines(field: FieldChange, style: Style) -> Iterator[str]:
    """A configuration is compared line by line."""
    yield f"{field.path}:"
    for line in list(difflib.unified_diff(field.old.splitlines(), field.new.splitlines(), n=1, lineterm=""))[2:]:
        yield "  " + style.paint(line, _TONES.get(line[:1], "dim") if line[:1] != " " else "dim")


def _value(value: Any) -> str:
    import orjson

    return "none" if value is None else orjson.dumps(value).decode()


def _print_json(changes: list[Change]) -> None:
    import orjson
    from msgspec import to_builtins

    result(orjson.dumps(changes, default=to_builtins, option=orjson.OPT_INDENT_2).decode())
