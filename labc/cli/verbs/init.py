"""Make a new lab from a template."""

from __future__ import annotations

from pathlib import Path

import click

from ..exits import Exit
from ..locking import write_attributes
from ..stop import Stop
from ..talk import say

_TEMPLATES = Path(__file__).parent.parent / "templates"


@click.command()
@click.argument("folder", required=False, default=".", type=click.Path(path_type=Path))
@click.option(
    "-t",
    "--template",
    type=click.Choice(sorted(path.name for path in _TEMPLATES.iterdir() if path.is_dir())),
    default="quickstart",
    show_default=True,
    help="The lab to start from.",
)
def command(folder: Path, template: str) -> int:
    """Write a lab that compiles and passes its tests into FOLDER (default: here). Overwrites nothing."""
    sources = sorted(path for path in (_TEMPLATES / template).rglob("*") if path.is_file())
    files = {folder / path.relative_to(_TEMPLATES / template): path.read_text(encoding="utf-8") for path in sources}
    taken = [str(path) for path in files if path.exists()]
    if taken:
        raise Stop(Exit.INPUT, f"{', '.join(taken)}: exists already; nothing was written")
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        say(f"wrote {path}")
    write_attributes(folder)
    _say_next(folder)
    return Exit.DONE


def _say_next(folder: Path) -> None:
    where = "" if folder == Path() else f"cd {folder} && "
    say(f"next: {where}labc up && labc test && labc down -y")
