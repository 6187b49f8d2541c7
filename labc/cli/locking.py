"""The lock beside a lab: read for every compile, kept by `labc lock` and `labc build`.

Enters: a lab file. Leaves: a `Lock`, or the file lab.lock written anew. A build keeps a lock that is there; only `labc lock`, or
`--lock update` said aloud, begins one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .exits import Exit
from .replacing import replace_file
from .stop import Stop
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
    if not path.exists() and not path.is_symlink():
        return None
    _is_ours(path)
    from ..compiler.lock import read_lock
    from ..compiler.source import Source

    return read_lock(Source("lab.lock", path.read_bytes()), diagnostics)


def _is_ours(path: Path) -> None:
    """A lock is a file of its folder. A link that leads elsewhere would show what stands there, line by line, to who may not read it;
    a pipe would be waited for without end."""
    target = path.resolve()
    if target.parent != path.parent.resolve() and path.is_symlink():
        raise Stop(
            Exit.INPUT, f"{path} is a link that leads out of its folder", help="a lab's lock is a file beside it"
        )
    if not target.is_file():
        raise Stop(Exit.INPUT, f"{path} is no file", help="remove it; `labc lock` writes a new one")


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
    replace_file(path, write_lock(lock))
    say(f"wrote {path}")
    write_attributes(folder)


def write_attributes(folder: Path) -> None:
    """What .gitattributes says already stays."""
    from ..compiler.lock import with_attributes

    path = folder / ".gitattributes"
    before = path.read_bytes() if path.exists() else None
    after = with_attributes(before)
    if after != before:
        replace_file(path, after)
        say(f"wrote {path}")
