"""Modules from git: find what a lab imports, fetch it, pin it, keep a copy. The one part of labc that runs git.

Enters: a lab's main file, its reader and its lock. Leaves: the lock with a commit and a digest for each module, and the cache
filled, so that a build needs no network. Called by `labc lock`.

What git is asked to do is bounded: only https, ssh and file; nothing that looks like an option; no hooks, no submodules, no
filters of the repository; only plain files are taken out of it. `compiler/elaborate/git_cache.py` reads what is put here.
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from .compiler.diagnostics import Diagnostics
from .compiler.elaborate.git_cache import (
    MANIFEST,
    TREE,
    GitReader,
    cache_folder,
    commit_folder,
    module_id,
    pinned_module,
)
from .compiler.elaborate.reader import Reader
from .compiler.lock import Assignment, Lock
from .compiler.source import Source, Span
from .compiler.syntax import read
from .compiler.syntax.tree import Import, ImportItem

TIMEOUT = 600  # seconds for one run of git
_URL = re.compile(r"(https|ssh|file)://(?P<login>[^/@]*@)?(?P<host>[^/]*)/.+|[\w.-]+@\w[\w.-]*:[^-].*")
_ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "https:ssh:file",
    "LC_ALL": "C",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
_NOT_OURS = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_NAMESPACE",
)  # set within a git hook
_SAFE = ("-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", "-c", "core.fsmonitor=false")


class GitError(Exception):
    """git said no; the text is its own."""


@dataclass(slots=True)
class Pinning:
    """One run over a lab's imports. `pins` are the assignments of all modules met."""

    lock: Lock
    diagnostics: Diagnostics
    cache: Path
    refresh: bool
    say: Callable[[str], None]
    pins: dict[str, tuple[Assignment, Assignment]] = field(default_factory=dict)
    seen: set[tuple[str, str]] = field(default_factory=set)


