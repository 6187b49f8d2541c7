"""The site file that a verb works on.

Enters: the option `--site`. Leaves: a `SiteFile`, and the site that it describes. Called by the verbs of this folder.
"""

from __future__ import annotations

import re
from pathlib import Path

import click

from ...compiler.diagnostics import Diagnostics
from ...compiler.ir.lab import Site
from ..exits import Exit
from ..inputs import LabFile, reader_of
from ..stop import Stop
from ..talk import print_diagnostics

_HEADER = re.compile(rb"^[ \t]*site(?:[ \t]+|[ \t]*:)", re.MULTILINE)
_USUAL = ("site.net", "site.yaml", "site.yml")
# What probing may be needed to mend: a NIC that carries overlays and has no address yet, two hosts with one.
_LEFT_TO_PROBE = ("E0357", "E0358")


def find_site(given: str | None) -> LabFile:
    """Raises Stop when there is none, or more than one."""
    if given is not None:
        path = Path(given)
        if not path.is_file():
            raise Stop(Exit.INPUT, f"{given}: there is no such file")
        return LabFile(path.parent, path.name)
    usual = [name for name in _USUAL if Path(name).is_file()]
    found = usual or [path.name for path in sorted(Path().iterdir()) if _is_site(path)]
    if len(found) == 1:
        return LabFile(Path(), found[0])
    if not found:
        raise Stop(Exit.INPUT, "there is no site file in this folder", help="give one: --site FILE")
    raise Stop(Exit.INPUT, f"this folder holds {len(found)} site files: say which", help=f"--site {found[0]}")


def _is_site(path: Path) -> bool:
    return path.suffix in (".net", ".yaml", ".yml") and path.is_file() and _HEADER.search(path.read_bytes()) is not None


def site_of(file: LabFile, parameters: dict[str, str]) -> Site:
    """The site, through a lab that does nothing but import it. Raises click's Exit after printing what is wrong."""
    from ...compiler.pipeline import compile_lab
    from ...compiler.syntax.expression_text import string_text

    file.read()  # says in one line that the file cannot be read
    lab = LabFile(file.folder, ".probe.net", f"lab probe\nimport {string_text((file.name,))}\n".encode())
    compiled = compile_lab(lab.name, reader_of(lab), parameters, stop_after="expand")
    told = Diagnostics()
    told.extend(found for found in compiled.diagnostics if found.severity == "error")
    print_diagnostics(told, file)
    if compiled.lab is None or any(found.code not in _LEFT_TO_PROBE for found in told):
        raise click.exceptions.Exit(Exit.INPUT)
    return compiled.lab.site
