"""Blocks of statements become closures: loops, conditionals, local variables, and what may stand where.

Enters: statements, the scope around them, and the `Place` (a file, a node, a policy, …) that says how each statement is
compiled there. Leaves: one function that runs the block on a frame. Every file that lowers statements declares a Place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from ..source import Origin, Span
from ..syntax import tree
from . import operators
from .evaluate import as_bool, compile_expression
from .lost import remember_lost
from .scopes import Lazy, Scope
from .state import DECLARE, JUDGE, State
from .values import POISON, Evaluate, Frame, Run, shown

Compile = Callable[[Any, Scope], Run]

# For the block behind a header that could not be read: what stands in it, and an element to try it on, by the header's
# first word. The files that declare Places fill this.
SCRATCH: dict[str, tuple[Any, Callable[[], object]]] = {}  # Any: a Place, declared below


class Place(Struct):
    """Where statements stand. `said`: "in a node". `phases`: statements that must wait for a later phase.
    `skipped`: statements that are dealt with elsewhere and are no mistake here."""

    said: str
    compilers: Mapping[type, Compile]
    phases: Mapping[type, int] = field(default_factory=dict)
    skipped: frozenset[type] = frozenset()


def compile_block(statements: Sequence[tree.Statement], scope: Scope, place: Place) -> Run:
    """The closure of a block. A block with variables of its own works on a longer copy of the frame."""
    lets = [statement for statement in statements if isinstance(statement, tree.Let)]
    inner = Scope(scope.module, scope) if lets else scope
    for let in lets:
        _declare_let(let, inner)
    runs = [run for statement in statements if (run := compile_statement(statement, inner, place)) is not None]
    if not lets:
        return runs[0] if len(runs) == 1 else _sequence(runs)
    return _with_lets(lets, runs, scope.depth, inner)


def _sequence(runs: list[Run]) -> Run:
    def sequence(frame: Frame) -> None:
        for run in runs:
            run(frame)

    return sequence


def _declare_let(let: tree.Let, scope: Scope) -> None:
    name = let.name.plain
    if name is None:
        scope.state.error(None, "E0320", "the name of a variable is a plain word", let.name.span)
        return
    if name in scope.names:
        first = f"variable {let.name.span.source.path} {let.name.span.start}"
        scope.state.first[first] = scope.spans[name]
        scope.state.once([None], first, let.name.span, f"the variable `{name}`")
        return
    scope.add(name, let.name.span)


def _with_lets(lets: list[tree.Let], runs: list[Run], depth: int, scope: Scope) -> Run:
    state = scope.state
    computed = [
        (let.name.plain, let.name.span, scope.names[let.name.plain], compile_expression(let.value, scope))
        for let in lets
        if let.name.plain in scope.names and scope.spans.get(let.name.plain) == let.name.span
    ]

    def block(frame: Frame) -> None:
        local = [*frame[:depth], *([POISON] * len(computed))]
        for name, span, slot, compute in computed:
            local[slot] = Lazy(state, name, span, compute, local)
        for run in runs:
            run(local)
        for _, _, slot, _ in computed:
            if state.phase > DECLARE:
                local[slot].get()  # what nobody asked for may be wrong as well

    return block


def compile_statement(statement: tree.Statement, scope: Scope, place: Place) -> Run | None:
    """The closure of one statement; None where there is nothing to run."""
    kind = type(statement)
    if kind is tree.Let or kind in place.skipped:
        return None
    if isinstance(statement, tree.Broken):
        remember_lost(scope.state, statement.span)
        return _sound_rest(statement, scope, place) if statement.body else None
    if kind is tree.For or kind is tree.If:
        run = _LOOPS[kind](statement, scope, place)
    elif kind in place.compilers:
        run = place.compilers[kind](statement, scope)
    else:
        misplaced(statement, scope, place)
        return None
    phase = phase_of(statement, place)
    return run if phase <= DECLARE else _waiting(run, phase, scope)


def _sound_rest(statement: tree.Broken, scope: Scope, place: Place) -> Run | None:
    """The block of a statement whose header could not be read: its mistakes are found, what it makes is thrown away."""
    word = statement.span.shown.split(None, 1)[0]
    if word in ("for", "if"):
        return compile_block(statement.body, scope, place)
    if word not in SCRATCH:
        return None
    inner, make = SCRATCH[word]
    body, state = compile_block(statement.body, scope, inner), scope.state

    def run(frame: Frame) -> None:
        element, wishes = make(), len(state.lab.affinities)
        body([frame[0], element, *frame[2:]])
        for port in getattr(element, "ports", ()):
            state.lab.ports.pop(port, None)
        del state.lab.affinities[wishes:]

    return _waiting(run, JUDGE, scope)


def _waiting(run: Run, phase: int, scope: Scope) -> Run:
    state = scope.state

    def wait(frame: Frame) -> None:
        if state.phase >= phase:
            run(frame)
        else:
            state.queues[phase].append((run, frame))

    return wait


def phase_of(statement: tree.Statement, place: Place) -> int:
    """The phase in which a statement runs; a loop runs with the earliest thing in it."""
    if not place.phases:
        return DECLARE
    if isinstance(statement, tree.For):
        return min(
            (phase_of(inner, place) for inner in statement.body if not isinstance(inner, tree.Let)), default=DECLARE
        )
    if isinstance(statement, tree.If):
        blocks = [*(block for _, block in statement.branches), statement.otherwise or ()]
        inner = (phase_of(inner, place) for block in blocks for inner in block if not isinstance(inner, tree.Let))
        return min(inner, default=DECLARE)
    return place.phases.get(type(statement), DECLARE)


def misplaced(statement: tree.Statement, scope: Scope, place: Place) -> None:
    """Report what the parser lets through in either spelling and what means nothing here: a `field` under a condition."""
    words = statement.span.shown.split(None, 1)
    what = f"`{words[0]}`" if words else "this"
    scope.state.error(
        None, "E0321", f"{what} cannot stand {place.said}", header(statement), help="move it to where it belongs"
    )


def header(statement: tree.Statement) -> Span:
    """A statement's span without its body: what an `Origin` points at."""
    source, start, end = statement.span
    brace = source.data.find(b"{\n", start, end) if end - start > 200 else -1
    newline = source.data.find(b"\n", start, end)
    stops = [stop for stop in (brace, newline) if stop > start]
    return Span(source, start, min(stops)) if stops else statement.span


