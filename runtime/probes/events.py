"""What a run of tests tells its listener. Values only; who shows them, and how, is the listener's affair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .report import Tested


@dataclass(frozen=True, slots=True)
class TestsBegan:
    instance: str
    lab: str
    cases: int


@dataclass(frozen=True, slots=True)
class Healed:
    """What a run that was killed had cut or stopped, and is whole again now."""

    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseBegan:
    case: str
    title: str


@dataclass(frozen=True, slots=True)
class CaseEnded:
    tested: Tested


@dataclass(frozen=True, slots=True)
class TestsEnded:
    status: int
    seconds: float


TestEvent = TestsBegan | Healed | CaseBegan | CaseEnded | TestsEnded
TestListener = Callable[[TestEvent], None]


def nobody(_event: TestEvent) -> None:
    """The listener of those who do not listen."""
