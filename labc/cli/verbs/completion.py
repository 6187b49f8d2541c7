"""Print the script that completes labc's words in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from ..exits import Exit
from ..talk import result


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> int:
    """Print the completion script for SHELL: put `eval "$(labc completion bash)"` into ~/.bashrc."""
    from ..app import cli

    completion = get_completion_class(shell)
    assert completion is not None  # click knows the three
    result(completion(cli, {}, "labc", "_LABC_COMPLETE").source())
    return Exit.DONE
