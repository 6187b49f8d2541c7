"""Say whether this machine can run labs, and what mends it."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import click

from ...compiler.wording import INSTALL_SOLVERS
from ...runtime.backends.netns.requirements import Check, checks
from ..exits import Exit
from ..options import json_option
from ..talk import result, say, style_of

_SOLVERS = ("mtkahypar", "numpy", "ortools", "pymetis", "scipy")  # the extra `placement` of pyproject.toml


@click.command()
@json_option("The checks as JSON.")
def command(as_json: bool) -> int:
    """Check what labs need of this machine. Exit status 6: something is missing; the command that mends it is printed."""
    found = [*checks(), _solvers()]
    if as_json:
        _print_json(found)
    else:
        _tell(found)
    return Exit.DONE if _can_run(found) else Exit.LACKING


def _solvers() -> Check:
    """Labs on this machine alone need none, so that their absence is told and is no failure."""
    missing = [name for name in _SOLVERS if find_spec(name) is None]
    if not missing:
        return Check("solvers", True, "installed", optional=True)
    found = f"{', '.join(missing)} not installed; placing a lab on several hosts needs them"
    return Check("solvers", False, found, INSTALL_SOLVERS, optional=True)


def _can_run(found: list[Check]) -> bool:
    return all(check.well or check.optional for check in found)


def _tell(found: list[Check]) -> None:
    style = style_of(sys.stdout)
    for check in found:
        bad = "absent " if check.optional else style.paint("missing", "bad")
        word = style.paint("ok     ", "good") if check.well else bad
        result(f"{word}  {check.name}: {check.found}")
        if check.mend:
            result(f"         {'get them' if check.optional else 'mend it'}: {check.mend}")
    say("labs can run here" if _can_run(found) else "labs cannot run here yet")


def _print_json(found: list[Check]) -> None:
    import orjson

    result(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
