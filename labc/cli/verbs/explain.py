"""Tell the long story of a diagnostic's code."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Mapping
from difflib import get_close_matches

import click

from ...compiler.codes import Code, all_codes
from ...compiler.style import Style
from ..completing import codes
from ..exits import Exit
from ..options import json_option
from ..stop import Stop
from ..talk import result, style_of, width_of


@click.command()
@click.argument("code", required=False, shell_complete=codes)
@json_option("The code's title, story and example as JSON.")
def command(code: str | None, as_json: bool) -> int:
    """Tell what CODE (such as E0301) means, why it is wrong and what to do. Without CODE: list all codes."""
    table = all_codes()
    chosen = list(table.values()) if code is None else [_find(code, table)]
    if as_json:
        _print_json(chosen, single=code is not None)
    elif code is None:
        for entry in chosen:
            result(f"{entry.code}  {entry.title}")
    else:
        _tell(chosen[0], style_of(sys.stdout), min(width_of(sys.stdout), 100))
    return Exit.DONE


def _find(code: str, entries: Mapping[str, Code]) -> Code:
    wanted = code.strip().upper()
    if wanted in entries:
        return entries[wanted]
    near = get_close_matches(wanted, entries, 3, 0.7)
    raise Stop(
        Exit.INPUT,
        f"there is no code {code}",
        help=f"near it: {', '.join(near)}" if near else "labc explain lists all codes",
    )


def _tell(entry: Code, style: Style, width: int) -> None:
    result(style.paint(f"{entry.code}: {entry.title}", "strong") + "\n")
    for paragraph in entry.story.strip().split("\n\n"):
        result(textwrap.fill(" ".join(paragraph.split()), width, break_long_words=False) + "\n")
    if entry.example:
        result(style.paint("A lab with this mistake:", "strong") + "\n")
        result(textwrap.indent(entry.example.strip("\n"), "    "))
    elif entry.why_no_example:
        result(f"No example: {entry.why_no_example}")


def _print_json(entries: list[Code], *, single: bool) -> None:
    import orjson

    rows = [
        {"code": entry.code, "title": entry.title, "story": entry.story, "example": entry.example} for entry in entries
    ]
    result(orjson.dumps(rows[0] if single else rows, option=orjson.OPT_INDENT_2).decode())
