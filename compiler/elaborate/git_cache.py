"""Modules from git, read from the cache that `labc lock` filled. Never runs git and never opens the network.

Enters: the URL and revision of an import, and the lock that pins it. Leaves: a `GitReader` of that commit's files, or None
with a diagnostic. Called by `imports`; `labc/modules.py` fills the cache.

The cache is `$XDG_CACHE_HOME/labc/git/<SHA-256 of the URL>/<commit>/`. The file `MANIFEST` lists every file there with its
SHA-256, and the lock pins the SHA-256 of `MANIFEST`: whatever is read has been compared with what was locked.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path, PurePosixPath

from msgspec import Struct, field

from ..diagnostics import Diagnostics
from ..lock import Lock
from ..source import Span

MANIFEST = "MANIFEST"
TREE = "tree"


def module_id(url: str, revision: str) -> str:
    """The id of an import from git in the lock."""
    return f"module/git+{url}@{revision}"


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where fetched modules are kept: `$XDG_CACHE_HOME/labc/git`."""
    given = environment.get("XDG_CACHE_HOME")
    cache = Path(given) if given else Path(environment.get("HOME", "/")) / ".cache"
    return cache / "labc" / "git"


def commit_folder(cache: Path, url: str, commit: str) -> Path:
    return cache / sha256(url.encode()).hexdigest()[:32] / commit


class GitReader(Struct):
    """Reads files of one pinned commit. A file that is not as it was locked is reported, and None is given."""

    folder: Path
    digests: Mapping[str, str]
    span: Span | None
    diagnostics: Diagnostics
    _read: dict[str, bytes | None] = field(default_factory=dict)

    def read(self, path: str) -> bytes | None:
        path = str(PurePosixPath(path))
        if path not in self.digests:
            return None
        if path not in self._read:
            self._read[path] = self._checked(path)
        return self._read[path]

    def _checked(self, path: str) -> bytes | None:
        try:
            data = (self.folder / TREE / path).read_bytes()
        except OSError:
            data = None
        if data is not None and sha256(data).hexdigest() == self.digests[path]:
            return data
        _report_changed(f"`{path}` of this module", self.span, self.diagnostics)
        return None


def pinned_module(
    url: str,
    revision: str | None,
    span: Span | None,
    lock: Lock | None,
    diagnostics: Diagnostics,
    cache: Path | None = None,
) -> GitReader | None:
    """The reader of a module at the commit that the lock pins."""
    id = module_id(url, revision or "HEAD")
    commit = lock.get(id, "commit") if lock is not None else None
    tree = lock.get(id, "tree") if lock is not None else None
    if commit is None or tree is None:
        _report_unpinned(url, revision, span, diagnostics)
        return None
    if not commit.isalnum():  # It becomes a path; git's hashes are hexadecimal.
        _report_changed("the commit in the lock", span, diagnostics)
        return None
    folder = commit_folder(cache or cache_folder(), url, commit)
    try:
        manifest = (folder / MANIFEST).read_bytes()
    except OSError:
        _report_not_cached(url, commit, span, diagnostics)
        return None
    if f"sha256:{sha256(manifest).hexdigest()}" != tree:
        _report_changed("the list of files of this module", span, diagnostics)
        return None
    return GitReader(folder, parse_manifest(manifest), span, diagnostics)


def parse_manifest(manifest: bytes) -> dict[str, str]:
    """Path to SHA-256, from lines `SHA256 PATH`."""
    lines = manifest.decode("utf-8").splitlines()
    return {path: digest for digest, _, path in (line.partition(" ") for line in lines)}


def _report_unpinned(url: str, revision: str | None, span: Span | None, diagnostics: Diagnostics) -> None:
    at = f" at {revision}" if revision else ""
    diagnostics.error(
        "E0210",
        f"the module {url}{at} is not pinned",
        span,
        "lab.lock has no commit for it",
        reason="a build never opens the network, and a revision such as a branch means another commit tomorrow",
        help="run `labc lock`, which fetches it and writes its commit to lab.lock",
    )


def _report_not_cached(url: str, commit: str, span: Span | None, diagnostics: Diagnostics) -> None:
    diagnostics.error(
        "E0211",
        f"the module {url} is pinned, but not on this machine",
        span,
        f"commit {commit[:12]} is not in the cache",
        reason="a build never opens the network",
        help="run `labc lock`, which fetches what lab.lock pins and changes nothing in it",
    )


def _report_changed(what: str, span: Span | None, diagnostics: Diagnostics) -> None:
    diagnostics.error(
        "E0212",
        f"{what} is not what lab.lock pins",
        span,
        "imported here",
        reason="the cached copy was changed after it was fetched, or the lock was edited by hand",
        help="run `labc lock`, which fetches the pinned commit again",
    )
