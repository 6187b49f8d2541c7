"""`python docs/build.py [FOLDER]`: the documentation as pages, in site/ by default.

The pages are these files and two that are generated, so that they cannot differ from the program: `commands.md` from the
command line itself, `diagnostics.md` from the table of codes. A link to a page that does not exist stops the build.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import click

from labc.cli.app import cli
from labc.compiler.codes import all_codes

DOCS = Path(__file__).resolve().parent

STATUSES = """\
| exit status | means |
|---|---|
| 0 | done, or nothing to do |
| 1 | the answer is no: a test failed, a difference or drift exists, `up --dry-run` would change something |
| 2 | the input is wrong: diagnostics were printed |
| 3 | the lab does not fit the site |
| 4 | the runtime stopped part-way: run again to continue; or a test could not run and none failed |
| 5 | someone else holds this instance or a device that it needs |
| 6 | this machine lacks what is needed: see `labc doctor` |

`exec` and `shell` return the command's status, 125 when labc itself failed; Ctrl-C gives 130.
"""


def commands() -> str:
    """Every verb with the help that it prints."""
    parts = ["# Commands", "", STATUSES]
    context = click.Context(cli, info_name="labc", max_content_width=100)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context, max_content_width=100)
        parts += [f"## labc {name}", "", "```text", command.get_help(inner), "```", ""]
    return "\n".join(parts)


def diagnostics() -> str:
    """Every code with its story and the lab that shows it."""
    parts = ["# Diagnostics", "", "`labc explain CODE` prints the same.", ""]
    for code in all_codes().values():
        parts += [f"## {code.code}: {code.title}", "", code.story.strip(), ""]
        if code.example:
            parts += ["```text", code.example.strip(), "```", ""]
    return "\n".join(parts)


def build(target: Path) -> None:
    """Raises SystemExit where mkdocs finds a broken link."""
    from mkdocs.commands.build import build as build_pages
    from mkdocs.config import load_config

    with tempfile.TemporaryDirectory() as folder:
        pages = Path(folder) / "docs"
        shutil.copytree(DOCS, pages, ignore=shutil.ignore_patterns("*.py", "*.yml", "__pycache__"))
        (pages / "commands.md").write_text(commands())
        (pages / "diagnostics.md").write_text(diagnostics())
        config = load_config(str(DOCS / "mkdocs.yml"), docs_dir=str(pages), site_dir=str(target), strict=True)
        build_pages(config)


if __name__ == "__main__":
    build(Path(sys.argv[1] if len(sys.argv) > 1 else DOCS.parent / "site").resolve())
