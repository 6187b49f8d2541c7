"""Format a lab, or turn it into the other spelling."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..exits import Exit
from ..inputs import LabFile, find_lab
from ..options import lab_argument
from ..replacing import replace_file
from ..stop import Stop
from ..talk import print_diagnostics, say

_SUFFIX = {"net": ".net", "yaml": ".yaml"}


@click.command()
@lab_argument
@click.option(
    "--to", "spelling", type=click.Choice(["net", "yaml"]), help="The spelling to write. Default: the file's own."
)
@click.option("--check", is_flag=True, help="Write nothing; exit status 1 when the file is not formatted.")
@click.option(
    "-w", "--write", is_flag=True, help="Write the file in place; with --to, the file of the other spelling beside it."
)
def command(lab: str | None, spelling: str | None, check: bool, write: bool) -> int:
    """Print LAB formatted; comments stay. Takes any .net or YAML file, modules and site files too."""
    file = find_lab(lab)
    if file.is_plan:
        raise Stop(Exit.INPUT, f"{file.path} is a plan, which has one form only: fmt takes labs")
    before = file.read()
    after = _formatted(file, before, spelling or _spelling_of(file))
    if check:
        return _checked(file, before == after)
    if write:
        return _written(file, spelling, before, after)
    sys.stdout.buffer.write(after)
    return Exit.DONE


def _spelling_of(file: LabFile) -> str:
    return "yaml" if file.name.endswith((".yaml", ".yml")) else "net"


def _formatted(file: LabFile, data: bytes, spelling: str) -> bytes:
    from ...compiler.diagnostics import Diagnostics
    from ...compiler.source import Source
    from ...compiler.syntax import read

    diagnostics = Diagnostics()
    tree = read(Source(file.name, data), diagnostics)
    print_diagnostics(diagnostics, file)
    if diagnostics.failed:
        raise click.exceptions.Exit(Exit.INPUT)
    if spelling == "yaml":
        from ...compiler.syntax.yaml_out import format_yaml

        return format_yaml(tree)
    from ...compiler.syntax.format import format_net

    return format_net(tree)


def _checked(file: LabFile, same: bool) -> int:
    if not same:
        say(f"{file.path} is not formatted: labc fmt -w {file.path}")
    return Exit.DONE if same else Exit.NO


def _written(file: LabFile, spelling: str | None, before: bytes, after: bytes) -> int:
    if file.data is not None:
        raise Stop(Exit.INPUT, "-w wants a file; standard input has none")
    target = file.path
    if spelling and spelling != _spelling_of(file):
        target = file.path.with_suffix(_SUFFIX[spelling])
        _refuse_to_overwrite(target)
    elif before == after:
        return Exit.DONE
    replace_file(target, after)
    say(f"wrote {target}")
    return Exit.DONE


def _refuse_to_overwrite(target: Path) -> None:
    if target.exists():
        raise Stop(
            Exit.INPUT,
            f"{target} exists already",
            help="remove it first, or print to another file: labc fmt --to … > FILE",
        )
