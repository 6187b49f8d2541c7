"""What a run has cut, stopped or set tracing in, written down before it is done: the next run heals what a killed one left.

A small file in the instance's own /run, replaced whole at each change. Called by `on_netns.py`.
"""

from __future__ import annotations

import json
from pathlib import Path

PATH = Path("/run/labc/disturbed.json")
Entry = tuple[str, str]  # what undoes it (heal, start, sweep), and the target


class Ledger:
    def __init__(self, path: Path = PATH) -> None:
        self._path = path
        self._entries: list[Entry] = self._read()

    def entries(self) -> list[Entry]:
        """The last first, as they are to be undone."""
        return list(reversed(self._entries))

    def note(self, undo: str, target: str) -> None:
        if (undo, target) not in self._entries:
            self._entries.append((undo, target))
            self._write()

    def strike(self, undo: str, target: str) -> None:
        if (undo, target) in self._entries:
            self._entries.remove((undo, target))
            self._write()

    def _read(self) -> list[Entry]:
        try:
            return [(str(undo), str(target)) for undo, target in json.loads(self._path.read_bytes())]
        except (OSError, ValueError, TypeError):
            return []

    def _write(self) -> None:
        if not self._entries:
            self._path.unlink(missing_ok=True)
            return
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(self._entries))
        fresh.replace(self._path)
