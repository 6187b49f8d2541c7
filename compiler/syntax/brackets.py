"""Brackets: which are open while the lexer reads, and what to do when they do not match.

Enters: each bracket in turn. Leaves: words in which all brackets match. Called by `lexer.py` alone.
A bracket that is missing is put in where it must have been meant, by the bracket around it or by the indentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..diagnostics import Diagnostics, Fix, Label
from ..source import Span

if TYPE_CHECKING:
    from .lexer import Lexicon, Words

DEEPEST = 64
_CLOSER = {"{": "}", "(": ")", "[": "]"}
_OPENER = {closer: opener for opener, closer in _CLOSER.items()}


class Brackets:
    """The open brackets, innermost last: the character and the number of its word. A string with parts counts as one."""

    def __init__(self, words: Words, lexicon: Lexicon, diagnostics: Diagnostics, one_line: bool) -> None:
        self.words = words
        self.lexicon = lexicon
        self.diagnostics = diagnostics
        self.stack: list[tuple[str, int]] = []
        self.otherwise = lexicon.words["else"]
        self.one_line = one_line
        self.inside = one_line
        self.in_string = False

    def take(self, text: str, start: int, end: int) -> bool:
        """An opening or closing bracket was read. False: too many are open, and nothing more is read."""
        if text in _OPENER:
            self._close(text, start, end)
            return True
        if self._too_deep(start):
            return False
        if text == "{" and not self.inside:
            self._join_line()
        self.stack.append((text, len(self.words.kinds)))
        self._look()
        self.words.put(self._kind(text, start), start, end)
        return True

    def open_string(self, start: int) -> bool:
        """The next word opens a string with parts."""
        if self._too_deep(start):
            return False
        self.stack.append(('"', len(self.words.kinds)))
        self._look()
        return True

    def close_string(self) -> int:
        """The string with parts ends; what was still open inside it is closed. Gives the number of its first word."""
        while self.stack[-1][0] != '"':
            self._missing(self.stack.pop(), self.words.ends[-1])
        word = self.stack.pop()[1]
        self._look()
        return word

    def join_else(self) -> None:
        """`else` may stand on the line after `}`."""
        kinds = self.words.kinds
        if len(kinds) > 1 and kinds[-2] == self.lexicon.literals["}"]:
            self._join_line()

    def close_to_block(self) -> None:
        """A statement starts in the next line: `(` and `[` that are open before it are not closed any more."""
        while self.stack and self.stack[-1][0] != "{":
            self._missing(self.stack.pop(), self.words.ends[-1])
        self._look()

    def finish(self) -> None:
        """The end of the text: what is still open is closed."""
        end = self.words.kinds.pop(), self.words.starts.pop(), self.words.ends.pop()
        self.close_to_block()
        self.words.put(*end)
        if self.stack:
            close_blocks(self.words, self.lexicon, self.diagnostics)

    def _join_line(self) -> None:
        """Take back a line break that was read as the end of a statement."""
        words = self.words
        if words.kinds and words.kinds[-1] == self.lexicon.end and words.source.text[words.starts[-1]] == "\n":
            for part in (words.kinds, words.starts, words.ends):
                part.pop()

    def _look(self) -> None:
        top = self.stack[-1][0] if self.stack else ""
        self.inside = self.one_line or top in ("(", "[", '"')
        self.in_string = any(opener == '"' for opener, _ in self.stack)

    def _too_deep(self, start: int) -> bool:
        """Whether one bracket more would be too much for everything that walks the tree. Then all are closed here."""
        if len(self.stack) < DEEPEST:
            return False
        self.words.reported.append(start)
        self.diagnostics.error(
            "E0111",
            "brackets are nested too deep",
            Span(self.words.source, start, start + 1),
            f"more than {DEEPEST} are open",
            labels=(Label(self.words.span(self.stack[0][1]), "the first one"),),
            help="the file was not read from here on",
        )
        self.close_all(start)
        return True

    def close_all(self, at: int) -> None:
        """Nothing more is read from here on: close what is open, without a word."""
        for character, _ in reversed(self.stack):
            closer = (
                self.lexicon.number["STRING_END"] if character == '"' else self.lexicon.literals[_CLOSER[character]]
            )
            self.words.put(closer, at, at)
        self.stack.clear()
        self._look()

    def _kind(self, text: str, start: int) -> int:
        before = self.words.source.text[start - 1 : start]
        touches = before.isalnum() or before == "_"
        if text == "(":
            return self.lexicon.number["_CALL" if touches else "_PAREN"]
        if text == "[":
            return self.lexicon.number["_INDEX" if touches or (before and before in '])"') else "_LIST"]
        return self.lexicon.literals["{"]

    def _close(self, text: str, start: int, end: int) -> None:
        opener = _OPENER[text]
        reach = self._reach(opener)
        if reach is None:
            self._stray(text, start, end)
            return
        while len(self.stack) > reach + 1:
            self._missing(self.stack.pop(), self.words.ends[-1])
        self.stack.pop()
        self._look()
        self.words.put(self.lexicon.literals[text], start, end)

    def _reach(self, opener: str) -> int | None:
        """Which open bracket this closes. `)` and `]` look no further out than the block or string around them."""
        for index in range(len(self.stack) - 1, -1, -1):
            if self.stack[index][0] == opener:
                return index
            if self.stack[index][0] == '"' or (opener != "{" and self.stack[index][0] == "{"):
                return None
        return None

    def _stray(self, text: str, start: int, end: int) -> None:
        span = Span(self.words.source, start, end)
        self.words.reported.append(start)
        self.diagnostics.error(
            "E0105",
            f"`{text}` closes nothing",
            span,
            f"there is no open `{_OPENER[text]}` before it",
            help="take it away, or write what it should close",
            fixes=(Fix(span, "", f"take the `{text}` away"),),
        )
        if text != "}":
            self.words.put(self.lexicon.illegal, start, end)

    def _missing(self, opener: tuple[str, int], at: int) -> None:
        character, word = opener
        self.words.reported.append(at)
        closer = _CLOSER[character]
        self.diagnostics.error(
            "E0104",
            f"`{character}` is not closed",
            Span(self.words.source, at, at),
            f"`{closer}` is missing here",
            labels=(Label(self.words.span(word), "opened here"),),
            help=f"write `{closer}`",
            fixes=(Fix(Span(self.words.source, at, at), closer, f"write `{closer}`"),),
        )
        self.words.put(self.lexicon.literals[closer], at, at)


def close_blocks(words: Words, lexicon: Lexicon, diagnostics: Diagnostics) -> None:
    """Put in the `}` of blocks that were never closed, where the indentation says, else at the end of the file."""
    places = _by_indentation(words, lexicon) or _at_the_end(words, lexicon)
    for index, opener in reversed(places):
        at = words.starts[index]
        words.insert(index, lexicon.end, at)
        words.insert(index, lexicon.literals["}"], at)
        end_of_file = index + 2 == len(words.kinds) - 1
        where = Span(words.source, at, words.ends[index + 2])
        span, label = (words.span(opener), "opened here") if end_of_file else (where, "`}` is missing before this")
        other = (
            Label(where, "`}` is missing before the end") if end_of_file else Label(words.span(opener), "opened here")
        )
        diagnostics.error(
            "E0104", "`{` is not closed", span, label, labels=(other,), help="write `}` where the block ends"
        )


def _by_indentation(words: Words, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Before which words a `}` is missing, with the `{` that it closes: a statement that stands no further right
    than the line that opened the block around it is not in that block. Empty where this makes no sense of the file."""
    opens, closes = lexicon.literals["{"], lexicon.literals["}"]
    stack: list[tuple[int, int]] = []
    places: list[tuple[int, int]] = []
    column = 0
    for index, kind in enumerate(words.kinds):
        at = _column(words, index) if not index or words.kinds[index - 1] in (lexicon.end, opens) else None
        if at is not None:
            column = at
            while stack and column <= stack[-1][1] and kind in lexicon.keywords and kind not in lexicon.goes_on:
                places.append((index, stack.pop()[0]))
        if kind == opens:
            stack.append((index, column))
        elif kind == closes:
            if not stack:
                return []
            stack.pop()
    return places + [(len(words.kinds) - 1, opener) for opener, _ in reversed(stack)]


def _column(words: Words, index: int) -> int | None:
    """How far right the line starts that this word begins; None for a word in the middle of its line."""
    start = words.starts[index]
    line = words.source.text.rfind("\n", 0, start) + 1
    blank = words.source.text[line:start]
    return None if blank.strip() else len(blank.expandtabs(8))


def _at_the_end(words: Words, lexicon: Lexicon) -> list[tuple[int, int]]:
    stack: list[int] = []
    for index, kind in enumerate(words.kinds):
        if kind == lexicon.literals["{"]:
            stack.append(index)
        elif kind == lexicon.literals["}"] and stack:
            stack.pop()
    return [(len(words.kinds) - 1, opener) for opener in reversed(stack)]
