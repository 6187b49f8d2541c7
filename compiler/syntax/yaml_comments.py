"""Which comment goes before which statement when a file is written in another spelling.

Enters: a `File`. Leaves: the comments of each statement, and those behind all of them. Called by `yaml_out.py`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from . import tree
from .tree import File, Statement

# No YAML may hold the first of these, and its readers begin a new line at the last.
_NO_YAML = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def placed_comments(file: File) -> tuple[dict[int, tuple[str, ...]], tuple[str, ...]]:
    """Comments by the statement that they go before, and those behind all statements."""
    statements = sorted(_all(file.body), key=lambda statement: (statement.span.start, -statement.span.end))
    starts = [statement.span.start for statement in statements]
    placed: dict[int, tuple[str, ...]] = {}
    rest: list[str] = []
    for comment in file.comments:
        owner = _owner(comment, statements, starts)
        if owner is None:
            rest.append(_shown(comment))
        else:
            placed[id(owner)] = (*placed.get(id(owner), ()), _shown(comment))
    return placed, tuple(rest)


def _shown(comment: tree.Comment) -> str:
    return _NO_YAML.sub("\ufffd", comment.span.shown.rstrip())


def _owner(comment: tree.Comment, statements: list[Statement], starts: list[int]) -> Statement | None:
    """The next statement; for a comment behind something, the statement that begins on its line."""
    at = bisect_left(starts, comment.span.start)
    if not comment.own_line:
        line = comment.span.source.data.rfind(b"\n", 0, comment.span.start) + 1
        first = bisect_left(starts, line)
        if first < at:
            return statements[first]
    return statements[at] if at < len(statements) else None


def _all(statements: Iterable[Statement]) -> Iterator[Statement]:
    """All statements that become items of their own, outer ones first."""
    for statement in statements:
        if not isinstance(statement, tree.Broken):
            yield statement
            for field in statement.__struct_fields__:
                part = getattr(statement, field)
                if isinstance(part, tuple):
                    yield from _all(inner for inner in _flat(part) if isinstance(inner, Statement))


def _flat(part: tuple[object, ...]) -> Iterator[object]:
    """The branches of an `if` are tuples in tuples."""
    for inner in part:
        if type(inner) is tuple:
            yield from _flat(inner)
        else:
            yield inner
