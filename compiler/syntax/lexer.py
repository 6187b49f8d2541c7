"""The lexer: from bytes to words, with one regular expression made from the grammar's own terminals.

Enters: a source, or a part of one. Leaves: `Words`, parallel lists of kinds and offsets (no object a word, that is
most of the speed), with the brackets balanced: a bracket that is missing was reported and put in, a stray one was
reported and left out. Called by `parse.py`.

Keywords come out as their own kinds wherever they stand; the parser takes them as names where the grammar wants one.
"""

from __future__ import annotations

import re
from functools import cache

from msgspec import Struct, field

from ..diagnostics import Diagnostics
from ..source import Source, Span
from .brackets import Brackets
from .tables import Tables, tables
from .tree import Comment

# Operators after which a statement goes on in the next line. `in` and `not` are not among them: they name ports and nodes too.
_OPEN_ENDED = "+ - * / % == != < <= > >= = or and .. -- -> <-> : . | ,".split()  # noqa: SIM905
_BLANK = r"[ \t\r]*+"
_WORD = r"([A-Za-z_]\w*+(?:-[A-Za-z_]\w*+)*+)(?![:/][0-9A-Fa-f:])"


class Words(Struct):
    """Word N is of kind `kinds[N]` and covers `starts[N]` to `ends[N]`; the last one is $END."""

    source: Source
    kinds: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    # Offsets of what the lexer reported: the statement around it is spoilt, and the parser says nothing more about it.
    reported: list[int] = field(default_factory=list)

    def text(self, index: int) -> str:
        """A word as it was written."""
        return self.source.text[self.starts[index] : self.ends[index]]

    def span(self, first: int, last: int | None = None) -> Span:
        return Span(self.source, self.starts[first], self.ends[first if last is None else last])

    def put(self, kind: int, start: int, end: int) -> None:
        self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(end)

    def insert(self, index: int, kind: int, at: int) -> None:
        """Put in a word that was not written, of no width."""
        self.kinds.insert(index, kind)
        self.starts.insert(index, at)
        self.ends.insert(index, at)

    def remove(self, index: int) -> None:
        del self.kinds[index], self.starts[index], self.ends[index]


class Lexicon:
    """The kinds of words by number, and the expression that finds them: made once from the tables."""

    def __init__(self, tables: Tables) -> None:
        number = {name: index for index, name in enumerate(tables.terminals)}
        self.number = number
        self.names = tables.terminals
        self.literals = {text: number[name] for text, name in tables.literals.items()}
        self.words = {text: kind for text, kind in self.literals.items() if text[0].isalpha()}
        self.keywords = frozenset(self.words.values())
        self.spelled = {kind: text for text, kind in self.literals.items()}
        self.name = number["NAME"]
        self.end_of_file = number["$END"]
        self.end = number["_END"]
        self.illegal = number["ILLEGAL"]
        self.broken = number["BROKEN"]
        self.open_ended = frozenset(self.literals[text] for text in _OPEN_ENDED)
        self.goes_on = frozenset(self.words[text] for text in ("else", "and", "or", "then"))
        self.skips_end = self.open_ended | {self.literals["{"], self.end}
        # What a word may be taken for where the grammar does not want it as it is.
        self.instead = dict.fromkeys(self.words.values(), self.name)
        pairs = (("_CALL", "_PAREN"), ("_INDEX", "_LIST"))
        self.instead |= {number[a]: number[b] for pair in pairs for a, b in (pair, pair[::-1])}
        self.groups, self.expression = self._compile(tables)

    def _compile(self, tables: Tables) -> tuple[list[int], re.Pattern[str]]:
        """One alternative a kind of word; `groups[lastindex]` is its number. The commonest come first."""
        marks = sorted((text for text in self.literals if not text[0].isalpha() and text not in "{}()[]:"), key=len)
        mark = "|".join(re.escape(text) for text in reversed(marks)) + "|:(?!:)"
        patterns = [
            (self.number[name], pattern)
            for name, pattern in tables.patterns
            if name not in ("_END", "_CALL", "_INDEX", "STRING_START", "STRING_MIDDLE", "STRING_END")
        ]
        alternatives = [_WORD, r"(\n)", f"({mark})", r"([{}()\[\]])", "(;)", r"(#[^\n]*)"]
        alternatives += [f"({pattern})" for _, pattern in patterns] + [r'(")', r"([^ \t\r])"]
        groups = [0, WORD, NEWLINE, MARK, BRACKET, SEMICOLON, COMMENT]
        groups += [kind for kind, _ in patterns] + [QUOTE, ILLEGAL]
        return groups, re.compile(f"{_BLANK}(?:{'|'.join(alternatives)})", re.ASCII)


