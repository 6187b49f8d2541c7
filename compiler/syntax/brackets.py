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
_CLOSER = {"{": "}", "(": ")", "[": "]", '"': '"'}
_OPENER = {closer: opener for opener, closer in _CLOSER.items()}


class Brackets:
    """The open brackets, innermost last: the character and the number of its word. A string with parts counts as one."""

    def __init__(self, words: Words, lexicon: Lexicon, diagnostics: Diagnostics) -> None:
        self.words = words
        self.lexicon = lexicon
        self.diagnostics = diagnostics
        self.stack: list[tuple[str, int]] = []
        self.otherwise = lexicon.words["else"]
        self.inside = False
        self.in_string = False
        self.reported_depth = False

    def take(self, text: str, start: int, end: int) -> None:
        """An opening or closing bracket was read."""
        if text in _CLOSER:
            self._open(text, start, end)
        else:
            self._close(text, start, end)

    def open_string(self, word: int) -> None:
        self.stack.append(('"', word))
        self._look()

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
        if len(kinds) > 1 and kinds[-1] == self.lexicon.end and kinds[-2] == self.lexicon.literals["}"]:
            for part in (kinds, self.words.starts, self.words.ends):
                part.pop()

    def finish(self) -> None:
        """The end of the text: `(` and `[` that are still open are closed; `{` is left to `close_blocks`."""
        end = self.words.kinds.pop(), self.words.starts.pop(), self.words.ends.pop()
        blocks = []
        for opener in reversed(self.stack):
            if opener[0] == "{":
                blocks.append(opener)
                self.words.put(self.lexicon.literals["}"], end[1], end[1])
            else:
                self._missing(opener, self.words.ends[-1])
        self.stack = blocks[::-1]
        self.words.put(*end)

    def _look(self) -> None:
        top = self.stack[-1][0] if self.stack else ""
        self.inside = top in ("(", "[", '"')
        self.in_string = top == '"'

    def _open(self, text: str, start: int, end: int) -> None:
        self.stack.append((text, len(self.words.kinds)))
        self._look()
        self.words.put(self._kind(text, start), start, end)

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


def close_blocks(words: Words, lexicon: Lexicon, brackets: Brackets, diagnostics: Diagnostics) -> None:
    """Report the blocks that were never closed."""
    for character, word in brackets.stack:
        at = words.ends[-1]
        diagnostics.error(
            "E0104",
            f"`{character}` is not closed",
            Span(words.source, at, at),
            "`}` is missing before the end of the file",
            labels=(Label(words.span(word), "opened here"),),
            help="write `}` where the block ends",
        )
