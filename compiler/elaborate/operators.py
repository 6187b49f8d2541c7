"""Operators on values: arithmetic with units, comparison, ranges, prefixes.

Enters: the values of the operands, none of them POISON unless said. Leaves: a value, or POISON after a report.
`evaluate` calls them where its quick path for ints does not apply.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..addresses import BITS, Address, Interface, Prefix
from ..quantities import Quantity
from ..source import Span
from ..syntax import tree
from .state import State
from .values import POISON, SECRET_MARK, Bounds, Frame, as_prefix, describe, same_form, shown

BOUND = 1 << 128  # no int of a lab is larger than an IPv6 address
TEXT = 1_000_000  # no string of a lab is longer
Operation = Callable[[State, Frame, tree.Binary, Any, Any], object]


# --- Arithmetic --------------------------------------------------------------------------------------------


def _number(value: object) -> bool:
    return type(value) is int or type(value) is float


def _both(a: object, b: object, kind: type) -> bool:
    return type(a) is kind and type(b) is kind


def bounded(state: State, frame: Frame, span: Span, value: Any) -> object:
    """A number within what labc counts with; larger ones are reported."""
    amount = value.amount if type(value) is Quantity else value
    if -BOUND <= amount <= BOUND:
        return value
    return state.error(frame, "E0307", "the number is too large", span, "labc counts up to 2^128")


def bounded_text(state: State, frame: Frame, span: Span, text: str) -> str | None:
    """A string of a sane length; longer ones are reported."""
    if len(text) <= TEXT:
        return text
    state.error(frame, "E0307", "the string is too long", span, f"past {TEXT:,} characters")
    return None


def _mismatch(state: State, frame: Frame, expression: tree.Binary, a: object, b: object) -> object:
    operator = expression.operator
    if _both(a, b, Quantity):
        return state.error(
            frame,
            "E0306",
            f"{describe(a)} and {describe(b)} do not mix",
            expression.span,
            f"{shown(a)} {operator} {shown(b)}",
            reason="units are part of a value; only amounts of one dimension can be added or compared",
        )
    if (type(a) is Quantity and _number(b)) or (type(b) is Quantity and _number(a)):
        unit = describe(a if type(a) is Quantity else b)
        return state.error(
            frame,
            "E0306",
            f"{unit} and a bare number do not mix",
            expression.span,
            f"{shown(a)} {operator} {shown(b)}",
            help="give the number a unit, as in `10ms`",
        )
    return state.error(
        frame,
        "E0303",
        f"`{operator}` does not work on {describe(a)} and {describe(b)}",
        expression.span,
        f"{shown(a)} {operator} {shown(b)}",
    )


def _add(state: State, frame: Frame, expression: tree.Binary, a: Any, b: Any) -> object:
    if _number(a) and _number(b):
        return bounded(state, frame, expression.span, a + b)
    if _both(a, b, Quantity) and a.dimension == b.dimension:
        return bounded(state, frame, expression.span, Quantity(a.dimension, a.amount + b.amount))
    if _both(a, b, str):
        text = bounded_text(state, frame, expression.span, a + b)
        return POISON if text is None else text
    if type(a) in (list, range) and type(b) in (list, range):
        return _joined(state, frame, expression, a, b)
    if _both(a, b, dict):
        return {**a, **b}
    if type(b) is int and type(a) in (Address, Interface):
        return _moved(state, frame, expression, a, b)
    return _mismatch(state, frame, expression, a, b)


def _joined(state: State, frame: Frame, expression: tree.Binary, a: Any, b: Any) -> object:
    state.spend(size(a) + size(b), frame, expression.span)
    return [*a, *b]


def _moved(state: State, frame: Frame, expression: tree.Binary, a: Any, count: int) -> object:
    """ADDRESS + INT, also with a length."""
    try:
        return a + count if type(a) is Address else Interface(a.address + count, a.length)
    except ValueError as error:
        return state.error(frame, "E0307", "the address lies outside its family", expression.span, str(error))


def _subtract(state: State, frame: Frame, expression: tree.Binary, a: Any, b: Any) -> object:
    if _number(a) and _number(b):
        return bounded(state, frame, expression.span, a - b)
    if _both(a, b, Quantity) and a.dimension == b.dimension:
        return Quantity(a.dimension, a.amount - b.amount)
    if type(b) is int and type(a) in (Address, Interface):
        return _moved(state, frame, expression, a, -b)
    if _both(a, b, Address) and a.family == b.family:
        return a.value - b.value
    return _mismatch(state, frame, expression, a, b)


def _multiply(state: State, frame: Frame, expression: tree.Binary, a: Any, b: Any) -> object:
    if type(b) is Quantity:
        a, b = b, a
    if type(a) is Quantity and type(b) is int:
        return bounded(state, frame, expression.span, Quantity(a.dimension, a.amount * b))
    if _number(a) and _number(b):
        return bounded(state, frame, expression.span, a * b)
    return _mismatch(state, frame, expression, a, b)


def _divide(state: State, frame: Frame, expression: tree.Binary, a: Any, b: Any) -> object:
    if type(a) is float or type(b) is float:
        return _divide_floats(state, frame, expression, a, b)
    if _both(a, b, int):
        return _exact(state, frame, expression, a, b)
    if type(a) is Quantity and type(b) is int:
        amount = _exact(state, frame, expression, a.amount, b)
        return amount if amount is POISON else Quantity(a.dimension, amount)  # type: ignore[arg-type]
    if _both(a, b, Quantity) and a.dimension == b.dimension:
        return _exact(state, frame, expression, a.amount, b.amount)
    return _mismatch(state, frame, expression, a, b)


def _divide_floats(state: State, frame: Frame, expression: tree.Binary, a: Any, b: Any) -> object:
    if not (_number(a) and _number(b)):
        return _mismatch(state, frame, expression, a, b)
    return _by_zero(state, frame, expression) if b == 0 else bounded(state, frame, expression.span, a / b)


def _by_zero(state: State, frame: Frame, expression: tree.Binary) -> object:
    return state.error(frame, "E0307", "division by zero", expression.right.span, "this is 0")


def _exact(state: State, frame: Frame, expression: tree.Binary, a: int, b: int) -> object:
    if b == 0:
        return _by_zero(state, frame, expression)
    if a % b == 0:
        return a // b
    return state.error(
        frame,
        "E0307",
        "the division leaves a remainder",
        expression.span,
        f"{a} / {b} is {a // b} and {a % b} over",
        reason="counts in a lab are whole; rounding in silence would hide a mistake",
        help=f"round on purpose: `(x - x % {b}) / {b}`",
    )


def _remainder(state: State, frame: Frame, expression: tree.Binary, a: Any, b: Any) -> object:
    if not _both(a, b, int):
        return _mismatch(state, frame, expression, a, b)
    return _by_zero(state, frame, expression) if b == 0 else a % b


def minus(state: State, frame: Frame, span: Span, value: Any) -> object:
    """`-x`; x may be POISON."""
    if value is POISON:
        return POISON
    if _number(value):
        return -value
    if type(value) is Quantity:
        return Quantity(value.dimension, -value.amount)
    return state.error(frame, "E0303", f"`-` does not work on {describe(value)}", span)


# --- Comparison --------------------------------------------------------------------------------------------


def _comparable(a: object, b: object) -> bool:
    if _number(a) and _number(b):
        return True
    if _both(a, b, Quantity):
        return bool(a.dimension == b.dimension)  # type: ignore[attr-defined]
    return type(a) is type(b) or {type(a), type(b)} <= {list, range} or {type(a), type(b)} <= {Prefix, Interface}


def _equal(state: State, frame: Frame, expression: tree.Binary, a: Any, b: Any) -> object:
    a, b = same_form(a), same_form(b)
    if not _comparable(a, b):
        return _mismatch(state, frame, expression, a, b)
    if type(a) is str and (SECRET_MARK in a or SECRET_MARK in b):
        return no_secret(state, frame, expression.span)
    if {type(a), type(b)} == {list, range}:
        a, b = list(a[: size(b) + 1]), list(b[: size(a) + 1])
    if type(a) in (list, dict):
        _charge(state, frame, expression.span, a)
    return (a == b) if expression.operator == "==" else (a != b)


def _charge(state: State, frame: Frame, span: Span, value: Any) -> None:
    """Count all that a value holds, before Python compares it: forty lists that each hold the one before twice are small to
    keep and endless to walk."""
    stack = [value]
    while stack:
        held = stack.pop()
        state.spend(len(held), frame, span)
        items = held.values() if type(held) is dict else held
        stack += [item for item in items if type(item) in (list, dict)]


def no_secret(state: State, frame: Frame, span: Span) -> object:
    return state.error(
        frame,
        "E0323",
        "a secret cannot be used here",
        span,
        reason="its value is unknown while a lab compiles; only configurations and fields can carry it",
    )


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
}


def _ordered(state: State, frame: Frame, expression: tree.Binary, a: Any, b: Any) -> object:
    if not _comparable(a, b) or not (_number(a) or type(a) in (Quantity, str, Address)):
        return _mismatch(state, frame, expression, a, b)
    return _ORDERS[expression.operator](a, b)


def _member(state: State, frame: Frame, expression: tree.Binary, a: Any, b: Any) -> object:
    if type(b) is Interface:
        b = prefix_of(state, frame, expression.right.span, b)
        if b is POISON:
            return POISON
    if type(b) is Prefix:
        inner = as_prefix(a) or (a.address if type(a) is Interface else a)
        return inner in b if type(inner) in (Address, Prefix) else _mismatch(state, frame, expression, a, b)
    if type(b) is list:
        state.spend(len(b) // 8, frame, expression.span)
        if type(a) in (list, dict):
            _charge(state, frame, expression.span, b)
        return same_form(a) in [same_form(item) for item in b]
    if type(b) is dict or type(b) is range or _both(a, b, str):
        return a in b
    if type(b) is Bounds and _comparable(a, b.low):
        return a in b
    return _mismatch(state, frame, expression, a, b)


# --- Ranges and lists --------------------------------------------------------------------------------------


def size(values: Any) -> int:
    """How many items; `len` refuses ranges past the machine's word."""
    return max(0, values.stop - values.start) if type(values) is range and values.step == 1 else len(values)


