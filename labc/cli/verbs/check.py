"""Say what is wrong with a lab; make nothing."""

from __future__ import annotations

import sys

import click

from ..exits import Exit, status_of
from ..inputs import compile_file, find_lab
from ..options import format_option, lab_argument, parameters_option
from ..talk import print_diagnostics, say


@click.command()
@lab_argument
@parameters_option
@format_option
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--strict", is_flag=True, help="Warnings count as errors: exit status 2.")
def command(lab: str | None, parameters: dict[str, str], form: str, as_json: bool, strict: bool) -> int:
    """Say everything that is wrong with LAB, in one run. Opens no network and makes nothing."""
    file = find_lab(lab)
    found = compile_file(file, parameters, stop_after="tests").diagnostics  # no plan is wanted
    print_diagnostics(found, file, "json" if as_json else form, sys.stdout)
    if found.failed:
        return status_of(found)
    if strict and any(diagnostic.severity == "warning" for diagnostic in found):
        return Exit.INPUT
    if not len(found) and form == "text" and not as_json:
        say(f"{file.shown(file.name)}: nothing wrong")
    return Exit.DONE
