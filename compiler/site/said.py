"""How a mistake of a site is said: the later statement is marked, the earlier one labelled.

Enters: origins and texts. Leaves: diagnostics. Called by `shares`, `cabling` and `underlay`.
"""

from __future__ import annotations

from ..diagnostics import Diagnostic, Label, Severity
from ..source import Origin


def said(
    code: str,
    summary: str,
    origin: Origin,
    label: str,
    *,
    other: tuple[Origin, str] | None = None,
    reason: str = "",
    help: str = "",
    severity: Severity = "error",
) -> Diagnostic:
    """A diagnostic at `origin`; `other` is a second place and what stands there."""
    labels = (Label(other[0].span, other[1]),) if other is not None else ()
    return Diagnostic(code, summary, origin.span, label, labels, reason, help, (), severity, origin)


def place(origin: Origin) -> tuple[str, int]:
    """Where a statement stands, to tell the earlier from the later; loops' turns share a place."""
    return origin.span.source.path, origin.span.start
