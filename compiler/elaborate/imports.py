"""Modules: the files of a lab, what each declares, and what it sees of the others.

Enters: the path of the main file. Leaves: `Module`s with their variables, kinds and services, each file once, in the
order in which they were needed. Called by `elaborate`. Circles of imports are reported.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from ..source import Origin, Source, Span
from ..syntax import read, tree
from . import references  # noqa: F401 - adds names and texts to the expressions
from .evaluate import compile_expression
from .kinds import Kind, ServiceKind
from .lost import remember_lost
from .parameters import parameter
from .scopes import Lazy, Scope
from .state import State, suggest
from .values import Evaluate, Frame

if TYPE_CHECKING:
    from ..lock import Lock

SERVICES = "std/services.net"
_DEEPEST = 100  # files that import each other in a row
STANDARD = ("std.linux", "std.firewall", "std.services")


class Module(Struct, eq=False):
    """One file and its names. `cells` are its variables; `opened` the modules whose names it sees as its own."""

    state: State
    path: str
    name: str
    file: tree.File
    origin: Origin | None
    cells: dict[str, Lazy] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)
    services: dict[str, ServiceKind] = field(default_factory=dict)
    aliases: dict[str, Module | None] = field(default_factory=dict)  # None: could not be read, which was reported
    opened: list[Module] = field(default_factory=list)
    library: Library | None = None
    prefix: str = ""  # before the names of its parameters on the command line: `fw.` where it was imported `as fw`
    incomplete: bool = False  # a file that it opens could not be read, so that names may be missing

    @property
    def frame(self) -> Frame:
        """The frame of the file's own statements."""
        return [self.origin, None]

    def cell(self, name: str) -> Lazy | None:
        """A variable of this file or of one that it opened."""
        for module in (self, *self.opened):
            if name in module.cells:
                return module.cells[name]
        return None

    def variables(self) -> list[str]:
        return [name for module in (self, *self.opened) for name in module.cells]

    def parameters(self) -> list[Lazy]:
        """The variables that are parameters."""
        names = [part.name.plain for part in self.file.body if isinstance(part, tree.Param)]
        return [self.cells[name] for name in dict.fromkeys(names) if name is not None and name in self.cells]

    def kind(self, name: tree.Dotted) -> Kind | None:
        """A kind by its name as written here; None when there is none."""
        for module in self._modules_of(name):
            if name.names[-1] in module.kinds:
                return module.kinds[name.names[-1]]
        return None

    def service(self, name: tree.Dotted) -> ServiceKind | None:
        """A service by its name as written here; those of the standard library need no import."""
        modules = self._modules_of(name)
        if len(name.names) == 1 and self.library is not None:
            modules = [*modules, *self.library.standard_services()]
        for module in modules:
            if name.names[-1] in module.services:
                return module.services[name.names[-1]]
        return None

    def _modules_of(self, name: tree.Dotted) -> list[Module]:
        if len(name.names) == 1:
            return [self, *self.opened]
        module = self.aliases.get(".".join(name.names[:-1]))
        return [module] if module is not None else []

    def lost(self, name: tree.Dotted) -> bool:
        """Whether a name is missing only because of a mistake that was reported already."""
        if self.state.is_lost(name.names[0]) or self.state.is_lost(name.names[-1]):
            return True
        if len(name.names) == 1:
            return self.incomplete
        return name.names[0] in self.aliases and self.aliases[name.names[0]] is None

    def kind_names(self) -> list[str]:
        """All kinds that can be named here."""
        own = [name for module in (self, *self.opened) for name in module.kinds]
        return own + [f"{alias}.{name}" for alias, module in self.aliases.items() if module for name in module.kinds]

    def service_names(self) -> list[str]:
        standard = self.library.standard_services() if self.library is not None else []
        return [name for module in (self, *self.opened, *standard) for name in module.services]


