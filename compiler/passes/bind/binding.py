"""The binding of a lab's real gear, or why there is none.

Enters: a lab with devices in its site. Leaves: the lab bound, or a diagnostic. Called by the pass.
"""

from __future__ import annotations

from ...diagnostics import Diagnostics
from ...ir.lab import Lab
from ...site.gear import Asked
from ...solvers.gear.bind import UnbindableError, bind
from ...solvers.problem import DoesNotFitError, MissingSolverError
from .missing import solver_missing
from .refusal import not_found, refuse


def bind_gear(lab: Lab, diagnostics: Diagnostics) -> None:
    asked = Asked(lab, by_name=False)
    if not asked.nodes or _bound_by_name(lab):
        return
    try:
        asked.enter(bind(asked.request))
    except UnbindableError as error:
        refuse(asked, error.clash, diagnostics)
    except DoesNotFitError:
        not_found(asked, diagnostics)
    except MissingSolverError as error:
        solver_missing(lab, error.package, diagnostics)


def _bound_by_name(lab: Lab) -> bool:
    asked = Asked(lab, by_name=True)
    try:
        asked.enter(bind(asked.request))
    except (UnbindableError, DoesNotFitError, MissingSolverError):
        return False
    return True
