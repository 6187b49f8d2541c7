"""Take a lab away."""

from __future__ import annotations

import sys

import click

from ...runtime.engine import down as engine_down
from ..exits import Exit
from ..inputs import instance_name
from ..live import answering
from ..options import instance_option, json_option, lab_argument
from ..progress import listening
from ..talk import say


@click.command()
@lab_argument
@instance_option
@click.option(
    "--dry-run", is_flag=True, help="Only say whether there is something to remove; exit status 1 when there is."
)
@click.option("-y", "--yes", is_flag=True, help="Do not ask. Only a terminal is asked.")
@json_option("What happens, as JSON lines.")
def command(lab: str | None, instance: str | None, dry_run: bool, yes: bool, as_json: bool) -> int:
    """Remove the instance that LAB's name or --as says, and everything that was made for it."""
    name = instance_name(instance, lab)
    if dry_run:
        return _would(name, as_json)
    if not yes and not as_json and sys.stdin.isatty() and not click.confirm(f"Remove {name}?", err=True):
        say("nothing was done")
        return Exit.NO
    with answering(), listening(as_json) as listener:
        outcome = engine_down(name, listener=listener)
    if not as_json:
        say(f"{name} is removed, {outcome.seconds:.1f} s" if outcome.changed else f"{name} does not run: nothing to do")
    return outcome.status


def _would(name: str, as_json: bool) -> int:
    from ...runtime.engine import status

    with answering():
        running = status(name).running
    if as_json:
        import orjson

        print(orjson.dumps({"instance": name, "running": running}).decode())
    else:
        say(f"would remove {name}" if running else f"{name} does not run: nothing to do")
    return Exit.NO if running else Exit.DONE
