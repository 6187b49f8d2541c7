"""What the verbs that touch a running lab share: how the runtime's refusals are answered, and how a list of actions reads.

Called by up, down, status, test, exec, shell and capture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from ..compiler.style import Style
from ..runtime.decide import GLYPHS, Action
from ..runtime.errors import RuntimeStop
from .exits import Exit
from .stop import Stop

_TONES = {"create": "good", "update": "changed", "replace": "changed", "delete": "bad"}
_LINES = {"  - ": "bad", "  + ": "good"}
_DONE = {"create": "made", "update": "changed", "replace": "replaced", "delete": "removed"}


@contextmanager
def answering(status: Exit | None = None) -> Iterator[None]:
    """The runtime's refusals become a line for the user and an exit status: `status`, or the one that they carry."""
    try:
        yield
    except click.ClickException as stop:
        stop.exit_code = status or stop.exit_code  # type: ignore[misc] # click declares it as the class's
        raise
    except RuntimeStop as stop:
        raise Stop(status or Exit(stop.status), stop.message, stop.help) from None


def action_lines(actions: Iterable[Action], style: Style) -> Iterator[str]:
    """`+ node/web` and so on, the reasons of a change below it."""
    for action in actions:
        yield style.paint(f"{GLYPHS[action.verb]} {action.id}", _TONES[action.verb])
        if action.verb in ("update", "replace"):
            for line in "\n".join(action.reasons).split("\n"):
                tone = _LINES.get(line[:4])
                yield f"    {style.paint(line, tone) if tone else line}"


def counted(actions: Sequence[Action]) -> str:
    """`12 made, 1 changed`."""
    counts = {verb: sum(action.verb == verb for action in actions) for verb in _DONE}
    return ", ".join(f"{count} {_DONE[verb]}" for verb, count in counts.items() if count) or "nothing to do"


def action_json(action: Action) -> dict[str, Any]:
    """What may be shown of an action: its content never, secrets may stand in it."""
    return {"verb": action.verb, "id": action.id, "kind": action.kind, "reasons": list(action.reasons)}
