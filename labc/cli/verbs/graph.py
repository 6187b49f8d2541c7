"""Draw a lab: SVG, HTML, dot or Mermaid."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..exits import Exit
from ..inputs import compile_file, find_lab
from ..options import lab_argument, parameters_option
from ..stop import Stop
from ..talk import print_diagnostics, say

_ENDINGS = {
    ".svg": "svg",
    ".html": "html",
    ".htm": "html",
    ".dot": "dot",
    ".gv": "dot",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
}


@click.command()
@lab_argument
@parameters_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["svg", "html", "dot", "mermaid"]),
    help="Default: by the file's ending, else svg.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Default: standard output.")
def command(lab: str | None, parameters: dict[str, str], form: str | None, output: Path | None) -> int:
    """Draw LAB: virtual nodes red, physical ones blue, segments with their prefixes, ports with their addresses."""
    from ...compiler.graph import draw

    form = form or _form_by_ending(output)
    file = find_lab(lab)
    compiled = compile_file(file, parameters, stop_after="check")
    print_diagnostics(compiled.diagnostics, file)
    if compiled.lab is None or compiled.diagnostics.failed:
        return Exit.INPUT
    drawing = draw(compiled.lab, form).encode()
    if output is None or str(output) == "-":
        sys.stdout.buffer.write(drawing)
    else:
        output.write_bytes(drawing)
        say(f"wrote {output}")
    return Exit.DONE


def _form_by_ending(output: Path | None) -> str:
    """A file whose ending promises something else, such as .png, would hold what no viewer of it can read."""
    ending = output.suffix.lower() if output else ""
    if ending and ending not in _ENDINGS:
        known = " ".join(_ENDINGS)
        raise Stop(Exit.INPUT, f"{output}: no drawing ends in {ending}", help=f"one of {known}; or say --format")
    return _ENDINGS.get(ending, "svg")