MOST_ERRORS = 100
# Groups that need more than their kind: numbers below those of real kinds.
WORD, NEWLINE, MARK, BRACKET, SEMICOLON, COMMENT, QUOTE, ILLEGAL = range(-8, 0)
# Words that start a statement and nothing else, with what must follow: no value goes on so in the next line.
_STARTS = re.compile(
    r"\s*(?:lab|site|import|param|field|let|segment|node|kind|service|link|group|zone|policy|port|bond|svi|loopback"
    r'|gateway|route|napt|config|serve|needs|test|expect|nic|device|switch|pool|cut|heal|repeat)[ \t]+[\w"]',
    re.ASCII,
)
_TEXT = re.compile(r'(?:[^"\\{\n]|\\[^\n])*+')
_FOREIGN = re.compile(r"[^\x00-\x7f]+|([!-~])\1*")
_OTHER_LANGUAGES = {
    "'": 'a text stands between `"`',
    "&": "write `and`",
    "!": "write `not`, or `!=`",
    "?": "write `if CONDITION then VALUE else VALUE`",
    "$": "a value inside a text is `{name}`",
}


@cache
def lexicon() -> Lexicon:
    return Lexicon(tables())


def lex(source: Source, start: int, end: int, diagnostics: Diagnostics, one_line: bool = False) -> Words:
    """The words of `source` between two offsets. `one_line`: line breaks end no statement there."""
    return _Lexer(source, start, end, diagnostics, one_line).run()


