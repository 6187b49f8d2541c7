"""An instance: one running copy of a plan, its folders on this host, and its one writer.

Enters: a name such as `firewall-change` or `mr-1234`. Leaves: an `Instance` with its folders; `writer` holds it while one
client changes it, `tester` while one tests it. Called by the engine and by every backend that acts on this host.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from .errors import BadInstance, Held, Lacking

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_WRITER, _TESTER = "writer", "tester"
_GRACE = 10.0  # seconds that a process of a killed writer gets to end its batch
_PAUSE = 0.02


@dataclass(frozen=True, slots=True)
class Instance:
    """`runtime` holds what dies with the machine (lock, holder), `state` the journal."""

    name: str
    runtime: Path
    state: Path


def instance(name: str) -> Instance:
    """`instance("mr-1234")`; a name that could leave its folder is refused."""
    if not _NAME.fullmatch(name):
        raise BadInstance(
            f"{name!r} is no name for an instance",
            "A name has 1 to 63 letters, digits, dots, hyphens or underscores, and begins with a letter or digit.",
        )
    return Instance(name, runtime_folder() / name, state_folder() / name)


def instances() -> list[str]:
    """The names of the instances of this user on this host."""
    folder = runtime_folder()
    return sorted(entry.name for entry in folder.iterdir() if entry.is_dir()) if folder.is_dir() else []


def runtime_folder() -> Path:
    if os.geteuid() == 0:
        return Path("/run/labc")
    stated = os.environ.get("XDG_RUNTIME_DIR")
    return Path(stated) / "labc" if stated else Path(f"/tmp/labc-{os.geteuid()}")  # noqa: S108 - `_private` checks it


def state_folder() -> Path:
    if os.geteuid() == 0:
        return Path("/var/lib/labc")
    stated = os.environ.get("XDG_STATE_HOME")
    return (Path(stated) if stated else Path.home() / ".local/state") / "labc"


@contextmanager
def writer(of: Instance, verb: str) -> Iterator[int]:
    """Hold an instance for writing; the value is the lock's descriptor, for the process that acts to inherit.

    The lock lives as long as any process has the descriptor, so that a client killed half-way still holds it until the process
    that acts for it has ended its batch.
    """
    descriptor = _take(of)
    try:
        with _untested(of):
            _write_note(descriptor, verb)
            yield descriptor
    finally:
        os.ftruncate(descriptor, 0)  # else a process that lives on seems to hold what it has let go of
        os.close(descriptor)


def refuse_while_written(name: str) -> None:
    """Raises Held, with who it is, while somebody changes an instance."""
    of = instance(name)
    try:
        descriptor = os.open(of.runtime / _WRITER, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    with _locked(descriptor, fcntl.LOCK_SH, lambda: _held(of, _note(descriptor))):
        pass


@contextmanager
def tester(of: Instance) -> Iterator[None]:
    """Hold an instance for a test: a second one would cut its links, and a writer would heal what it has cut.

    Where there is no such instance nothing is held; who enters it says so. Raises Held.
    """
    try:
        descriptor = open_private(of.runtime / _TESTER)
    except FileNotFoundError:
        yield
        return
    with _locked(descriptor, fcntl.LOCK_EX, lambda: _busy(of, descriptor)):
        _write_note(descriptor, "test")
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)


@contextmanager
def _untested(of: Instance) -> Iterator[None]:
    """Nobody tests, nor begins to, while this lasts."""
    descriptor = open_private(of.runtime / _TESTER)
    with _locked(descriptor, fcntl.LOCK_SH, lambda: _busy(of, descriptor)):
        yield


@contextmanager
def _locked(descriptor: int, how: int, holder: Callable[[], Held]) -> Iterator[None]:
    """Have a file's lock at once, or raise who has it; the descriptor is closed afterwards."""
    try:
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError:
            raise holder() from None
        yield
    finally:
        os.close(descriptor)


def _busy(of: Instance, descriptor: int) -> Held:
    """Who tests, or who writes and is not to be disturbed by a test."""
    note = _note(descriptor)
    if _alive(note):
        return _held(of, note)
    with (of.runtime / _WRITER).open("rb") as file:
        return _held(of, _note(file.fileno()))


