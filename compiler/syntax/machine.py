"""The tables with what the parser's loop wants at hand, made once a process, and a dry run over them.

Enters: tables and lexicon. Leaves: `Machine`. Called by `parse.py`, and by `recovery.py` to ask "what if".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from .lexer import Lexicon, lexicon
from .tables import Tables, tables


class Machine:
    def __init__(self, tables: Tables, lexicon: Lexicon) -> None:
        self.tables = tables
        self.lexicon = lexicon
        self.actions = tables.actions
        self.gotos = tables.gotos
        self.productions = [
            (rule.target, rule.size, rule.action, rule.keep if rule.keep != tuple(range(rule.size)) else None)
            for rule in tables.productions
        ]
        # Rules that only pass a value on, by their action: the symbol that they make.
        self.passes_on = {
            ~index: rule.target
            for index, rule in enumerate(tables.productions)
            if rule.action is None and rule.size == 1
        }

    def accepts(self, states: Sequence[int], kinds: Iterable[int]) -> int:
        """How many of these words the parser would take one after the other from a stack of states."""
        stack = list(states)
        taken = 0
        for kind in kinds:
            if not self._take(stack, kind):
                return taken
            taken += 1
        return taken

    def _take(self, stack: list[int], kind: int) -> bool:
        """Reduce and shift one word on a stack of states alone."""
        while True:
            row = self.actions[stack[-1]]
            action = row.get(kind)
            if action is None:
                other = self.lexicon.instead.get(kind)
                if other not in row:
                    return False
                kind = other
                continue
            if action >= 0:
                stack.append(action)
                return True
            target, size, _, _ = self.productions[~action]
            if size:
                del stack[-size:]
            state = self.gotos[stack[-1]].get(target)
            if state is None or state in self.ends:
                return state is not None
            stack.append(state)

    @property
    def ends(self) -> frozenset[int]:
        return self._ends

    _ends: frozenset[int] = frozenset()


@cache
def machine() -> Machine:
    made = Machine(tables(), lexicon())
    made._ends = frozenset(made.tables.ends.values())
    return made
