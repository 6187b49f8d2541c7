"""Fields: what a kind, a service or an element lets its user set, and the settings that set them.

Enters: `field NAME: TYPE in … = EXPR` and `NAME = EXPR`. Leaves: for each element all fields with their values,
defaults written out. Called by `kinds`, `services`, `nodes`, and by `attributes_of` for ports, segments and links.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from ..diagnostics import Label
from ..source import Span
from ..syntax import tree
from .blocks import Place, compile_block
from .evaluate import compile_expression
from .scopes import Lazy, Scope
from .state import State, suggest
from .texts import compile_name
from .types import ANY, Type, fitted, stored, type_of, within, written_type
from .values import POISON, Evaluate, Frame, Run


class Setting(NamedTuple):
    """One `name = value`, with the spans of both sides."""

    value: Any
    span: Span
    name: Span


Settings = dict[str, Setting]


class Spec(Struct):
    """One field. `default` None: it must be set. `scope` is where its default and range are read."""

    name: str
    type: Type | None  # None: that of the default
    slot: int
    default: Evaluate | None
    within: Evaluate | None
    span: Span
    default_span: Span
    simple: bool  # the default depends on nothing


def is_constant(expression: tree.Expression | None) -> bool:
    """Whether an expression has one value wherever it stands."""
    if isinstance(expression, tree.ListOf):
        return all(is_constant(item) for item in expression.items)
    if isinstance(expression, tree.MapOf):
        return all(is_constant(value) for _, value in expression.items)
    return isinstance(expression, tree.Literal)


def add_field(statement: tree.Field, scope: Scope, specs: dict[str, Spec]) -> None:
    """Declare a field in the scope of its kind; it gets the next slot."""
    name, state = statement.name.plain, scope.state
    if name is None:
        state.error(None, "E0320", "the name of a field is a plain word", statement.name.span)
        return
    if name in specs:
        state.error(
            None,
            "E0302",
            f"the field `{name}` is declared twice",
            statement.name.span,
            labels=(Label(specs[name].span, "first declared here"),),
            help=f"to change its default write `{name} = …`",
        )
        return
    written = written_type(state, statement.type) if statement.type is not None else None
    span = statement.name.span
    specs[name] = Spec(name, written, scope.add(name, span), None, None, span, span, False)


def compile_field(statement: tree.Field, scope: Scope, specs: Mapping[str, Spec]) -> None:
    """Compile default and range, once all fields are in scope."""
    spec = specs.get(statement.name.plain or "")
    if spec is None or spec.span != statement.name.span:
        return
    if statement.within is not None:
        spec.within = compile_expression(statement.within, scope)
    if statement.default is not None:
        spec.default = compile_expression(statement.default, scope)
        spec.default_span = statement.default.span
        spec.simple = is_constant(statement.default) and (
            statement.within is None or isinstance(statement.within, tree.Range)
        )


def fit_field(state: State, frame: Frame, spec: Spec, value: Any, span: Span) -> Any:
    """A value in the form that the field keeps, or POISON after a report."""
    kind = spec.type
    if kind is None:
        kind = type_of(spec.default(frame)) if spec.default is not None else ANY
    told = span != spec.default_span and bool(spec.span.source.data)  # built-in fields stand nowhere
    labels = (Label(spec.span, "declared here"),) if told else ()
    value = fitted(state, frame, kind, value, span, f"the field `{spec.name}`", labels)
    if value is POISON or spec.within is None:
        return value
    return within(state, frame, value, spec.within(frame), span, f"the field `{spec.name}`", labels)


class FieldSet:
    """The fields of a kind or service, and how an element's values for them are found."""

    def __init__(self, state: State, specs: dict[str, Spec], what: str, span: Span | None) -> None:
        self.state = state
        self.specs = specs
        self.what = what
        self.span = span
        self.constants: list[Any] | None = None

    def settle(self) -> None:
        """Once all specs are compiled: find the values that are the same for every element."""
        if all(spec.simple for spec in self.specs.values()):
            frame: Frame = [None, None]
            self.constants = [self._default(spec, frame) for spec in self.specs.values()]

    def _default(self, spec: Spec, frame: Frame) -> Any:
        assert spec.default is not None  # simple specs have one
        return fit_field(self.state, frame, spec, spec.default(frame), spec.default_span)

    def frame(self, frame: Frame, settings: Settings, overrides: Iterable[Run], at: Span) -> Frame:
        """A frame with all fields in their slots. `frame`: origin and element; `settings`: what its user set;
        `overrides`: the conditional settings of kinds, base first."""
        self._refuse_unknown(frame, settings)
        if not settings and self.constants is not None:
            return [*frame[:2], *self.constants]
        full = [*frame[:2], *([POISON] * len(self.specs))]
        for spec in self.specs.values():
            full[spec.slot] = self._slot(spec, full, settings, at)
        self._override(full, settings, overrides)
        return full

    def _slot(self, spec: Spec, full: Frame, settings: Settings, at: Span) -> Lazy:
        if spec.name in settings:
            value, span, _ = settings[spec.name]
            return Lazy(
                self.state, spec.name, span, lambda frame: fit_field(self.state, frame, spec, value, span), full
            )
        if spec.default is not None:
            return Lazy(self.state, spec.name, spec.default_span, lambda frame: self._default(spec, frame), full)
        return Lazy(self.state, spec.name, spec.span, lambda frame: self._missing(spec, frame, at), full)

    def _missing(self, spec: Spec, frame: Frame, at: Span) -> object:
        return self.state.error(
            frame,
            "E0311",
            f"the field `{spec.name}` is not set",
            at,
            f"{self.what} needs it",
            labels=(Label(spec.span, "has no default"),),
            help=f"write `{spec.name} = …`",
        )

    def _override(self, full: Frame, settings: Settings, overrides: Iterable[Run]) -> None:
        for run in overrides:
            found: Settings = {}
            run([full[0], found, *full[2:]])
            for name, (value, span, _) in found.items():
                spec = self.specs.get(name)
                if spec is not None and name not in settings:
                    full[spec.slot] = fit_field(self.state, full, spec, value, span)

    def _refuse_unknown(self, frame: Frame, settings: Settings) -> None:
        for name, (_, _, span) in settings.items():
            if name not in self.specs:
                refuse_field(self.state, frame, name, span, self.what, self.specs, self.span)

    def check(self, frame: Frame) -> None:
        """Compute all defaults, to find their mistakes also where no element has them."""
        full = [*frame[:2], *([POISON] * len(self.specs))]
        for spec in self.specs.values():
            if spec.default is not None:
                full[spec.slot] = self._slot(spec, full, {}, spec.span)
        self.values(full)

    def values(self, full: Frame) -> dict[str, Any]:
        """All fields with their values."""
        if self.constants is not None and type(full[-1]) is not Lazy and len(full) == 2 + len(self.constants):
            return dict(zip(self.specs, full[2:], strict=True))
        found = {}
        for name, spec in self.specs.items():
            value = full[spec.slot]
            found[name] = value.get() if type(value) is Lazy else value
        return {name: stored(value) for name, value in found.items() if value is not POISON}


