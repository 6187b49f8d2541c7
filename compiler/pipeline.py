"""The compiler on one page: sources → lab → plan.

Enters: the name of the main file, a reader for files, parameters. Leaves: a `Compiled`. Called by the command line,
by `labc.compile` and by the tests. Pure: it reads through the reader and touches nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from .collector import collector_off
from .diagnostics import Diagnostics
from .ir.held import held_by
from .ir.lab import Lab
from .passes.manager import Observer, Run

if TYPE_CHECKING:
    from .elaborate.reader import Reader
    from .lock import Lock


class Step(NamedTuple):
    """A step of the compiler and why it stands where it does. `gate`: a lab with mistakes goes no further."""

    name: str
    reason: str
    gate: bool = False


STEPS: tuple[Step, ...] = (
    Step("expand", "parameters, loops, kinds and modules become a flat lab; names, types and ranges hold from here on"),
    Step(
        "segments", "links get segments, segments join through bridging nodes: who hears whom comes before any address"
    ),
    Step("addresses", "prefixes, addresses and MACs, next hops and translations: what everything later compares"),
    Step("check", "mistakes of design, all in one run; nothing is rendered from a lab that holds one", gate=True),
    Step("bind", "nodes that are real gear find their devices, whose NICs are fixed points for placement", gate=True),
    Step("placement", "nodes find hosts; segments and bindings say what a cut costs", gate=True),
    Step("overlays", "segments that cross hosts get VNIs, and the MTU that is left after encapsulation", gate=True),
    Step("configs", "templates see the finished addresses"),
    Step("tests", "policies become cases; denies probe the constants of the rendered configurations"),
    Step("schedule", "resources and what each needs first: the plan's graph"),
    Step("plan", "the lab's resources and cases as canonical bytes, and the map of where they came from"),
)
NAMES = tuple(step.name for step in STEPS)
_PASSES = STEPS[1:-1]


class Compiled(Struct):
    """What came out. `plan` and `map` are None when there are errors or the compiler was told to stop earlier.
    `timings`: seconds by step, in order. `printed`: the lab's text after the steps asked for."""

    lab: Lab | None
    diagnostics: Diagnostics
    plan: bytes | None = None
    map: bytes | None = None
    timings: dict[str, float] = field(default_factory=dict)
    printed: dict[str, str] = field(default_factory=dict)


def compile_lab(
    main: str,
    reader: Reader,
    parameters: Mapping[str, str] | None = None,
    *,
    lock: Lock | None = None,
    verify: bool = False,
    stop_after: str | None = None,
    print_after: Collection[str] | str | None = None,
    observer: Observer | None = None,
) -> Compiled:
    """Compiles one lab. Raises ValueError when `stop_after` or `print_after` name no step."""
    wanted = (print_after,) if isinstance(print_after, str) else tuple(print_after or ())
    for name in (*wanted, *((stop_after,) if stop_after else ())):
        _known(name)
    run = Run(verify, wanted, observer)
    diagnostics = Diagnostics()
    with collector_off():
        lab = _expand(main, reader, parameters or {}, lock, diagnostics, run)
        compiled = Compiled(lab, diagnostics, timings=run.timings, printed=run.printed)
        if lab is not None and stop_after != "expand" and _is_walkable(lab, diagnostics):
            _compile(compiled, lab, run, stop_after)
    return compiled


def compile_site(main: str, reader: Reader, parameters: Mapping[str, str] | None = None) -> Compiled:
    """A site file alone, without a lab that runs on it: `Compiled.lab` holds nothing but the site."""
    from .elaborate import elaborate

    diagnostics = Diagnostics()
    with collector_off():
        return Compiled(elaborate(main, reader, parameters or {}, diagnostics, site=True), diagnostics)


def _expand(
    main: str, reader: Reader, parameters: Mapping[str, str], lock: Lock | None, diagnostics: Diagnostics, run: Run
) -> Lab | None:
    from .elaborate import elaborate  # loads the parser, which a caller that only wants the step names does not need

    started = perf_counter()
    lab = elaborate(main, reader, parameters, diagnostics, lock)
    if lab is not None:
        if lock is not None:
            lab.held = held_by(lock, lab, diagnostics)
        run.done("expand", lab, started)
    return lab


def _compile(compiled: Compiled, lab: Lab, run: Run, stop_after: str | None) -> None:
    for step in _PASSES:
        lab = compiled.lab = run.apply(step.name, lab, compiled.diagnostics)
        if step.name == stop_after or (step.gate and compiled.diagnostics.failed):
            return
    if not compiled.diagnostics.failed:
        _write(compiled, lab, run)


def _is_walkable(lab: Lab, diagnostics: Diagnostics) -> bool:
    """A lab with mistakes goes through the passes up to `check`, so that all of them come out in one run; unless
    what is left of it breaks the IR's contract."""
    if not diagnostics.failed:
        return True
    from .ir.verify import verify  # only for labs with mistakes

    return not verify(lab, after="expand")


def _write(compiled: Compiled, lab: Lab, run: Run) -> None:
    from .plan.map import write_map
    from .plan.write import write_plan

    started = perf_counter()
    compiled.plan = write_plan(lab)
    compiled.map = write_map(lab)
    run.done("plan", lab, started)


def _known(name: str) -> None:
    if name not in NAMES:
        raise ValueError(f"no step is called `{name}`; the steps are {', '.join(NAMES)}")
