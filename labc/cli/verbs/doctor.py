"""Say whether this machine can run labs, and what mends it."""

from __future__ import annotations

import sys

import click

from ...runtime.backends.netns.requirements import Check, checks
from ..exits import Exit
from ..options import json_option
from ..talk import result, say, style_of


@click.command()
@json_option("The checks as JSON.")
def command(as_json: bool) -> int:
    """Check what labs need of this machine. Exit status 6: something is missing; the command that mends it is printed."""
    found = checks()
    if as_json:
        _print_json(found)
    else:
        _tell(found)
    return Exit.DONE if all(check.well for check in found) else Exit.LACKING


def _tell(found: list[Check]) -> None:
    style = style_of(sys.stdout)
    for check in found:
        word = style.paint("ok     ", "good") if check.well else style.paint("missing", "bad")
        result(f"{word}  {check.name}: {check.found}")
        if check.mend:
            result(f"         mend it: {check.mend}")
    say("labs can run here" if all(check.well for check in found) else "labs cannot run here yet")


def _print_json(found: list[Check]) -> None:
    import orjson

    result(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
