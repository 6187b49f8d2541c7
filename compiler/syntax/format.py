"""The formatter: a tree as canonical `.net`, comments and blank lines kept.

Enters: a `File` of either spelling, without errors. Leaves: its text; formatting that again changes nothing. Called by
`labc fmt`. Blocks are indented by two blanks; a block that stood on one line stays there while it fits; every run of
blank lines becomes one. A comment stays behind the statement on whose line it stands, else it goes before the
statement that follows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from ..source import Source, Span
from . import tree
from .spell import BREAK, spell, spell_statement
from .tree import Comment, File, Statement

WIDTH = 120
_INDENT = "  "
_COMMENTS = re.compile(r"#[^\n]*")
_FEW = 2  # A block from YAML with no more statements than this goes on one line.
_ALWAYS_A_BLOCK = (tree.For, tree.PolicyDecl, tree.TestDecl, tree.Repeat)


def format_net(file: File) -> bytes:
    """The text of a file in UTF-8."""
    return _Printer(file).run().encode()


class _Block(Struct):
    """What stands between braces: `head` is written before the `{`, `end` is the offset behind the head."""

    head: str
    end: int
    body: tuple[Statement, ...]


class _Printer:
    def __init__(self, file: File) -> None:
        self.source: Source = file.source
        self.body = file.body
        self.comments = sorted(file.comments, key=lambda comment: comment.span.start)
        self.next = 0
        self.lines: list[str] = []
        self.own = not file.source.path.endswith((".yaml", ".yml"))
        self.last = 0  # Offset behind what was printed last.

    def run(self) -> str:
        self._statements(self.body, "", len(self.source.data))
        self._leading(len(self.source.data) + 1, "")
        return "\n".join(self.lines).strip("\n") + "\n" if self.lines else ""

    # --- Statements

    def _statements(self, body: tuple[Statement, ...], indent: str, end: int) -> None:
        """The statements of a block, and the comments behind the last one, up to the offset `end`."""
        for index, statement in enumerate(body):
            head_end = self._head_end(statement)
            apart = bool(index) and not indent and self._apart(body[index - 1], statement)
            remark = self._comment_before(head_end)
            self._leading(head_end, indent, apart)
            self._blank(statement.span.start, apart and not remark)
            self._statement(statement, indent)
            self._trailing(statement.span.end)
        self._leading(end, indent)

    def _apart(self, before: Statement, this: Statement) -> bool:
        """Whether a statement that came from YAML stands apart from the one before: YAML has no blank lines to keep."""
        if self.own:
            return False
        return type(before) is not type(this) or self._one_line(before, "") is None or self._one_line(this, "") is None

    def _statement(self, statement: Statement, indent: str) -> None:
        if isinstance(statement, tree.Broken):
            self._put(statement.span.shown, indent)
            self.last = statement.span.end
            return
        one_line = self._one_line(statement, indent)
        if one_line is not None:
            self._put(one_line, indent)
            self.last = statement.span.end
            return
        self._open(statement, indent)

    def _open(self, statement: Statement, indent: str) -> None:
        """A statement with its blocks on lines of their own."""
        blocks = list(_blocks(statement))
        for index, block in enumerate(blocks):
            head = f"{block.head} {{"
            if index:
                self.lines[-1] += f" {head}"
            else:
                self._put(head, indent)
            self.last = block.end
            self._trailing(block.end, past_brace=True)
            start = len(self.lines)
            following = blocks[index + 1].end if index + 1 < len(blocks) else statement.span.end
            self._statements(block.body, indent + _INDENT, self._block_end(block, following))
            while len(self.lines) > start and not self.lines[start]:
                del self.lines[start]
            self._put("}", indent)
        self.last = statement.span.end

    def _one_line(self, statement: Statement, indent: str) -> str | None:
        """The statement on one line, or None where its blocks take several."""
        blocks = list(_blocks(statement))
        if not blocks:
            return spell_statement(statement)
        if self._comment_before(statement.span.end) or not self._was_one_line(statement):
            return None
        text = _flat(statement)
        return text if text is not None and len(indent) + len(text) <= WIDTH else None

    def _was_one_line(self, statement: Statement) -> bool:
        source, start, end = statement.span
        if self.own:
            return source.data.find(b"\n", start, end) < 0
        inner = [statement for block in _blocks(statement) for statement in block.body]
        if isinstance(statement, tree.TestDecl | tree.PolicyDecl):
            return False
        return len(inner) <= _FEW and not any(True for statement in inner for _ in _blocks(statement))

    def _block_end(self, block: _Block, limit: int) -> int:
        """Up to which offset comments belong to a block: its `}`, which no record holds."""
        end = block.body[-1].span.end if block.body else block.end
        position = end
        while self.own and position < limit:
            newline = self.source.text.find("\n", position, limit)
            line = self.source.text[position : limit if newline < 0 else newline]
            brace = _COMMENTS.sub("", line).find("}")
            if brace >= 0:
                return position + brace
            if newline < 0:
                break
            position = newline + 1
        return limit

    # --- Lines

    def _put(self, text: str, indent: str) -> None:
        self.lines += _broken(indent + text, indent + 2 * _INDENT)

    def _blank(self, start: int, apart: bool = False) -> None:
        """A blank line where there was one, or several."""
        between = self.source.text[self.last : start] if self.own and self.last <= start else ""
        if self.lines and self.lines[-1] and (apart or _COMMENTS.sub("", between).replace("\r", "").count("\n") > 1):
            self.lines.append("")

    # --- Comments

    def _comment_before(self, offset: int) -> bool:
        return self.next < len(self.comments) and self.comments[self.next].span.start < offset

    def _head_end(self, statement: Statement) -> int:
        """Up to where comments go before the statement: those in the middle of its head, too."""
        first = next(_blocks(statement), None)
        return first.end if first is not None else statement.span.end

    def _leading(self, end: int, indent: str, apart: bool = False) -> None:
        """The comments that start before `end`, each on its own line. `apart`: a blank line before the first."""
        while self._comment_before(end):
            comment = self.comments[self.next]
            self.next += 1
            self._blank(comment.span.start, apart)
            apart = False
            self.lines.append(indent + _shown(comment))
            self.last = comment.span.end

    def _trailing(self, end: int, past_brace: bool = False) -> None:
        """The comment behind what was just printed, on the same line."""
        if self.next >= len(self.comments) or not self.lines:
            return
        comment = self.comments[self.next]
        between = self.source.text[end : comment.span.start]
        if past_brace:
            head, brace, between = between.partition("{")
            if head.strip() or not brace:
                return
        if comment.own_line or comment.span.start < end or "\n" in between or between.strip(" \t\r;"):
            return
        self.next += 1
        self.lines[-1] += f"  {_shown(comment)}"
        self.last = comment.span.end


def _shown(comment: Comment) -> str:
    return comment.span.shown.rstrip()


def _blocks(statement: Statement) -> Iterator[_Block]:
    """The blocks of a statement, each with what is written before its brace."""
    if isinstance(statement, tree.If):
        for index, (test, body) in enumerate(statement.branches):
            yield _Block(f"{'else if' if index else 'if'} {spell(test)}", test.span.end, body)
        if statement.otherwise is not None:
            body = statement.branches[-1][1]
            behind = statement.otherwise[0].span.start if statement.otherwise else statement.span.end
            yield _Block("else", body[-1].span.end if body else behind, statement.otherwise)
        return
    body = statement.rules if isinstance(statement, tree.PolicyDecl) else getattr(statement, "body", ())
    if body or isinstance(statement, _ALWAYS_A_BLOCK):
        yield _Block(spell_statement(statement), _head_end(statement, body), body)


def _head_end(statement: Statement, body: tuple[Statement, ...]) -> int:
    """The offset behind what stands before the `{`: the furthest end among the parts of the statement."""
    ends = [statement.span.start]
    for field in statement.__struct_fields__:
        if field not in ("span", "body", "rules"):
            ends += [span.end for span in _spans(getattr(statement, field))]
    first = body[0].span.start if body else statement.span.end
    return max(end for end in ends if end <= first)


def _spans(value: object) -> Iterator[Span]:
    if isinstance(value, tuple):
        for item in value:
            yield from _spans(item)
    elif hasattr(value, "span"):
        yield value.span


def _flat(statement: Statement) -> str | None:
    """A statement with its blocks on one line; None where a block in it holds no such statement."""
    blocks = list(_blocks(statement))
    if not blocks:
        return spell_statement(statement).replace(BREAK, " ")
    written = []
    for block in blocks:
        inner = [_flat(statement) for statement in block.body]
        if any(text is None for text in inner):
            return None
        body = "; ".join(text for text in inner if text is not None)
        written.append(f"{block.head} {{ {body} }}" if body else f"{block.head} {{}}")
    return " ".join(written).replace(BREAK, " ")


def _broken(text: str, indent: str) -> list[str]:
    """One line, or several where it is too long and has places to break."""
    if len(text) <= WIDTH or BREAK not in text:
        return [text.replace(BREAK, " ")]
    lines = [""]
    for part in text.split(BREAK):
        joined = f"{lines[-1]} {part}" if lines[-1] else part
        if len(joined) > WIDTH and lines[-1]:
            lines.append(indent + part)
        else:
            lines[-1] = joined
    return lines
