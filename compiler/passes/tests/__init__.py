"""Tests: written tests and policies → the cases of the plan.

Enters: a lab whose addresses are final and whose configurations are rendered: denies are tried at the constants of these.
Leaves: `lab.cases`, in JSON as docs/plan.md states them, and `lab.requirements`, what the policies say and which cases prove it.
Called by the pipeline. What is generated and why: DESIGN, "Tests with real packets"; the parts are `scripts.py` and `policies.py`.
"""

from __future__ import annotations

from ...diagnostics import Diagnostics
from ...ir.lab import Lab
from ...walk import Network
from ..manager import register
from .endpoints import endpoints_of
from .scripts import Scripts
from .talk import Talk


@register(
    reads=("nodes", "ports", "segments", "links", "zones", "groups", "policies", "tests"),
    writes=("cases", "requirements"),
)
def tests(lab: Lab, diagnostics: Diagnostics) -> Lab:
    """`world -> web allow tcp/80; otherwise deny` leaves `allow/pc/web/tcp/80` and `deny/pc/web`."""
    if not (lab.tests or lab.policies):
        return lab
    network = Network(lab)
    talk = Talk(network)
    endpoints = [endpoint for node in lab.nodes.values() for endpoint in endpoints_of(node, network)]
    endpoints.sort(key=lambda endpoint: (endpoint.order, endpoint.port))
    lab.cases = list(Scripts(lab, talk, endpoints, diagnostics).cases())
    if lab.policies:
        from .policies import policy_cases  # most of this folder, which a lab without policies does without

        generated, lab.requirements = policy_cases(lab, talk, endpoints, diagnostics)
        lab.cases += generated
    return lab
