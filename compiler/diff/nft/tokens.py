"""Words of a rule set, and their nesting.

Enters: text. Leaves: statements, each a list of words and of nested blocks. Called by `parse.py`.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r'#[^\n]*|\\\n|"([^"\n]*)"|([{};,]|\n)|([^\s{};,"#]+)')


class Quoted(str):
    """A text that stood in quotes."""

    __slots__ = ()


class Block(list["Statement"]):
    """What stands between braces, statement by statement."""

    __slots__ = ()


Word = str | Quoted | Block
Statement = list[Word]


class Unclear(Exception):  # noqa: N818  # it is no error of the text: labc does not know the words
    """Something that this reader of rule sets does not know."""


def statements(text: str) -> Block:
    """Raises Unclear for braces that do not match."""
    top = Block([[]])
    stack = [top]
    for found in _TOKEN.finditer(text):
        quoted, mark, word = found.groups()
        if quoted is not None:
            stack[-1][-1].append(Quoted(quoted))
        elif word is not None:
            stack[-1][-1].append(word)
        elif mark is not None:
            _mark(mark, stack)
    if len(stack) != 1:
        raise Unclear("braces that do not match")
    return _whole(top)


def _mark(mark: str, stack: list[Block]) -> None:
    if mark == "{":
        block = Block([[]])
        stack[-1][-1].append(block)
        stack.append(block)
    elif mark == "}":
        closed = stack.pop()
        if not stack:
            raise Unclear("braces that do not match")
        closed[:] = _whole(closed)
        if _opens_a_body(stack[-1][-1]):
            stack[-1].append([])
    elif mark == ",":
        stack[-1][-1].append(",")
    else:
        stack[-1].append([])


def _opens_a_body(statement: Statement) -> bool:
    """`chain x { … }` ends with its brace; `tcp dport { 80 } accept` goes on."""
    return bool(statement) and statement[0] in ("table", "chain", "set", "map", "counter") and len(statement) > 1


def _whole(block: Block) -> Block:
    return Block(each for each in block if each)
