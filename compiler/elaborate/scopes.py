"""Scopes: what a name means where it stands, decided once for each place in the text.

Enters: names from statements. Leaves: for a variable, how to read it from a frame. `evaluate` asks.

A frame is a flat list: slot 0 the `Origin` of the block, slot 1 the element being built, then variables. A block
within a block works on a longer copy, so reading a variable is one index. What is not computed until someone asks (a
`let`, a field) lies in its slot as a `Lazy`, shared by all copies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..source import Span
from .state import State
from .values import POISON, Evaluate, Frame

if TYPE_CHECKING:
    from .imports import Module

FIRST = 2  # the first slot of a variable


class Lazy:
    """A value computed at its first use. One that needs itself is reported and poisoned."""

    __slots__ = ("busy", "compute", "done", "frame", "name", "span", "state", "value")

    def __init__(self, state: State, name: str, span: Span, compute: Evaluate, frame: Frame) -> None:
        self.state = state
        self.name = name
        self.span = span
        self.compute: Evaluate | None = compute
        self.frame = frame
        self.busy = False
        self.value: object = POISON

    def get(self) -> object:
        if self.compute is None:
            return self.value
        if self.busy:
            return self._circle()
        self.busy = True
        compute, frame = self.compute, self.frame
        try:
            value = compute(frame)
        except RecursionError:  # reported by whoever started; nobody shall take this for a circle
            self.compute, self.value = None, POISON
            raise
        if self.compute is not None:
            self.value, self.compute, self.busy = value, None, False
        return self.value

    def _circle(self) -> object:
        self.compute, self.value = None, POISON
        return self.state.error(
            self.frame,
            "E0315",
            f"`{self.name}` depends on itself",
            self.span,
            "its value is needed to compute its value",
            help="break the circle",
        )


class Scope:
    """The names that a block of statements sees; `depth` is the length of its frames."""

    __slots__ = ("depth", "loose", "module", "names", "parent", "spans", "state")

    def __init__(self, module: Module, parent: Scope | None = None) -> None:
        self.module = module
        self.state: State = module.state
        self.parent = parent
        self.names: dict[str, int] = {}
        self.spans: dict[str, Span] = {}
        self.depth: int = parent.depth if parent else FIRST

    def add(self, name: str, span: Span | None = None) -> int:
        """Give a new variable of this block its slot."""
        slot = self.names[name] = self.depth
        if span is not None:
            self.spans[name] = span
        self.depth += 1
        return slot

    def slot(self, name: str) -> int | None:
        """The slot of a variable of this block or of those around it."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    def visible(self) -> list[str]:
        """All variables that can be named here, for suggestions."""
        names: list[str] = []
        scope: Scope | None = self
        while scope is not None:
            names.extend(scope.names)
            scope = scope.parent
        return names + self.module.variables()


def reader_of(slot: int) -> Evaluate:
    """Reads a variable from its slot."""

    def read(frame: Frame) -> object:
        value = frame[slot]
        return value.get() if type(value) is Lazy else value

    return read
