"""The tables with what the parser's loop wants at hand, made once a process, and a dry run over them.

Enters: tables and lexicon. Leaves: `Machine`. Called by `parse.py`, and by `recovery.py` to ask "what if".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from .lexer import Lexicon, lexicon
from .tables import Production, Tables, tables


class Machine:
    """`productions` holds for each rule its symbol, its size, its method's name, and what picks the symbols that the
    method gets (None: all of them) from the rule's values with a None behind them."""

    def __init__(self, tables: Tables, lexicon: Lexicon) -> None:
        self.tables = tables
        self.lexicon = lexicon
        self.actions = tables.actions
        self.gotos = tables.gotos
        self.ends = frozenset(tables.ends.values())
        self.productions = [(rule.target, rule.size, rule.action, _pick(rule)) for rule in tables.productions]
        # Rules that only pass a value on, by their action: the symbol that they make.
        self.passes_on = {
            ~index: rule.target
            for index, rule in enumerate(tables.productions)
            if rule.action is None and rule.size == 1
        }
        self.jump = cache(self._jump)

    def _jump(self, below: int, target: int, kind: int) -> tuple[int, int | None]:
        """The state after a reduction to `target` on top of `below`, and what to do there at a word of this kind. The
        rules that only pass a value on are passed over: of `x = 5` that is nine steps at once."""
        gotos = self.gotos[below]
        state = gotos[target]
        action = self.actions[state].get(kind)
        while action in self.passes_on:
            state = gotos[self.passes_on[action]]
            action = self.actions[state].get(kind)
        return state, action

    def accepts(self, states: Sequence[int], kinds: Iterable[int], exact: int = 0) -> int:
        """How many of these words the parser would take one after the other from a stack of states. The first `exact`
        ones must be taken as they are, no keyword as a name."""
        stack = list(states)
        taken = 0
        for kind in kinds:
            if not self._take(stack, kind, taken < exact):
                break
            taken += 1
        return taken

    def _take(self, stack: list[int], kind: int, exact: bool) -> bool:
        """Reduce and shift one word on a stack of states alone."""
        while True:
            row = self.actions[stack[-1]]
            action = row.get(kind)
            if action is None:
                other = self.lexicon.instead.get(kind)
                if exact or other not in row:
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


def _pick(rule: Production) -> Callable[[list[Any]], Sequence[Any]] | None:
    keep = rule.keep
    if keep == tuple(range(rule.size)):
        return None
    if -1 not in keep and keep == tuple(range(keep[0], keep[-1] + 1) if keep else ()):
        return itemgetter(slice(keep[0], keep[-1] + 1) if keep else slice(0))
    return itemgetter(*keep) if len(keep) > 1 else itemgetter(slice(-1, None))


@cache
def machine() -> Machine:
    return Machine(tables(), lexicon())
