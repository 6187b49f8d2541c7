"""The syntax: from the bytes of a lab to its tree, in either spelling.

Enters: a source. Leaves: `File`, always; mistakes go into the diagnostics. Called by `elaborate/`, `fmt` and `edit`.
"""

from __future__ import annotations

from ..diagnostics import Diagnostics
from ..source import Source
from .conflicts import without_conflicts
from .parse import parse
from .tree import File


def read(source: Source, diagnostics: Diagnostics) -> File:
    """The tree of a file: YAML where its name ends in `.yaml` or `.yml`, else `.net`."""
    source = without_conflicts(source, diagnostics)
    if source.path.endswith((".yaml", ".yml")):
        from .yaml import read_yaml  # the YAML reader costs 20 ms to load

        return read_yaml(source, diagnostics)
    return parse(source, diagnostics)
