"""Readers: where the text of modules and templates comes from.

Enters: a path with `/`, relative to the lab's folder; `std/…` is the standard library. Leaves: its bytes, or None.
`imports` and `nodes` call them. The compiler's only I/O.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from msgspec import Struct, field

_STANDARD = Path(__file__).parents[2] / "stdlib"


class Reader(Protocol):
    def read(self, path: str) -> bytes | None: ...


def standard_library(path: str) -> bytes | None:
    """The standard library's file of a path such as `std/linux.net`; None when it is not one of them."""
    folder, _, rest = path.partition("/")
    if folder != "std" or ".." in rest.split("/"):
        return None
    return _bytes_of(_STANDARD / rest)


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (OSError, ValueError):  # ValueError: a NUL in the path
        return None


class FileReader(Struct):
    """Reads from a folder of the disk."""

    folder: Path | str

    def read(self, path: str) -> bytes | None:
        found = standard_library(path)
        return found if found is not None else _bytes_of(Path(self.folder) / path)


class MemoryReader(Struct):
    """Reads from a mapping of paths to bytes, and the standard library from the package."""

    files: Mapping[str, bytes] = field(default_factory=dict)

    def read(self, path: str) -> bytes | None:
        found = self.files.get(path)
        return found if found is not None else standard_library(path)
