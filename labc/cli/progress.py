"""Listeners of the engine: a bar on a terminal, plain lines for logs, JSON lines for programs.

Enters: the engine's events. Leaves: talk on standard error, or JSON lines on standard output.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson

from ..runtime.events import Acted, Began, Decided, Ended, Event, Listener, Looked
from .live import action_json
from .talk import say, wants_colour

if TYPE_CHECKING:
    from rich.progress import Progress

_FEW = 200  # actions up to which no bar is worth its import


Explain = Callable[[str, str], str]


def _as_it_is(_id: str, error: str) -> str:
    return error


@contextmanager
def listening(as_json: bool, explain: Explain = _as_it_is) -> Iterator[Listener]:
    """The listener that fits the streams. `explain`: from an id and its error to what people read."""
    if as_json:
        yield json_lines
        return
    plain = _Plain(explain)
    listener = _Terminal(plain) if sys.stderr.isatty() and wants_colour(sys.stderr) else plain
    try:
        yield listener
    finally:
        listener.close()


def json_lines(event: Event) -> None:
    """One JSON object an event; the last one says how it ended."""
    sys.stdout.write(orjson.dumps(_as_json(event)).decode() + "\n")
    sys.stdout.flush()


def _as_json(event: Event) -> dict[str, Any]:
    match event:
        case Began():
            return {"event": "began", "verb": event.verb, "instance": event.instance, "lab": event.lab}
        case Looked():
            return {"event": "looked", "found": event.found, "seconds": round(event.seconds, 6)}
        case Decided():
            return {"event": "decided", "actions": [action_json(action) for action in event.actions]}
        case Acted():
            ended = {"event": "acted", **action_json(event.action)}
            return (
                ended | ({"error": event.error} if event.error else {}) | ({"skipped": True} if event.skipped else {})
            )
        case Ended():
            return {"event": "ended", "verb": event.verb, "status": event.status, "seconds": round(event.seconds, 6)}


class _Plain:
    """What a log keeps: how much there is to do, what failed, and what was not tried for that."""

    def __init__(self, explain: Explain) -> None:
        self._explain = explain

    def __call__(self, event: Event) -> None:
        if isinstance(event, Decided) and event.actions:
            say(f"to do: {len(event.actions)} change{'s' * (len(event.actions) != 1)}")
        elif isinstance(event, Acted) and event.skipped:
            say(f"{event.action.id}: {event.error}")
        elif isinstance(event, Acted) and event.error:
            say(f"failed: {event.action.id}: {self._explain(event.action.id, event.error)}")

    def close(self) -> None:
        """Nothing to put away."""


class _Terminal:
    """A bar while a long list of actions runs."""

    def __init__(self, plain: _Plain) -> None:
        self._plain = plain
        self._bar: Progress | None = None
        self._task: Any = None  # rich's TaskID

    def __call__(self, event: Event) -> None:
        if isinstance(event, Decided) and len(event.actions) > _FEW:
            self._start(len(event.actions))
        elif isinstance(event, Acted):
            self._step(event)
        elif not isinstance(event, Decided):
            self._plain(event)

    def _start(self, total: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self.close()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, transient=True, console=_console())
        self._task = self._bar.add_task("making the lab", total=total)
        self._bar.start()

    def _step(self, event: Acted) -> None:
        if self._bar is not None:
            self._bar.update(self._task, advance=1)
        self._plain(event)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _console() -> Any:
    from rich.console import Console

    return Console(stderr=True)