def origin_of(span: Span, frame: Frame) -> Origin:
    return Origin(span, frame[0])


def _for(statement: tree.For, scope: Scope, place: Place) -> Run:
    state, span = scope.state, statement.iterable.span
    iterable = compile_expression(statement.iterable, scope)
    inner = Scope(scope.module, scope)
    for name in statement.names:
        inner.add(name)
    body = compile_block(statement.body, inner, place)
    nested = [
        (compile_expression(part.iterable, inner), part.iterable.span)
        for part in statement.body
        if isinstance(part, tree.For) and not any(isinstance(other, tree.Let) for other in statement.body)
    ]
    line, depth, names = Span(span.source, statement.span.start, span.end), scope.depth, statement.names

    def loop(frame: Frame) -> None:
        values = iterable(frame)
        turns: Any = values if values is POISON else operators.turns(state, frame, span, values, len(names))
        if turns is POISON:
            remember_lost(state, statement.span)
            return
        base = frame[:depth]
        if nested and operators.size(values) > _MANY:
            _foresee(state, base, values, nested)
        for turn in turns:
            state.spend(1, frame, span)
            local = [*base, *turn]
            local[0] = Origin(line, base[0], _note(names, turn))
            body(local)

    return loop


_MANY = 1000


def _foresee(state: State, base: Frame, values: Any, nested: list[tuple[Evaluate, Span]]) -> None:
    """Refuse a hundred thousand turns of a hundred thousand before the machine has done millions of them. The inner loop
    is as long as in the first or in the last turn, whichever is less, so a triangle of turns is not refused."""
    if type(values) is not range:
        return
    for iterable, span in nested:
        sizes = [
            operators.size(inner) for turn in (values[0], values[-1]) if type(inner := iterable([*base, turn])) is range
        ]
        if len(sizes) == 2 and operators.size(values) * min(sizes) > 4 * state.limit:
            state.spend(operators.size(values) * min(sizes), base, span)


def _note(names: tuple[str, ...], turn: Sequence[object]) -> str:
    """`with i = 3`."""
    if len(names) == 1 and type(turn[0]) is int:
        return f"with {names[0]} = {turn[0]}"
    return "with " + ", ".join(f"{name} = {shown(value)}" for name, value in zip(names, turn, strict=True))


def _if(statement: tree.If, scope: Scope, place: Place) -> Run:
    state = scope.state
    branches = [
        (compile_expression(test, scope), test.span, compile_block(body, scope, place))
        for test, body in statement.branches
    ]
    otherwise = compile_block(statement.otherwise, scope, place) if statement.otherwise else None

    def choose(frame: Frame) -> None:
        for test, span, body in branches:
            value = as_bool(state, frame, test(frame), span)
            if value is POISON:
                remember_lost(state, statement.span)
                return
            if value:
                body(frame)
                return
        if otherwise is not None:
            otherwise(frame)

    return choose


_LOOPS: dict[type, Callable[[Any, Scope, Place], Run]] = {tree.For: _for, tree.If: _if}
