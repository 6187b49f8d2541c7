"""From syntax trees to a flat lab: parameters, loops, kinds and modules are worked off, names become ids.

Enters: the path of the main file, a reader, parameters as text. Leaves: a `Lab`, and diagnostics. The pipeline calls it as
its first step. In this folder:

    reader, imports, git, git_cache, files             where texts come from; modules and what they see of each other
    values, operators, functions                       what can be computed
    evaluate, references, texts, scopes                expressions, as closures over frames of variables
    types, parameters, fields, kinds, services         what values must be, and who says them
    blocks, state, lost, unread                        loops and conditions, the phases, mistakes and what follows from them
    names, targets                                     what is declared is called; who is meant by a name
    nodes, ports, routes, configs, demands, affinities a node, what its body says and where it shall stand
    hosts, gear, pools, site_values                    the site file
    joints, policies, scripts, checks, things          all else, each statement into its records
    renames                                            former names that lead nowhere
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from ..diagnostics import Diagnostics
from ..ir.lab import Lab
from ..source import Origin, Source, Span
from ..syntax import tree
from .reader import Reader
from .state import BUILD, JOIN, JUDGE, State, TooLargeError

if TYPE_CHECKING:
    from ..lock import Lock
    from .imports import Library, Module

__all__ = ["elaborate"]


def elaborate(
    main: str,
    reader: Reader,
    parameters: Mapping[str, str],
    diagnostics: Diagnostics,
    lock: Lock | None = None,
    *,
    site: bool = False,
) -> Lab | None:
    """The lab that a file describes; with `site`, the file may be a site alone, which names no lab. None when the file cannot be read or expands past all bounds; after other mistakes, what could be made."""
    from .imports import Library

    path = posixpath.normpath(main)
    start = Span(Source(path, b""), 0, 0)
    lab = Lab(posixpath.basename(path).rsplit(".", 1)[0], Origin(start))
    state = State(lab, reader, diagnostics)
    library = Library(state, parameters, lock)
    module = library.load(path, None, None)
    if module is None:
        return None
    _name_lab(state, module, named=not site)
    _name_site(state, library)
    try:
        _run(state, library)
    except TooLargeError:  # reported; the passes shall not walk what was too much already
        return None
    return lab


def _run(state: State, library: Library) -> None:
    """The four phases, over all files."""
    from ..site.checks import check_site
    from .files import compile_file
    from .gear import check_gear
    from .joints import check_zones
    from .ports import check_over
    from .renames import check_renames

    for cell in [cell for module in library.modules.values() for cell in module.parameters()]:
        _guard(state, cell.get, cell.span)
    library.check_parameters()
    for module in list(library.modules.values()):
        for run in compile_file(module, lambda span, work: _guard(state, work, span)):
            _guard(state, partial(run, module.frame))
    _decide(state)
    state.phase = BUILD
    for resolve in list(state.unresolved.values()):
        _guard(state, resolve)
    for build in state.builds:
        _guard(state, build.fields)
    for build in state.builds:
        build.body()
    _drain(state, BUILD)
    check_over(state)
    for phase in (JOIN, JUDGE):
        state.phase = phase
        _drain(state, phase)
    check_zones(state)
    check_renames(state)
    if check_gear(state):
        check_site(state.lab.site, state.diagnostics)
    _finish(state, library)


def _drain(state: State, phase: int) -> None:
    for run, frame in state.queues[phase]:
        _guard(state, partial(run, frame))


def _guard(state: State, work: Callable[[], object], span: Span | None = None) -> None:
    """Do a piece of work; a text that nests deeper than Python can follow is a mistake of the text."""
    try:
        work()
    except RecursionError:
        if state.too_deep:
            return
        state.too_deep = True
        state.error(None, "E0324", "the text nests too deeply", span, help="split it with `let`")


def _decide(state: State) -> None:
    """Names met while elements were being declared: an element, which comes too early there, or nothing at all."""
    from .references import too_early

    for scope, name, span, frame in state.undecided:
        too_early(scope, name, span, frame)


def _finish(state: State, library: Library) -> None:
    """Look at what nobody used: variables, kinds and services may be wrong all the same."""
    for module in list(library.modules.values()):
        if module.path.startswith("std/"):
            continue
        for cell in module.cells.values():
            _guard(state, cell.get, cell.span)
        for kind in module.kinds.values():
            _guard(state, kind.settle, kind.span)
        for service in module.services.values():
            _guard(state, service.settle, service.statement.name.span)


def _name_lab(state: State, module: Module, *, named: bool) -> None:
    """The header of the main file names the lab; `named`: it has to."""
    from .names import compile_element_name
    from .scopes import Scope

    headers = [statement for statement in module.file.body if isinstance(statement, tree.LabHeader)]
    lab, source = state.lab, module.file.source
    if not headers:
        if named:
            _no_header(state, module)
        return
    if len(headers) > 1:
        state.once([None], "lab", headers[0].span, "the lab")
        state.once([None], "lab", headers[1].span, "the lab")
    name_of = compile_element_name(headers[0].name, Scope(module), "lab")
    lab.name = name_of(module.frame) or lab.name
    lab.origin = Origin(Span(source, headers[0].span.start, headers[0].span.end))


def _name_site(state: State, library: Library) -> None:
    for module in library.modules.values():
        for statement in module.file.body:
            if isinstance(statement, tree.SiteHeader) and statement.name.plain is not None:
                state.lab.site.name = statement.name.plain
                return


def _no_header(state: State, module: Module) -> None:
    source = module.file.source
    site = any(isinstance(statement, tree.SiteHeader) for statement in module.file.body)
    broken = any(
        isinstance(statement, tree.Broken) and b"lab" in source.data[statement.span.start : statement.span.end]
        for statement in module.file.body
    )
    if broken:
        return
    colon = ":" if source.path.endswith((".yaml", ".yml")) else ""
    state.error(
        None,
        "E0327",
        "this is a site file, not a lab" if site else "the lab has no name",
        Span(source, 0, min(len(source.data), len(source.line(1).encode()))),
        "",
        help='labs import site files: `import "site.net"`; `labc check` takes a site alone'
        if site
        else f"begin with `lab{colon} {state.lab.name}`",
    )
