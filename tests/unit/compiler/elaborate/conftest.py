"""`elaborated(text)`: a lab held in memory, with what the compiler said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from labc.compiler.diagnostics import Diagnostic, Diagnostics
from labc.compiler.elaborate import elaborate
from labc.compiler.elaborate.reader import MemoryReader
from labc.compiler.ir.lab import Lab
from labc.compiler.lock import Lock


@dataclass
class Elaborated:
    """A lab and the diagnostics of its making."""

    lab: Lab | None  # None: too large
    diagnostics: Diagnostics

    @property
    def codes(self) -> list[str]:
        return [found.code for found in self.diagnostics]

    @property
    def spans(self) -> list[tuple[str, str]]:
        """Code and underlined text of each diagnostic."""
        return [(found.code, found.span.shown if found.span else "") for found in self.diagnostics]

    @property
    def only(self) -> Diagnostic:
        """The one diagnostic that there is."""
        assert len(self.diagnostics.found) == 1, self.spans
        return self.diagnostics.found[0]


class Elaborating:
    """Called with the text of a lab without its header; files by keyword stand beside it."""

    def __call__(
        self,
        text: str,
        *,
        parameters: Mapping[str, str] | None = None,
        files: Mapping[str, str] | None = None,
        lock: Lock | None = None,
    ) -> Elaborated:
        sources = {name: data.encode() for name, data in (files or {}).items()}
        sources["lab.net"] = b"lab sample\n" + text.encode()
        diagnostics = Diagnostics()
        lab = elaborate("lab.net", MemoryReader(sources), parameters or {}, diagnostics, lock)
        assert lab is not None or "E0317" in {found.code for found in diagnostics}
        return Elaborated(lab, diagnostics)

    def sound(self, text: str, **more: Any) -> Any:
        """The lab, which has no mistakes. Any: tests look things up by ids as plain text."""
        made = self(text, **more)
        assert not made.spans
        return made.lab

    def value(self, expression: str, before: str = "") -> object:
        """What an expression is worth, kept as a field keeps it; the lab has no mistakes."""
        lab = self.sound(f"{before}\nkind k {{ field it: any = 0 }}\nnode n: k {{ it = {expression} }}\n")
        return next(node for node in lab.nodes.values() if node.name == "n").fields["it"]


@pytest.fixture
def elaborated() -> Elaborating:
    return Elaborating()
