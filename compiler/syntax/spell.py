"""How each statement of the tree is written in `.net`, its block left out.

Enters: records of tree.py. Leaves: one line of text, with `BREAK` behind the commas where a long line may be broken.
Called by `format.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..source import Source, Span
from . import tree
from .expression_text import CHOICE, POSTFIX, RANGE, SUM, expression_text, name_text, string_text, type_text
from .tree import Expression, Name, Statement

# Stands behind a comma; layout makes it a blank or a line break.
BREAK = "\x01"
_COMMA = f",{BREAK}"


def spell(expression: Expression, least: int = CHOICE) -> str:
    """An expression, which may be broken between the items of a list, a map or a call that is the whole of it."""
    match expression:
        case tree.ListOf(_, items):
            return f"[{_joined(items)}]"
        case tree.MapOf(span, items) if items:
            written = (expression_text(tree.MapOf(span, (item,)))[1:-1] for item in items)
            return f"{{ {_COMMA.join(written)} }}"
    return expression_text(expression, least)


def _joined(expressions: Iterable[Expression], least: int = CHOICE) -> str:
    return _COMMA.join(spell(expression, least) for expression in expressions)


def spell_name(name: Name) -> str:
    """A name: a word where it is one, `pc[i]` where it was written so, else a string."""
    text = name_text(name)
    if not text.startswith('"') or name.span.shown.startswith('"'):
        return text
    match name.parts:
        case (str(plain),) if _dotted(plain):
            return plain
        case (str(family), index) if not isinstance(index, str) and name.span.shown.startswith(f"{family}["):
            return f"{family}[{expression_text(index)}]"
    return text


def _dotted(text: str) -> bool:
    """`wan.100`, as sub-interfaces are called."""
    word, dot, number = text.partition(".")
    bare = name_text(Name(Span(Source("", b""), 0, 0), (word,)))
    return bool(dot) and number.isascii() and number.isdigit() and not bare.startswith('"')


def spell_endpoint(end: tree.Endpoint) -> str:
    return f"{spell(end.node, POSTFIX)}:{spell_name(end.port)}"


def _target(target: Expression) -> str:
    return spell_endpoint(target) if isinstance(target, tree.Endpoint) else spell(target, POSTFIX)


# --- Statements: the line, without the block


def spell_statement(statement: Statement) -> str:
    """The line of a statement, without its block."""
    return _STATEMENTS[type(statement)](statement)


def _clause(keyword: str, text: str | None) -> str:
    return f" {keyword} {text}" if text else ""


def _was(name: Name | None) -> str:
    return f" was {spell_name(name)}" if name is not None else ""


def _listed(keyword: str, expressions: tuple[Expression, ...], least: int) -> str:
    return _clause(keyword, _joined(expressions, least))


def _optional(keyword: str, expression: Expression | None, least: int) -> str:
    return "" if expression is None else f" {keyword} {spell(expression, least)}"


def _typed(keyword: str, node: tree.Param | tree.Field) -> str:
    type = f": {type_text(node.type)}" if node.type is not None else ""
    within, default = _optional("in", node.within, RANGE), _optional("=", node.default, CHOICE)
    return f"{keyword} {spell_name(node.name)}{type}{within}{default}"


def _import_item(item: tree.ImportItem) -> str:
    alias = _clause("as", item.alias)
    if item.form == "module":
        return item.target + alias
    if item.form == "path":
        return string_text((item.target,)) + alias
    revision = "" if item.revision is None else f" at {string_text((item.revision,))}"
    subpath = "" if item.subpath is None else f" path {string_text((item.subpath,))}"
    return f"git {string_text((item.target,))}{revision}{subpath}{alias}"


def _kind(kind: tree.Dotted | None) -> str:
    return f": {kind}" if kind is not None else ""


def _port(port: tree.PortDecl) -> str:
    over = _clause("over", ", ".join(map(spell_name, port.over)))
    vlan = _optional("vlan", port.vlan, SUM)
    at, mac = _listed("at", port.at, SUM), _optional("mac", port.mac, POSTFIX)
    return f"{port.form} {spell_name(port.name)}{_was(port.was)}{over}{vlan}{_attachments(port.attachments)}{at}{mac}"


def _attachments(attachments: tuple[tree.Attachment, ...]) -> str:
    """Neighbours of one sort share a keyword; the order is kept."""
    written, last = "", ""
    for attachment in attachments:
        keyword = {None: "on", True: "tagged", False: "untagged"}[attachment.tagged]
        segment = spell(attachment.segment, POSTFIX)
        written += f"{_COMMA}{segment}" if keyword == last != "on" else f" {keyword} {segment}"
        last = keyword
    return written


def _link(link: tree.LinkDecl) -> str:
    name = "" if link.name is None else f"{spell_name(link.name)}{_was(link.was)}: "
    left, right = map(spell_endpoint, link.ends)
    return f"link {name}{left} -- {right}{_listed('on', link.prefixes, RANGE)}"


def _demand(demand: tree.Demand) -> str:
    if demand.operator is None or demand.value is None:
        return demand.key
    return f"{demand.key} {demand.operator} {spell(demand.value, RANGE)}"


def _demands(demands: tuple[tree.Demand, ...]) -> str:
    return _COMMA.join(map(_demand, demands))


def _affinity(wish: tree.Affinity) -> str:
    weight = _optional("weight", wish.weight, SUM)
    targets = f" {_joined(wish.targets, POSTFIX)}" if wish.targets else ""
    return f"{'prefers ' if wish.soft else ''}{wish.form}{targets}{_clause('by', wish.by)}{weight}"


def _rule(rule: tree.Rule) -> str:
    arrow = "<->" if rule.both else "->"
    services = "".join(f" {spell(service, POSTFIX)}" for service in rule.services)
    return f"{_joined(rule.sources, POSTFIX)} {arrow} {_joined(rule.targets, POSTFIX)} {rule.action}{services}"


def _pair(flow: tree.Flow) -> str:
    return f"{spell(flow.source, POSTFIX)} -> {spell(flow.target, POSTFIX)}"


def spell_flow(flow: tree.Flow) -> str:
    return f"{_pair(flow)} {spell(flow.service, POSTFIX)}{_optional('from port', flow.source_port, POSTFIX)}"


def _within(expression: Expression | None) -> str:
    return "" if expression is None else f"within {spell(expression, SUM)} "


def spell_check(check: tree.Check) -> str:
    if check.operator is not None and check.value is not None:
        return f"{check.subject}{_optional('of', check.of, POSTFIX)} {check.operator} {spell(check.value, RANGE)}"
    if check.of is None:
        return f"stream {check.subject}"
    return f"{'stream ' if check.subject == 'alive' else ''}{_target(check.of)} {check.subject}"


def _background(node: tree.Background) -> str:
    flow = _pair(node.flow) if node.form == "ping" else spell_flow(node.flow)
    return f"{node.form} {flow}{_optional('every', node.every, SUM)}{_clause('as', node.label)}"


def _uses(node: tree.Uses) -> str:
    who = "instances use" if node.lab is None else f"lab {spell_name(node.lab)} uses"
    return f"{who} {node.pool} {_joined(node.ranges, RANGE)}"


def _route(route: tree.RouteDecl) -> str:
    via = " blackhole" if route.via is None else f" via {spell(route.via, SUM)}"
    return f"route {spell(route.prefix, SUM)}{via}{_optional('metric', route.metric, SUM)}"


def _socket(socket: tree.Socket) -> str:
    return f"port {spell_name(socket.name)}" + (
        "" if socket.cable is None else f" cable {spell_endpoint(socket.cable)}"
    )


_STATEMENTS: dict[type[Statement], Callable[[Any], str]] = {
    tree.LabHeader: lambda s: f"lab {spell_name(s.name)}",
    tree.SiteHeader: lambda s: f"site {spell_name(s.name)}",
    tree.Import: lambda s: f"import {_COMMA.join(map(_import_item, s.items))}",
    tree.Param: lambda s: _typed("param", s),
    tree.Field: lambda s: _typed("field", s),
    tree.Let: lambda s: f"let {spell_name(s.name)} = {spell(s.value)}",
    tree.Assign: lambda s: f"{spell_name(s.name)} = {spell(s.value)}",
    tree.For: lambda s: f"for {', '.join(s.names)} in {spell(s.iterable)}",
    tree.SegmentDecl: lambda s: (
        f"segment {spell_name(s.name)}{_was(s.was)}{' ' if s.prefixes else ''}{_joined(s.prefixes, RANGE)}"
    ),
    tree.NodeDecl: lambda s: f"node {spell_name(s.name)}{_was(s.was)}{_kind(s.kind)}",
    tree.KindDecl: lambda s: f"kind {spell_name(s.name)}{_clause('extends', str(s.base) if s.base else '')}",
    tree.ServiceDecl: lambda s: f"service {spell_name(s.name)}{_listed('on', s.listens, POSTFIX)}",
    tree.PortDecl: _port,
    tree.LinkDecl: _link,
    tree.Gateway: lambda s: f"gateway {_joined(s.via, SUM)}",
    tree.RouteDecl: _route,
    tree.Nat: lambda s: f"nat {spell(s.outside, SUM)} <-> {spell(s.inside, SUM)}",
    tree.Napt: lambda s: f"napt {_joined(s.sources, SUM)} to {spell(s.to, SUM)}",
    tree.ConfigDecl: lambda s: f"config {spell(s.template)}{_optional('to', s.path, CHOICE)}",
    tree.Serve: lambda s: f"serve {s.service}{_listed('on', s.listens, POSTFIX)}",
    tree.Needs: lambda s: f"needs {_demands(s.demands)}",
    tree.Prefers: lambda s: f"prefers {_demands(s.demands)}{_optional('weight', s.weight, SUM)}",
    tree.Affinity: _affinity,
    tree.Placing: lambda s: f"place {spell_name(s.strategy)}",
    tree.GroupDecl: lambda s: f"group {spell_name(s.name)} = {_joined(s.members)}",
    tree.ZoneDecl: lambda s: f"zone {spell_name(s.name)}{_was(s.was)} = {_joined(s.members)}",
    tree.PolicyDecl: lambda s: f"policy {spell_name(s.name)}",
    tree.Rule: _rule,
    tree.Otherwise: lambda s: f"otherwise {s.action}",
    tree.TestDecl: lambda s: f"test {spell(s.title)}",
    tree.Send: lambda s: f"send {spell(s.count, POSTFIX) + ' ' if s.count is not None else ''}{spell_flow(s.flow)}",
    tree.ExpectFlow: lambda s: f"{_within(s.within)}expect {'not ' if s.negated else ''}{spell_flow(s.flow)}",
    tree.Expect: lambda s: f"{_within(s.within)}expect {_COMMA.join(map(spell_check, s.checks))}",
    tree.Background: _background,
    tree.Disturb: lambda s: f"{s.form} {_target(s.target)}{_optional('after', s.after, SUM)}",
    tree.Wait: lambda s: f"after {spell(s.time, SUM)}",
    tree.Repeat: lambda s: f"repeat {spell(s.count, POSTFIX)}",
    tree.HostDecl: lambda s: f"host {spell_name(s.name)}",
    tree.Nic: lambda s: f"nic {spell_name(s.name)}",
    tree.DeviceDecl: lambda s: f"device {spell_name(s.name)}{_kind(s.kind)}",
    tree.SwitchDecl: lambda s: f"switch {spell_name(s.name)}",
    tree.Socket: _socket,
    tree.Pool: lambda s: f"pool {spell_name(s.name)} {_joined(s.ranges, RANGE)}{_listed('except', s.reserved, RANGE)}",
    tree.Uses: _uses,
}