class _Lexer:
    def __init__(self, source: Source, start: int, end: int, diagnostics: Diagnostics, one_line: bool) -> None:
        self.source = source
        self.text = source.text
        self.position = start
        self.limit = end
        self.diagnostics = diagnostics
        self.lexicon = lexicon()
        self.words = Words(source)
        self.brackets = Brackets(self.words, self.lexicon, diagnostics, one_line)

    def run(self) -> Words:
        while self.position < self.limit:
            self._scan()
        while self.brackets.in_string:
            self._unclosed_string(self.limit)
        self.words.put(self.lexicon.end_of_file, self.limit, self.limit)
        self.brackets.finish()
        return self.words

    def _scan(self) -> None:
        """Take words until the end, or until a string moved the position by hand."""
        lexicon = self.lexicon
        groups, keyword, name, skips_end = lexicon.groups, lexicon.words.get, lexicon.name, lexicon.skips_end
        literals, end_kind, brackets = lexicon.literals, lexicon.end, self.brackets
        kinds, starts, ends = self.words.kinds, self.words.starts, self.words.ends
        for match in lexicon.expression.finditer(self.text, self.position, self.limit):
            index = match.lastindex or 0
            group = groups[index]
            start, end = match.span(index)
            if group == WORD:
                kind = keyword(match[index], name)
                if kind == brackets.otherwise:
                    brackets.join_else()
            elif group == NEWLINE:
                if (brackets.inside or not kinds or kinds[-1] in skips_end) and not self._ends_anyway(start):
                    continue
                kind = end_kind
            elif group == MARK:
                kind = literals[match[index]]
            elif group >= 0:
                kind = group
            elif self._special(group, match[index], start, end):
                return
            else:
                continue
            kinds.append(kind)
            starts.append(start)
            ends.append(end)
        self.position = self.limit

    def _ends_anyway(self, at: int) -> bool:
        """A line break that would end nothing, but for what stands in the next line or for a string that is open."""
        words = self.words
        while self.brackets.in_string:
            self._unclosed_string(at)
        if not words.kinds or words.kinds[-1] in (self.lexicon.end, self.lexicon.literals["{"]):
            return False
        if self.brackets.inside and self.brackets.one_line:
            return False
        if not _STARTS.match(self.text, at, self.limit):
            return not self.brackets.inside and words.kinds[-1] not in self.lexicon.skips_end
        self.brackets.close_to_block()
        return True

    def _special(self, group: int, text: str, start: int, end: int) -> bool:
        """The rarer words. True when the position was moved and scanning must begin again there."""
        if len(self.words.reported) >= MOST_ERRORS:
            return self._give_up(start)
        if group == BRACKET:
            if text == "}" and self.brackets.in_string:
                self._string(start, in_parts=True)
                return True
            if not self.brackets.take(text, start, end):
                self.position = self.limit
                return True
        elif group == SEMICOLON:
            if self.words.kinds and self.words.kinds[-1] not in (self.lexicon.end, self.lexicon.literals["{"]):
                self.words.put(self.lexicon.end, start, end)
        elif group == COMMENT:
            self._comment(start, end)
        elif group == QUOTE:
            self._string(start, in_parts=False)
            return True
        else:
            self._foreign(start, end)
            return True
        return False

    def _give_up(self, at: int) -> bool:
        self.diagnostics.error(
            "E0112",
            "too many mistakes",
            Span(self.source, at, at + 1),
            "the file was not read from here on",
            help=f"mend the first {MOST_ERRORS}; is this a lab at all?",
        )
        self.brackets.close_all(at)
        self.words.reported.append(at)
        self.position = self.limit
        return True

    def _comment(self, start: int, end: int) -> None:
        line_start = self.text.rfind("\n", 0, start) + 1
        own_line = not self.text[line_start:start].strip(" \t\r\xef\xbb\xbf")
        stop = end - 1 if self.text[end - 1] == "\r" else end
        self.words.comments.append(Comment(Span(self.source, start, stop), own_line))

    def _string(self, start: int, in_parts: bool) -> None:
        """A string that has parts to compute, or that is not closed; `start` is at its `"` or at the `}` of a part."""
        number = self.lexicon.number
        matched = _TEXT.match(self.text, start + 1, self.limit)
        end = matched.end() if matched else start + 1
        closer = self.text[end : end + 1] if end < self.limit else ""
        if closer == "{" and not in_parts and self._line_without_quote(end):
            self._unclosed(start, self._line_end(end), in_parts)
        elif closer == "{":
            if not in_parts and not self.brackets.open_string(start):
                self.position = self.limit
                return
            self.words.put(number["STRING_MIDDLE" if in_parts else "STRING_START"], start, end + 1)
            self.position = end + 1
        elif closer == '"':
            if in_parts:
                self.brackets.close_string()
            self.words.put(number["STRING_END" if in_parts else "STRING"], start, end + 1)
            self.position = end + 1
        else:
            self._unclosed(start, end, in_parts)

    def _line_end(self, at: int) -> int:
        end = self.text.find("\n", at, self.limit)
        return self.limit if end < 0 else end

    def _line_without_quote(self, at: int) -> bool:
        return self.text.find('"', at, self._line_end(at)) < 0

    def _unclosed(self, start: int, end: int, in_parts: bool) -> None:
        """Report a string without its end. What ends its line and opens or closes a block is taken to be meant so."""
        line = self.text[start + 1 : end]
        cut = re.search(r"[\s{};]*$", line)
        stop = start + 1 + (cut.start() if cut else len(line))
        self.position = max(stop, start + 1)
        kind = self.lexicon.number["STRING_END" if in_parts else "STRING"]
        opener = self.brackets.close_string() if in_parts else None
        first = start if opener is None else self.words.starts[opener]
        self.words.put(kind, start, stop)
        if self.brackets.in_string:
            return  # This `"` was meant to end the string around it, which is reported at the end of the line.
        self.words.reported.append(start)
        self.diagnostics.error(
            "E0103",
            "a string is not closed",
            Span(self.source, first, stop),
            'the closing `"` is missing',
            reason="A string ends on the line on which it starts.",
            help='write `"` where it ends; a line break inside is written `\\n`',
        )

    def _unclosed_string(self, at: int) -> None:
        """A line ended inside the `{ }` of a string."""
        opener = self.brackets.close_string()
        self.words.reported.append(at)
        self.diagnostics.error(
            "E0103",
            "a string is not closed",
            Span(self.source, self.words.starts[opener], at),
            "`{` in this string has no `}` on this line",
            reason="`{` in a string opens an expression whose value is put there.",
            help="write `\\{` for the character itself",
        )
        self.words.put(self.lexicon.number["STRING_END"], at, at)

    def _said_on_this_line(self, at: int) -> bool:
        reported = self.words.reported
        return bool(reported) and "\n" not in self.text[reported[-1] : at]

    def _foreign(self, start: int, end: int) -> None:
        """A character that no word starts with, with its like beside it. What is no text was reported already."""
        run = _FOREIGN.match(self.text, start, self.limit)
        stop = run.end() if run else end
        span = Span(self.source, start, stop)
        shown = span.shown
        if "\0" not in shown and "\ufffd" not in shown and not self._said_on_this_line(start):
            shown = shown if shown.isprintable() else f"\\x{self.source.data[start]:02x}"
            letters = 'a name with such letters is written in quotes: `"…"`' if shown > "\x7f" else ""
            help = _OTHER_LANGUAGES.get(shown[0], letters)
            shown = shown if len(shown) <= 40 else shown[:39] + "…"
            self.diagnostics.error(
                "E0106", f"`{shown}` has no meaning here", span, "not part of the language", help=help
            )
        self.words.reported.append(start)
        self.words.put(self.lexicon.illegal, start, stop)
        self.position = stop
