"""Recovery: what the parser does at a word that it cannot take.

Enters: the parser's stack and the words, at the moment of the error. Leaves: one diagnostic for the statement, and a
stack from which the parser goes on. Called by `parse.py`.

First the smallest repairs are tried dry (a keyword spelt right, one mark put in, changed or left out); one that lets
the parser take the rest of the statement is made, so that the tree keeps what was meant and nothing that refers to
it is reported as missing. Else the statement is given up, as yacc does with its error token, and the parser goes on
with the next one, or with the block behind the broken header.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from ..diagnostics import Diagnostics, Fix
from ..source import Span
from .expected import FORMS, STARTERS, expected
from .lexer import MOST_ERRORS, Words
from .machine import Machine

_FAR_ENOUGH = 6  # Words behind a repair that must fit where the statement is longer.
_LONGEST_STATEMENT = 400
_PUT_IN = (":", "=", ",", "->", "--", "on", "in", "to", "via", "extends")
_CHANGE = {
    "==": ("=",),
    "=": ("==", ":"),
    "-": ("--",),
    "--": ("->",),
    "->": ("--", "<->"),
    ":": ("=", "extends"),
    ";": (",",),
    "/": (",",),
}

_OTHER_WORDS = {  # of the configurations that people have in their fingers
    "permit": "allow",
    "accept": "allow",
    "drop": "deny",
    "reject": "deny",
    "block": "deny",
    "interface": "port",
    "iface": "port",
    "subnet": "segment",
    "network": "segment",
    "include": "import",
    "var": "let",
}


class Repair(Struct, frozen=True):
    """Words `at` to `end` become `kinds`, written `text`."""

    at: int
    end: int
    kinds: tuple[int, ...]
    text: str
    message: str


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
        self.errors = 0
        literals, number = self.lexicon.literals, self.lexicon.number
        brackets = ("_CALL", "_PAREN", "_INDEX", "_LIST", "STRING_START")
        self.opens = frozenset({literals["{"], *(number[name] for name in brackets)})
        self.closes = frozenset({literals["}"], literals[")"], literals["]"], number["STRING_END"]})
        self.stops = frozenset({self.lexicon.end, self.lexicon.end_of_file, literals["}"], literals["{"]})

    def resume(self, at: int) -> int | None:
        """Make the stack fit to go on; gives the word to go on with, or None when there is no going on."""
        if self._keyword_was_a_name(at):
            return at - 1
        first, depth = self._statement(at)
        quiet = at <= self.quiet_until or self._reported_already(first, at)
        if not quiet:
            self.errors += 1
            if self.errors > MOST_ERRORS:
                self._give_up(at)
                return None
            for repair in self._repairs(first, at, depth):
                if self._fits(repair, first, at):
                    self._report_repair(repair, first, at)
                    return self._make(repair, at)
            self._report(first, at)
        return self._panic(first, depth, at)

    def rest(self) -> Any:
        """What was made when there is no going on: the statements before it."""
        return tuple(self.values[0]) if self.values and isinstance(self.values[0], list) else None

    # --- Where we are

    def _keyword_was_a_name(self, at: int) -> bool:
        """`test -> web`, `host = 3`: the word before was taken for a keyword and was a name."""
        kinds = self.words.kinds
        if not at or not self.values or self.values[-1] != at - 1 or kinds[at - 1] not in self.lexicon.keywords:
            return False
        if self.machine.accepts(self.states[:-1], [self.lexicon.name, kinds[at]]) < 2:
            return False
        kinds[at - 1] = self.lexicon.name
        self._pop(1)
        return True

    def _statement(self, at: int) -> tuple[int, int]:
        """The first word of the statement that `at` belongs to, and how much of the stack lies below it. 0: none."""
        broken = self.lexicon.broken
        for depth in range(len(self.states), 0, -1):
            if broken in self.machine.actions[self.states[depth - 1]]:
                return (self.begins[depth - 1] if depth <= len(self.begins) else at), depth
        return 0, 0

    def _reported_already(self, first: int, at: int) -> bool:
        """A word that the lexer has reported spoils its statement: nothing more is said about that."""
        low, high = self.words.starts[first], self.words.ends[at]
        return any(low <= offset <= high for offset in self.words.reported)

    def _pop(self, count: int) -> None:
        if count:
            del self.states[-count:], self.values[-count:], self.begins[-count:]

    # --- Repairs

    def _repairs(self, first: int, at: int, depth: int) -> Iterator[Repair]:
        """The repairs worth trying, the likeliest first."""
        if depth:
            yield from self._starter(first)
        yield from self._keyword(at)
        if at > first:
            yield from self._keyword(at - 1)
        kinds, literals = self.words.kinds, self.lexicon.literals
        text = self.words.text(at)
        if text == ">" and at and self.words.text(at - 1) == "=" and self.words.ends[at - 1] == self.words.starts[at]:
            yield Repair(at - 1, at + 1, (literals["->"],), "->", "write `->`")
        for better in _CHANGE.get(text, ()):
            yield Repair(at, at + 1, (literals[better],), better, f"write `{better}`")
        for mark in ("at", *_PUT_IN) if "." in text or ":" in text[:-1] else _PUT_IN:  # an address stands behind `at`
            if mark == "=" and at == first + 1 and text in literals:
                continue  # `deny otherwise` sets no field.
            if mark.isalpha() and literals[mark] in kinds[first:at]:
                continue  # It stands there already, and a second one would be the next mistake.
            yield Repair(at, at, (literals[mark],), mark, f"write `{mark}` before `{self._shown(at)}`")
        if (
            at > first + 1
            and kinds[at] not in self.stops
            and kinds[at] not in self.opens
            and kinds[at] not in self.closes
        ):
            yield Repair(at, at + 1, (), "", f"take `{text}` away")

    def _starter(self, first: int) -> Iterator[Repair]:
        """The statement's first word is none that starts one."""
        word = self.words.text(first)
        if self.words.kinds[first] != self.lexicon.name:
            return
        for near in _near(word, STARTERS):
            yield Repair(first, first + 1, (self.lexicon.words[near],), near, f"write `{near}`")

    def _keyword(self, at: int) -> Iterator[Repair]:
        """A keyword inside the statement is misspelt."""
        if self.words.kinds[at] != self.lexicon.name:
            return
        word = self.words.text(at)
        for near in _near(word, self.lexicon.words):
            yield Repair(at, at + 1, (self.lexicon.words[near],), near, f"write `{near}`")

    def _fits(self, repair: Repair, first: int, at: int) -> bool:
        """Whether the parser would then take the rest of the statement, or a good part of it."""
        stack = self._stack_at(repair.at, at)
        if stack is None:
            return False
        kinds = self.words.kinds
        end = self._end_of_statement(first, repair.end)
        behind = kinds[repair.end : min(end + 1, repair.end + _LONGEST_STATEMENT)]
        taken = self.machine.accepts(self.states[:stack], [*repair.kinds, *behind], len(repair.kinds))
        wanted = len(repair.kinds) + min(len(behind), _FAR_ENOUGH)
        return taken >= wanted

    def _stack_at(self, word: int, at: int) -> int | None:
        """How many states of the stack stand for the words before this one; None where one symbol spans it."""
        if word == at:
            return len(self.states)
        below = sum(begin < word for begin in self.begins)
        following = self.begins[below] if below < len(self.begins) else at
        return below + 1 if following == word else None

    def _make(self, repair: Repair, at: int) -> int:
        """Change the words and cut the stack back to them."""
        keep = self._stack_at(repair.at, at) or len(self.states)
        self._pop(len(self.states) - keep)
        words = self.words
        offset = words.starts[repair.at]
        if len(repair.kinds) == repair.end - repair.at:
            words.kinds[repair.at : repair.end] = repair.kinds
        else:
            for _ in range(repair.at, repair.end):
                words.remove(repair.at)
            for kind in repair.kinds:
                words.insert(repair.at, kind, offset)
        self.quiet_until = self._end_of_statement(repair.at, repair.at)
        return repair.at

    # --- Reports

    def _report_repair(self, repair: Repair, first: int, at: int) -> None:
        put_in = repair.at == repair.end
        span = self.words.span(at) if put_in else self.words.span(repair.at, repair.end - 1)
        wrong = self.words.text(repair.at)
        fix_at = Span(span.source, span.start, span.start) if put_in else span
        fix = Fix(fix_at, repair.text + " " if put_in else repair.text, repair.message)
        if repair.at == first and not put_in:
            self.diagnostics.error(
                "E0102",
                f"`{wrong}` starts no statement",
                span,
                "unknown here",
                help=f"did you mean `{repair.text}`?",
                fixes=(fix,),
            )
            return
        wanted = self._expected_at(repair.at, at, first) if repair.kinds else ""
        misspelt = not put_in and repair.text.isalpha()
        self.diagnostics.error(
            "E0101",
            self._summary(repair.at if not put_in else at),
            span,
            f"expected {wanted}" if wanted else "not expected here",
            reason=self._form(first),
            help=f"did you mean `{repair.text}`?" if misspelt else repair.message,
            fixes=(fix,),
        )

    def _report(self, first: int, at: int) -> None:
        kinds = self.words.kinds
        if kinds[first] == self.lexicon.name and at <= first + 1 and kinds[at] not in self.stops | {self.lexicon.end}:
            self.diagnostics.error(
                "E0102",
                f"`{self.words.text(first)}` starts no statement",
                self.words.span(first),
                "unknown here",
                help="a statement starts with a word such as `node`, `port` or `link`, or is `FIELD = VALUE`",
            )
            return
        wanted = self._expected_at(at, at, first)
        self.diagnostics.error(
            "E0101",
            self._summary(at),
            self._visible(at),
            f"expected {wanted}" if wanted else "not expected here",
            reason=self._form(first),
            help=self._name_with_number(at),
        )

    def _name_with_number(self, at: int) -> str:
        """`web-1` is arithmetic to the lexer, and a name to everybody else."""
        words = self.words
        if not at or words.text(at) != "-" or words.kinds[at - 1] != self.lexicon.name or at + 1 >= len(words.kinds):
            return ""
        touching = words.ends[at - 1] == words.starts[at] and words.ends[at] == words.starts[at + 1]
        number = words.text(at + 1)
        if not touching or not number.isdigit():
            return ""
        return f'a name in which a number follows `-` stands in quotes: `"{words.text(at - 1)}-{number}"`'

    def _summary(self, at: int) -> str:
        kind = self.words.kinds[at]
        if kind == self.lexicon.end_of_file:
            return "the file ends in the middle of a statement"
        if kind == self.lexicon.end and self.words.text(at) != ";":
            return "the line ends in the middle of a statement"
        return f"`{self._shown(at)}` cannot stand here"

    def _shown(self, at: int) -> str:
        text = self.words.span(at).shown
        return text if len(text) <= 40 else text[:39] + "…"

    def _visible(self, at: int) -> Span:
        """The span of a word; of a line's end, the place right behind the last word."""
        if self.words.kinds[at] in (self.lexicon.end, self.lexicon.end_of_file) and at:
            end = self.words.ends[at - 1]
            return Span(self.words.source, end, end)
        return self.words.span(at)

    def _expected_at(self, word: int, at: int, first: int) -> str:
        depth = self._stack_at(word, at) or len(self.states)
        return expected(self.machine, self.states[:depth], FORMS.get(self.words.text(first), ""))

    def _form(self, first: int) -> str:
        """How this statement is written."""
        form = FORMS.get(self.words.text(first))
        return f"The statement is written `{form}`." if form else ""

    # --- Giving up

    def _give_up(self, at: int) -> None:
        self.diagnostics.error(
            "E0112",
            "too many mistakes",
            self._visible(at),
            "the file was not read from here on",
            help=f"mend the first {MOST_ERRORS}; is this a lab at all?",
        )

    def _panic(self, first: int, depth: int, at: int) -> int | None:
        """Put a broken statement in the place of the current one, up to its end or its block."""
        if not depth:
            return None
        self._pop(len(self.states) - depth)
        end = self._agree(self._end_of_statement(first, at))
        self.quiet_until = end
        broken = self.lexicon.broken
        if end == first:
            self.words.insert(first, broken, self.words.starts[first])
            return first
        self.words.kinds[end - 1] = broken
        self.words.starts[end - 1] = self.words.starts[first]
        return end - 1

    def _agree(self, end: int) -> int:
        """Make the braces behind a broken statement agree with the blocks that the parser has open: the broken text
        may have held one brace of a pair."""
        words, closes = self.words, self.lexicon.literals["}"]
        while self.machine.accepts(self.states, [self.lexicon.broken, words.kinds[end]]) != 2:
            if words.kinds[end] != closes:
                words.insert(end, closes, words.starts[end])
                break
            words.remove(end)
            end = self._end_of_statement(end, end)
        return end

    def _end_of_statement(self, first: int, at: int) -> int:
        """The first word from `at` on that ends the statement or opens its block."""
        kinds = self.words.kinds
        depth = 0
        for index in range(first, len(kinds)):
            kind = kinds[index]
            if index >= at and depth <= 0 and kind in self.stops and not self._opens_map(index):
                return index
            if kind in self.opens:
                depth += 1
            elif kind in self.closes:
                depth -= 1
        return len(kinds) - 1

    def _opens_map(self, index: int) -> bool:
        """Whether a `{` stands where a value does, so that it opens no block."""
        kinds, literals = self.words.kinds, self.lexicon.literals
        if kinds[index] != literals["{"] or not index:
            return False
        return kinds[index - 1] in (literals["="], literals["=="], literals[","])


def _near(word: str, known: Iterable[str]) -> list[str]:
    from difflib import get_close_matches  # 4 ms, and sound files need none of it

    meant = _OTHER_WORDS.get(word.lower())
    if meant is not None and meant in known:
        return [meant]
    return get_close_matches(word.lower(), list(known), 3, 0.6)
