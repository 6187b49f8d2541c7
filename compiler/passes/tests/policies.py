"""Policies → cases and requirements: what they allow must work, what they deny must not get through.

Enters: the policies, endpoints, ways and rendered configurations of a lab. Leaves: `allow` and `deny` cases and the
requirements that they prove. Called by the pass.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostics
from ...ir.lab import Case, Lab, Requirement, Rule
from ...source import Origin
from .allows import prove_allows
from .apart import Apart
from .classes import classes_of
from .constants import constants_of
from .controls import Controls
from .denies import prove_denies
from .edges import prove_edges
from .endpoints import Endpoint
from .foreign import prove_foreign
from .napt import prove_napt
from .one_policy import OTHERWISE, OnePolicy
from .talk import Talk
from .verdicts import Matching, Verdicts


def policy_cases(
    lab: Lab, talk: Talk, endpoints: list[Endpoint], diagnostics: Diagnostics
) -> tuple[list[Case], list[Requirement]]:
    """Of all policies. A case that proves statements of two policies is one case."""
    matching = Matching(lab)
    verdicts = [Verdicts(policy, matching) for _, policy in sorted(lab.policies.items())]
    constants = {node.id: constants_of(node) for node in lab.nodes.values() if node.configs}
    apart = Apart(constants.values(), lab)
    cases: dict[str, Case] = {}
    requirements: list[Requirement] = []
    for each in verdicts:
        others = [other for other in verdicts if other is not each]
        classes, unnamed = classes_of(endpoints, each.policy, matching, lab, apart)
        one = OnePolicy(lab, talk, endpoints, each, others, classes, unnamed, constants, cases)
        _prove(one)
        requirements.extend(_requirements(one, diagnostics))
    return list(cases.values()), requirements


def _prove(one: OnePolicy) -> None:
    prove_allows(one)
    if one.policy.otherwise == "deny" or any(rule.action == "deny" for rule in one.policy.rules):
        controls = Controls(one)
        prove_denies(one, controls)
        prove_edges(one, controls)
        prove_foreign(one, controls)
        prove_napt(one, controls)


def _requirements(one: OnePolicy, diagnostics: Diagnostics) -> Iterator[Requirement]:
    for number, rule in enumerate(one.policy.rules, 1):
        yield _requirement(one, number, text_of(rule), diagnostics)
    if one.policy.otherwise == "deny":
        yield _requirement(one, OTHERWISE, "otherwise deny", diagnostics)


def _requirement(one: OnePolicy, statement: int, text: str, diagnostics: Diagnostics) -> Requirement:
    origin = one.origin_of([statement])
    cases = tuple(sorted(one.proofs[statement]))
    reasons = sorted(one.notes[statement])
    unenforceable = [reason for reason in reasons if reason.startswith("no device")]
    # That hosts of one segment pass no firewall goes without saying, unless the statement says nothing else.
    if unenforceable and (statement != OTHERWISE or not cases):
        _warn(text, unenforceable[0], origin, diagnostics)
    note = _note(statement, cases, reasons)
    return Requirement(one.identity(statement), text, one.policy.id, cases, note, origin)


def _note(statement: int, cases: tuple[str, ...], reasons: list[str]) -> str:
    if not reasons:
        return "" if cases else "no two nodes of this lab stand for its ends"
    if statement != OTHERWISE or not cases:
        return reasons[0]
    shared = sorted({reason.rpartition(" ")[2] for reason in reasons if "share segment" in reason})
    within = f"not within segments, where no firewall stands between: {', '.join(shared)}" if shared else ""
    others = [reason for reason in reasons if "share segment" not in reason]
    return "; ".join(filter(None, (within, *others[:3])))


def _warn(text: str, reason: str, origin: Origin, diagnostics: Diagnostics) -> None:
    diagnostics.warning(
        "W0601",
        "no device can enforce this",
        origin.span,
        reason.partition(": ")[2],
        reason=f"`{text}` denies what passes no firewall, so no test can hold it",
        help="put a firewall between the two, or leave this to the nodes themselves",
        origin=origin,
    )


def text_of(rule: Rule) -> str:
    """`world -> web allow tcp/80`: a rule in the language's words, whatever spelling it came in."""
    services = " ".join(str(service) for service in rule.services)
    return f"{_ends(rule.sources)} -> {_ends(rule.targets)} {rule.action} {services}".rstrip()


def _ends(ends: tuple[str, ...]) -> str:
    kinds = ("zone", "segment", "node", "group")
    return ", ".join(end.partition("/")[2] if end.partition("/")[0] in kinds else end for end in ends)
