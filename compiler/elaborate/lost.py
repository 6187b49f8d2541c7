"""What was about to be declared where the text could not be read.

Enters: the span of a `Broken` statement. Leaves: names in `state.lost`: whoever refers to them makes no second mistake.
Called by `imports` and `blocks`.
"""

from __future__ import annotations

import re

from ..source import Span
from .state import State

_DECLARES = re.compile(
    rb"\b(?:node|segment|zone|group|link|let|param|kind|field|service|host|device|switch|for)\s+\"?([A-Za-z_](?:\w|-(?=[A-Za-z]))*)"
)
_KEYS = re.compile(rb"([A-Za-z_][\w-]*)['\"]?\s*:")
_WORDS = re.compile(rb"[A-Za-z_][\w-]*")


def remember_lost(state: State, span: Span) -> None:
    """Notes the names that a broken statement was about to declare, and the modules that it was about to import."""
    text = span.source.data[span.start : span.end]
    state.lost.update(name.decode("ascii", "replace") for name in _DECLARES.findall(text))
    if span.source.path.endswith((".yaml", ".yml")):  # `NAME: …`, the section is said further above
        state.lost.update(name.decode("ascii", "replace") for name in _KEYS.findall(text))
    if text.lstrip().startswith(b"import"):
        state.lost.update(word.decode("ascii", "replace") for word in _WORDS.findall(text))
