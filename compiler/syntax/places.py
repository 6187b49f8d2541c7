"""Which statement stands where: a port in a node, a rule in a policy, a step in a test.

Enters: the statements of a file. Leaves: the same, with what stands in the wrong place reported and marked as broken.
Called by `parse.py`. The grammar takes any statement anywhere, so that the message can say where it belongs.
"""

from __future__ import annotations

from msgspec.structs import replace

from ..diagnostics import Diagnostics
from ..source import Span
from . import tree
from .expected import FORMS
from .tree import Statement

_Types = set[type[Statement]]
_ANYWHERE: _Types = {tree.Let, tree.For, tree.If, tree.Broken}
_TOP: _Types = {
    tree.LabHeader,
    tree.SiteHeader,
    tree.Import,
    tree.Param,
    tree.KindDecl,
    tree.ServiceDecl,
    tree.SegmentDecl,
    tree.NodeDecl,
    tree.LinkDecl,
    tree.GroupDecl,
    tree.ZoneDecl,
    tree.PolicyDecl,
    tree.TestDecl,
    tree.Affinity,
    tree.Placing,
    tree.HostDecl,
    tree.DeviceDecl,
    tree.SwitchDecl,
    tree.Pool,
    tree.Uses,
}
# These say what a file is or what it can be asked for: never under a condition or in a loop.
_ONLY_TOP: _Types = {tree.LabHeader, tree.SiteHeader, tree.Import, tree.Param, tree.KindDecl, tree.ServiceDecl}
_NODE: _Types = {
    tree.PortDecl,
    tree.Gateway,
    tree.RouteDecl,
    tree.Nat,
    tree.Napt,
    tree.ConfigDecl,
    tree.Serve,
    tree.Needs,
    tree.Prefers,
    tree.Affinity,
    tree.Assign,
}
_FIELDS: _Types = {tree.Assign}
_STEPS: _Types = {
    tree.Send,
    tree.ExpectFlow,
    tree.Expect,
    tree.Background,
    tree.Disturb,
    tree.Wait,
    tree.Repeat,
}
_REAL_GEAR: _Types = {tree.Assign, tree.Socket, tree.PortDecl}
# What may stand in the block of each statement, and how people call that block.
_BLOCKS: dict[type[Statement], tuple[_Types, str]] = {
    tree.NodeDecl: (_NODE, "a node"),
    tree.KindDecl: (_NODE | {tree.Field}, "a kind"),
    tree.ServiceDecl: ({tree.Field, tree.Assign}, "a service"),
    tree.SegmentDecl: (_FIELDS, "a segment"),
    tree.LinkDecl: (_FIELDS, "a link"),
    tree.PortDecl: (_FIELDS, "a port"),
    tree.Socket: (_FIELDS, "a port"),
    tree.Serve: (_FIELDS, "a service"),
    tree.Nic: (_FIELDS, "a NIC"),
    tree.HostDecl: ({tree.Nic, tree.Assign}, "a host"),
    tree.DeviceDecl: (_REAL_GEAR, "a device"),
    tree.SwitchDecl: (_REAL_GEAR, "a switch"),
    tree.PolicyDecl: ({tree.Rule, tree.Otherwise}, "a policy"),
    tree.TestDecl: (_STEPS, "a test"),
    tree.Repeat: (_STEPS, "a test"),
}
_WHERE: list[tuple[_Types, str]] = [
    (_ONLY_TOP, "at the top of a file, outside every block"),
    ({tree.Affinity}, "at the top of a file or in a node or a kind"),
    (_TOP, "at the top of a file"),
    ({tree.Assign}, "in the block of what it belongs to; a value of the file's own is `let NAME = VALUE`"),
    ({tree.PortDecl, tree.Socket}, "in a node, a kind, a device or a switch"),
    (_NODE, "in a node or a kind"),
    (_STEPS, "in a test"),
    ({tree.Rule, tree.Otherwise}, "in a policy"),
    ({tree.Field}, "in a kind or a service"),
    ({tree.Nic}, "in a host"),
]


def check_places(body: tuple[Statement, ...], found: Diagnostics) -> tuple[Statement, ...]:
    """The statements of a file, each where it may stand."""
    return _check(body, _TOP, "the top of a file", True, found)


