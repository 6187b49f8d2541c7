"""A page's consoles, run as a reader would: files are written as the page says, commands run in order, outputs compared,
and the exit status of a console's last command (`console status=1`; all others must be 0).

`text file=NAME` and `jinja file=NAME` blocks write a file, `append=NAME` adds to one. In an expected output `…` stands for
anything, also for several lines.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .blocks import Block, blocks

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Ran:
    """One command of a console with what it should and did print, standard error included."""

    block: Block
    command: str
    expected: str
    printed: str
    status: int
    status_expected: int

    @property
    def as_written(self) -> bool:
        pattern = ".*?".join(re.escape(part) for part in _plain(self.expected).replace("\n…", "…").split("…"))
        same = re.fullmatch(pattern, _plain(self.printed), re.DOTALL) is not None
        return same and self.status == self.status_expected


def run(page: Path, folder: Path) -> Iterator[Ran]:
    """Runs the page's consoles in `folder`; one result a command."""
    for block in blocks(page):
        if "file" in block.options:
            (folder / block.options["file"]).write_text(block.text)
        elif "append" in block.options:
            with (folder / block.options["append"]).open("a") as file:
                file.write(block.text)
        elif block.language == "console":
            commands = list(_commands(block.text))
            for number, (command, expected) in enumerate(commands, 1):
                status, printed = _shell(command, folder)
                wanted = int(block.options.get("status", 0)) if number == len(commands) else 0
                yield Ran(block, command, expected, printed, status, wanted)


def _commands(text: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, expected = part.partition("\n")
        yield command, expected


def _shell(command: str, folder: Path) -> tuple[int, str]:
    bin_folder = Path(sys.executable).parent
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PATH": f"{bin_folder}:{os.environ['PATH']}"}
    environment["PYTHONPATH"] = str(ROOT)
    command = re.sub(r"^labc ", f"{sys.executable} -m labc ", command)
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout


def _plain(text: str) -> str:
    """Without the blanks at the ends of lines, in which tables differ."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
