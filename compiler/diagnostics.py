"""Diagnostics: what the compiler has to say about a lab.

A diagnostic is a value, made where the fact is known and collected, never raised; the driver prints.
`codes.py` is the table of all codes with their long stories; `render.py` prints them as text, JSON and SARIF.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct, field

from .source import Origin, Span

Severity = Literal["error", "warning", "note"]


class Label(Struct, frozen=True):
    """A secondary span and what stands there."""

    span: Span
    message: str


class Fix(Struct, frozen=True):
    """A replacement of a span's text that would mend the mistake; an editor can apply it."""

    span: Span
    text: str
    message: str


class Diagnostic(Struct, frozen=True):
    """One mistake, or one thing worth saying.

    `summary` is the headline, `label` what stands under the underlined `span`, `reason` why it matters,
    `help` what to do. `origin` gives the chain of kinds and loops that led to the span.
    """

    code: str
    summary: str
    span: Span | None
    label: str = ""
    labels: tuple[Label, ...] = ()
    reason: str = ""
    help: str = ""
    fixes: tuple[Fix, ...] = ()
    severity: Severity = "error"
    origin: Origin | None = None


class Diagnostics(Struct):
    """The bag into which passes put what they find."""

    found: list[Diagnostic] = field(default_factory=list)
    followed: list[Span] = field(
        default_factory=list
    )  # where a mistake made elsewhere showed again, and nothing was said
    _seen: set[tuple[object, ...]] = field(default_factory=set)

    def error(self, code: str, summary: str, span: Span | None, label: str = "", **more: object) -> None:
        self.add(Diagnostic(code, summary, span, label, **more))  # type: ignore[arg-type]

    def warning(self, code: str, summary: str, span: Span | None, label: str = "", **more: object) -> None:
        self.add(Diagnostic(code, summary, span, label, severity="warning", **more))  # type: ignore[arg-type]

    def note(self, code: str, summary: str, span: Span | None, label: str = "", **more: object) -> None:
        self.add(Diagnostic(code, summary, span, label, severity="note", **more))  # type: ignore[arg-type]

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep a diagnostic, once: a loop of a thousand turns says the same thing one time."""
        key = (diagnostic.code, diagnostic.summary, diagnostic.span)
        if key not in self._seen:
            self._seen.add(key)
            self.found.append(diagnostic)

    def extend(self, more: Iterable[Diagnostic]) -> None:
        for diagnostic in more:
            self.add(diagnostic)

    @property
    def failed(self) -> bool:
        """Whether there is an error among them."""
        return any(diagnostic.severity == "error" for diagnostic in self.found)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)
