"""Run a command in a node."""

from __future__ import annotations

import click

from ..completing import nodes
from ..exits import Exit
from ..live import answering
from ..options import instance_option
from ..running import node_id, running_plan, split_lab


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@instance_option
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[LAB] NODE COMMAND...", shell_complete=nodes)
@click.pass_context
def command(ctx: click.Context, instance: str | None, words: tuple[str, ...]) -> int:
    """Run COMMAND in NODE, with this terminal's streams. Gives the command's exit status; 125 when labc itself failed."""
    from ...runtime.attach import execute

    with answering(Exit.EXEC_FAILED):
        lab, rest = split_lab(words)
        rest = tuple(word for index, word in enumerate(rest) if not (word == "--" and index <= 1))
        if len(rest) < 2:
            raise click.UsageError("a node and a command are needed: labc exec web ip addr", ctx)
        name, plan = running_plan(instance, lab)
        return execute(name, node_id(plan, rest[0]), rest[1:])
