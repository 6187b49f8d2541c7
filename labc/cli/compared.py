"""From what the user gave `labc diff` to two sides: lab files, plans, standard input, revisions of git.

Enters: words and parameters. Leaves: two `Compared`. Called by the verb `diff`. What is wrong ends in `Stop` with status 2, after the
diagnostics, whose places in a revision are told as `REV:file:line`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from .exits import Exit, status_of
from .inputs import LabFile, compile_file, find_lab, holds_plan, is_lab_text
from .revisions import Repository, Revision, RevisionFolder
from .stop import Stop
from .talk import Shown, print_diagnostics, say

if TYPE_CHECKING:
    from ..compiler.diagnostics import Diagnostic
    from ..compiler.diff.sides import Side
    from ..compiler.ir.lab import Lab


class Compared(Struct):
    """A side, and the lab behind it where it was compiled here."""

    side: Side
    lab: Lab | None


class _Read(Struct):
    """What was read of a side: a plan, or how a lab compiled. `file` says how its paths are written."""

    where: str
    plan: bytes | None
    lab: Lab | None = None
    diagnostics: Sequence[Diagnostic] = ()
    file: Shown | None = None

    @property
    def failed(self) -> bool:
        return self.plan is None or any(each.severity == "error" for each in self.diagnostics)


class _File(Struct, frozen=True):
    """A file of the disk, or standard input."""

    file: LabFile

    @property
    def where(self) -> str:
        return "standard input" if self.file.data is not None else str(self.file.path)

    @property
    def path(self) -> Path:
        return self.file.path

    def read(self, parameters: Mapping[str, str]) -> _Read:
        if self.file.is_plan:
            return _Read(self.where, self.file.read())
        compiled = compile_file(self.file, parameters)
        return _Read(self.where, compiled.plan, compiled.lab, list(compiled.diagnostics), self.file)


class _Object(Struct, frozen=True):
    """A file of a revision; `path` counts from the repository's root."""

    revision: Revision
    path: str

    @property
    def where(self) -> str:
        return f"{self.revision.name}:{self.path}"

    def shown(self, path: str) -> str:
        """How a path of the compiler, which counts from the lab's folder, is written for people."""
        if path.startswith(("std/", "/")):
            return path
        return f"{self.revision.name}:{posixpath.normpath(posixpath.join(posixpath.dirname(self.path), path))}"

    def read(self, parameters: Mapping[str, str]) -> _Read:
        data = self.revision.read(self.path)
        if data is None:
            raise Stop(Exit.INPUT, f"{self.revision.name} has no {self.path}", help=_whence(self.revision, self.path))
        if self.path.endswith(".json") or holds_plan(data):
            return _Read(self.where, data)
        return self._compile(parameters)

    def _compile(self, parameters: Mapping[str, str]) -> _Read:
        from ..compiler.diagnostics import Diagnostics
        from ..compiler.lock import read_lock
        from ..compiler.pipeline import compile_lab
        from ..compiler.source import Source

        folder, name = posixpath.split(self.path)
        reader = RevisionFolder(self.revision, folder)
        of_lock = Diagnostics()
        held = reader.read("lab.lock")
        lock = read_lock(Source("lab.lock", held), of_lock) if held is not None else None
        compiled = compile_lab(name, reader, parameters, lock=lock)
        compiled.diagnostics.extend(of_lock)
        return _Read(self.where, compiled.plan, compiled.lab, list(compiled.diagnostics), self)


_Given = _File | _Object


def compared(words: Sequence[str], parameters: Mapping[str, str]) -> tuple[Compared, Compared]:
    """`A B`, each a file or a revision; `REV` against the working tree; `REV REV LAB`."""
    revisions: list[Revision] = []
    try:
        old, new = _sides(list(words), revisions)
        sides = old.read(parameters), new.read(parameters)
        _print(*sides)
    finally:
        for revision in revisions:
            revision.close()
    failed = [status_of(side.diagnostics) or Exit.INPUT for side in sides if side.failed]
    if failed:
        raise click.exceptions.Exit(failed[0] if len(set(failed)) == 1 else Exit.INPUT)
    return _side(sides[0]), _side(sides[1])


def _print(old: _Read, new: _Read) -> None:
    """What both sides say alike is told of the new one only."""
    again = {_said(each) for each in new.diagnostics}
    for side, found in ((old, [each for each in old.diagnostics if _said(each) not in again]), (new, new.diagnostics)):
        if side.file is not None:
            print_diagnostics(found, side.file)


def _said(diagnostic: Diagnostic) -> tuple[str, str, str, str]:
    """With the text that it is about: its line may be another one on the other side."""
    return diagnostic.code, diagnostic.summary, diagnostic.label, diagnostic.span.shown if diagnostic.span else ""


