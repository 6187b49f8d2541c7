"""What is wrong with a site as a whole: pools and shares that collide, cables and addresses that cannot be.

Enters: a site whose every statement is sound. Leaves: diagnostics. Called by `elaborate` when all files have been read.
"""

from __future__ import annotations

from ..diagnostics import Diagnostics
from ..ir.lab import Site
from . import cabling, shares, underlay

_FAMILIES = (shares.check, cabling.check, underlay.check)


def check_site(site: Site, diagnostics: Diagnostics) -> None:
    """Advice on a site that others find mistakes in would be about what they mend: then only mistakes are told."""
    failed = diagnostics.failed
    for check in _FAMILIES:
        diagnostics.extend(found for found in check(site) if not failed or found.severity == "error")
