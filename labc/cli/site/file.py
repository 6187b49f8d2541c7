"""The site file that a verb works on.

Enters: the option `--site`. Leaves: a `SiteFile`, and the site that it describes. Called by the verbs of this folder.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..exits import Exit
from ..inputs import LabFile, is_site_text, reader_of
from ..stop import Stop
from ..talk import print_diagnostics

if TYPE_CHECKING:
    from ...compiler.diagnostics import Diagnostic
    from ...compiler.ir.lab import Site
    from ...compiler.pipeline import Compiled

_SUFFIXES = (".net", ".yaml", ".yml")
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
    return path.is_file() and path.suffix in _SUFFIXES and is_site_text(path.name, path.read_bytes())


def site_of(file: LabFile, parameters: dict[str, str]) -> Site:
    """The site, for probing. Raises click's Exit after printing what is wrong, unless probing may mend all of it."""
    file.read()  # says in one line that the file cannot be read
    compiled = _compiled(file, parameters)
    errors = [found for found in compiled.diagnostics if found.severity == "error"]
    if compiled.lab is None or any(found.code not in _LEFT_TO_PROBE for found in errors):
        print_diagnostics(errors, file)
        raise click.exceptions.Exit(Exit.INPUT)
    return compiled.lab.site


def mistakes_left(file: LabFile, data: bytes, parameters: dict[str, str]) -> list[Diagnostic]:
    """The mistakes of a site whose file holds `data`."""
    compiled = _compiled(LabFile(file.folder, file.name, data), parameters)
    return [found for found in compiled.diagnostics if found.severity == "error"]


def _compiled(file: LabFile, parameters: dict[str, str]) -> Compiled:
    from ...compiler.pipeline import compile_site

    return compile_site(file.name, reader_of(file), parameters)
