"""Nodes: declared in the first phase, built in the second: fields first, then the bodies of the kinds, then their own.

Enters: `node` statements and the kinds they use. Leaves: `Node`s with all that their bodies say. The Place `NODE` lists
what such a body may say; each thing is compiled in the file named for it.
"""

from __future__ import annotations

from functools import cached_property

from msgspec.structs import replace

from ..ir.lab import Node, NodeId
from ..source import Origin, Source, Span
from ..syntax import tree
from .affinities import compile_affinity
from .blocks import SCRATCH, Place, compile_block
from .configs import compile_config
from .demands import compile_needs, compile_prefers
from .evaluate import compile_expression
from .fields import (
    SETTINGS,
    Settings,
    Spec,
    add_field,
    compile_field,
    compile_settings,
    has_settings,
    is_constant,
    refuse_field,
)
from .kinds import Kind, Shape, called, find_kind, node_shape
from .names import compile_element_name, compile_was
from .ports import compile_port
from .routes import compile_gateway, compile_napt, compile_nat, compile_route
from .scopes import Scope
from .services import compile_serve
from .state import NODE_COST
from .values import Frame, Run

NODE = Place(
    "in a node",
    {
        tree.PortDecl: compile_port,
        tree.Gateway: compile_gateway,
        tree.RouteDecl: compile_route,
        tree.Nat: compile_nat,
        tree.Napt: compile_napt,
        tree.ConfigDecl: compile_config,
        tree.Serve: compile_serve,
        tree.Needs: compile_needs,
        tree.Prefers: compile_prefers,
        tree.Affinity: compile_affinity,
    },
    skipped=frozenset({tree.Assign}),
)


def _nobody() -> Node:
    """For the body of a node whose header could not be read."""
    return Node(NodeId("node/?"), "?", "node", Origin(Span(Source("", b""), 0, 0)))


SCRATCH["node"] = NODE, _nobody
SCRATCH["kind"] = replace(NODE, skipped=NODE.skipped | {tree.Field}), _nobody


class Recipe:
    """One `node` statement, compiled once and built for every turn of the loops around it."""

    def __init__(self, statement: tree.NodeDecl, scope: Scope) -> None:
        self.statement = statement
        self.scope = scope
        self.state = scope.state
        self.at = _header(statement)
        self.shape, self.trusted = _shape_of(statement.kind, scope)
        self.settings = compile_settings(statement.body, scope)
        rest = [part for part in statement.body if type(part) is not tree.Assign]
        self.body: Run | None = compile_block(rest, scope, NODE) if rest else None
        self.deep = any(level.body is not None for level in self.shape.levels)

    def set_fields(self, node: Node, frame: Frame) -> Frame:
        """Compute all fields; leaves the frame in which the kind's bodies run."""
        found: Settings = self.settings([frame[0], node, *frame[2:]]) if self.settings is not None else {}
        if not self.trusted:
            found = {name: value for name, value in found.items() if name in self.shape.fields.specs}
        fields = self.shape.fields
        origin = Origin(self.at, frame[0], self.shape.levels[-1].note) if self.shape.levels else frame[0]
        full = fields.frame([origin, node], found, self.shape.overrides, self.statement.name.span)
        values = node.fields = fields.values(full)
        node.forwards = values.get("forward", False)
        node.bridges = values.get("bridge", False)
        node.physical = values.get("physical", False)
        if node.physical:
            node.called = self.called
        node.probe = values.get("probe", "inside")
        node.backend = values.get("backend", "netns")
        return full

    @cached_property
    def called(self) -> tuple[str, ...]:
        return called(self.statement.kind, self.scope.module)

    def run_bodies(self, node: Node, frame: Frame, full: Frame) -> None:
        """The bodies of the kinds, base first, then the node's own."""
        if self.deep:
            for body, origin in self._levels(full[0]):
                body([origin, *full[1:]])
        if self.body is not None:
            self.body([frame[0], node, *frame[2:]])

    def _levels(self, origin: Origin) -> list[tuple[Run, Origin]]:
        """The bodies with the origin of each: the way from the node's line through the lines that say `extends`."""
        found: list[tuple[Run, Origin]] = []
        nearer: Kind | None = None
        for level in reversed(self.shape.levels):
            if nearer is not None:
                origin = Origin(_extends(nearer), origin, level.note)
            nearer = level.kind
            if level.body is not None:
                found.append((level.body, origin))
        return found[::-1]