def pin_modules(
    main: str,
    reader: Reader,
    lock: Lock,
    diagnostics: Diagnostics,
    *,
    cache: Path | None = None,
    refresh: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Lock:
    """The lock with every module that the lab imports, directly or not, pinned and cached; pins of others are gone.

    What is pinned stays so unless `refresh`. `say` hears what is fetched.
    """
    run = Pinning(lock, diagnostics, cache or cache_folder(), refresh, say)
    _follow(run, main, reader, "")
    if diagnostics.failed:
        return lock
    unused = [at for at in lock.assignments if at[0].startswith("module/git+") and at[0] not in run.pins]
    return lock.without(unused).including(pin for pins in run.pins.values() for pin in pins)


def _follow(run: Pinning, path: str, reader: Reader, place: str) -> None:
    """A file and all that it imports. `place` tells readers apart."""
    if (place, path) in run.seen:
        return
    run.seen.add((place, path))
    data = reader.read(path)
    if data is None:
        return  # A build says so, with the import that named it.
    for item in _imports(Source(path, data)):
        if item.form == "path":
            _follow(run, posixpath.normpath(posixpath.join(posixpath.dirname(path), item.target)), reader, place)
        elif item.form == "git":
            _follow_module(run, item)


def _imports(source: Source) -> Iterator[ImportItem]:
    """What a file imports; its other mistakes are for `labc check` to say."""
    for statement in read(source, Diagnostics()).body:
        if isinstance(statement, Import):
            yield from statement.items


def _follow_module(run: Pinning, item: ImportItem) -> None:
    revision = item.revision or "HEAD"
    id = module_id(item.target, revision)
    if id not in run.pins:
        pins = _pin(run, item.target, revision, item.span)
        if pins is None:
            return
        run.pins[id] = pins
    lock = Lock().including(run.pins[id])
    reader = pinned_module(item.target, item.revision, item.span, lock, run.diagnostics, run.cache)
    if reader is not None:
        for path in module_files(reader, item.subpath):
            _follow(run, path, reader, id)


def module_files(reader: GitReader, subpath: str | None) -> list[str]:
    """The files that an import of a module may mean: the one named, or all of the folder named."""
    wanted = (subpath or "").strip("/")
    inside = f"{wanted}/" if wanted else ""
    named = {wanted, f"{wanted}.net", f"{wanted}.yaml", f"{wanted}.yml"}
    return [
        path
        for path in reader.digests
        if path in named or (path.startswith(inside) and path.endswith((".net", ".yaml", ".yml")))
    ]


# --- Pinning one module ---


def _pin(run: Pinning, url: str, revision: str, span: Span | None) -> tuple[Assignment, Assignment] | None:
    """The commit and digest of a module, fetched unless it is pinned and cached."""
    if not _may_be_fetched(url, revision, span, run.diagnostics):
        return None
    id = module_id(url, revision)
    commit = None if run.refresh else run.lock.get(id, "commit")
    if commit is not None and pinned_module(url, revision, span, run.lock, Diagnostics(), run.cache) is not None:
        tree = run.lock.get(id, "tree") or ""
        if _intact(run, url, revision, span):
            return Assignment(id, "commit", commit), Assignment(id, "tree", tree)
    try:
        commit, tree = fetch(url, revision, commit, run.cache)
    except GitError as error:
        _report_git(url, str(error), span, run.diagnostics)
        return None
    if commit is None:
        _report_revision(url, revision, run.lock.get(id, "commit"), span, run.diagnostics)
        return None
    locked = None if run.refresh else run.lock.get(id, "tree")
    if locked not in (None, tree):
        _report_other_content(url, span, run.diagnostics)
        return None
    run.say(f"{url} at {revision}: commit {commit[:12]}")
    return Assignment(id, "commit", commit), Assignment(id, "tree", tree)


def _intact(run: Pinning, url: str, revision: str, span: Span | None) -> bool:
    """Whether every cached file of a module is as it was locked."""
    quiet = Diagnostics()
    reader = pinned_module(url, revision, span, run.lock, quiet, run.cache)
    return reader is not None and all(reader.read(path) is not None for path in reader.digests)


def _may_be_fetched(url: str, revision: str, span: Span | None, diagnostics: Diagnostics) -> bool:
    """Whether a URL and revision are what they say, and nothing that git would take for an option or a command."""
    found = _URL.fullmatch(url)
    problem = ""
    if url.startswith("-") or revision.startswith("-"):
        problem = "git would read it as an option"
    elif found is None or (found["host"] or "").startswith("-"):
        problem = "it is none of https://…, ssh://…, user@host:path and file:///…"
    elif ":" in (found["login"] or ""):
        problem = "it carries a password, which would stand in lab.lock"
    elif any(not character.isprintable() or character == " " for character in url + revision) or ":" in revision:
        problem = "it holds characters that stand in no URL or revision"
    if problem:
        help = "write the URL as `git clone` takes it, without a password" if "password" in problem else ""
        diagnostics.error("E0213", f"the module `{url}` cannot be fetched: {problem}", span, "this import", help=help)
    return not problem


def fetch(url: str, revision: str, commit: str | None, cache: Path) -> tuple[str | None, str]:
    """The commit that a revision means (or the given one) and the digest of its files, which are in the cache afterwards.

    The commit is None when the repository has no such revision. Raises GitError.
    """
    cache.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="fetch-", dir=cache) as folder:
        _git(folder, "init", "--quiet", "--bare")
        found = _fetched_commit(folder, url, commit or revision)
        return (None, "") if found is None else (found, _export(folder, url, found, cache))


def _fetched_commit(repository: str, url: str, wanted: str) -> str | None:
    """Fetch one revision without its history where the server allows that, else everything."""
    with_history: list[str] = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"]
    try:
        _git(repository, "fetch", "--quiet", "--no-tags", "--depth=1", "--", url, wanted)
        return _git(repository, "rev-parse", "--verify", "FETCH_HEAD^{commit}").decode().strip()
    except GitError:
        _git(repository, "fetch", "--quiet", "--no-tags", "--", url, *with_history, "+HEAD:refs/labc/HEAD")
    for name in (wanted, f"refs/tags/{wanted}", f"refs/heads/{wanted}"):
        try:
            return (
                _git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
                .decode()
                .strip()
            )
        except GitError:
            continue
    return None


