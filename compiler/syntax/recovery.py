"""Recovery: what the parser does at a word that it cannot take.

Enters: the parser's stack and the words, at the moment of the error. Leaves: one diagnostic for the statement, and a
stack from which the parser goes on. Called by `parse.py`.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

from ..diagnostics import Diagnostics
from .lexer import Words
from .machine import Machine


class Recovery:
    def __init__(
        self,
        states: list[int],
        values: list[Any],
        begins: list[int],
        words: Words,
        machine: Machine,
        diagnostics: Diagnostics,
    ) -> None:
        self.states = states
        self.values = values
        self.begins = begins
        self.words = words
        self.machine = machine
        self.lexicon = machine.lexicon
        self.diagnostics = diagnostics
        self.quiet_until = -1

    def resume(self, at: int) -> int | None:
        """Make the stack fit to go on; gives the word to go on with, or None when there is no going on."""
        if self._keyword_was_a_name(at):
            return at - 1
        self._report(at)
        return self._panic(at)

    def rest(self) -> Any:
        """What was made when there is no going on: the statements before it."""
        return tuple(self.values[0]) if self.values and isinstance(self.values[0], list) else None

    def _keyword_was_a_name(self, at: int) -> bool:
        """`test -> web`, `host = 3`: the word before was taken for a keyword and was a name."""
        kinds = self.words.kinds
        if not at or not self.values or self.values[-1] != at - 1 or kinds[at - 1] not in self.lexicon.words.values():
            return False
        if self.machine.accepts(self.states[:-1], [self.lexicon.name, kinds[at]]) < 2:
            return False
        kinds[at - 1] = self.lexicon.name
        self._pop(1)
        return True

    def _pop(self, count: int) -> None:
        del self.states[-count:], self.values[-count:], self.begins[-count:]

    def _report(self, at: int) -> None:
        if at <= self.quiet_until:
            return
        self.diagnostics.error("E0101", "this cannot stand here", self.words.span(at), "not expected here")

    def _panic(self, at: int) -> int | None:
        """Put a broken statement in the place of the current one, up to its end or its block."""
        broken = self.lexicon.broken
        first = at
        while self.states and broken not in self.machine.actions[self.states[-1]]:
            if len(self.states) == 1:
                return None
            first = bisect_left(self.words.starts, self.begins[-1])
            self._pop(1)
        end = self._end_of_statement(first, at)
        self.quiet_until = end
        if end == first:
            self.words.insert(first, broken, self.words.starts[first])
            return first
        self.words.kinds[end - 1] = broken
        self.words.starts[end - 1] = self.words.starts[first]
        return end - 1

    def _end_of_statement(self, first: int, at: int) -> int:
        """The first word from `at` on that ends the statement or opens its block."""
        literals, number = self.lexicon.literals, self.lexicon.number
        opens = {literals["{"], *(number[name] for name in ("_CALL", "_PAREN", "_INDEX", "_LIST", "STRING_START"))}
        closes = {literals["}"], literals[")"], literals["]"], number["STRING_END"]}
        stops = {self.lexicon.end, self.lexicon.end_of_file, literals["}"], literals["{"]}
        depth = 0
        for index in range(first, len(self.words.kinds)):
            kind = self.words.kinds[index]
            if index >= at and depth <= 0 and kind in stops:
                return index
            depth += (kind in opens) - (kind in closes)
        return len(self.words.kinds) - 1
