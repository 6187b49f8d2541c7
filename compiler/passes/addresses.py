"""Addresses (see below)."""

from __future__ import annotations

from ..diagnostics import Diagnostics
from ..ir.lab import Lab
from .manager import register


@register(reads=("links", "ports"), writes=("ports", "nodes", "segments"))
def addresses(lab: Lab, diagnostics: Diagnostics) -> Lab:
    return lab
