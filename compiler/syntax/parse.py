"""The parser: runs the grammar's tables over the words of a source and builds the tree as it goes.

Enters: a source. Leaves: `File`, always, whole for what was sound; what was not is in the diagnostics. Called through
`labc.compiler.syntax.read`, and by yaml.py for the expressions that stand in its strings.

The loop is lark's LALR(1) loop over lark's tables, with two things left out and one put in: no object a word, no call
for rules that only pass a value on, and a word that the grammar does not want as a keyword is tried as a name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from ..diagnostics import Diagnostics
from ..source import Source, Span
from .build import Builder
from .encoding import check_text
from .lexer import Words, lex
from .machine import machine
from .places import check_places
from .recovery import Recovery
from .tree import Expression, File, Literal, Name, TypeName

_span = partial(tuple.__new__, Span)


def parse(source: Source, diagnostics: Diagnostics) -> File:
    """The tree of a `.net` file."""
    found = Diagnostics()
    start = check_text(source, found)
    words = lex(source, start, len(source.data), found)
    body = check_places(Parser(words, found).run("file") or (), found)
    diagnostics.extend(sorted(found, key=lambda diagnostic: diagnostic.span.start if diagnostic.span else 0))
    return File(source, body, tuple(words.comments))


def parse_part(kind: str, source: Source, start: int, end: int, diagnostics: Diagnostics) -> Any:
    """One fragment (a start symbol of the grammar: `value`, `name`, `flow`, `rule`, …); None where it could not be read."""
    said = len(diagnostics)
    words = lex(source, start, end, diagnostics, one_line=True)
    parser = Parser(words, diagnostics)
    made = parser.run(kind)
    if len(diagnostics) == said and words.kinds[parser.behind] != parser.machine.lexicon.end_of_file:
        _refuse_rest(words, parser.behind, diagnostics)
    return made


def _refuse_rest(words: Words, at: int, diagnostics: Diagnostics) -> None:
    """In a file a value may end here and the next statement follow; a fragment is one thing, and nothing behind it is lost."""
    diagnostics.error(
        "E0101",
        f"`{words.text(at)}` cannot stand here",
        words.span(at),
        "expected the end",
        help="only one thing stands here",
    )


def parse_expression(source: Source, start: int, end: int, diagnostics: Diagnostics) -> Expression:
    """The expression between two offsets; the empty text where there is none that can be read."""
    made: Expression | None = parse_part("value", source, start, end, diagnostics)
    return made or Literal(Span(source, start, end), "")


def parse_name(source: Source, start: int, end: int, diagnostics: Diagnostics) -> Name:
    """The name between two offsets; the text as it stands where it is no name."""
    made: Name | None = parse_part("name", source, start, end, diagnostics)
    span = Span(source, start, end)
    return made or Name(span, (span.shown,))


def parse_type(source: Source, start: int, end: int, diagnostics: Diagnostics) -> TypeName:
    """The type between two offsets; `any` where there is none that can be read."""
    made: TypeName | None = parse_part("type", source, start, end, diagnostics)
    return made or TypeName(Span(source, start, end), "any")


class Parser:
    def __init__(self, words: Words, diagnostics: Diagnostics) -> None:
        self.words = words
        self.diagnostics = diagnostics
        self.machine = machine()
        self.builder = Builder(words, diagnostics)
        self.states: list[int] = []
        self.values: list[Any] = []
        self.begins: list[int] = []  # The first word of each value.
        self.behind = -1  # the word behind what was made; -1, which is the last one, while nothing was
        self.recovery = Recovery(self.states, self.values, self.begins, words, machine(), diagnostics)

    def run(self, start: str) -> Any:
        """Parse from a start symbol to the end. None where nothing could be made."""
        machine, builder, source = self.machine, self.builder, self.words.source
        actions, jump, rules = machine.actions, machine.jump, _rules()
        kinds, starts, ends = self.words.kinds, self.words.starts, self.words.ends
        states, values, begins = self.states, self.values, self.begins
        end_state = machine.tables.ends[start]
        states.append(machine.tables.starts[start])
        at, last_end = 0, 0
        kind = kinds[0]
        action = actions[states[0]].get(kind)
        while True:
            if action is None:
                resumed = self._stuck(at)
                if resumed is None:
                    return self.recovery.rest()
                at = resumed
                kind = kinds[at]
                action = actions[states[-1]].get(kind)
            elif action >= 0:
                states.append(action)
                values.append(at)
                begins.append(at)
                last_end = ends[at]
                at += 1
                kind = kinds[at]
                action = actions[action].get(kind)
            else:
                target, size, method, spanned, pick = rules[~action]
                if size:
                    children = values[-size:]
                    begin = begins[-size]
                    del states[-size:], values[-size:], begins[-size:]
                else:
                    children, begin = [], at
                if pick is not None:
                    children.append(None)
                    children = pick(children)
                if method is None:
                    value = children[0]
                elif spanned:
                    value = method(builder, _span((source, starts[begin], last_end)), *children)
                else:
                    value = method(builder, *children)
                state, action = jump(states[-1], target, kind)
                if state == end_state:
                    self.behind = at
                    return value
                states.append(state)
                values.append(value)
                begins.append(begin)

    def _stuck(self, at: int) -> int | None:
        """The grammar does not want this word as it is: take it for a name or another bracket, else recover."""
        other = self.machine.lexicon.instead.get(self.words.kinds[at])
        if other in self.machine.actions[self.states[-1]]:
            self.words.kinds[at] = other
            return at
        return self.recovery.resume(at)


@cache
def _rules() -> tuple[tuple[Any, ...], ...]:
    """The grammar's rules with the builder's methods, not bound: a YAML lab runs a parser for each of its values."""
    return tuple(_with_method(rule) for rule in machine().productions)


def _with_method(rule: tuple[Any, ...]) -> tuple[Any, ...]:
    target, size, name, pick = rule
    method: Callable[..., Any] | None = getattr(Builder, name) if name else None
    return target, size, method, not getattr(method, "bare", False), pick