def _check(
    body: tuple[Statement, ...], allowed: _Types, place: str, outside: bool, found: Diagnostics
) -> tuple[Statement, ...]:
    """`outside`: no loop and no condition is around these statements."""
    made: list[Statement] | None = None
    for index, statement in enumerate(body):
        checked = _one(statement, allowed, place, outside, found)
        if checked is not statement:
            made = made or list(body)
            made[index] = checked
    return body if made is None else tuple(made)


def _one(statement: Statement, allowed: _Types, place: str, outside: bool, found: Diagnostics) -> Statement:
    kind = type(statement)
    if kind not in allowed and kind not in _ANYWHERE:
        return _misplaced(statement, place, found)
    if kind in _ONLY_TOP and not outside:
        return _misplaced(statement, "a loop or a condition", found)
    match statement:
        case tree.For(body=body):
            statement.body = _check(body, allowed, place, False, found)
        case tree.If(branches=branches, otherwise=otherwise):
            statement.branches = tuple((test, _check(body, allowed, place, False, found)) for test, body in branches)
            if otherwise is not None:
                statement.otherwise = _check(otherwise, allowed, place, False, found)
        case tree.Broken():
            pass  # What its block was meant to be is not known.
        case tree.PolicyDecl(rules=rules):
            statement.rules = _check(rules, *_BLOCKS[kind], False, found)
        case _ if kind in _BLOCKS and statement.body:  # type: ignore[attr-defined]
            statement.body = _check(statement.body, *_BLOCKS[kind], False, found)  # type: ignore[attr-defined]
    if isinstance(statement, tree.DeviceDecl | tree.SwitchDecl):
        statement.body = tuple(map(_socket, statement.body))
    return _of_a_node(statement, place, found)


def _socket(statement: Statement) -> Statement:
    """A port of real gear that is plugged in nowhere yet."""
    match statement:
        case tree.PortDecl(span, "port", name):
            return tree.Socket(span, name, None, statement.body)
        case tree.For(body=body):
            return replace(statement, body=tuple(map(_socket, body)))
        case tree.If(branches=branches, otherwise=otherwise):
            return replace(
                statement,
                branches=tuple((test, tuple(map(_socket, body))) for test, body in branches),
                otherwise=None if otherwise is None else tuple(map(_socket, otherwise)),
            )
    return statement


def _of_a_node(statement: Statement, place: str, found: Diagnostics) -> Statement:
    """`on h1`, and `exclusive` alone, speak of the node around them."""
    if not isinstance(statement, tree.Affinity) or place != "the top of a file":
        return statement
    if statement.form == "on":
        source, start, _ = statement.span
        found.error(
            "E0110",
            f"`{'prefers on' if statement.soft else 'on'}` does not stand at {place}",
            Span(source, start, start + len("prefers" if statement.soft else "on")),
            "whose?",
            reason="It says where the node around it shall be.",
            help="it stands in a node or a kind; here `together NODE, NODE` and `apart NODE, NODE` say how nodes stand to each other",
        )
        return tree.Broken(statement.span)
    if not statement.targets:
        help = "name the nodes: `exclusive NODE, …`"
        found.error("E0110", "`exclusive` without nodes stands in a node", statement.span, "whose?", help=help)
        return tree.Broken(statement.span)
    return statement


def _misplaced(statement: Statement, place: str, found: Diagnostics) -> Statement:
    source, start, end = statement.span
    word = source.text[start:end].split(None, 1)[0] if end > start else ""
    word = word if word.isascii() and word.isalpha() and type(statement) not in (tree.Assign, tree.Rule) else ""
    what = f"`{word}`" if word else ("a rule" if isinstance(statement, tree.Rule) else "a field's value")
    where = next((said for kinds, said in _WHERE if type(statement) in kinds), "elsewhere")
    span = (
        Span(source, start, start + len(word)) if word else Span(source, start, min(end, _line_end(source.text, start)))
    )
    preposition = "at" if place == "the top of a file" else "in"
    form = FORMS.get(source.text[start:end].split(None, 1)[0], "") if isinstance(statement, tree.Assign) else ""
    reason = f"The statement is written `{form}`." if form else ""
    summary = f"{what} does not stand {preposition} {place}"
    found.error("E0110", summary, span, "not here", reason=reason, help=f"it stands {where}")
    return tree.Broken(statement.span)


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end