def _extends(kind: Kind) -> Span:
    base = kind.statement.base
    return base.span if base is not None else kind.span


class _Building:
    """A node between its declaration and its bodies."""

    __slots__ = ("frame", "full", "node", "recipe")

    def __init__(self, recipe: Recipe, node: Node, frame: Frame) -> None:
        self.recipe = recipe
        self.node = node
        self.frame = frame
        self.full: Frame | None = None

    def fields(self) -> dict[str, object]:
        if self.full is None:
            self.full = self.frame  # a field that asks for itself finds nothing
            self.full = self.recipe.set_fields(self.node, self.frame)
        return self.node.fields

    def body(self) -> None:
        self.fields()
        assert self.full is not None  # fields() sets it
        self.recipe.run_bodies(self.node, self.frame, self.full)
        self.full = None


def compile_node(statement: tree.NodeDecl, scope: Scope) -> Run:
    """Declares the node; its bodies wait for the second phase."""
    state, name_of = scope.state, compile_element_name(statement.name, scope, "node")
    was = compile_was(statement.was, scope)
    recipe = Recipe(statement, scope)
    kind, kinds, at, span = recipe.shape.names[0], recipe.shape.names, recipe.at, statement.name.span
    nodes, builds = state.lab.nodes, state.builds
    written = str(statement.kind) if statement.kind is not None else kind
    shown_kind = kind if recipe.trusted else written

    def declare(frame: Frame) -> None:
        name = name_of(frame)
        if name is None:
            return
        node_id = NodeId(f"node/{name}")
        if not state.once(frame, node_id, span, f"the node `{name}`"):
            return
        state.spend(NODE_COST, frame, span)
        node = Node(node_id, name, shown_kind, Origin(at, frame[0]), kinds)
        if was is not None:
            node.was = was(frame)
        nodes[node_id] = node
        builds.append(_Building(recipe, node, frame))

    return declare


def _header(statement: tree.NodeDecl) -> Span:
    end = statement.was or statement.kind or statement.name
    return Span(statement.span.source, statement.span.start, end.span.end)


def _shape_of(written: tree.Dotted | None, scope: Scope) -> tuple[Shape, bool]:
    """The shape of a kind, and whether it is the one meant: after a mistake it is that of `node`."""
    if written is None or written.names == ("node",):
        return _plain_shape(scope), True
    kind = find_kind(scope.module, written)
    if kind is None:
        return _plain_shape(scope), False
    return kind.shape, True


def _plain_shape(scope: Scope) -> Shape:
    state = scope.state
    if state.plain_shape is None:
        state.plain_shape = node_shape(scope.module)
    return state.plain_shape


# --- Bodies of kinds ---------------------------------------------------------------------------------------


def compile_kind_body(kind: Kind, scope: Scope, specs: dict[str, Spec]) -> tuple[Run | None, Run | None]:
    """Adds the kind's fields and defaults to `specs`; leaves its body and its conditional settings."""
    body = kind.statement.body
    declared = [part for part in body if isinstance(part, tree.Field)]
    for field in declared:
        add_field(field, scope, specs)
    for field in declared:
        compile_field(field, scope, specs)
    for part in body:
        if isinstance(part, tree.Assign):
            _set_default(kind, part, scope, specs)
    rest = [part for part in body if not isinstance(part, tree.Field | tree.Assign)]
    conditional = [part for part in rest if isinstance(part, tree.For | tree.If) and has_settings([part])]
    override = compile_block(conditional, scope, SETTINGS) if conditional else None
    return (compile_block(rest, scope, NODE) if rest else None), override


def _set_default(kind: Kind, statement: tree.Assign, scope: Scope, specs: dict[str, Spec]) -> None:
    """`forward = true` in a kind: another default for a field that it inherits."""
    name, state = statement.name.plain or "", scope.state
    spec = specs.get(name)
    if spec is None:
        refuse_field(state, kind.module.frame, name, statement.name.span, f"the kind `{kind.name}`", specs)
        return
    spec.default = compile_expression(statement.value, scope)
    spec.default_span = statement.value.span
    spec.simple = is_constant(statement.value) and spec.within is None
