"""Check (see below)."""

from __future__ import annotations

from ...diagnostics import Diagnostics
from ...ir.lab import Lab
from ..manager import register


@register(reads=("ports",), writes=())
def check(lab: Lab, diagnostics: Diagnostics) -> Lab:
    return lab
