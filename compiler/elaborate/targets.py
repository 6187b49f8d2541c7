"""Targets: expressions that point at elements of the lab, as ids.

Enters: an expression where a node, a segment, or one of several sorts is meant. Leaves: ids, or the text of addresses
and prefixes where those may stand. All statements that refer to elements use this; it runs after all are declared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

from ..addresses import Address, Interface, Prefix
from ..source import Span
from ..syntax import tree
from . import operators
from .evaluate import compile_expression
from .references import unknown_name
from .scopes import Scope
from .state import DECLARE, suggest
from .values import POISON, Element, Frame, describe, shown

One = Callable[[Frame], str | None]
Many = Callable[[Frame], list[str] | None]

ENDS = ("zone", "segment", "group", "node")


def compile_one(expression: tree.Expression, scope: Scope, sort: str) -> One:
    """The id of the one element meant; None after a report."""
    look, slow = _look_up(expression, scope, sort), _slow_one(expression, scope, sort)
    if look is None:
        return slow
    return lambda frame: look(frame) or slow(frame)


def _is_variable(name: str, scope: Scope) -> bool:
    return scope.slot(name) is not None or scope.module.cell(name) is not None


def _slow_one(expression: tree.Expression, scope: Scope, sort: str) -> One:
    values, state = _compile_any(expression, scope, (sort,), False, False), scope.state

    def one(frame: Frame) -> str | None:
        found = values(frame)
        if found is None or len(found) == 1:
            return found[0] if found else None
        state.error(
            frame,
            "E0303",
            f"expected one {sort}, found {len(found)}",
            expression.span,
            help="name one, or go through them with `for`",
        )
        return None

    return one


def compile_many(
    expression: tree.Expression, scope: Scope, sorts: Sequence[str], *, addresses: bool = False, prefixes: bool = False
) -> Many:
    """The ids of all elements meant; None after a report. With `addresses`, `prefixes` those stand for themselves."""
    slow = _compile_any(expression, scope, sorts, addresses, prefixes)
    look = _look_up(expression, scope, sorts[0]) if len(sorts) == 1 else None
    if look is None:
        return slow

    def many(frame: Frame) -> list[str] | None:
        found = look(frame)
        return slow(frame) if found is None else [found]

    return many


def _look_up(expression: tree.Expression, scope: Scope, sort: str) -> One | None:
    """`edge` and `leaf[i]` where the base is no variable: one look into a table; None where that does not tell."""
    table = scope.state.tables[sort]
    if isinstance(expression, tree.Reference) and not _is_variable(expression.name, scope):
        key = f"{sort}/{expression.name}"
        return lambda _: key if key in table else None
    if not isinstance(expression, tree.Index) or expression.index is None:
        return None
    base = expression.base
    if not isinstance(base, tree.Reference) or _is_variable(base.name, scope):
        return None
    index, start = compile_expression(expression.index, scope), f"{sort}/{base.name}"

    def indexed(frame: Frame) -> str | None:
        number = index(frame)
        found = table.get(f"{start}{number}") if type(number) is int else None
        return None if found is None else found.id

    return indexed


def _compile_any(
    expression: tree.Expression, scope: Scope, sorts: Sequence[str], addresses: bool, prefixes: bool
) -> Many:
    if isinstance(expression, tree.Reference) and not _is_variable(expression.name, scope):
        return _named(expression, scope, sorts)
    compute, span = compile_expression(expression, scope), expression.span
    target = _Target(scope, span, sorts, addresses, prefixes)

    def many(frame: Frame) -> list[str] | None:
        value = compute(frame)
        return None if value is POISON else target.resolve(frame, value)

    return many


def _named(expression: tree.Reference, scope: Scope, sorts: Sequence[str]) -> Many:
    target, state = _Target(scope, expression.span, sorts, False, False), scope.state
    missing = False  # no turn of a loop and no node of a kind finds what an earlier one did not

    def named(frame: Frame) -> list[str] | None:
        nonlocal missing
        if missing:
            return None
        found = target.element(frame, expression.name)
        missing = found is None and state.phase > DECLARE
        return found

    return named


class _Target:
    """What may stand in one place, and how values become ids there."""

    __slots__ = ("addresses", "prefixes", "scope", "sorts", "span", "state")

    def __init__(self, scope: Scope, span: Span, sorts: Sequence[str], addresses: bool, prefixes: bool) -> None:
        self.scope = scope
        self.state = scope.state
        self.span = span
        self.sorts = sorts
        self.addresses = addresses
        self.prefixes = prefixes

    def resolve(self, frame: Frame, value: Any) -> list[str] | None:
        if type(value) is Element:
            return self.element(frame, value.name, value.sort)
        if type(value) is str:
            return self.element(frame, value)
        if type(value) is list:
            return self._all(frame, value)
        if type(value) is Address and self.addresses:
            return [str(value)]
        if type(value) in (Prefix, Interface) and self.prefixes:
            prefix = operators.prefix_of(self.state, frame, self.span, value)
            return None if prefix is POISON else [str(prefix)]
        self._refuse(frame, value)
        return None

    def _all(self, frame: Frame, values: list[Any]) -> list[str] | None:
        found: list[str] = []
        for value in values:
            ids = self.resolve(frame, value)
            if ids is None:
                return None
            found += ids
        return found

    def element(self, frame: Frame, name: str, sort: str | None = None) -> list[str] | None:
        """The id of the element of that name, of the sorts that may stand here."""
        found = self.state.find(name, self.sorts)
        if sort in found:
            return [f"{sort}/{name}"]
        if len(found) == 1 or (found and found[0] == "zone"):
            return [f"{found[0]}/{name}"]
        if found:
            self._ambiguous(frame, name, found)
        elif not (self.state.is_lost(name, self.span) or self.scope.module.incomplete):
            self._unknown(frame, name)
        return None

    def _ambiguous(self, frame: Frame, name: str, found: list[str]) -> None:
        self.state.error(
            frame,
            "E0325",
            f"`{name}` can mean two things here",
            self.span,
            " and ".join(f"a {sort}" for sort in found),
            help="give one of them another name, or make a zone or group that says which",
        )

    def _unknown(self, frame: Frame, name: str) -> None:
        others = self.state.find(name, ("node", "segment", "zone", "group", "link", "host", "device"))
        if not others:
            self._nothing(frame, name)
            return
        self.state.error(
            frame,
            "E0303",
            f"expected {self._wanted()}, found the {others[0]} `{name}`",
            self.span,
            help=lambda: suggest(name, self.state.names(self.sorts)),
        )

    def _nothing(self, frame: Frame, name: str) -> None:
        if name in self.scope.module.aliases:
            unknown_name(self.scope, frame, name, self.span, list)
            return

        def near() -> str:
            return suggest(name, chain(self.state.names(self.sorts), self.scope.visible()))

        self.state.error(frame, "E0301", f"no {' or '.join(self.sorts)} is called `{name}`", self.span, help=near)

    def _wanted(self) -> str:
        words = [f"a {sort}" for sort in self.sorts]
        words += ["an address"] if self.addresses else []
        words += ["a prefix"] if self.prefixes else []
        return " or ".join(words)

    def _refuse(self, frame: Frame, value: Any) -> None:
        self.state.error(frame, "E0303", f"expected {self._wanted()}, found {describe(value)}", self.span, shown(value))


def compile_list(
    expressions: Sequence[tree.Expression],
    scope: Scope,
    sorts: Sequence[str],
    *,
    addresses: bool = False,
    prefixes: bool = False,
) -> Callable[[Frame], tuple[str, ...]]:
    """The ids of several expressions, without repetition, in the order written; wrong ones are left out."""
    parts = [compile_many(part, scope, sorts, addresses=addresses, prefixes=prefixes) for part in expressions]

    def ids(frame: Frame) -> tuple[str, ...]:
        return tuple(dict.fromkeys(found for part in parts for found in part(frame) or ()))

    return ids
