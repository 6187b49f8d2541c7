"""Fetch and pin the modules that a lab imports from git."""

from __future__ import annotations

from pathlib import Path

import click

from ...compiler.diagnostics import Diagnostics
from ...compiler.lock import FILE_NAME, Lock, with_attributes, write_lock
from ...modules import pin_modules
from ..exits import Exit
from ..inputs import find_lab, reader_of
from ..locking import read_beside
from ..options import lab_argument
from ..stop import Stop
from ..talk import print_diagnostics, say


@click.command()
@lab_argument
@click.option("--refresh", is_flag=True, help="Pin what each revision means now, not what was pinned.")
@click.option("--check", is_flag=True, help="Write nothing; exit status 1 when the lock would change.")
def command(lab: str | None, refresh: bool, check: bool) -> int:
    """Fetch what LAB imports from git, pin it in lab.lock, keep a copy. The only verb of a build that opens the network."""
    file = find_lab(lab)
    if file.data is not None:
        raise Stop(Exit.INPUT, "the lock stands beside a lab file; standard input has none")
    diagnostics = Diagnostics()
    old = read_beside(file, diagnostics)
    new = old or Lock()
    if not diagnostics.failed:
        new = pin_modules(file.name, reader_of(file), new, diagnostics, refresh=refresh, say=say)
    print_diagnostics(diagnostics, file)
    if diagnostics.failed:
        return Exit.INPUT
    same = old is not None and old.same(new)
    if check:
        return Exit.DONE if same or (old is None and new.same(Lock())) else Exit.NO
    _write(file.folder, new, same=same)
    return Exit.DONE


def _write(folder: Path, lock: Lock, *, same: bool) -> None:
    path = folder / FILE_NAME
    if same:
        say(f"{path}: nothing to change")
    else:
        path.write_bytes(write_lock(lock))
        say(f"wrote {path}")
    attributes = folder / ".gitattributes"
    before = attributes.read_text(encoding="utf-8") if attributes.exists() else None
    after = with_attributes(before)
    if after != before:
        attributes.write_text(after, encoding="utf-8", newline="\n")
        say(f"wrote {attributes}")