def bounds(state: State, frame: Frame, expression: tree.Range, low: Any, high: Any) -> object:
    """`low..high` of other things than ints; either may be POISON."""
    if low is POISON or high is POISON:
        return POISON
    if _comparable(low, high) and (_number(low) or type(low) in (Quantity, Address)):
        return Bounds(low, high)
    return state.error(
        frame,
        "E0303",
        f"no range goes from {describe(low)} to {describe(high)}",
        expression.span,
        "both ends must be of one type",
    )


def items_of(state: State, frame: Frame, span: Span, value: Any) -> Any:
    """What a loop goes through: the items of a list or range, the keys of a map; reported otherwise."""
    if type(value) is list or type(value) is dict:
        return value
    if type(value) is range:
        if size(value) > state.limit:
            state.spend(size(value), frame, span)
        return value
    return state.error(
        frame, "E0303", f"{describe(value)} cannot be gone through", span, "expected a list, a range or a map"
    )


def turns(state: State, frame: Frame, span: Span, value: Any, names: int) -> Any:
    """The turns of a loop with one or more variables, each a tuple."""
    if type(value) is dict and names == 2:
        return list(value.items())
    items = items_of(state, frame, span, value)
    if items is POISON:
        return POISON
    if names == 1:
        return zip(items)  # tuples of one
    if all(type(item) is list and len(item) == names for item in items):
        return items
    return state.error(
        frame,
        "E0303",
        f"the loop has {names} variables, the items are not lists of {names}",
        span,
        help="pair lists with `zip(a, b)`",
    )


