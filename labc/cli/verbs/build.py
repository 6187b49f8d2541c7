"""Compile a lab to a plan."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ...compiler.lock import Mode
from ...compiler.pipeline import NAMES, Compiled
from ..emit import EMITTERS, Target, emit
from ..exits import Exit, status_of
from ..explain_node import why_here
from ..inputs import LabFile, compile_file, find_lab
from ..locking import MODES, settle_beside, write_beside
from ..options import format_option, lab_argument, parameters_option
from ..stop import Stop
from ..talk import print_diagnostics, result, say

_STEPS = click.Choice(NAMES)


def _kinds(_ctx: click.Context, _option: click.Parameter, text: str) -> tuple[str, ...]:
    kinds = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    unknown = [kind for kind in kinds if kind not in EMITTERS]
    if unknown or not kinds:
        raise Stop(Exit.INPUT, f"--emit {text}: it can be any of {','.join(EMITTERS)}")
    return kinds


@click.command()
@lab_argument
@parameters_option
@click.option(
    "-o", "--output", metavar="FILE", help="The plan's file; - is standard output. Default: LAB.plan.json beside LAB."
)
@click.option(
    "--emit",
    "kinds",
    default="plan",
    metavar="LIST",
    callback=_kinds,
    help="What to write: plan,ir,graph,configs. Default: plan.",
)
@click.option(
    "--explain",
    "node",
    metavar="NODE",
    help="Say why NODE is where it is and has what it has, with --format json as JSON; write nothing.",
)
@click.option("--print-after", type=_STEPS, multiple=True, metavar="PASS", help="Print the lab as it is after PASS.")
@click.option("--time-passes", is_flag=True, help="Say how long each pass took.")
@click.option("--stop-after", type=_STEPS, metavar="PASS", help=f"Stop after PASS: {', '.join(NAMES)}.")
@click.option("--verify", is_flag=True, help="Check the lab's invariants after each pass.")
@click.option(
    "--lock",
    "lock_mode",
    type=click.Choice(MODES),
    allow_from_autoenv=False,
    help="What to do with lab.lock: update (default where it exists), check (it must hold), ignore, refresh (choose anew).",
)
@format_option
def command(
    lab: str | None,
    parameters: dict[str, str],
    output: str | None,
    kinds: tuple[str, ...],
    node: str | None,
    print_after: tuple[str, ...],
    time_passes: bool,
    stop_after: str | None,
    verify: bool,
    lock_mode: Mode | None,
    form: str,
) -> int:
    """Compile LAB to a plan, and lab.map.json beside it, which says where each thing came from. Opens no network."""
    file = find_lab(lab)
    target = _target(file, output, kinds)
    mode: Mode = lock_mode or "update"
    compiled = compile_file(file, parameters, mode, stop_after=stop_after, print_after=print_after, verify=verify)
    lock = settle_beside(file, compiled, mode, begin=lock_mode is not None) if stop_after is None else None
    print_diagnostics(compiled.diagnostics, file, form)
    for text in compiled.printed.values():
        result(text.rstrip("\n"))
    if time_passes:
        _print_timings(compiled)
    if compiled.diagnostics.failed or compiled.lab is None:
        return status_of(compiled.diagnostics) or Exit.INPUT
    if lock is not None and not node:
        write_beside(file.folder, lock)
    if node:
        _explain(node, why_here(compiled.lab, node), form)
    elif stop_after in (None, "plan") or kinds != ("plan",):
        emit(compiled, kinds, target)
    return Exit.DONE


def _explain(node: str, lines: list[str], form: str) -> None:
    """To standard output; the diagnostics of `--format json` are a document of their own, beside it."""
    if form != "json":
        result("\n".join(lines))
        return
    import orjson

    result(orjson.dumps({"node": node.removeprefix("node/"), "why": [line.strip() for line in lines]}).decode())


def _target(file: LabFile, output: str | None, kinds: tuple[str, ...]) -> Target:
    if output == "-" or (output is None and file.data is not None):
        if len(kinds) > 1 or "configs" in kinds:
            raise Stop(Exit.INPUT, "standard output takes one of plan, ir, graph; give a file: -o FILE")
        return Target(None)
    if output is None:
        return Target(file.path.with_suffix(".plan.json"))
    return Target(Path(output))


def _print_timings(compiled: Compiled) -> None:
    for name, seconds in compiled.timings.items():
        say(f"{name:<12}{seconds * 1000:>10.1f} ms")
    say(f"{'together':<12}{sum(compiled.timings.values()) * 1000:>10.1f} ms")
    sys.stderr.flush()
