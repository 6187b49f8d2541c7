"""The pools of a site, and who draws from them.

Enters: `pool` and `uses` statements. Leaves: `Pool`s in `lab.site`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..addresses import Prefix
from ..ir.lab import Pool
from ..source import Origin, Span
from ..syntax import tree
from . import operators
from .blocks import header
from .evaluate import compile_expression
from .scopes import Scope
from .state import suggest
from .texts import compile_name
from .values import POISON, Frame, Run, describe, shown

_KNOWN = ("vni", "vlan", "links")
_POOLS = {"vni": range(1, 1 << 24), "vlan": range(1, 4095)}  # RFC 7348; IEEE 802.1Q


def compile_pool(statement: tree.Pool, scope: Scope) -> Run:
    name_of = compile_name(statement.name, scope)
    plain = statement.name.plain or ""
    ranges, span = _compile_ranges(plain, statement.ranges, scope), header(statement)
    reserved = _compile_ranges(plain, statement.reserved, scope)

    def pool(frame: Frame) -> None:
        name = name_of(frame)
        if name is not None and _is_known(scope, frame, name, statement.name.span):
            scope.state.lab.site.pools.append(
                Pool(name, ranges(frame), Origin(span, frame[0]), reserved=reserved(frame))
            )

    return pool


def compile_uses(statement: tree.Uses, scope: Scope) -> Run:
    lab_of = compile_name(statement.lab, scope) if statement.lab is not None else None
    ranges, span = _compile_ranges(statement.pool, statement.ranges, scope), header(statement)

    def uses(frame: Frame) -> None:
        if not _is_known(scope, frame, statement.pool, statement.span):
            return
        lab = lab_of(frame) if lab_of is not None else None
        pool = Pool(statement.pool, ranges(frame), Origin(span, frame[0]), lab, instances=lab_of is None)
        scope.state.lab.site.pools.append(pool)

    return uses


def _is_known(scope: Scope, frame: Frame, name: str, span: Span) -> bool:
    if name in _KNOWN:
        return True
    help = suggest(name, _KNOWN) or "labs draw from `vni`, `vlan` and `links`"
    scope.state.error(frame, "E0362", f"no pool is called `{name}`", span, "nothing draws from it", help=help)
    return False


Ranges = Callable[[Frame], tuple[tuple[int, int] | Prefix, ...]]


def _compile_ranges(pool: str, expressions: Sequence[tree.Expression], scope: Scope) -> Ranges:
    compiled = [(compile_expression(item, scope), item.span) for item in expressions]
    allowed = _POOLS.get(pool)

    def ranges(frame: Frame) -> tuple[tuple[int, int] | Prefix, ...]:
        found = [_range_of(scope, frame, pool, allowed, compute(frame), span) for compute, span in compiled]
        return tuple(item for item in found if item is not None)

    return ranges


def _range_of(
    scope: Scope, frame: Frame, pool: str, allowed: range | None, value: Any, span: Span
) -> tuple[int, int] | Prefix | None:
    """Ids come in ranges, addresses in prefixes."""
    if value is POISON:
        return None
    if allowed is None and type(value) not in (int, range):
        prefix = operators.prefix_of(scope.state, frame, span, value)
        return None if prefix is POISON else prefix
    if type(value) is int:
        value = range(value, value + 1)
    if type(value) is not range:
        scope.state.error(
            frame, "E0303", f"expected a range, found {describe(value)}", span, help=f"write `pool {pool} 100..199`"
        )
        return None
    if not operators.size(value) or (
        allowed is not None and not (value.start in allowed and value.stop - 1 in allowed)
    ):
        bounds = f"{shown(allowed)} is allowed" if allowed is not None else "it is empty"
        scope.state.error(frame, "E0304", f"the range of the pool `{pool}` is out of range", span, bounds)
        return None
    return value.start, value.stop - 1
