"""The lock beside a lab: read for every compile, kept by `labc lock` and `labc build`.

Enters: a lab file. Leaves: a `Lock`, or the file lab.lock written anew. A build keeps a lock that is there; only `labc lock`, or
`--lock update` said aloud, begins one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .talk import say

if TYPE_CHECKING:
    from ..compiler.diagnostics import Diagnostics
    from ..compiler.lock import Lock, Mode
    from ..compiler.pipeline import Compiled
    from .inputs import LabFile

MODES = ("update", "check", "ignore", "refresh")


def read_beside(file: LabFile, diagnostics: Diagnostics) -> Lock | None:
    """None where there is none. What is wrong with it goes into the diagnostics."""
    path = file.folder / "lab.lock"
    if not path.exists():
        return None
    from ..compiler.lock import read_lock
    from ..compiler.source import Source

    return read_lock(Source("lab.lock", path.read_bytes()), diagnostics)


def settle_beside(file: LabFile, compiled: Compiled, mode: Mode, *, begin: bool) -> Lock | None:
    """The lock that holds after a build, when it has to be written; with `check`, what differs goes into the diagnostics."""
    if compiled.lab is None or compiled.diagnostics.failed or mode == "ignore":
        return None
    from ..compiler.diagnostics import Diagnostics
    from ..compiler.ir.held import lock_of
    from ..compiler.lock import Lock, settle

    old = read_beside(file, Diagnostics())
    if old is None and not begin and mode != "check":
        return None
    new = settle(old or Lock(), lock_of(compiled.lab, old or Lock()), mode, compiled.diagnostics)
    return None if old is not None and old.same(new) else new if mode != "check" else None


def write_beside(folder: Path, lock: Lock) -> None:
    """lab.lock, and the line for git that merges it."""
    from ..compiler.lock import write_lock

    path = folder / "lab.lock"
    path.write_bytes(write_lock(lock))
    say(f"wrote {path}")
    write_attributes(folder)


def write_attributes(folder: Path) -> None:
    """What .gitattributes says already stays."""
    from ..compiler.lock import with_attributes

    path = folder / ".gitattributes"
    before = path.read_text(encoding="utf-8") if path.exists() else None
    after = with_attributes(before)
    if after != before:
        path.write_text(after, encoding="utf-8", newline="\n")
        say(f"wrote {path}")
