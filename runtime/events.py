"""What the engine tells its listener while it works. Values only: who shows them, and how, is the listener's affair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .decide import Action


@dataclass(frozen=True, slots=True)
class Began:
    verb: str
    instance: str
    lab: str


@dataclass(frozen=True, slots=True)
class Looked:
    """`found` is the number of resources that are there."""

    found: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Decided:
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Acted:
    """One action has ended: well when `error` is empty; `skipped` when what it needs had failed."""

    action: Action
    error: str = ""
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    verb: str
    status: int
    seconds: float


Event = Began | Looked | Decided | Acted | Ended
Listener = Callable[[Event], None]


def nobody(event: Event) -> None:
    """The listener of those who do not listen."""
