"""A record that templates read by its members: the lines of the filter, translations. It has no text of its own.

Enters: nothing. Leaves: the base of the records in `filtering` and `translation`.
"""

from __future__ import annotations

from msgspec import Struct

from .words import no_text


class Record(Struct, frozen=True):
    """What Python would print of it is no configuration."""

    def __str__(self) -> str:
        raise no_text(self)
