"""Listeners of a test run: a bar on a terminal, a line for each failure in a log.

Enters: the run's events. Leaves: talk on standard error. Called by `labc test`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..runtime.probes.events import CaseBegan, CaseEnded, Healed, TestEvent, TestListener, TestsBegan
from ..runtime.probes.events import nobody as nobody_listens
from .talk import say, wants_colour

if TYPE_CHECKING:
    from rich.progress import Progress


@contextmanager
def listening(*, quiet: bool) -> Iterator[TestListener]:
    """The listener that fits the streams."""
    if quiet:
        yield nobody_listens
        return
    bar = _Bar() if sys.stderr.isatty() and wants_colour(sys.stderr) else None
    try:
        yield bar or _plain
    finally:
        if bar:
            bar.close()


def _plain(event: TestEvent) -> None:
    if isinstance(event, TestsBegan):
        say(f"{event.instance}: {event.cases} case{'s' * (event.cases != 1)}")
    elif isinstance(event, Healed):
        say(f"an earlier run had left these cut or stopped; they are whole again: {', '.join(event.what)}")


class _Bar:
    """How many cases are done, how many of them badly, and which one runs."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._task: Any = None  # rich's TaskID
        self._bad = 0

    def __call__(self, event: TestEvent) -> None:
        if isinstance(event, TestsBegan):
            self._start(event.cases)
        elif self._progress is None:
            return
        elif isinstance(event, CaseBegan):
            self._progress.update(self._task, title=event.title[:50])
        elif isinstance(event, CaseEnded):
            self._bad += event.tested.verdict != "passed"
            self._progress.update(self._task, advance=1, bad=f"{self._bad} not passed" if self._bad else "")
        else:
            _plain(event)

    def _start(self, cases: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = (
            BarColumn(20),
            MofNCompleteColumn(),
            TextColumn("[red]{task.fields[bad]}"),
            TextColumn("{task.fields[title]}", markup=False),
        )
        self._progress = Progress(*columns, transient=True, console=Console(stderr=True))
        self._task = self._progress.add_task("", total=cases, bad="", title="")
        self._progress.start()

    def close(self) -> None:
        if self._progress is not None:
            self._progress.stop()
