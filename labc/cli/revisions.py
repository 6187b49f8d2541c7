"""Revisions of git as folders to read from: nothing is checked out, nothing is written.

Enters: the name of a revision. Leaves: a `Revision`, which is a reader of the compiler's. Called by `compared.py`. Whatever git refuses ends
in `Stop` with git's own words. The system's git does the reading, so that alternates, partial clones and replaced objects are as usual.
"""

from __future__ import annotations

import os
import posixpath
import subprocess
from functools import cached_property
from pathlib import Path

from .exits import Exit
from .stop import Stop

# What lies in a checkout is somebody else's: a folder of it that looks like a repository is none of ours, and objects that a partial
# clone lacks are not fetched, which could run what its configuration names.
_GUARDS = ("-c", "safe.bareRepository=explicit", "-c", "protocol.allow=never")
_GIT = ("git", *_GUARDS, "--no-optional-locks", "--literal-pathspecs")


class Repository:
    """The repository around the folder in which labc was called."""

    def __init__(self, folder: Path | None = None) -> None:
        self.here = folder or Path()

    @cached_property
    def root(self) -> Path:
        return Path(_said(_git(self.here, "rev-parse", "--show-toplevel"), "git finds no repository here"))

    def commit(self, name: str) -> str | None:
        """The commit that a name means; None when it means none. Raises Stop outside of a repository."""
        _ = self.root
        done = _git(self.here, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return done.stdout.decode().strip() or None if done.returncode == 0 else None

    def inside(self, path: str | Path) -> str:
        """A path as the repository has it: from its root, with `/`. Raises Stop for one outside."""
        full = Path(os.path.abspath(self.here / path))  # noqa: PTH100  # not resolved: a link on the way is git's too
        for root, start in ((self.root, full), (self.root.resolve(), full.parent.resolve() / full.name)):
            if start.is_relative_to(root):
                return start.relative_to(root).as_posix()
        raise Stop(Exit.INPUT, f"{path} lies outside of the repository {self.root}")


class Revision:
    """A commit's files, read through one `git cat-file` for as long as it is open. Links of the repository are followed inside it."""

    def __init__(self, repository: Repository, name: str, commit: str) -> None:
        self.name = name
        self.commit = commit
        self.repository = repository
        self._process: subprocess.Popen[bytes] | None = None
        self._known: dict[str, bytes | None] = {}

    def read(self, path: str) -> bytes | None:
        """A file's bytes; None where there is none. `path` counts from the repository's root."""
        clean = posixpath.normpath(path)
        if clean.startswith(("../", "/")) or clean in ("..", ".") or "\n" in clean or "\0" in clean:
            return None
        if clean not in self._known:
            self._known[clean] = self._ask(clean)
        return self._known[clean]

    def names(self, folder: str) -> list[str]:
        """The files of a folder, sorted; none where it is no folder."""
        where = f"{self.commit}:{folder}" if folder not in ("", ".") else self.commit
        done = _git(self.repository.root, "ls-tree", "-z", "--full-tree", where)
        entries = done.stdout.split(b"\0")[:-1] if done.returncode == 0 else []
        kinds = (entry.partition(b"\t") for entry in entries)
        return sorted(os.fsdecode(name) for head, _, name in kinds if head.split()[1] == b"blob")

    def close(self) -> None:
        if self._process is not None:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.wait()

    def _ask(self, path: str) -> bytes | None:
        process = self._open()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(os.fsencode(f"{self.commit}:{path}\n"))
        process.stdin.flush()
        head = process.stdout.readline()
        if not head:
            raise Stop(Exit.INPUT, f"git stopped while it read {self.name}:{path}")
        words = head.split()
        if words[-1] in (b"missing", b"ambiguous"):
            return None
        if not words[-1].isdigit():
            raise Stop(Exit.INPUT, f"git cannot read {self.name}:{path}: {os.fsdecode(head).strip()}")
        data = process.stdout.read(int(words[-1]))  # of a link that leads nowhere or outside, where to
        process.stdout.read(1)  # the line's end behind it
        return data if words[-2] == b"blob" else None

    def _open(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            command = [*_GIT, "cat-file", "--batch", "--follow-symlinks"]
            self._process = subprocess.Popen(
                command, cwd=self.repository.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        return self._process


class RevisionFolder:
    """A reader that counts from a lab's folder, as a lab's imports do; `std/…` is this labc's own library."""

    def __init__(self, revision: Revision, folder: str) -> None:
        self._revision = revision
        self._folder = folder

    def read(self, path: str) -> bytes | None:
        from ..compiler.elaborate.reader import standard_library

        found = standard_library(path)
        return found if found is not None else self._revision.read(self._inside(path))

    def _inside(self, path: str) -> str:
        if Path(path).is_absolute():
            root = self._revision.repository.root
            return Path(path).relative_to(root).as_posix() if Path(path).is_relative_to(root) else "/"
        return posixpath.join(self._folder, path)


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run([*_GIT, *arguments], cwd=folder, capture_output=True, check=False)
    except OSError:
        raise Stop(Exit.LACKING, "git is not installed, and revisions are read by it") from None


def _remedy(why: list[str]) -> str:
    """Git's own, of several lines: it reads no repository of another user, which is what CI jobs in containers often have."""
    if why and "dubious ownership" in why[0]:
        return next((line.strip() for line in why if "safe.directory" in line), "")
    return ""


def _said(done: subprocess.CompletedProcess[bytes], otherwise: str) -> str:
    if done.returncode != 0:
        why = os.fsdecode(done.stderr).strip().removeprefix("fatal: ").splitlines()
        raise Stop(Exit.INPUT, f"{otherwise}: {why[0]}" if why else otherwise, help=_remedy(why))
    return os.fsdecode(done.stdout).rstrip("\n")
