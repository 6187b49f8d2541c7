"""Make a lab so: build what is missing, change what differs."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import islice

import click

from ...compiler.plan.model import Plan
from ...runtime.decide import Action
from ...runtime.engine import Outcome, applied_digest
from ...runtime.engine import status as engine_status
from ...runtime.engine import up as engine_up
from ..exits import Exit
from ..inputs import plan_and_map
from ..live import action_lines, answering, counted
from ..options import instance_option, json_option, lab_argument, parameters_option
from ..places import located
from ..progress import listening
from ..stop import Stop
from ..summary import print_nodes
from ..talk import say, style_of, tell

_MOST = 60  # lines of a list of changes


@click.command()
@lab_argument
@parameters_option
@instance_option
@click.option("--dry-run", is_flag=True, help="Only say what would be done; exit status 1 when there is something.")
@click.option(
    "-y",
    "--yes",
    is_flag=True,
    help="Replace or remove what runs without asking. Without a terminal, and with --json, it must be said.",
)
@json_option("What happens, as JSON lines.")
def command(
    lab: str | None, parameters: dict[str, str], instance: str | None, dry_run: bool, yes: bool, as_json: bool
) -> int:
    """Make LAB, a lab file or a plan, run. A second time it does nothing; after an edit only what the edit changed."""
    given = plan_and_map(lab, parameters, lambda name: applied_digest(instance or name))
    plan = given.plan
    name = instance or plan.lab
    with answering():
        if dry_run:
            return _would(plan, name, as_json)
        agree = _agreed if yes else partial(_ask, name, asked=sys.stdin.isatty() and not as_json)
        with listening(as_json, partial(located, given)) as listener:
            outcome = engine_up(plan, name, agree=agree, listener=listener)
        if not as_json:
            _tell(plan, outcome)
    return outcome.status


def _would(plan: Plan, name: str, as_json: bool) -> int:
    with listening(as_json) as listener:
        outcome = engine_up(plan, name, dry_run=True, listener=listener)
    if not as_json:
        for line in action_lines(outcome.actions, style_of(sys.stdout)):
            tell(line)
        say(f"would: {counted(outcome.actions)}" if outcome.actions else f"{name}: nothing to do")
    return outcome.status


def _agreed(actions: Sequence[Action]) -> None:
    """Said beforehand, with -y."""


def _ask(name: str, actions: Sequence[Action], *, asked: bool) -> None:
    """Only what takes something away that runs is worth a question, and nobody to answer it means no. Who is asked sees all that
    would be done."""
    _show(actions)
    what = f"{sum(action.loses for action in actions)} of {name} will be replaced or removed"
    if not asked:
        raise Stop(
            Exit.INPUT, f"{what}, and there is nobody to ask", "say -y to agree, or --dry-run to see all changes"
        )
    if not click.confirm(f"{what}. Go on?", err=True):
        say("nothing was done")
        raise click.exceptions.Exit(Exit.NO)


def _show(actions: Sequence[Action]) -> None:
    """In the order of `--dry-run`; of more than can be read first what is lost."""
    lines = list(action_lines(actions, style_of(sys.stderr)))
    if len(lines) > _MOST:
        lines = list(action_lines(sorted(actions, key=lambda each: not each.loses), style_of(sys.stderr)))
    for line in lines[:_MOST]:
        say(line)
    if len(lines) > _MOST:
        say(f"… and {len(lines) - _MOST} more lines: --dry-run prints all")
    say(f"would: {counted(actions)}")


def _tell(plan: Plan, outcome: Outcome) -> None:
    for id, why in outcome.waiting.items():  # the listener has told what failed
        say(f"{id}: {why}")
    if outcome.status != Exit.DONE:
        say(f"{outcome.instance} is not whole: run labc up again to continue")
        return
    say(f"{outcome.instance} is up: {counted(outcome.actions)}, {outcome.seconds:.1f} s")
    if any(action.verb != "create" for action in outcome.actions):
        for line in islice(action_lines(outcome.actions, style_of(sys.stdout)), _MOST):
            tell(line)
    elif outcome.changed:
        print_nodes(plan, _leased(plan, outcome.instance), bounded=True)


def _leased(plan: Plan, name: str) -> Mapping[str, str]:
    """Another look, where there is something to see."""
    dhcp = any(each.kind == "port" and each.spec["dhcp"] for each in plan.resources)
    return engine_status(name).leased if dhcp else {}