def refuse_field(
    state: State, frame: Frame, name: str, span: Span, what: str, known: Iterable[str], declared: Span | None = None
) -> None:
    if state.is_lost(name):
        return

    def near() -> str:
        names = list(known)
        return suggest(name, names) or (
            "it has " + ", ".join(f"`{known}`" for known in names) if names else "it has none"
        )

    state.error(
        frame,
        "E0310",
        f"{what} has no field `{name}`",
        span,
        labels=(Label(declared, "declared here"),) if declared is not None else (),
        help=near,
    )


# --- Settings ----------------------------------------------------------------------------------------------


def _assign(statement: tree.Assign, scope: Scope) -> Run:
    """`name = value` into the Settings that stand in the frame as the element."""
    name_of, value_of = compile_name(statement.name, scope), compile_expression(statement.value, scope)
    state, span, at = scope.state, statement.value.span, statement.name.span

    def assign(frame: Frame) -> None:
        name = name_of(frame)
        if name is None:
            return
        value = value_of(frame)
        if name in frame[1]:
            first = frame[1][name].name
            state.error(frame, "E0302", f"`{name}` is set twice", at, labels=(Label(first, "first set here"),))
            return
        frame[1][name] = Setting(value, span, at)

    return assign


_STATEMENTS = frozenset(
    kind
    for kind in vars(tree).values()
    if isinstance(kind, type)
    and issubclass(kind, tree.Statement)
    and kind not in (tree.Assign, tree.For, tree.If, tree.Let)
)
SETTINGS = Place("here", {tree.Assign: _assign}, skipped=_STATEMENTS)
ONLY_SETTINGS = Place("among settings", {tree.Assign: _assign})


def has_settings(statements: Sequence[tree.Statement]) -> bool:
    """Whether there is a setting among statements or in their loops and conditions."""
    for statement in statements:
        if isinstance(statement, tree.Assign):
            return True
        if isinstance(statement, tree.For) and has_settings(statement.body):
            return True
        if isinstance(statement, tree.If) and any(has_settings(block) for block in blocks_of(statement)):
            return True
    return False


def blocks_of(statement: tree.If) -> list[tuple[tree.Statement, ...]]:
    return [*(body for _, body in statement.branches), statement.otherwise or ()]


def compile_settings(
    statements: Sequence[tree.Statement], scope: Scope, place: Place = SETTINGS
) -> Callable[[Frame], Settings] | None:
    """The settings of a body; None when it has none. Other statements are left to others, or refused (ONLY_SETTINGS)."""
    if not statements or (place is SETTINGS and not has_settings(statements)):
        return None
    run = compile_block(statements, scope, place)

    def settings(frame: Frame) -> Settings:
        found: Settings = {}
        run([frame[0], found, *frame[2:]])
        return found

    return settings


# --- Attributes of built-in elements -----------------------------------------------------------------------


class Attribute(Struct, frozen=True):
    """What a port, segment or link lets one set."""

    type: Type
    within: range | None = None


Attributes = Callable[[Frame], dict[str, Any]]


def compile_attributes(
    statements: Sequence[tree.Statement], scope: Scope, what: str, table: Mapping[str, Attribute]
) -> Attributes | None:
    """The attributes set in a body, checked; None when the body is empty."""
    settings = compile_settings(statements, scope, ONLY_SETTINGS)
    if settings is None:
        return None
    state = scope.state

    def attributes(frame: Frame) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, (value, span, at) in settings(frame).items():
            attribute = table.get(name)
            if attribute is None:
                refuse_field(state, frame, name, at, what, table)
                continue
            kept = fitted(state, frame, attribute.type, value, span, f"`{name}`")
            if attribute.within is not None:
                kept = within(state, frame, kept, attribute.within, span, f"`{name}`")
            if kept is not POISON:
                found[name] = kept
        return found

    return attributes
