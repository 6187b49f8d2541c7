"""Fetch and pin what a lab imports from git, and keep every choice made for it."""

from __future__ import annotations

import click

from ...compiler.diagnostics import Diagnostics
from ...compiler.ir.held import lock_of
from ...compiler.ir.lock_checks import FOREIGN
from ...compiler.lock import FILE_NAME, Lock
from ...compiler.pipeline import compile_lab
from ...modules import pin_modules
from ..exits import Exit, status_of
from ..inputs import LabFile, find_lab, reader_of
from ..locking import read_beside, write_attributes, write_beside
from ..options import lab_argument, parameters_option
from ..stop import Stop
from ..talk import print_diagnostics, say


@click.command()
@lab_argument
@parameters_option
@click.option("--refresh", is_flag=True, help="Pin what each revision means now, not what was pinned.")
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; exit status 1 when the lock would change, 2 or 3 when the lab is refused.",
)
def command(lab: str | None, parameters: dict[str, str], refresh: bool, check: bool) -> int:
    """Fetch what LAB imports from git and pin it in lab.lock, with every address and MAC that was chosen for the lab. The
    only verb of a build that opens the network. Of a lab that is refused only modules are pinned."""
    file = find_lab(lab)
    if file.data is not None:
        raise Stop(Exit.INPUT, "the lock stands beside a lab file; standard input has none")
    diagnostics = Diagnostics()
    old = read_beside(file, diagnostics)
    new = None if diagnostics.failed else _locked(file, parameters, old or Lock(), diagnostics, refresh=refresh)
    print_diagnostics(diagnostics, file)
    if new is None:
        return status_of(diagnostics) or Exit.INPUT
    same = (old or Lock()).same(new)
    if check:
        return status_of(diagnostics) or (Exit.DONE if same and old is not None else Exit.NO)
    if diagnostics.failed and same:
        say(f"{file.folder / FILE_NAME}: not written: the lab is refused")
    elif same and old is not None:
        say(f"{file.folder / FILE_NAME}: nothing to change")
        write_attributes(file.folder)
    else:
        write_beside(file.folder, new)
    return status_of(diagnostics)


def _locked(
    file: LabFile, parameters: dict[str, str], old: Lock, diagnostics: Diagnostics, *, refresh: bool
) -> Lock | None:
    """The pins, and the choices of the lab. Of a lab that is refused the pins alone, beside what the lock holds, since without its
    modules nobody can see what is wrong with it. None when a module could not be pinned, or the lock is another lab's."""
    pinned = pin_modules(file.name, reader_of(file), old, diagnostics, refresh=refresh, say=say)
    if diagnostics.failed:
        return None
    compiled = compile_lab(file.name, reader_of(file), parameters, lock=pinned, stop_after="overlays")
    diagnostics.extend(compiled.diagnostics)
    if compiled.lab is not None and not diagnostics.failed:
        return lock_of(compiled.lab, pinned)
    return None if any(found.code == FOREIGN for found in diagnostics) else old.including(pinned.pins())
