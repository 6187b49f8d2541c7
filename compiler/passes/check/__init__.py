"""Check: what is wrong with the design, all of it in one run.

Enters: a lab with its addresses. Leaves: the same lab, and diagnostics. Called by the pipeline, which renders nothing from
a lab that holds an error.

One file of this folder a family of mistakes, each with one function `check(design)`; a new family is a new file. Each costs time that
grows as the lab does (an address is looked at once, prefixes are swept in sorted order), since a lab has 80,000 ports.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from ...diagnostics import Diagnostics
from ...ir.lab import Lab
from ..manager import register
from .design import Design


@register(
    reads=(
        "nodes",
        "ports",
        "ports.addresses",
        "ports.mac",
        "nodes.routes",
        "nodes.nat",
        "nodes.napt",
        "segments",
        "segments.domain",
        "segments.prefixes",
        "links",
        "zones",
        "groups",
        "policies",
        "tests",
        "affinities",
    ),
    writes=(),
)
def check(lab: Lab, diagnostics: Diagnostics) -> Lab:
    """`port eth0 on dmz at 10.0.0.0` on `segment dmz 10.0.0.0/24` is told that this is the network's own address."""
    design = Design(lab, diagnostics)
    for family in _families():
        family(design)
    design.finish()
    return lab


@cache
def _families() -> tuple[Callable[[Design], None], ...]:
    """The function `check` of every file here that has one, by the files' names."""
    modules = (import_module(f".{found.name}", __name__) for found in iter_modules(__path__))
    return tuple(module.check for module in modules if hasattr(module, "check"))
