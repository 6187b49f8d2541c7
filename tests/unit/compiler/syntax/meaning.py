"""What a tree says, without where and in which order of sections it says it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from labc.compiler.syntax import tree

ORDERED = (tree.PolicyDecl, tree.TestDecl, tree.Repeat)


def meaning(file: tree.File) -> Any:
    """Two files of either spelling are equal in this when they say the same."""
    return body(file.body, ordered=False)


def body(statements: tuple[tree.Statement, ...], *, ordered: bool) -> list[Any]:
    shown = [said for statement in statements for said in parts(statement, ordered)]
    return shown if ordered else sorted(shown, key=repr)


def parts(statement: tree.Statement, ordered: bool) -> list[Any]:
    """Statements that are one or several in another spelling: imports and needs item by item."""
    if isinstance(statement, tree.Import):
        return [("import", plain(item, ordered)) for item in statement.items]
    if isinstance(statement, tree.Needs):
        return [("needs", plain(demand, ordered)) for demand in statement.demands]
    return [plain(statement, ordered)]


def plain(value: Any, ordered: bool) -> Any:
    if isinstance(value, tree.If):
        blocks = [(plain(test, ordered), body(block, ordered=ordered)) for test, block in value.branches]
        return ("If", blocks, None if value.otherwise is None else body(value.otherwise, ordered=ordered))
    if type(value) is tuple:
        if value and all(isinstance(item, tree.Statement) for item in value):
            return body(value, ordered=ordered)
        return [plain(item, ordered) for item in value]
    if isinstance(value, Struct):
        inner = ordered or isinstance(value, ORDERED)
        kept = [field for field in value.__struct_fields__ if field != "span"]
        return (type(value).__name__, *(plain(getattr(value, name), inner) for name in kept))
    return value
