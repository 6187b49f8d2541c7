"""Policies and tests of the tree in YAML; the order of rules and steps stays.

Enters: `PolicyDecl` and `TestDecl` records. Leaves: pairs and items in the sections. Called through the table of `yaml_out.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from . import tree
from .expression_text import expression_text, postfix_text
from .tree import Expression, Statement
from .yaml_emit import Item, List, Map, Pair, Text, Value
from .yaml_sections import Sections, Shape, Writer
from .yaml_text import plain_name
from .yaml_values import (
    branches,
    endpoint,
    inline,
    joined,
    loop_head,
    mapping,
    optional,
    short,
    string,
    value,
    values,
    word,
)


def write_policy(writer: Writer, item: tree.PolicyDecl, into: Sections, _: Shape) -> None:
    rules = list(item.rules)
    last = rules[-1] if rules and isinstance(rules[-1], tree.Otherwise) else None
    if last is not None and not writer.above(last):
        rules.pop()
        otherwise = word(last.action)
    else:
        otherwise = None
    shown = mapping(rules=_rules(writer, rules) if rules else None, otherwise=otherwise)
    writer.add_named(into, "policies", item, item.name, short(shown, "rules"))


def _rules(writer: Writer, rules: Iterable[Statement]) -> List:
    return _in_order(writer, rules, "rules", _rule, _rules)


def _rule(_writer: Writer, item: Statement) -> Value:
    if isinstance(item, tree.Otherwise):
        return mapping(otherwise=word(item.action))
    if not isinstance(item, tree.Rule):
        return None
    services = List([Item(inline(service)) for service in item.services])
    both = Text("true") if item.both else None
    head = mapping(from_=values(item.sources), to=values(item.targets), both=both)
    return joined(head, Map([Pair(item.action, services if len(services.items) != 1 else services.items[0].value)]))


def _in_order(
    writer: Writer,
    statements: Iterable[Statement],
    key: str,
    one: Callable[[Writer, Statement], Value],
    inner: Callable[[Writer, Iterable[Statement]], List],
) -> List:
    """Rules or steps, with loops, conditions and variables among them."""
    items = []
    for statement in statements:
        match statement:
            case tree.For():
                made: Value = joined(loop_head(statement), Map([Pair(key, inner(writer, statement.body))]))
            case tree.If():
                made = branches(statement, lambda body: Map([Pair(key, inner(writer, body))]))
            case tree.Let():
                made = Map([Pair("let", Map([Pair(plain_name(statement.name), value(statement.value))]))])
            case _:
                made = one(writer, statement)
        if made is not None:
            items.append(Item(made, writer.above(statement)))
    return List(items)


def write_test(writer: Writer, item: tree.TestDecl, into: Sections, _: Shape) -> None:
    parts = mapping(title=string(item.title), steps=_steps(writer, item.body) if item.body else None)
    writer.add_item(into, "tests", item, parts)


def _steps(writer: Writer, steps: Iterable[Statement]) -> List:
    return _in_order(writer, steps, "steps", _step, _steps)


def _step(writer: Writer, item: Statement) -> Value:
    match item:
        case tree.Send():
            return mapping(send=flow(item.flow), count=optional(item.count))
        case tree.ExpectFlow():
            return Map([Pair("expect_not" if item.negated else "expect", flow(item.flow)), *_within(item.within)])
        case tree.Expect():
            return Map([Pair("check", _checks(item.checks)), *_within(item.within)])
        case tree.Background():
            head = Pair(item.form, flow(item.flow, ping=item.form == "ping"))
            return Map([head, *mapping(every=optional(item.every), as_=word(item.label)).pairs])
        case tree.Disturb():
            return Map([Pair(item.form, target(item.target)), *mapping(after=optional(item.after)).pairs])
        case tree.Wait():
            return mapping(after=value(item.time))
        case tree.Repeat():
            return mapping(repeat=value(item.count), steps=_steps(writer, item.body))
    return None


def _within(time: Expression | None) -> list[Pair]:
    return mapping(within=optional(time)).pairs


def flow(given: tree.Flow, *, ping: bool = False) -> Text:
    """`pc1 -> web tcp/80 from port 53`."""
    text = f"{postfix_text(given.source)} -> {postfix_text(given.target)}"
    if not ping:
        text += f" {postfix_text(given.service)}"
    if given.source_port is not None:
        text += f" from port {postfix_text(given.source_port)}"
    return Text(text, text=True)


def target(given: Expression) -> Text:
    return endpoint(given) if isinstance(given, tree.Endpoint) else Text(expression_text(given), text=True)


def _checks(checks: Sequence[tree.Check]) -> Value:
    texts = [Text(_check(check), text=True) for check in checks]
    return texts[0] if len(texts) == 1 else List([Item(text) for text in texts])


_FLOW_STATES = ("alive",)


def _check(check: tree.Check) -> str:
    if check.operator is not None and check.value is not None:
        of = "" if check.of is None else f" of {postfix_text(check.of)}"
        return f"{check.subject}{of} {check.operator} {expression_text(check.value)}"
    if check.of is None:
        return f"stream {check.subject}"
    of = expression_text(check.of) if isinstance(check.of, tree.Endpoint) else postfix_text(check.of)
    return f"stream {of} {check.subject}" if check.subject in _FLOW_STATES else f"{of} {check.subject}"
