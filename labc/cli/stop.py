"""Ending a verb with a word to the user and an exit status: the one exception of the command line."""

from __future__ import annotations

import sys
from typing import IO, Any

import click

from .exits import Exit
from .talk import columns_of
from .wrap import wrapped


class Stop(click.ClickException):
    """`raise Stop(Exit.INPUT, "lab.net does not exist", help="labc init makes one")`."""

    def __init__(self, status: Exit, message: str, help: str = "") -> None:
        super().__init__(message)
        self.exit_code = int(status)  # type: ignore[misc] # click declares it as the class's, and reads the instance's
        self.help = help

    def show(self, file: IO[Any] | None = None) -> None:
        out = file or sys.stderr
        width = columns_of(out)
        print(wrapped(f"labc: {self.message}", width), file=out)
        for line in self.help.splitlines():
            print(wrapped(f"      {line}", width), file=out)
