"""Tests in YAML: a title and a list of steps, whose order is kept.

Enters: the value of `tests`. Leaves: `TestDecl`s. Called through the table `TESTS`.

A step is a mapping with one verb (`send`, `expect`, `cut`, …) and what belongs to it (`within`, `after`, …).
A flow is `pc1 -> web tcp/80 from port 53`, or `{from, to, service, source_port}`.
"""

from __future__ import annotations

from ..quantities import Service
from .tree import (
    Background,
    Broken,
    Check,
    Disturb,
    Expect,
    ExpectFlow,
    Expression,
    Flow,
    Literal,
    Repeat,
    Send,
    Statement,
    TestDecl,
    Wait,
)
from .yaml_lab import endpoint, in_order, listed, make_for, make_if, needed
from .yaml_nodes import Mapping, Node, Scalar
from .yaml_text import Text, UnreadableError, split_endpoint
from .yaml_walk import Parts, Table, Walk, close

_WITH = {
    "send": ("count",),
    "expect": ("within",),
    "expect_not": ("within",),
    "check": ("within",),
    "ping": ("every", "as"),
    "stream": ("every", "as"),
    "cut": ("after",),
    "heal": ("after",),
    "stop": ("after",),
    "start": ("after",),
    "repeat": ("steps",),
    "each": ("in", "steps"),
    "when": ("steps", "else"),
    "after": (),
}


def _test(walk: Walk, _key: Scalar, item: Node) -> Statement:
    has, _ = walk.parts(item, "a test", ("title", "steps"), {})
    steps = _steps(walk, has.get("steps"))
    return TestDecl(walk.span(item), walk.string(walk.required(has, "title", item, "a test")), steps)


def _steps(walk: Walk, node: Node | None) -> tuple[Statement, ...]:
    return tuple(in_order(walk, node, _step))


def _step(walk: Walk, _key: Scalar, item: Node) -> Statement:
    if not isinstance(item, Mapping):
        walk.wrong_shape(item, "a step is a mapping", "this is none", "such as `- send: pc1 -> web tcp/80`")
        return Broken(walk.span(item))
    keys = [key.text for key, _ in item.items if isinstance(key, Scalar)]
    verb = next((verb for verb in _WITH if verb in keys), None)
    if verb is None:
        near = next((hint for key in keys if (hint := close(key, _WITH))), "")
        help = near or f"one of {', '.join(_WITH)}"
        if not item.cut:
            walk.diagnostics.error("E0151", "this step has no verb", walk.span(item), "what does it do?", help=help)
        return Broken(walk.span(item))
    has, _ = walk.parts(item, f"the step `{verb}`", (verb, *_WITH[verb]), {})
    return _MAKE[verb](walk, item, has, verb)


# --- Steps ---


def _send(walk: Walk, item: Node, has: Parts, verb: str) -> Statement:
    return Send(walk.span(item), flow(walk, has[verb]), walk.optional(has.get("count")))


def _expect_flow(walk: Walk, item: Node, has: Parts, verb: str) -> Statement:
    within = walk.optional(has.get("within"))
    return ExpectFlow(walk.span(item), flow(walk, has[verb]), verb == "expect_not", within)


def _check(walk: Walk, item: Node, has: Parts, verb: str) -> Statement:
    checks = tuple(_one_check(walk, one) for one in walk.items(has[verb]))
    if not checks:
        walk.wrong_shape(item, "a check says what must hold", "nothing stands here", "such as `outage < 5s`")
        raise UnreadableError
    return Expect(walk.span(item), checks, walk.optional(has.get("within")))


def _background(walk: Walk, item: Node, has: Parts, verb: str) -> Statement:
    label = walk.word(has["as"], "a label") if "as" in has else None
    every = walk.optional(has.get("every"))
    return Background(walk.span(item), verb, flow(walk, has[verb], ping=verb == "ping"), every, label)


