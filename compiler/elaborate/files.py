"""The statements of a file, each with the phase in which it runs.

Enters: a module. Leaves: what its statements do, one function each. Called by `elaborate` for every module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..source import Span
from ..syntax import tree
from .affinities import compile_affinity, compile_placing
from .blocks import Place, compile_statement
from .gear import compile_device
from .hosts import compile_host
from .imports import Module
from .joints import compile_group, compile_link, compile_segment, compile_zone
from .nodes import compile_node
from .policies import compile_policy
from .pools import compile_pool, compile_uses
from .scopes import Scope
from .scripts import compile_test
from .state import JOIN, JUDGE
from .values import Run

_AT_TOP = (tree.LabHeader, tree.SiteHeader, tree.Import, tree.Param, tree.KindDecl, tree.ServiceDecl)

FILE = Place(
    "here",
    {
        tree.SegmentDecl: compile_segment,
        tree.NodeDecl: compile_node,
        tree.LinkDecl: compile_link,
        tree.GroupDecl: compile_group,
        tree.ZoneDecl: compile_zone,
        tree.PolicyDecl: compile_policy,
        tree.TestDecl: compile_test,
        tree.Affinity: compile_affinity,
        tree.Placing: compile_placing,
        tree.HostDecl: compile_host,
        tree.DeviceDecl: compile_device,
        tree.SwitchDecl: compile_device,
        tree.Pool: compile_pool,
        tree.Uses: compile_uses,
    },
    phases={tree.LinkDecl: JOIN, tree.PolicyDecl: JUDGE, tree.TestDecl: JUDGE, tree.Affinity: JUDGE},
)


def compile_file(module: Module, guard: Callable[[Span, Callable[[], None]], None]) -> Iterator[Run]:
    """The statements of a file one by one, so that each is compiled when the one before has run."""
    scope = Scope(module)
    for statement in module.file.body:
        if isinstance(statement, _AT_TOP):
            continue
        found: list[Run | None] = []

        def work(statement: tree.Statement = statement, found: list[Run | None] = found) -> None:
            found.append(compile_statement(statement, scope, FILE))

        guard(statement.span, work)
        if found and found[0] is not None:
            yield found[0]
