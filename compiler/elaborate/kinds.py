"""Kinds and services as declared: the chain of `extends`, fields, and bodies that run for every node of the kind.

Enters: `kind` and `service` statements of modules. Leaves: `Shape`s, compiled at their first use. `nodes` calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ..diagnostics import Label
from ..quantities import Service
from ..source import Source, Span
from ..syntax import tree
from .blocks import Place, misplaced
from .evaluate import compile_expression, constant
from .scopes import Scope
from .state import suggest
from .types import Type
from .values import Run

if TYPE_CHECKING:
    from .fields import FieldSet, Spec
    from .imports import Module

NODE_FIELDS: dict[str, tuple[Type, object]] = {
    "forward": (Type("bool"), False),
    "bridge": (Type("bool"), False),
    "physical": (Type("bool"), False),
    "probe": (Type("choice", choices=("inside", "beside", "agent")), "inside"),
    "backend": (Type("string"), "netns"),
}


_LONGEST = 100  # kinds that extend each other in a row


class Level(NamedTuple):
    """One kind of a chain: its body, and what a diagnostic inside says about how it came there."""

    kind: Kind
    body: Run | None
    note: str


class Shape(NamedTuple):
    """All that a node needs of its kind. `names`: nearest first. `levels`: base first. `overrides`: conditional settings."""

    names: tuple[str, ...]
    fields: FieldSet
    levels: tuple[Level, ...]
    overrides: tuple[Run, ...]


class Kind:
    """A `kind` statement. Resolved and compiled when a node first uses it, or at the end to find its mistakes."""

    def __init__(self, module: Module, name: str, statement: tree.KindDecl) -> None:
        self.module = module
        self.statement = statement
        self.name = f"{module.name}.{name}" if module.path.startswith("std/") else name

    @property
    def span(self) -> Span:
        return self.statement.name.span

    @cached_property
    def base(self) -> Kind | None:
        """The kind that it extends; None for the built-in `node`, and after a mistake, which is reported once."""
        written = self.statement.base
        if written is None or written.names == ("node",):
            return None
        return find_kind(self.module, written)

    def chain(self) -> list[Kind]:
        """This kind and those that it extends, nearest first. A circle is reported and cut."""
        chain = [self]
        while (base := chain[-1].base) is not None:
            if base in chain:
                self._circle(chain, base)
                break
            if len(chain) == _LONGEST:
                self._too_long()
                break
            chain.append(base)
        return chain

    def _too_long(self) -> None:
        state = self.module.state
        if not state.too_deep:
            state.too_deep = True
            state.error(
                self.module.frame, "E0324", "kinds extend each other too deeply", self.span, f"past {_LONGEST} kinds"
            )

    def _circle(self, chain: list[Kind], base: Kind) -> None:
        circle = chain[chain.index(base) :]
        smallest = min(circle, key=lambda kind: kind.name)
        self.module.state.error(
            smallest.module.frame,
            "E0309",
            f"the kind `{smallest.name}` extends itself",
            smallest.span,
            labels=tuple(
                Label(kind.span, f"`{kind.name}` extends `{kind.statement.base}`")
                for kind in circle
                if kind is not smallest
            ),
            help="a chain of kinds ends at `node`",
        )

    def settle(self) -> None:
        """Compute everything, to find its mistakes also where no node is of this kind."""
        self.shape.fields.check(self.module.frame)

    @cached_property
    def shape(self) -> Shape:
        from .nodes import compile_kind_body  # nodes compiles bodies and asks kinds for shapes

        chain = self.chain()
        specs = node_specs()
        levels, overrides, scope = [], [], node_scope(self.module)
        for kind in reversed(chain):
            scope = _scope_of(kind, scope)
            body, override = compile_kind_body(kind, scope, specs)
            levels.append(Level(kind, body, f"in kind {kind.name}"))
            overrides += [override] if override is not None else []
        fields = _field_set(self, specs)
        if overrides:
            fields.constants = None
        return Shape((*(kind.name for kind in chain), "node"), fields, tuple(levels), tuple(overrides))


def _scope_of(kind: Kind, base: Scope) -> Scope:
    """The fields so far, seen from the module of this kind."""
    scope = Scope(kind.module)
    scope.names, scope.spans, scope.depth = dict(base.names), dict(base.spans), base.depth
    return scope


def _field_set(kind: Kind, specs: dict[str, Spec]) -> FieldSet:
    from .fields import FieldSet

    fields = FieldSet(kind.module.state, specs, f"the kind `{kind.name}`", kind.span)
    fields.settle()
    return fields


def node_scope(module: Module) -> Scope:
    scope = Scope(module)
    for name in NODE_FIELDS:
        scope.add(name)
    return scope


def node_specs() -> dict[str, Spec]:
    """The fields of the built-in kind `node`."""
    from .fields import Spec

    here = Span(_BUILT_IN, 0, 0)
    return {
        name: Spec(name, kind, slot, constant(value), None, here, here, True)
        for slot, (name, (kind, value)) in enumerate(NODE_FIELDS.items(), start=2)
    }


_BUILT_IN = Source("std/node", b"")  # the built-in kind stands in no file


def node_shape(module: Module) -> Shape:
    """The shape of the built-in kind `node`."""
    from .fields import FieldSet

    fields = FieldSet(module.state, node_specs(), "the kind `node`", None)
    fields.settle()
    return Shape(("node",), fields, (), ())


def find_kind(module: Module, written: tree.Dotted) -> Kind | None:
    """A kind by its name as written; reported when there is none."""
    kind = module.kind(written)
    if kind is not None or module.lost(written):
        return kind
    state = module.state
    imported = module.aliases.get(written.names[0]) is not None
    hint = "" if imported or len(written.names) == 1 else f"import its module: `import std.{written.names[0]}`"

    def near() -> str:
        known = [*module.kind_names(), "node"]
        return _in_a_module(written, known) or suggest(str(written), known) or hint

    state.error(module.frame, "E0308", f"unknown kind `{written}`", written.span, help=near)
    return None


def called(written: tree.Dotted | None, module: Module) -> tuple[str, ...]:
    """What a site, which knows no lab, may call nodes of a kind: as the lab writes it, by the name of the file that declares it
    (`juniper.ssg` of juniper.net), and plainly; and so for each kind that it extends. Where the lab writes it plainly, the site may
    put any module before it (`*.ssg`)."""
    kind = module.kind(written) if written is not None else None
    names: list[str] = []
    for each in kind.chain() if kind is not None else ():
        names += _called(each, written)
        written = each.statement.base
    return tuple(dict.fromkeys((*names, "node")))


def _called(kind: Kind, written: tree.Dotted | None) -> Iterator[str]:
    plain = written is None or len(written.names) == 1
    standard = kind.module.path.startswith("std/")  # whose names say their module already
    yield kind.name if plain else str(written)
    yield kind.name
    if not standard:
        yield f"{kind.module.name}.{kind.name}"
        if plain:
            yield f"*.{kind.name}"


def _in_a_module(written: tree.Dotted, known: list[str]) -> str:
    """`host` where only `linux.host` is."""
    full = [name for name in known if name.endswith(f".{written}")]
    return f"did you mean `{full[0]}`?" if len(full) == 1 else ""


_SERVICE = Place("in a service", {})


class ServiceKind:
    """A `service` statement: where it listens and its fields."""

    def __init__(self, module: Module, name: str, statement: tree.ServiceDecl) -> None:
        self.module = module
        self.name = name
        self.statement = statement

    def settle(self) -> None:
        """Compute everything, to find its mistakes also where nobody serves it."""
        _ = self.listens
        self.fields.check(self.module.frame)

    @cached_property
    def listens(self) -> tuple[Service, ...]:
        from .services import listens_of

        scope = Scope(self.module)
        compiled = [compile_expression(expression, scope) for expression in self.statement.listens]
        frame, state = self.module.frame, self.module.state
        found = [
            listens_of(state, frame, compute(frame), expression.span)
            for compute, expression in zip(compiled, self.statement.listens, strict=True)
        ]
        return tuple(service for group in found for service in group)

    @cached_property
    def fields(self) -> FieldSet:
        from .fields import FieldSet, add_field, compile_field

        specs: dict[str, Spec] = {}
        scope = Scope(self.module)
        declared = [statement for statement in self.statement.body if isinstance(statement, tree.Field)]
        for statement in self.statement.body:
            if not isinstance(statement, tree.Field | tree.Broken):
                misplaced(statement, scope, _SERVICE)
        for statement in declared:
            add_field(statement, scope, specs)
        for statement in declared:
            compile_field(statement, scope, specs)
        fields = FieldSet(self.module.state, specs, f"the service `{self.name}`", self.statement.name.span)
        fields.settle()
        return fields
