"""The lock beside a lab: read for every build, written by `labc lock`.

Enters: a lab file. Leaves: a `Lock`, or None where no lab.lock stands beside the lab.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..compiler.diagnostics import Diagnostics
    from ..compiler.lock import Lock
    from .inputs import LabFile


def read_beside(file: LabFile, diagnostics: Diagnostics) -> Lock | None:
    """What is wrong with the lock goes into the diagnostics."""
    path = file.folder / "lab.lock"
    if not path.exists():
        return None
    from ..compiler.lock import read_lock
    from ..compiler.source import Source

    return read_lock(Source("lab.lock", path.read_bytes()), diagnostics)
