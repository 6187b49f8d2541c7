"""Types of parameters and fields: what a value must be, and the form in which it is kept.

Enters: a `TypeName` of the tree. Leaves: a `Type`; `fit` turns a value into the form kept, or says why it does not fit.
Parameters, fields of kinds and services, and the attributes of ports, segments and links are checked here.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from ..addresses import Address, Interface, Mac, Prefix
from ..diagnostics import Label
from ..ir.lab import Secret
from ..quantities import Quantity, Service
from ..source import Span
from ..syntax import tree
from . import operators
from .state import Help, State, suggest
from .values import POISON, SECRET_MARK, Bounds, Element, Frame, as_prefix, describe, shown

_PLAIN: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "float": (float, int),
    "string": (str, Secret),
    "address": (Address,),
    "mac": (Mac,),
    "service": (Service,),
}
_DIMENSIONS = ("duration", "rate", "size", "ratio")


class Type(Struct, frozen=True):
    """`int`, `list[string]`, `"a" | "b"`."""

    name: str
    arguments: tuple[Type, ...] = ()
    choices: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.choices:
            return " | ".join(f'"{choice}"' for choice in self.choices)
        return f"{self.name}[{', '.join(map(str, self.arguments))}]" if self.arguments else self.name


ANY = Type("any")


def written_type(state: State, written: tree.TypeName) -> Type:
    """The type as written; `any` after a report."""
    if written.choices:
        return Type(written.name, (), written.choices)
    if written.name not in TYPE_NAMES:
        state.error(
            None,
            "E0333",
            f"unknown type `{written.name}`",
            written.span,
            help=lambda: suggest(written.name, TYPE_NAMES),
        )
        return ANY
    return Type(written.name, tuple(written_type(state, argument) for argument in written.arguments))


def type_of(default: object) -> Type:
    """The type of a default value, where none is written."""
    if isinstance(default, Quantity):
        return Type(default.dimension)
    if isinstance(default, Interface | Prefix):
        return Type("prefix")
    for name, (form, *_) in _PLAIN.items():
        if type(default) is form:
            return Type(name)
    return ANY


class MisfitError(ValueError):
    """Why a value is not of a type; caught by `fitted`, which reports it."""

    def __init__(self, reason: str, code: str = "E0303", help: Help = "") -> None:
        super().__init__(reason)
        self.code = code
        self.help = help


def fit(state: State, frame: Frame, kind: Type, value: Any, span: Span) -> Any:
    """The value in the form in which it is kept. Raises MisfitError."""
    if kind.choices:
        return _choice(kind, value)
    plain = _PLAIN.get(kind.name)
    if plain is not None:
        if type(value) in plain:
            return value
        raise MisfitError(_hint(kind, value))
    if kind.name in _DIMENSIONS:
        if type(value) is Quantity and value.dimension == kind.name:
            return value
        raise MisfitError(_hint(kind, value), help=_UNIT_HELP[kind.name] if type(value) in (int, float) else "")
    return _STRUCTURED[kind.name](state, frame, kind, value, span)


_UNIT_HELP = {
    "duration": "give it a unit: `10ms`, `2s`",
    "rate": "give it a unit: `10Mbps`",
    "size": "give it a unit: `256MiB`",
    "ratio": "give it a unit: `5%`",
}


def _hint(kind: Type, value: object) -> str:
    return f"expected {kind}, found {describe(value)}"


def _choice(kind: Type, value: Any) -> str:
    if type(value) is str and value in kind.choices:
        return value
    if type(value) is str:
        raise MisfitError(f"{shown(value)} is not one of {kind}", "E0304", lambda: suggest(value, kind.choices))
    raise MisfitError(_hint(kind, value))


def _prefix(_state: State, _frame: Frame, kind: Type, value: Any, _span: Span) -> Prefix:
    prefix = as_prefix(value)
    if prefix is not None:
        return prefix
    if type(value) is Interface:
        raise MisfitError(f"host bits are set in {value}", "E0305", f"write `{value.prefix}`")
    raise MisfitError(_hint(kind, value), help=operators.prefix_of_one(value))


def _element(state: State, _frame: Frame, kind: Type, value: Any, _span: Span) -> Element:
    if type(value) not in (Element, str):
        raise MisfitError(_hint(kind, value))
    name = value.name if type(value) is Element else value
    if not state.find(name, (kind.name,)):
        raise MisfitError(
            f"no {kind.name} is called `{name}`", "E0301", lambda: suggest(name, state.names((kind.name,)))
        )
    return Element(name, kind.name)


def _list(state: State, frame: Frame, kind: Type, value: Any, span: Span) -> list[Any]:
    if type(value) not in (list, range):
        raise MisfitError(_hint(kind, value), help="write it in brackets: `[…]`")
    state.spend(operators.size(value), frame, span)
    inner = kind.arguments[0] if kind.arguments else ANY
    return [fit(state, frame, inner, item, span) for item in value]


def _map(state: State, frame: Frame, kind: Type, value: Any, span: Span) -> dict[str, Any]:
    if type(value) is not dict:
        raise MisfitError(_hint(kind, value), help="write it in braces: `{ name: value }`")
    state.spend(len(value), frame, span)
    inner = kind.arguments[-1] if kind.arguments else ANY
    return {key: fit(state, frame, inner, item, span) for key, item in value.items()}


def _any(state: State, frame: Frame, kind: Type, value: Any, span: Span) -> Any:
    if type(value) in (list, range):
        return _list(state, frame, ANY, value, span)
    if type(value) is dict:
        return _map(state, frame, ANY, value, span)
    if type(value) is Element:
        sorts = state.find(value.name, ("node", "segment", "zone", "group"))
        return Element(value.name, value.sort or (sorts[0] if sorts else "node"))
    if type(value) is Bounds:
        raise MisfitError(_hint(kind, value))
    return as_prefix(value) or value if type(value) is Interface else value


_STRUCTURED = {"prefix": _prefix, "node": _element, "segment": _element, "list": _list, "map": _map, "any": _any}
TYPE_NAMES = (*_PLAIN, *_DIMENSIONS, *_STRUCTURED)


def stored(value: Any) -> Any:
    """A value as records of the lab hold it: elements by their ids."""
    if type(value) is Element:
        return f"{value.sort}/{value.name}"
    if type(value) is list:
        return [stored(item) for item in value]
    if type(value) is dict:
        return {key: stored(item) for key, item in value.items()}
    return value


def fitted(
    state: State, frame: Frame, kind: Type, value: Any, span: Span, what: str, labels: tuple[Label, ...] = ()
) -> Any:
    """The value in the form in which it is kept, or POISON after a report. POISON passes."""
    if value is POISON:
        return POISON
    try:
        return fit(state, frame, kind, value, span)
    except MisfitError as misfit:
        text = "" if type(value) is str and SECRET_MARK in value else shown(value)
        return state.error(frame, misfit.code, f"{what}: {misfit}", span, text, labels=labels, help=misfit.help)


def within(
    state: State, frame: Frame, value: Any, allowed: Any, span: Span, what: str, labels: tuple[Label, ...] = ()
) -> Any:
    """The value where it lies in a range or list, else POISON after a report. Both may be POISON."""
    if value is POISON or allowed is POISON:
        return value
    try:
        inside = type(allowed) in (list, range, Bounds) and value in allowed
    except TypeError:  # a range of amounts asked about something else
        inside = False
    if inside:
        return value
    return state.error(
        frame, "E0304", f"{what} is out of range", span, f"{shown(value)} is not in {shown(allowed)}", labels=labels
    )
