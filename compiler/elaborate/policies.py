"""Policies: rules between zones, segments, groups, nodes, prefixes and addresses.

Enters: `policy` statements; loops and conditions may stand inside. Leaves: `Policy`s whose rules' ends are ids.
"""

from __future__ import annotations

from ..diagnostics import Label
from ..ir.lab import Policy, PolicyId, Rule
from ..source import Origin, Source, Span
from ..syntax import tree
from .blocks import SCRATCH, Place, compile_block, header
from .names import compile_element_name
from .scopes import Scope
from .services import compile_service
from .targets import ENDS, compile_list
from .values import Frame, Run


def compile_policy(statement: tree.PolicyDecl, scope: Scope) -> Run:
    state, name_of = scope.state, compile_element_name(statement.name, scope, "policy")
    rules = compile_block(statement.rules, scope, POLICY)
    span, at = header(statement), statement.name.span

    def declare(frame: Frame) -> None:
        name = name_of(frame)
        if name is None or not state.once(frame, f"policy/{name}", at, f"the policy `{name}`"):
            return
        policy = Policy(PolicyId(f"policy/{name}"), name, [], None, Origin(span, frame[0]))
        state.lab.policies[policy.id] = policy
        rules([frame[0], policy, *frame[2:]])

    return declare


def _compile_rule(statement: tree.Rule, scope: Scope) -> Run:
    sources = compile_list(statement.sources, scope, ENDS, addresses=True, prefixes=True)
    targets = compile_list(statement.targets, scope, ENDS, addresses=True, prefixes=True)
    services = [compile_service(item, scope) for item in statement.services]
    state, span = scope.state, header(statement)

    def rule(frame: Frame) -> None:
        ends, others = sources(frame), targets(frame)
        found = tuple(dict.fromkeys(service for named in services for service in named(frame)[0]))
        if not ends or not others or (services and not found):
            return  # reported; a rule without its end or service would say more than was meant
        policy: Policy = frame[1]
        origin = Origin(span, frame[0])
        state.spend(1, frame, span)
        policy.rules.append(Rule(ends, others, statement.action, found, origin))
        if statement.both:
            policy.rules.append(Rule(others, ends, statement.action, found, origin))

    return rule


def _compile_otherwise(statement: tree.Otherwise, scope: Scope) -> Run:
    def otherwise(frame: Frame) -> None:
        policy: Policy = frame[1]
        if policy.otherwise_origin is None:
            policy.otherwise = statement.action
            policy.otherwise_origin = Origin(statement.span, frame[0])
            return
        scope.state.error(
            frame,
            "E0302",
            "`otherwise` is said twice",
            statement.span,
            labels=(Label(policy.otherwise_origin.span, "first here"),),
        )

    return otherwise


POLICY = Place("in a policy", {tree.Rule: _compile_rule, tree.Otherwise: _compile_otherwise})


def _nothing() -> Policy:
    """For the rules of a policy whose header could not be read."""
    return Policy(PolicyId("policy/?"), "?", [], None, Origin(Span(Source("", b""), 0, 0)))


SCRATCH["policy"] = POLICY, _nothing