def item(state: State, frame: Frame, expression: tree.Index, value: Any, index: Any) -> object:
    """`x[i]`; both may be POISON."""
    if value is POISON or index is POISON:
        return POISON
    assert expression.index is not None  # `x[*]` is asked of items_of
    span = expression.index.span
    if type(value) is dict:
        if type(index) is str and index in value:
            return value[index]
        return state.error(frame, "E0322", f"the map has no key {shown(index)}", span)
    if type(value) not in (list, range):
        return state.error(frame, "E0322", f"{describe(value)} has no items", expression.base.span)
    if type(index) is int:
        return _nth(state, frame, span, value, index)
    indexes = items_of(state, frame, span, index)
    return POISON if indexes is POISON else _several(state, frame, span, value, indexes)


def _several(state: State, frame: Frame, span: Span, value: Any, indexes: Iterable[Any]) -> object:
    found = [_nth(state, frame, span, value, index) for index in indexes]
    return POISON if POISON in found else found


def _nth(state: State, frame: Frame, span: Span, value: Any, index: Any) -> object:
    count = size(value)
    if type(index) is int and -count <= index < count:
        return value[index]
    return state.error(
        frame,
        "E0322",
        f"there is no item {shown(index)}",
        span,
        f"the list has {count}",
        reason="items count from 0; -1 is the last",
    )