def _sides(words: list[str], revisions: list[Revision]) -> tuple[_Given, _Given]:
    given = [_meant(word, revisions) for word in words[:2]]
    if len(words) == 3:
        names = [each for each in given if isinstance(each, Revision)]
        if len(names) < 2:
            raise Stop(Exit.INPUT, "a third word is the lab of two revisions: labc diff main HEAD lab.net")
        return _in(names[0], words[2]), _in(names[1], words[2])
    first = given[0]
    if len(given) == 1:
        if not isinstance(first, Revision):
            raise Stop(
                Exit.INPUT,
                f"{words[0]}: compare it with what? labc diff A B takes two",
                help=f"with its last commit: labc diff HEAD {words[0]}" if isinstance(first, _File) else "",
            )
        file = find_lab(None)
        return _in(first, file.path), _File(file)
    second = given[1]
    return _against(first, second), _against(second, first)


def _meant(word: str, revisions: list[Revision]) -> _Given | Revision:
    """A file where there is one of this name, a revision, or a revision's file."""
    if word == "-":
        return _File(find_lab(word))
    if Path(word).exists():
        _tell_of_revision(word)
        return _File(find_lab(word))
    name, colon, path = word.partition(":")
    repository = Repository()
    try:
        commit = repository.commit(name) if name else None
    except Stop as stop:
        raise Stop(Exit.INPUT, f"{word}: there is no such file, and {stop.message}", help=stop.help) from None
    if commit is None:
        raise Stop(Exit.INPUT, f"{name or word}: there is no such file, and git knows no such revision")
    revision = Revision(repository, name, commit)
    revisions.append(revision)
    return _in(revision, path, from_root=True) if colon else revision


def _tell_of_revision(word: str) -> None:
    """Only a bare word may mean both."""
    if "/" in word or "." in word:
        return
    try:
        if Repository().commit(word) is not None:
            say(f"{word} is a file here and a revision of git: the file is compared; {word}^0 means the revision")
    except Stop:
        return


def _against(given: _Given | Revision, other: _Given | Revision) -> _Given:
    """A revision alone means the lab that the other side names, else the only one of this folder."""
    if not isinstance(given, Revision):
        return given
    if isinstance(other, _File) and other.file.data is None and not other.file.is_plan:
        return _in(given, other.path)
    if isinstance(other, _Object):
        return _Object(given, other.path)
    return _in(given, _lab_here())


def _lab_here() -> str | Path:
    """The lab of the folder as it is now; where it has none, the folder itself, as it was."""
    try:
        return find_lab(None).path
    except Stop:
        return "."


def _in(revision: Revision, path: str | Path, *, from_root: bool = False) -> _Object:
    """`path` counts from here, or after `REV:` from the repository's root, unless it begins with `./`, as git has it."""
    text = str(path)
    rooted = from_root and text not in (".", "..") and not text.startswith(("./", "../"))
    clean = posixpath.normpath(text or ".") if rooted else revision.repository.inside(path)
    if clean.startswith("../"):
        raise Stop(Exit.INPUT, f"{revision.name}:{path} lies outside of the repository")
    names = revision.names(clean)
    return (
        _Object(revision, posixpath.normpath(posixpath.join(clean, _only(revision, clean, names))))
        if names
        else _Object(revision, clean)
    )


def _only(revision: Revision, folder: str, names: list[str]) -> str:
    """As `find_lab` does in a folder of the disk."""
    if "lab.net" in names:
        return "lab.net"
    found = [name for name in names if is_lab_text(name, revision.read(posixpath.join(folder, name)) or b"")]
    where = f"{revision.name}:{folder}"
    if not found:
        raise Stop(Exit.INPUT, f"there is no lab file in {where}")
    if len(found) > 1:
        raise Stop(Exit.INPUT, f"{where} holds {len(found)} labs: say which", help=", ".join(found))
    return found[0]


def _whence(revision: Revision, path: str) -> str:
    """What a revision has instead."""
    folder = posixpath.dirname(path)
    labs = [name for name in revision.names(folder) if name.endswith((".net", ".yaml", ".yml"))]
    return f"{revision.name}:{folder or '.'} has {', '.join(labs)}" if labs else ""


def _side(read: _Read) -> Compared:
    from ..compiler.diff.sides import read_side
    from ..compiler.plan.read import PlanError

    assert read.plan is not None
    try:
        return Compared(read_side(read.plan, read.where), read.lab)
    except PlanError as error:
        raise Stop(Exit.INPUT, f"{read.where}: {error}") from None
