"""Say what is wrong with a lab, or with a site; make nothing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ..exits import Exit, status_of
from ..inputs import LabFile, compile_file, find_lab, is_site_text, reader_of
from ..options import format_option, lab_argument, parameters_option
from ..talk import print_diagnostics, say

if TYPE_CHECKING:
    from ...compiler.diagnostics import Diagnostics


@click.command()
@lab_argument
@parameters_option
@format_option
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--strict", is_flag=True, help="Warnings count as errors: exit status 2.")
def command(lab: str | None, parameters: dict[str, str], form: str, as_json: bool, strict: bool) -> int:
    """Say everything that is wrong with LAB, a lab or a site file, in one run. Opens no network and makes nothing."""
    file = find_lab(lab)
    found = _found(file, parameters)
    print_diagnostics(found, file, "json" if as_json else form, sys.stdout)
    if found.failed:
        return status_of(found)
    if strict and any(diagnostic.severity == "warning" for diagnostic in found):
        return Exit.INPUT
    if not len(found) and form == "text" and not as_json:
        say(f"{file.shown(file.name)}: nothing wrong")
    return Exit.DONE


def _found(file: LabFile, parameters: dict[str, str]) -> Diagnostics:
    """Of a lab or, for those who own the machines and have no lab at hand, of a site alone."""
    if is_site_text(file.name, file.read()):
        from ...compiler.pipeline import compile_site

        return compile_site(file.name, reader_of(file), parameters).diagnostics
    return compile_file(file, parameters, stop_after="tests").diagnostics  # no plan is wanted
