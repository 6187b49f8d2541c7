"""`python docs/build.py [FOLDER]`: writes the pages that are generated, then all as HTML, to site/ by default.

Generated are those that must not differ from the program: `commands.md` from the command line itself, `diagnostics.md` from the
table of codes, `standard-library.md` from stdlib/. They stand in the repository, for those who read there; a test tells when they
are old. A link to a page that does not exist stops the build.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a script, this file sees its own folder only

from docs import standard_library
from labc.cli.app import cli
from labc.cli.overview import overview
from labc.compiler.codes import all_codes

DOCS = Path(__file__).resolve().parent
_CODE = re.compile(r"(?<=\| )`[^`\n]*`(?= \|)")  # a table's cell; GitHub wants \| in it, mkdocs shows the backslash
WIDTH = 100  # columns of the help texts, whatever terminal this runs in

STATUSES = """\
| exit status | means |
|---|---|
| 0 | done, or nothing to do |
| 1 | the answer is no: a test failed, a difference or drift exists, `up --dry-run` would change something |
| 2 | the input is wrong: diagnostics were printed |
| 3 | the lab does not fit the site |
| 4 | the runtime stopped part-way: run again to continue; or a test could not run and none failed |
| 5 | someone else holds this instance or a device that it needs |
| 6 | this machine lacks what is needed: see `labc doctor`; or the output could not be written |

`exec` and `shell` return the command's status, 125 when labc itself failed; Ctrl-C gives 130.
"""


def commands() -> str:
    """What `labc --help` prints, then every verb with its own help."""
    parts = ["# Commands", "", "```text", overview().rstrip(), "```", "", STATUSES]
    context = click.Context(cli, info_name="labc", terminal_width=WIDTH)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        parts += _with_its_own(command, name, context)
    return "\n".join(parts)


def _with_its_own(command: click.Command, name: str, around: click.Context) -> list[str]:
    """A verb's help, and behind it that of the verbs that stand below it."""
    context = click.Context(command, info_name=name, parent=around, terminal_width=WIDTH)
    parts = [f"## {context.command_path}", "", "```text", command.get_help(context), "```", ""]
    for inner in command.list_commands(context) if isinstance(command, click.Group) else ():
        below = command.get_command(context, inner) if isinstance(command, click.Group) else None
        assert below is not None
        parts += _with_its_own(below, inner, context)
    return parts


def diagnostics() -> str:
    """Every code with its story and the lab that shows it."""
    parts = ["# Diagnostics", "", "`labc explain CODE` prints the same.", ""]
    for code in all_codes().values():
        parts += [f"## {code.code}: {code.title}", "", code.story.strip(), ""]
        if code.example:
            parts += ["```text", _printable(code.example.strip()), "```", ""]
    return "\n".join(parts)


def _printable(text: str) -> str:
    """A NUL, which one example shows, would make the whole page a binary file to git and grep: ␀ in its place."""
    return "".join(chr(0x2400 + ord(each)) if each < " " and each not in "\n\t" else each for each in text)


def generated() -> dict[str, str]:
    """The generated pages, by their names."""
    pages = {"commands.md": commands(), "diagnostics.md": diagnostics(), "standard-library.md": standard_library.page()}
    return {name: f"{text.rstrip()}\n" for name, text in pages.items()}


def build(target: Path) -> None:
    """Raises SystemExit where mkdocs finds a broken link."""
    from mkdocs.commands.build import build as build_pages
    from mkdocs.config import load_config

    with tempfile.TemporaryDirectory() as folder:  # mkdocs refuses pages that stand beside its own settings
        pages = Path(folder) / "docs"
        shutil.copytree(DOCS, pages, ignore=shutil.ignore_patterns("*.py", "*.yml", "labs", "__pycache__"))
        for page in pages.rglob("*.md"):
            page.write_text(_CODE.sub(lambda found: found[0].replace(r"\|", "|"), page.read_text()))
        config = load_config(str(DOCS / "mkdocs.yml"), docs_dir=str(pages), site_dir=str(target), strict=True)
        build_pages(config)


if __name__ == "__main__":
    for name, text in generated().items():
        (DOCS / name).write_text(text)
    build(Path(sys.argv[1] if len(sys.argv) > 1 else DOCS.parent / "site").resolve())