class Library:
    """All modules of one elaboration, by path."""

    def __init__(self, state: State, parameters: Mapping[str, str], lock: Lock | None) -> None:
        self.state = state
        self.parameters = dict(parameters)
        self.lock = lock
        self.modules: dict[str, Module] = {}  # in the order in which they were finished: imported ones first
        self.loading: list[str] = []

    # --- Loading -----------------------------------------------------------------------------------------

    def load(self, path: str, imported: Span | None, origin: Origin | None) -> Module | None:
        """The module at a path; None when it cannot be had, which was reported."""
        if path in self.modules:
            return self.modules[path]
        if path in self.loading:
            self._circle(path, imported, origin)
            return None
        data = self.state.reader.read(path)
        if data is None:
            self._missing(path, imported, origin)
            return None
        if len(self.loading) >= _DEEPEST:
            self.state.error([origin], "E0324", "imports nest too deeply", imported, f"the {_DEEPEST}th file in a row")
            return None
        self.loading.append(path)
        file = read(Source(path, data), self.state.diagnostics)
        module = Module(self.state, path, _stem(path), file, origin, library=self)
        self._declare(module)
        self.loading.pop()
        self.modules[path] = module
        return module

    def standard_services(self) -> list[Module]:
        """The module of the standard services, read at the first need; empty while it is being read itself."""
        if SERVICES in self.loading:
            return []
        module = self.load(SERVICES, None, None)
        return [module] if module is not None else []

    def _circle(self, path: str, imported: Span | None, origin: Origin | None) -> None:
        self.state.error(
            [origin],
            "E0202",
            f"`{path}` imports itself",
            imported,
            "closes the circle",
            reason=" → ".join([*self.loading[self.loading.index(path) :], path]),
            help="move what both need into a third file",
        )

    def _missing(self, path: str, imported: Span | None, origin: Origin | None) -> None:
        if path.startswith("std/"):
            name = "std." + path[4:].removesuffix(".net")
            self.state.error(
                [origin], "E0201", f"there is no module `{name}`", imported, help=lambda: suggest(name, STANDARD)
            )
            return
        name = path.removesuffix(".net")
        self.state.error(
            [origin],
            "E0201",
            f"there is no file `{path}`",
            imported,
            "cannot be read",
            help=f"the standard library has it: `import std.{name}`" if f"std.{name}" in STANDARD else "",
        )

    # --- Declaring ---------------------------------------------------------------------------------------

    def _declare(self, module: Module) -> None:
        for statement in module.file.body:
            if isinstance(statement, tree.Import):
                for item in statement.items:
                    self._import(module, item)
        for statement in module.file.body:
            self._declare_one(module, statement)

    def _declare_one(self, module: Module, statement: tree.Statement) -> None:
        if isinstance(statement, tree.Broken):
            remember_lost(self.state, statement.span)
        elif isinstance(statement, tree.Let):
            self._add_cell(module, statement.name, self._let(module, statement))
        elif isinstance(statement, tree.Param):
            self._add_cell(module, statement.name, parameter(self, module, statement))
        elif isinstance(statement, tree.KindDecl):
            name = self._plain(module, statement.name)
            if name and self._first(module, module.kinds, name, statement.name.span, "kind"):
                module.kinds[name] = Kind(module, name, statement)
        elif isinstance(statement, tree.ServiceDecl):
            name = self._plain(module, statement.name)
            if name and self._first(module, module.services, name, statement.name.span, "service"):
                module.services[name] = ServiceKind(module, name, statement)

    def _let(self, module: Module, statement: tree.Let) -> Lazy:
        scope = Scope(module)
        compute = _later(statement.value, scope)
        return Lazy(self.state, statement.name.plain or "", statement.name.span, compute, module.frame)

    def _add_cell(self, module: Module, name: tree.Name, cell: Lazy) -> None:
        plain = self._plain(module, name)
        if plain and self._first(module, module.cells, plain, name.span, "variable"):
            module.cells[plain] = cell

    def _plain(self, module: Module, name: tree.Name) -> str | None:
        if name.plain is None:
            self.state.error(
                module.frame, "E0320", "the name of a variable, kind or service is a plain word", name.span
            )
        return name.plain

    def _first(self, module: Module, table: dict[str, Any], name: str, span: Span, what: str) -> bool:
        return self.state.once(module.frame, f"{what} {module.path} {name}", span, f"the {what} `{name}`")

    # --- Importing ---------------------------------------------------------------------------------------

    def _import(self, module: Module, item: tree.ImportItem) -> None:
        origin = Origin(item.span, module.origin, "imported here")
        found = [self.load(path, item.span, origin) for path in self._paths_of(module, item)]
        modules = [other for other in found if other is not None]
        alias = item.alias or _default_alias(item)
        if len(modules) < len(found) or not found:
            module.incomplete = module.incomplete or alias is None
        if alias is None:
            module.opened += [other for other in modules if other not in module.opened]
            return
        key = f"alias {module.path} {alias}"
        if self.state.once(module.frame, key, item.span, f"the module name `{alias}`"):
            module.aliases[alias] = self._as_one(modules, item) if modules else None
            for other in modules:
                other.prefix = other.prefix or f"{alias}."

    def _as_one(self, modules: list[Module], item: tree.ImportItem) -> Module:
        """The files of a folder under one name."""
        if len(modules) == 1:
            return modules[0]
        whole = Module(self.state, item.target, "", tree.File(item.span.source, ()), None, library=self)
        for module in modules:
            whole.cells.update(module.cells)
            whole.kinds.update(module.kinds)
            whole.services.update(module.services)
        return whole

    def _paths_of(self, module: Module, item: tree.ImportItem) -> list[str]:
        if item.form == "module":
            return [item.target.replace(".", "/") + ".net"]
        if item.form == "git":
            from .git import pinned_paths  # reads caches, and is rare

            return pinned_paths(self, module, item)
        path = posixpath.normpath(posixpath.join(posixpath.dirname(module.path), item.target))
        return [] if self.state.refuse_outside(module.path, path, module.frame, item.span) else [path]

    def check_parameters(self) -> None:
        """Report values given for parameters that no file of the lab has."""
        known = [
            module.prefix + statement.name.plain
            for module in self.modules.values()
            for statement in module.file.body
            if isinstance(statement, tree.Param) and statement.name.plain is not None
        ]
        for name in self.parameters:
            if name not in known and not self.state.is_lost(name):
                self.state.error(
                    None,
                    "E0312",
                    f"the lab has no parameter `{name}`",
                    None,
                    help=suggest(name, known) or _offer(known),
                )


def _offer(known: Collection[str]) -> str:
    return "it has " + ", ".join(f"`{name}`" for name in known) if known else "it has none"


def _later(expression: tree.Expression, scope: Scope) -> Evaluate:
    """Compiled when first needed, as all names of the file are known only then."""

    def compute(frame: Frame) -> object:
        return compile_expression(expression, scope)(frame)

    return compute


def _stem(path: str) -> str:
    return posixpath.basename(path).rsplit(".", 1)[0]


def _default_alias(item: tree.ImportItem) -> str | None:
    """`linux` for `std.linux`; a path or git import opens its names instead."""
    return item.target.rpartition(".")[2] if item.form == "module" else None
