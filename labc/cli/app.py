"""The command line's face: finds the verbs, one file each in `verbs/`, and loads only the one that is called.

Enters: arguments. Leaves: what the verb's `command` returns, an exit status. The help's list of verbs comes from the first
line of each file (`overview.py`), so that `labc --help` imports none of them. A new verb is a new file.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from .overview import overview, verbs


class Verbs(click.Group):
    """A group whose commands are the files of `verbs/`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return verbs()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f".verbs.{cmd_name}", __package__).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in self.list_commands(ctx):
            ctx.fail(_unknown(args[0], self.list_commands(ctx)))
        return super().resolve_command(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        return overview().rstrip("\n")


def _unknown(verb: str, known: list[str]) -> str:
    from difflib import get_close_matches  # only a mistyped verb pays for it

    near = get_close_matches(verb, known, 1)
    return f"there is no verb {verb!r}" + (f"; did you mean {near[0]}?" if near else "; labc --help lists them")


def _print_version(ctx: click.Context, _option: click.Parameter, wanted: Any) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from .bug import version  # 10 ms that only --version pays

    click.echo(f"labc {version()}")
    ctx.exit()


@click.group(
    cls=Verbs,
    context_settings={
        "auto_envvar_prefix": "LABC",
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    },
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="The version."
)
def cli() -> None:
    """labc compiles a description of a network lab, makes the lab, and tests it with real packets."""
