"""Look after a site file: what its hosts really have."""

from __future__ import annotations

from importlib import import_module

import click

_VERBS = ("probe",)


class SiteVerbs(click.Group):
    """Verbs about the site, each a file of `labc/cli/site/`, loaded when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            return None
        found: click.Command = import_module(f"..site.{cmd_name}", __package__).command
        return found


@click.group(cls=SiteVerbs)
def command() -> None:
    """Look after a site file, which says what labs run on."""
