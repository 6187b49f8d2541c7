r"""Secrets: references in a plan → their values, in memory only, and a redactor that keeps them out of every text.

A plan holds `\u0000secret:REFERENCE\u0000` in texts and `{"secret": REFERENCE}` in fields; a REFERENCE is `env:NAME` or
`file:PATH`. Called by backends when they load a configuration.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from .errors import Lacking

_MARK = re.compile("\0secret:([^\0]+)\0")
_HIDDEN = "‹secret›"


class Secrets:
    """Resolves each reference once; knows what to hide afterwards."""

    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def resolve_text(self, text: str) -> str:
        return _MARK.sub(lambda found: self.value(found[1]), text) if "\0" in text else text

    def resolve(self, value: Any) -> Any:  # Any: JSON
        if isinstance(value, str):
            return self.resolve_text(value)
        if isinstance(value, dict):
            if value.keys() == {"secret"}:
                return self.value(str(value["secret"]))
            return {key: self.resolve(item) for key, item in value.items()}
        return [self.resolve(item) for item in value] if isinstance(value, list | tuple) else value

    def value(self, reference: str) -> str:
        if reference not in self._values:
            self._values[reference] = _fetch(reference)
        return self._values[reference]

    def redact(self, text: str) -> str:
        """The longest first, so that one within another leaves nothing."""
        for value in sorted(self._values.values(), key=len, reverse=True):
            if value:
                text = text.replace(value, _HIDDEN)
        return text


def _fetch(reference: str) -> str:
    where, _, name = reference.partition(":")
    if where == "env":
        value = os.environ.get(name)
        if value is None:
            raise Lacking(f"the secret {reference} is not there", f"Set the environment variable {name}.")
        return value
    if where == "file":
        try:
            return Path(name).read_text().removesuffix("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise Lacking(f"the secret {reference} cannot be read: {error}", f"Write it to {name}.") from None
    raise Lacking(f"the secret {reference!r} names no known place", 'A secret is "env:NAME" or "file:PATH".')
