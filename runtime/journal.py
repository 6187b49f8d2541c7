"""The journal: what was done to an instance, when and why, and the plan that was applied last.

A convenience and never the truth: losing it loses history. SQLite in WAL mode, one transaction a batch. Called by the engine.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from .decide import Action
from .errors import Lacking
from .instance import make_private, open_private

_SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
  id INTEGER PRIMARY KEY, verb TEXT NOT NULL, plan TEXT NOT NULL, began REAL NOT NULL, ended REAL, status INTEGER
);
CREATE TABLE IF NOT EXISTS action (
  run INTEGER NOT NULL REFERENCES run, at REAL NOT NULL, verb TEXT NOT NULL, id TEXT NOT NULL, reason TEXT NOT NULL, error TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS plan (only INTEGER PRIMARY KEY CHECK (only = 1), digest TEXT NOT NULL, document BLOB NOT NULL, applied REAL NOT NULL);
"""
_RUNS_KEPT = 100


class Entry(NamedTuple):
    """One action that has ended; `error` is empty when it ended well."""

    action: Action
    error: str


class Run(NamedTuple):
    """`ended` is None for one that was killed or still works."""

    verb: str
    plan: str
    began: float
    ended: float | None
    status: int | None


class Journal:
    __slots__ = ("_database", "_folder", "_run")

    def __init__(self, folder: Path) -> None:
        try:
            make_private(folder)
            self._database = _open(folder / "journal.sqlite")
        except (OSError, sqlite3.OperationalError) as error:
            raise _not_kept(folder, error) from None
        self._folder = folder
        self._run = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
        if isinstance(error, sqlite3.OperationalError):  # the disk has filled up meanwhile
            raise _not_kept(self._folder, error) from None

    def begin(self, verb: str, digest: str) -> None:
        with self._database:
            cursor = self._database.execute(
                "INSERT INTO run (verb, plan, began) VALUES (?, ?, ?)", (verb, digest, time.time())
            )
            self._run = cursor.lastrowid or 0
            oldest = self._run - _RUNS_KEPT
            self._database.execute("DELETE FROM action WHERE run <= ?", (oldest,))
            self._database.execute("DELETE FROM run WHERE id <= ?", (oldest,))

    def record(self, entries: Iterable[Entry]) -> None:
        now = time.time()
        rows = [(self._run, now, a.verb, a.id, "; ".join(a.reasons), error) for a, error in entries]
        with self._database:
            self._database.executemany("INSERT INTO action VALUES (?, ?, ?, ?, ?, ?)", rows)

    def apply(self, digest: str, plan: Callable[[], bytes]) -> None:
        """Keep the plan, before the first action: what a killed run was about."""
        if self.digest() == digest:
            return
        with self._database:
            self._database.execute("INSERT OR REPLACE INTO plan VALUES (1, ?, ?, ?)", (digest, plan(), time.time()))

    def end(self, status: int) -> None:
        with self._database:
            self._database.execute(
                "UPDATE run SET ended = ?, status = ? WHERE id = ?", (time.time(), status, self._run)
            )

    def digest(self) -> str | None:
        """The digest of the plan that was applied last."""
        row = self._database.execute("SELECT digest FROM plan").fetchone()
        return str(row[0]) if row else None

    def plan(self, unlike: str = "") -> bytes | None:
        """The plan that was applied last; None as well when its digest is `unlike`."""
        row = self._database.execute("SELECT document FROM plan WHERE digest <> ?", (unlike,)).fetchone()
        return bytes(row[0]) if row else None

    def runs(self) -> Sequence[Run]:
        rows = self._database.execute("SELECT verb, plan, began, ended, status FROM run ORDER BY id")
        return [Run(*row) for row in rows]


def _not_kept(folder: Path, error: Exception) -> Lacking:
    return Lacking(f"the journal cannot be kept in {folder}: {error}", "Set XDG_STATE_HOME to a folder of yours.")


def _open(path: Path) -> sqlite3.Connection:
    try:
        return _connect(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:  # broken: it is history only, so begin anew and keep the old one to look at
        path.replace(path.with_suffix(".broken"))
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    os.close(open_private(path))  # SQLite gives the files beside it the mode of this one
    database = sqlite3.connect(path, timeout=10, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = OFF")  # a crash of the machine takes the lab too
    database.executescript(_SCHEMA)
    return database