def _write_note(descriptor: int, verb: str) -> None:
    note = json.dumps({"pid": os.getpid(), "since": time.time(), "verb": verb}).encode()
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, note, 0)


def make_private(folder: Path) -> None:
    """A folder for us alone, and those above it where they are missing, whatever the umask takes away."""
    if folder.is_dir():
        return
    make_private(folder.parent)
    try:
        folder.mkdir()
    except FileExistsError:
        if not folder.is_dir():
            raise
    else:
        folder.chmod(0o700)


def forget(of: Instance) -> None:
    """Remove the folders of an instance that is gone; only its writer may."""
    import shutil  # 3 ms, and only now

    shutil.rmtree(of.state, ignore_errors=True)
    shutil.rmtree(of.runtime, ignore_errors=True)


class Traces:
    """The folders of an instance that its writer makes: gone again where he stops before he has made anything else.

    Made before the writer's lock is taken, entered while it is held. Folders that were there before stay, and so do those in which
    somebody else has put something: an instance that runs has its holder's note there.
    """

    __slots__ = ("_kept", "_new")

    def __init__(self, of: Instance) -> None:
        self._new = [folder for folder in (of.runtime, of.state) if not folder.exists()]
        self._kept = False

    def keep(self) -> None:
        """From now on there is something to remember."""
        self._kept = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if kind is None or self._kept or any(_foreign(folder) for folder in self._new):
            return
        import shutil  # as above

        for folder in self._new:
            shutil.rmtree(folder, ignore_errors=True)


def _foreign(folder: Path) -> bool:
    """Whether it holds more than locks and a journal."""
    found = folder.iterdir() if folder.is_dir() else ()
    return any(path.name not in (_WRITER, _TESTER) and not path.name.startswith("journal.") for path in found)


def _take(of: Instance) -> int:
    deadline = time.monotonic() + _GRACE
    while True:
        descriptor = _open(of)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note = _note(descriptor)
            os.close(descriptor)
            if _alive(note) or time.monotonic() > deadline:
                raise _held(of, note) from None
            time.sleep(_PAUSE)  # its client is dead: the process that acts for it ends after its batch
            continue
        if _same_file(descriptor, of.runtime / _WRITER):
            return descriptor
        os.close(descriptor)  # `down` removed the file between opening and locking


def _open(of: Instance) -> int:
    _private(of.runtime.parent)
    while True:
        try:
            make_private(of.runtime)
            return open_private(of.runtime / _WRITER)
        except FileNotFoundError:
            continue  # `down` removed the folder in between


def open_private(path: Path) -> int:
    """A descriptor of a file for us alone, made where it is missing, whatever the umask takes away."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor


def _private(folder: Path) -> None:
    """The folder above all instances is ours alone; in /tmp somebody else may have made it first."""
    try:
        make_private(folder)
    except OSError as error:
        raise Lacking(
            f"{folder} cannot be made: {error.strerror}", "Set XDG_RUNTIME_DIR to a folder of yours."
        ) from None
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise Held(
            f"{folder} belongs to somebody else", f"Remove {folder}, or set XDG_RUNTIME_DIR to a folder of yours."
        )


def _same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _note(descriptor: int) -> dict[str, object]:
    try:
        note = json.loads(os.pread(descriptor, 4096, 0))
    except ValueError:
        return {}
    return note if isinstance(note, dict) else {}


def _alive(note: dict[str, object]) -> bool:
    pid = note.get("pid")
    if not isinstance(pid, int):
        return False  # it has locked the file and not yet written: look again
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _held(of: Instance, note: dict[str, object]) -> Held:
    since = note.get("since")
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(since)) if isinstance(since, int | float) else "unknown"
    verb = f" ({note['verb']})" if "verb" in note else ""
    return Held(
        f"instance {of.name} is held by pid {note.get('pid', 'unknown')}{verb}, since {when}",
        "Wait for it to end, or name another instance with --as.",
    )
