"""The table of all diagnostic codes, gathered from the modules of this folder.

Enters: nothing. Leaves: `all_codes()`. Called by `labc explain`, SARIF's rules, the docs and the test that compiles
every example. A new area is a new module with a list `CODES`; nothing here is edited for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from .model import Code

__all__ = ["Code", "all_codes"]


@cache
def all_codes() -> Mapping[str, Code]:
    """Every code by its name, sorted. Raises ValueError when two areas claim one code: a bug of ours."""
    table: dict[str, Code] = {}
    for module in iter_modules(__path__):
        for entry in getattr(import_module(f".{module.name}", __name__), "CODES", ()):
            if entry.code in table:
                raise ValueError(f"the code {entry.code} is defined twice")
            table[entry.code] = entry
    return dict(sorted(table.items()))