def _export(repository: str, url: str, commit: str, cache: Path) -> str:
    """Write the plain files of a commit and their manifest to the cache; the digest of the manifest is returned."""
    final = commit_folder(cache, url, commit)
    final.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix=f".{commit}.", dir=final.parent))
    try:
        lines = sorted(_written_files(repository, commit, folder / TREE))
        manifest = "".join(f"{digest} {path}\n" for path, digest in lines).encode()
        (folder / MANIFEST).write_bytes(manifest)
        _put_in_place(folder, final)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return f"sha256:{sha256(manifest).hexdigest()}"


def _written_files(repository: str, commit: str, tree: Path) -> Iterator[tuple[str, str]]:
    """Each plain file of a commit, written below `tree`: its path and SHA-256."""
    entries = list(_plain_files(_git(repository, "ls-tree", "-r", "-z", "--full-tree", commit)))
    contents = _git(repository, "cat-file", "--batch", given="".join(f"{blob}\n" for blob, _ in entries).encode())
    at = 0
    for _, path in entries:
        header, _, _ = contents[at : at + 200].partition(b"\n")
        size = int(header.split()[-1])
        start = at + len(header) + 1
        data = contents[start : start + size]
        at = start + size + 1
        target = tree / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        yield path, sha256(data).hexdigest()


def _plain_files(listing: bytes) -> Iterator[tuple[str, str]]:
    """Blob and path of each plain file. Links, submodules and names that would lead elsewhere are left out."""
    for entry in listing.split(b"\0"):
        meta, _, raw = entry.partition(b"\t")
        try:
            path = raw.decode("utf-8")
        except UnicodeDecodeError:
            continue
        mode, _, blob = meta.decode().partition(" ")
        parts = path.split("/")
        unsafe = any(part in ("", ".", "..", ".git") for part in parts) or "\\" in path or not path.isprintable()
        if mode in ("100644", "100755") and not unsafe:
            yield blob.split()[1], path


def _put_in_place(folder: Path, final: Path) -> None:
    """Rename into place in one step. What stands there already, perhaps changed, is moved away first."""
    if final.exists():
        old = Path(mkdtemp(prefix=".old.", dir=final.parent))
        final.replace(old)
        shutil.rmtree(old, ignore_errors=True)
    folder.chmod(0o755)
    try:
        folder.rename(final)
    except OSError:
        if not final.exists():  # Another `labc lock` put the same commit there meanwhile.
            raise


def _git(repository: str, *arguments: str, given: bytes = b"") -> bytes:
    """What a run of git prints. Raises GitError with its own words."""
    environment = {key: value for key, value in os.environ.items() if key not in _NOT_OURS} | _ENVIRONMENT
    command = ["git", *_SAFE, "--git-dir", repository, *arguments]
    try:
        done = subprocess.run(command, input=given, capture_output=True, timeout=TIMEOUT, env=environment, check=False)
    except FileNotFoundError:
        raise GitError("git is not installed") from None
    except subprocess.TimeoutExpired:
        raise GitError(f"git took more than {TIMEOUT} s") from None
    if done.returncode != 0:
        raise GitError(done.stderr.decode("utf-8", "replace").strip() or f"git ended with status {done.returncode}")
    return done.stdout


# --- Mistakes ---


def _report_git(url: str, message: str, span: Span | None, diagnostics: Diagnostics) -> None:
    last = message.splitlines()[-1] if message else ""
    help = "install git" if "not installed" in message else f"try `git ls-remote {url}`"
    diagnostics.error("E0214", f"git could not fetch {url}", span, "this import", reason=f"git says: {last}", help=help)


def _report_revision(url: str, revision: str, pinned: str | None, span: Span | None, diagnostics: Diagnostics) -> None:
    if pinned is None:
        summary, help = f"{url} has no branch, tag or commit `{revision}`", f"`git ls-remote {url}` lists them"
    else:
        summary = f"{url} no longer has the pinned commit {pinned[:12]}"
        help = "remove the two lines of the module from lab.lock to pin what the revision means now"
    diagnostics.error("E0215", summary, span, "this import", help=help)


def _report_other_content(url: str, span: Span | None, diagnostics: Diagnostics) -> None:
    help = "remove the two lines of the module from lab.lock and run `labc lock` again, if you trust what is there now"
    summary = f"the files of {url} are not those that lab.lock pins"
    diagnostics.error(
        "E0212", summary, span, "this import", reason="the digest of the fetched commit differs", help=help
    )
