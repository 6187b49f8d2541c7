"""Where nodes shall stand, in YAML: `needs`, `prefers`, `on`, `together` and its like, and the strategy.

Enters: keys and values that `yaml_walk.py` hands over. Leaves: statements of the syntax tree. Called through the tables of
`yaml_lab.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..source import Span
from .tree import Affinity, Demand, Needs, Placing, Prefers, Statement
from .yaml_nodes import Mapping, Node, Scalar, Sequence
from .yaml_text import Text, UnreadableError
from .yaml_walk import Parts, Reader, Walk

AMONG_NODES = ("together", "apart", "balance", "exclusive")
_IN_NODE = (*AMONG_NODES, "on")
_OPERATOR = re.compile(r"\s*(==|!=|<=|>=|=|<|>|in\b)\s*")


def affinities(form: str, *, in_node: bool) -> Reader:
    """`[a, b]` or `{of: [a, b], by: rack}`; a list of such lists and mappings is several statements."""

    def read(walk: Walk, key: Scalar, value: Node) -> Iterable[Statement]:
        return [_affinity(walk, form, walk.span(key, node), node, in_node) for node in _each(value)]

    return read


def _each(value: Node) -> Iterator[Node]:
    if isinstance(value, Sequence) and value.items and all(isinstance(it, Sequence | Mapping) for it in value.items):
        yield from value.items
    else:
        yield value


def _affinity(walk: Walk, form: str, span: Span, node: Node, in_node: bool) -> Affinity:
    has, _ = walk.parts(node, f"`{form}`", ("of", "by"), {}, short="of")
    of = walk.required(has, "of", node, f"`{form}`")
    return _made(walk, form, span, of, has.get("by"), in_node)


def _made(walk: Walk, form: str, span: Span, of: Node, by: Node | None, in_node: bool) -> Affinity:
    """`exclusive: true` is the node itself, where there is one."""
    alone = in_node and form == "exclusive" and isinstance(of, Scalar) and of.text == "true" and not of.style
    targets = () if alone else walk.some(of, f"`{form}`")
    return Affinity(span, form, targets, None if by is None else walk.word(by, "a label"))


def prefers(walk: Walk, _key: Scalar, item: Node) -> Statement:
    """In a node: `{want: {ssd: }, weight: 3}`, `{apart: b, by: rack, weight: 5}`; what is no mapping is what is wanted."""
    has, _ = walk.parts(item, "a `prefers`", ("want", *_IN_NODE, "by", "weight"), {}, short="want")
    if not any(form in has for form in _IN_NODE):
        wanted = demands(walk, walk.required(has, "want", item, "a `prefers`"))
        return Prefers(walk.span(item), wanted, walk.optional(has.get("weight")))
    return _wish(walk, item, has, True)


def prefers_among(walk: Walk, _key: Scalar, item: Node) -> Statement:
    """At the top of a file: `{apart: [a, b], by: rack, weight: 5}`."""
    has, _ = walk.parts(item, "a `prefers`", (*AMONG_NODES, "by", "weight"), {})
    if not any(form in has for form in AMONG_NODES):
        walk.required(has, AMONG_NODES[0], item, "a `prefers`")
    return _wish(walk, item, has, False)


def _wish(walk: Walk, item: Node, has: Parts, in_node: bool) -> Affinity:
    form = next(form for form in _IN_NODE if form in has)
    _refuse_second(walk, has, form)
    made = _made(walk, form, walk.span(item), has[form], has.get("by"), in_node)
    return Affinity(made.span, form, made.targets, made.by, True, walk.optional(has.get("weight")))


def _refuse_second(walk: Walk, has: Parts, form: str) -> None:
    """One weight is that of one wish."""
    others = [key for key in has if key in ("want", *_IN_NODE) and key != form]
    if others:
        help = "write them as two items of the list"
        walk.wrong_shape(
            has[others[0]], f"a `prefers` says one of `{form}` and `{others[0]}`", "this is the second", help
        )


def place(walk: Walk, key: Scalar, value: Node) -> Iterable[Statement]:
    """`place: pack`."""
    return [Placing(walk.span(key, value), walk.name(value, "`place`"))]


def demands(walk: Walk, node: Node | None) -> tuple[Demand, ...]:
    """`{cpu: 1, isdn: ">= 1", kvm: }` or `[cpu = 1, isdn >= 1, kvm]`."""
    if isinstance(node, Mapping):
        return tuple(_demand_by_key(walk, key, value) for key, value in walk.pairs(node))
    return tuple(_demand_in_text(walk, item) for item in walk.items(node))


def _demand_by_key(walk: Walk, key: Scalar, value: Node) -> Demand:
    span = walk.span(key, value)
    walk.word(key, "what is demanded")
    if isinstance(value, Scalar) and value.null:
        return Demand(span, key.text)
    if isinstance(value, Scalar):
        text = Text(walk.source, value)
        operator = _OPERATOR.match(text.value)
        if operator is not None:
            wanted = text.expression(operator.end(), len(text.value), walk.diagnostics)
            return Demand(span, key.text, operator[1], wanted)
    return Demand(span, key.text, "=", walk.expression(value))


def _demand_in_text(walk: Walk, node: Node) -> Demand:
    if not isinstance(node, Scalar) or node.null:
        walk.wrong_shape(node, "a demand is `KEY`, or `KEY OPERATOR VALUE`", "this is none", "such as `isdn >= 1`")
        raise UnreadableError
    made: Demand = walk.fragment("demand", node)
    return made


def needs(walk: Walk, key: Scalar, value: Node) -> Iterable[Statement]:
    wanted = demands(walk, value)
    return [Needs(walk.span(key, value), wanted)] if wanted else []
