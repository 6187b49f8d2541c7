"""Names of declared elements: computed, and refused where an id, a file or a command line could not carry them.

Enters: a `Name` of the tree. Leaves: its text, or None after a report. Called by all that declares.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..source import Span
from ..syntax import tree
from . import operators
from .scopes import Scope
from .texts import compile_name
from .values import SECRET_MARK, Frame, shown

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}\Z").match
_LOOSE = re.compile(r"[^\s\x00-\x1f\x7f:]{1,63}\Z").match  # ports: GigabitEthernet0/0/1, wan.100
_TITLE = re.compile(r"[^\x00-\x1f\x7f]{1,200}\Z").match

Naming = Callable[[Frame], str | None]


def compile_element_name(name: tree.Name, scope: Scope, what: str, *, loose: bool = False) -> Naming:
    """The name of a node, segment, …; `loose` for ports, whose names come from real gear."""
    build, good, span = compile_name(name, scope), _LOOSE if loose else _NAME, name.span
    plain, beginning = name.plain, name.parts[0]
    if plain is not None and good(plain):
        return build

    def named(frame: Frame) -> str | None:
        text = build(frame)
        if text is None and isinstance(beginning, str):
            scope.state.lost_families.add(beginning)
        if text is None or good(text):
            return text
        _refuse(scope, frame, text, span, what, loose)
        return None

    return named


def _refuse(scope: Scope, frame: Frame, text: str, span: Span, what: str, loose: bool) -> None:
    if SECRET_MARK in text:
        operators.no_secret(scope.state, frame, span)
        return
    allowed = "no blanks and no `:`" if loose else "letters, digits, `_`, `-` and `.`, not starting with `-` or `.`"
    scope.state.error(
        frame, "E0320", f"{shown(text)} cannot be the name of a {what}", span, help=f"use 1 to 63 characters: {allowed}"
    )


def good_title(text: str) -> bool:
    return _TITLE(text) is not None


def compile_was(name: tree.Name | None, scope: Scope) -> Naming | None:
    """The former name of something; None when it has none."""
    return None if name is None else compile_element_name(name, scope, "thing", loose=True)
