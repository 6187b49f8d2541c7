"""What would have been declared where a text could not be read, or a loop or condition has no value.

Enters: the span of what is lost. Leaves: names in `state.lost` and beginnings of names in `state.lost_families`: whoever
refers to them makes no second mistake. Called by `imports` and `blocks`.
"""

from __future__ import annotations

import re

from ..source import Span
from .state import State

_NAME = rb"([A-Za-z_](?:\w|-(?=[A-Za-z]))*)"
_DECLARES = re.compile(
    rb"(?:\b(?:node|segment|zone|group|link|let|param|kind|field|service|serve|host|device|switch|nic|for|as|port|bond|svi"
    rb"|loopback|import)\s+|:)\"?" + _NAME + rb"([{\[]?)"
)
_WORD = re.compile(_NAME)
_LINE = re.compile(rb"[^\n:={]*")


def remember_lost(state: State, span: Span) -> None:
    """Notes the names that a text was about to declare, and the modules that it was about to import."""
    if span in state.lost_spans:  # a loop around it comes by again
        return
    state.lost_spans.add(span)
    text = span.source.data[span.start : span.end]
    for name, goes_on in _DECLARES.findall(text):
        (state.lost_families if goes_on else state.lost).add(name.decode("ascii", "replace"))
    words = _WORD.findall(text if text.lstrip().startswith(b"import") else _first(text))
    state.lost.update(word.decode("ascii", "replace") for word in words)


def _first(text: bytes) -> bytes:
    """The beginning of the first line, up to where a name ends: the name, even if no keyword stands before it."""
    match = _LINE.match(text)
    return match[0] if match is not None else b""