# --- Prefixes ----------------------------------------------------------------------------------------------


def prefix_of(state: State, frame: Frame, span: Span, value: Any) -> Any:
    """A prefix without host bits; anything else is reported. POISON passes."""
    if value is POISON:
        return POISON
    prefix = as_prefix(value)
    if prefix is not None:
        return prefix
    if type(value) is Interface:
        return state.error(
            frame,
            "E0305",
            f"host bits are set in {value}",
            span,
            f"the prefix is {value.prefix}",
            help=f"write `{value.prefix}`",
        )
    return state.error(
        frame, "E0303", f"expected a prefix, found {describe(value)}", span, shown(value), help=prefix_of_one(value)
    )


def prefix_of_one(value: Any) -> str:
    """How an address is written where a prefix is wanted; nothing for other values."""
    if type(value) is not Address:
        return ""
    whole = BITS[value.family]
    return f"the prefix of one address is `{value}/{whole}`; computed, it is `PREFIX subnet {whole} at N`"


def int_of(state: State, frame: Frame, span: Span, value: Any) -> Any:
    """An int; anything else is reported. POISON passes."""
    if value is POISON or type(value) is int:
        return value
    return state.error(frame, "E0303", f"expected an int, found {describe(value)}", span, shown(value))


def _host(state: State, frame: Frame, expression: tree.Binary, a: Any, b: Any) -> object:
    prefix = prefix_of(state, frame, expression.left.span, a)
    index = int_of(state, frame, expression.right.span, b)
    if prefix is POISON or index is POISON:
        return POISON
    try:
        return prefix.host(index)
    except ValueError as error:
        return state.error(frame, "E0328", "the prefix has no such address", expression.right.span, str(error))


def subnet(state: State, frame: Frame, expression: tree.Subnet, prefix: Any, length: Any, index: Any) -> object:
    """`PREFIX subnet LENGTH at INDEX`; all may be POISON."""
    prefix = prefix_of(state, frame, expression.prefix.span, prefix)
    length = int_of(state, frame, expression.length.span, length)
    index = int_of(state, frame, expression.index.span, index)
    if prefix is POISON or length is POISON or index is POISON:
        return POISON
    try:
        return prefix.subnet(length, index)
    except ValueError as error:
        return state.error(frame, "E0328", "the prefix has no such subnet", expression.span, str(error))


BINARY: dict[str, Operation] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "%": _remainder,
    "==": _equal,
    "!=": _equal,
    "<": _ordered,
    "<=": _ordered,
    ">": _ordered,
    ">=": _ordered,
    "in": _member,
    "host": _host,
}
