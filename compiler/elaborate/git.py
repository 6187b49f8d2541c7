"""Imports from git: the files of a pinned commit, seen as files under a path of their own.

Enters: an import item. Leaves: the paths of the module's files, such as `labs.git@v1.2/fw.net`. Called by `imports`; what
is read comes from the cache by `git_cache`, never from the network. A module's imports and templates stay inside it.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from msgspec import Struct, field

from ..syntax import tree
from .git_cache import GitReader, pinned_module
from .reader import Reader
from .state import suggest

if TYPE_CHECKING:
    from .imports import Library, Module

_SUFFIXES = ("", ".net", ".yaml", ".yml")


class Mounted(Struct):
    """A reader in which modules from git stand beside the lab's own files."""

    inner: Reader
    modules: dict[str, GitReader] = field(default_factory=dict)
    places: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def read(self, path: str) -> bytes | None:
        place, _, rest = path.partition("/")
        module = self.modules.get(place)
        return module.read(rest) if module is not None else self.inner.read(path)

    def place(self, url: str, revision: str) -> str:
        """A name for a module that people recognise and that no other has."""
        name = f"{posixpath.basename(url.rstrip('/')) or 'module'}@{revision}".replace("/", "-")
        return name if name not in self.modules else f"{name}~{len(self.modules)}"


def pinned_paths(library: Library, module: Module, item: tree.ImportItem) -> list[str]:
    """The files that an import from git means: the one named, or all of the folder named. None after a report."""
    state = library.state
    if not isinstance(state.reader, Mounted):
        state.reader = Mounted(state.reader)
    mounted, key = state.reader, (item.target, item.revision or "HEAD")
    if key not in mounted.places:
        mounted.places[key] = _mount(library, mounted, item, key)
    place = mounted.places[key]
    return _files(library, module, item, place) if place is not None else []


def _mount(library: Library, mounted: Mounted, item: tree.ImportItem, key: tuple[str, str]) -> str | None:
    found = pinned_module(item.target, item.revision, item.span, library.lock, library.state.diagnostics)
    if found is None:
        return None
    place = mounted.place(*key)
    mounted.modules[place] = found
    return place


def _files(library: Library, module: Module, item: tree.ImportItem, place: str) -> list[str]:
    files = library.state.reader.modules[place].digests  # type: ignore[attr-defined]  # a Mounted by now
    wanted = posixpath.normpath(item.subpath.strip("/")) if item.subpath and item.subpath.strip("/") else ""
    for suffix in _SUFFIXES if wanted else ():
        if wanted + suffix in files:
            return [f"{place}/{wanted}{suffix}"]
    inside = sorted(path for path in files if posixpath.dirname(path) == wanted and path.endswith(_SUFFIXES[1:]))
    if not inside:
        library.state.error(
            module.frame,
            "E0201",
            f"the module has no `{wanted or 'modules'}`",
            item.span,
            "it was read",
            help=lambda: suggest(wanted, files),
        )
    return [f"{place}/{path}" for path in inside]
