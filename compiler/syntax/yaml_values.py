"""Values of the tree as values of YAML: expressions, names, ends of links, demands, loops' heads.

Enters: expressions and small records of the tree. Leaves: scalars, lists and mappings for `yaml_emit.py`. Called by the
writers of statements, `yaml_out.py` and `yaml_out_tests.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from . import tree
from .expression_text import expression_text, name_text, postfix_text
from .tree import Expression, Name, Statement
from .yaml_emit import Item, List, Map, Pair, Text, Value
from .yaml_text import plain_name


def value(expression: Expression) -> Value:
    """An expression: a list as a list, a map as a mapping, all else as text of `.net`."""
    match expression:
        case tree.ListOf(_, items):
            return List([Item(value(item)) for item in items])
        case tree.MapOf(_, pairs) if len({key for key, _ in pairs}) == len(pairs):
            return Map([Pair(key, value(item)) for key, item in pairs])
    return inline(expression)


def inline(expression: Expression) -> Text:
    """An expression as one scalar; `pc{i}` needs no quotes of its own."""
    if isinstance(expression, tree.Interpolation):
        bare = plain_name(tree.Name(expression.span, expression.parts))
        if _reads_as_name(bare, expression):
            return Text(bare)
    return Text(expression_text(expression))


def _reads_as_name(bare: str, expression: tree.Interpolation) -> bool:
    texts = [part for part in expression.parts if isinstance(part, str)]
    first = expression.parts[0]
    begins = isinstance(first, str) and first.isascii() and first.replace("-", "_").isidentifier()
    return begins and "\\" not in bare and all(text.isascii() and text.isprintable() for text in texts)


def values(expressions: Sequence[Expression]) -> Value:
    """One or a list of expressions, each as one scalar."""
    if len(expressions) == 1:
        return inline(expressions[0])
    return List([Item(inline(expression)) for expression in expressions])


def string(expression: Expression) -> Text:
    """A place that holds a text."""
    match expression:
        case tree.Literal(_, str(text)):
            parts: tuple[str | Expression, ...] = (text,)
        case tree.Interpolation(_, given):
            parts = given
        case _:
            parts = (expression,)
    return Text(plain_name(tree.Name(expression.span, parts), string=True), text=True)


def is_string(expression: Expression) -> bool:
    return isinstance(expression, tree.Interpolation) or (
        isinstance(expression, tree.Literal) and isinstance(expression.value, str) and expression.value != ""
    )


def mapping(**parts: Value) -> Map:
    """A mapping of what there is; a trailing underscore makes a key of a word of Python."""
    return Map([Pair(key.rstrip("_"), part) for key, part in parts.items() if part is not None])


def optional(expression: Expression | None) -> Value:
    return None if expression is None else value(expression)


def optional_list(expressions: Sequence[Expression]) -> Value:
    return values(expressions) if expressions else None


def name(given: Name | None) -> Value:
    return None if given is None else Text(plain_name(given), text=True)


def word(text: str | None) -> Value:
    return None if text is None else Text(text, text=True)


def short(parts: Map, key: str) -> Value:
    """The value alone where a mapping would have this one key; nothing where it would be empty."""
    if not parts.pairs:
        return None
    only = parts.pairs[0]
    if len(parts.pairs) == 1 and only.key == key and not isinstance(only.value, Map) and not only.comments:
        return only.value
    return parts


def joined(first: Map, second: Map) -> Map:
    return Map([*first.pairs, *second.pairs])


def endpoint(end: tree.Endpoint) -> Text:
    """`leaf{i}:up{s}`."""
    node = inline(end.node).value if isinstance(end.node, tree.Interpolation) else postfix_text(end.node)
    port = plain_name(end.port)
    texts = "".join(part for part in end.port.parts if isinstance(part, str))
    safe = all(letter.isalnum() or letter in "_./-" for letter in texts)
    return Text(f"{node}:{port if safe else name_text(end.port)}", text=True)


def demands(wanted: Sequence[tree.Demand]) -> Value:
    """`{cpu: 1, isdn: '>= 1'}`; texts in a list, `[cpu = 1, kvm]`, where a key stands bare or twice."""
    if len({demand.key for demand in wanted}) < len(wanted) or any(demand.value is None for demand in wanted):
        texts = [Text(demand_text(demand), text=True) for demand in wanted]
        return texts[0] if len(texts) == 1 else List([Item(text) for text in texts])
    return Map([Pair(demand.key, _wanted(demand)) for demand in wanted])


def _wanted(demand: tree.Demand) -> Value:
    if demand.value is None:
        return None
    if demand.operator == "=":
        return value(demand.value)
    return Text(f"{demand.operator} {expression_text(demand.value)}", text=True)


def demand_text(demand: tree.Demand) -> str:
    if demand.value is None:
        return demand.key
    return f"{demand.key} {demand.operator} {expression_text(demand.value)}"


def loop_head(item: tree.For) -> Map:
    names = [Item(word(name)) for name in item.names]
    return mapping(each=names[0].value if len(names) == 1 else List(names), in_=value(item.iterable))


def branches(item: tree.If, write: Callable[[tuple[Statement, ...]], Map]) -> Map:
    """`{when, …, else: {when, …, else: {…}}}`."""
    made = None if item.otherwise is None else write(item.otherwise)
    for test, body in reversed(item.branches):
        after = [] if made is None else [Pair("else", made)]
        made = Map([Pair("when", value(test)), *write(body).pairs, *after])
    return made or Map()
