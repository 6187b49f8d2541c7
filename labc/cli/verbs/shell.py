"""Open a shell in a node."""

from __future__ import annotations

import click

from ..completing import nodes
from ..exits import Exit
from ..live import answering
from ..options import instance_option
from ..running import node_id, running_plan, split_lab


@click.command()
@instance_option
@click.argument("words", nargs=-1, metavar="[LAB] NODE", shell_complete=nodes)
@click.pass_context
def command(ctx: click.Context, instance: str | None, words: tuple[str, ...]) -> int:
    """Open a shell in NODE. Its processes, its addresses, its /etc/hosts; the host's files. Gives the shell's exit status."""
    from ...runtime.attach import shell

    with answering(Exit.EXEC_FAILED):
        lab, rest = split_lab(words)
        if len(rest) != 1:
            raise click.UsageError("one node is needed: labc shell web", ctx)
        name, plan = running_plan(instance, lab)
        return shell(name, node_id(plan, rest[0]))