def _disturb(walk: Walk, item: Node, has: Parts, verb: str) -> Statement:
    return Disturb(walk.span(item), verb, target(walk, has[verb]), walk.optional(has.get("after")))


def _wait(walk: Walk, item: Node, has: Parts, verb: str) -> Statement:
    return Wait(walk.span(item), needed(walk, has, verb, item, "a wait"))


def _repeat(walk: Walk, item: Node, has: Parts, verb: str) -> Statement:
    return Repeat(walk.span(item), needed(walk, has, verb, item, "a repeat"), _steps(walk, has.get("steps")))


def _for(walk: Walk, item: Node, has: Parts, _verb: str) -> Statement:
    return make_for(walk, item, has, _steps(walk, has.get("steps")))


def _if(walk: Walk, item: Node, _has: Parts, _verb: str) -> Statement:
    def branch(node: Node) -> tuple[Parts, tuple[Statement, ...]]:
        parts, _body = walk.parts(node, "a branch", ("when", "steps", "else"), {}, short="steps")
        return parts, _steps(walk, parts.get("steps"))

    return make_if(walk, item, branch)


_MAKE = {
    "send": _send,
    "expect": _expect_flow,
    "expect_not": _expect_flow,
    "check": _check,
    "ping": _background,
    "stream": _background,
    "cut": _disturb,
    "heal": _disturb,
    "stop": _disturb,
    "start": _disturb,
    "repeat": _repeat,
    "each": _for,
    "when": _if,
    "after": _wait,
}


# --- What steps speak of ---


def flow(walk: Walk, node: Node, *, ping: bool = False) -> Flow:
    """Who talks to whom over what."""
    if isinstance(node, Scalar) and not node.null:
        if ping:
            return _ping(walk, node)
        made: Flow = walk.fragment("flow", node)
        return made
    has, _ = walk.parts(node, "a flow", ("from", "to", "service", "source_port"), {})
    source, to = needed(walk, has, "from", node, "a flow"), needed(walk, has, "to", node, "a flow")
    service = _icmp(walk, node) if ping and "service" not in has else needed(walk, has, "service", node, "a flow")
    return Flow(walk.span(node), source, to, service, walk.optional(has.get("source_port")))


def _ping(walk: Walk, node: Scalar) -> Flow:
    """`pc1 -> web`."""
    text = Text(walk.source, node)
    arrow = text.value.find("->")
    if arrow < 0:
        walk.wrong_shape(node, "a ping goes from one node to another", "no `->` stands here", "such as `pc1 -> web`")
        raise UnreadableError
    source = text.expression(0, arrow, walk.diagnostics)
    to = text.expression(arrow + 2, len(text.value), walk.diagnostics)
    return Flow(walk.span(node), source, to, _icmp(walk, node))


def _icmp(walk: Walk, node: Node) -> Expression:
    return Literal(walk.span(node), Service("icmp"))


def target(walk: Walk, node: Node) -> Expression:
    """`edge:srv`, the name of a link or node, or `web.http`."""
    if isinstance(node, Scalar) and not node.null:
        text = Text(walk.source, node)
        if split_endpoint(text.value, 0, len(text.value)) is not None:
            return endpoint(walk, node)
    return walk.expression(node)


def _one_check(walk: Walk, node: Node) -> Check:
    """`outage < 5s`, `stream alive`, `edge:srv up`; or `{subject, of, operator, value}`."""
    if isinstance(node, Scalar) and not node.null:
        made: Check = walk.fragment("check", node)
        return made
    has, _ = walk.parts(node, "a check", ("subject", "of", "operator", "value"), {})
    subject = walk.word(walk.required(has, "subject", node, "a check"), "a subject")
    operator = (
        walk.choice(has["operator"], ("==", "!=", "<", "<=", ">", ">="), "an operator") if "operator" in has else None
    )
    of = target(walk, has["of"]) if "of" in has else None
    return Check(walk.span(node), subject, of, operator, walk.optional(has.get("value")))


TESTS: Table = {"tests": listed(_test)}
