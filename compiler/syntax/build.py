"""The tree builder: one method for each rule of grammar.lark, called by the parser as it reduces.

Enters: the span of the rule and what its kept symbols became: a record, a list, None for an optional part, or a word
as its number. Leaves: the record of tree.py. A method marked `bare` needs no span. Methods are named after rules and
aliases; what is wrong with a single word (an address, a unit) is reported here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from ..addresses import Mac
from ..diagnostics import Diagnostics
from ..quantities import Service
from ..source import Span
from . import tree
from .clauses import port as port_of
from .lexer import Words, lexicon
from .literals import read_address, read_decimal, read_number, read_quantity, read_service, read_text
from .tree import Expression, Name, Statement, Value

F = TypeVar("F", bound=Callable[..., Any])
Word = int
WORDS_AS_VALUES: dict[str, Value] = {"true": True, "false": False, "icmp": Service("icmp"), "any": Service("any")}
# Expressions deeper than this are refused, so that everything behind the parser may walk a tree by recursion.
DEEPEST = 100


def bare(method: F) -> F:
    """Mark a method that gets no span: it only gathers."""
    method.bare = True  # type: ignore[attr-defined]
    return method


class Builder:
    def __init__(self, words: Words, diagnostics: Diagnostics) -> None:
        self.words = words
        self.diagnostics = diagnostics
        self.text = words.text
        self.spellings = lexicon().spelled
        self.depths: dict[int, int] = {}
        self.too_deep = False

    def spelled(self, word: Word) -> str:
        """A keyword or operator, spelt right where recovery has changed it."""
        return self.spellings[self.words.kinds[word]]

    # --- Lists

    @bare
    def first(self, item: Any) -> list[Any]:
        return [item]

    @bare
    def next(self, items: list[Any], item: Any) -> list[Any]:
        items.append(item)
        return items

    @bare
    def none(self) -> list[Any]:
        return []

    @bare
    def same(self, items: list[Any]) -> list[Any]:
        return items

    # --- Files and modules

    @bare
    def file(self, body: tuple[Statement, ...]) -> tuple[Statement, ...]:
        return body

    @bare
    def no_statements(self) -> tuple[Statement, ...]:
        return ()

    @bare
    def statements(self, items: list[Statement]) -> tuple[Statement, ...]:
        return tuple(items)

    @bare
    def block(self, body: tuple[Statement, ...]) -> tuple[Statement, ...]:
        return body

    def broken(self, span: Span, word: Word, body: tuple[Statement, ...] | None) -> Statement:
        return tree.Broken(span, body or ())

    def lab(self, span: Span, name: Name) -> Statement:
        return tree.LabHeader(span, name)

    def site(self, span: Span, name: Name) -> Statement:
        return tree.SiteHeader(span, name)

    def import_(self, span: Span, items: list[tree.ImportItem]) -> Statement:
        return tree.Import(span, tuple(items))

    def import_module(self, span: Span, module: tree.Dotted, alias: Word | None) -> tree.ImportItem:
        return tree.ImportItem(span, "module", str(module), alias=self._optional(alias))

    def import_path(self, span: Span, path: Expression, alias: Word | None) -> tree.ImportItem:
        return tree.ImportItem(span, "path", self._constant(path), alias=self._optional(alias))

    def import_git(
        self, span: Span, url: Expression, at: Expression | None, path: Expression | None, alias: Word | None
    ) -> tree.ImportItem:
        revision = None if at is None else self._constant(at)
        subpath = None if path is None else self._constant(path)
        return tree.ImportItem(span, "git", self._constant(url), revision, subpath, self._optional(alias))

    # --- Values, loops

    def param(self, span: Span, name: Name, type: Any, within: Any, default: Any) -> Statement:
        return tree.Param(span, name, type, within, default)

    def field(self, span: Span, name: Name, type: Any, within: Any, default: Any) -> Statement:
        return tree.Field(span, name, type, within, default)

    def let(self, span: Span, name: Name, value: Expression) -> Statement:
        return tree.Let(span, name, value)

    def assign(self, span: Span, name: Word, value: Expression) -> Statement:
        return tree.Assign(span, Name(self.words.span(name), (self.text(name),)), value)

    def for_(self, span: Span, names: list[Word], iterable: Expression, body: tuple[Statement, ...]) -> Statement:
        return tree.For(span, tuple(map(self.text, names)), iterable, body)

    def if_(self, span: Span, test: Expression, body: tuple[Statement, ...], otherwise: Any) -> tree.If:
        if isinstance(otherwise, tree.If):
            return tree.If(span, ((test, body), *otherwise.branches), otherwise.otherwise)
        return tree.If(span, ((test, body),), otherwise)

    @bare
    def otherwise_block(self, body: tuple[Statement, ...]) -> tuple[Statement, ...]:
        return body

    @bare
    def otherwise_if(self, inner: tree.If) -> tree.If:
        return inner

    def type_name(self, span: Span, name: Word, arguments: list[tree.TypeName] | None = None) -> tree.TypeName:
        return tree.TypeName(span, self.text(name), tuple(arguments or ()))

    def type(self, span: Span, choices: list[Expression]) -> tree.TypeName:
        return tree.TypeName(span, "string", (), tuple(map(self._constant, choices)))

    # --- Elements

    def segment(self, span: Span, name: Name, was: Any, prefixes: Any, body: Any) -> Statement:
        return tree.SegmentDecl(span, name, tuple(prefixes or ()), was, body or ())

    def node(self, span: Span, name: Name, was: Any, kind: Any, body: Any) -> Statement:
        return tree.NodeDecl(span, name, kind, was, body or ())

    def node_was_late(self, span: Span, name: Name, kind: Any, was: Any, body: Any) -> Statement:
        return tree.NodeDecl(span, name, kind, was, body or ())

    def kind(self, span: Span, name: Name, base: Any, body: Any) -> Statement:
        return tree.KindDecl(span, name, base, body or ())

    def service(self, span: Span, name: Name, listens: Any, body: Any) -> Statement:
        return tree.ServiceDecl(span, name, tuple(listens or ()), body or ())

    def link(
        self, span: Span, node: Expression, port: Expression, other: tree.Endpoint, prefixes: Any, body: Any
    ) -> Statement:
        end = tree.Endpoint(node.span.to(port.span), node, self._as_name(port))
        return tree.LinkDecl(span, None, (end, other), tuple(prefixes or ()), None, body or ())

    def named_link(
        self,
        span: Span,
        name: Expression,
        was: Any,
        node: Expression,
        port: Name,
        other: tree.Endpoint,
        prefixes: Any,
        body: Any,
    ) -> Statement:
        end = tree.Endpoint(node.span.to(port.span), node, port)
        return tree.LinkDecl(span, self._as_name(name), (end, other), tuple(prefixes or ()), was, body or ())

    def group(self, span: Span, name: Name, members: list[Expression]) -> Statement:
        return tree.GroupDecl(span, name, tuple(members))

    def zone(self, span: Span, name: Name, was: Any, members: list[Expression]) -> Statement:
        return tree.ZoneDecl(span, name, tuple(members), was)

    @bare
    def was(self, name: Name) -> Name:
        return name

    def policy(self, span: Span, name: Name, rules: tuple[Statement, ...]) -> Statement:
        return tree.PolicyDecl(span, name, rules)

    def rule(self, span: Span, sources: Any, targets: Any, action: Word, services: Any) -> Statement:
        return tree.Rule(span, tuple(sources), tuple(targets), False, self.spelled(action), tuple(services))

    def rule_both(self, span: Span, sources: Any, targets: Any, action: Word, services: Any) -> Statement:
        return tree.Rule(span, tuple(sources), tuple(targets), True, self.spelled(action), tuple(services))

    def otherwise(self, span: Span, action: Word) -> Statement:
        return tree.Otherwise(span, self.spelled(action))

    # --- The body of a node

    def port(self, span: Span, form: Word, name: Name, clauses: list[Any], body: Any) -> Statement:
        return port_of(span, self.spelled(form), name, clauses, body or (), self.diagnostics)

    def on(self, span: Span, segment: Expression) -> Any:
        return "on", span, tree.Attachment(span, segment, None)

    def tagged(self, span: Span, segments: list[Expression]) -> Any:
        return "tagged", span, [tree.Attachment(segment.span, segment, True) for segment in segments]

    def untagged(self, span: Span, segments: list[Expression]) -> Any:
        return "untagged", span, [tree.Attachment(segment.span, segment, False) for segment in segments]

    def over(self, span: Span, names: list[Name]) -> Any:
        return "over", span, tuple(names)

    def vlan(self, span: Span, value: Expression) -> Any:
        return "vlan", span, value

    def at(self, span: Span, addresses: list[Expression]) -> Any:
        return "at", span, tuple(addresses)

    def mac(self, span: Span, value: Expression) -> Any:
        return "mac", span, value

    def renamed(self, span: Span, name: Name) -> Any:
        return "was", span, name

    def cable(self, span: Span, end: tree.Endpoint) -> Any:
        return "cable", span, end

    def gateway(self, span: Span, via: list[Expression]) -> Statement:
        return tree.Gateway(span, tuple(via))

    def route(self, span: Span, prefix: Expression, via: Expression, metric: Any) -> Statement:
        return tree.RouteDecl(span, prefix, via, metric)

    def blackhole(self, span: Span, prefix: Expression, metric: Any) -> Statement:
        return tree.RouteDecl(span, prefix, None, metric)

    def nat(self, span: Span, outside: Expression, inside: Expression) -> Statement:
        return tree.Nat(span, outside, inside)

    def napt(self, span: Span, sources: list[Expression], to: Expression) -> Statement:
        return tree.Napt(span, tuple(sources), to)

    def config(self, span: Span, template: Expression, path: Any) -> Statement:
        return tree.ConfigDecl(span, template, path)

    def serve(self, span: Span, service: tree.Dotted, listens: Any, body: Any) -> Statement:
        return tree.Serve(span, service, tuple(listens or ()), body or ())

    def needs(self, span: Span, demands: list[tree.Demand]) -> Statement:
        return tree.Needs(span, tuple(demands))

    def prefers(self, span: Span, demands: list[tree.Demand], weight: Any) -> Statement:
        return tree.Prefers(span, tuple(demands), weight)

    def prefers_affinity(self, span: Span, wish: tree.Affinity, weight: Any) -> Statement:
        return tree.Affinity(span, wish.form, wish.targets, wish.by, True, weight)

    def demand(self, span: Span, key: Word, operator: Word | None = None, value: Any = None) -> tree.Demand:
        return tree.Demand(span, self.text(key), None if operator is None else self.spelled(operator), value)

    def affinity(self, span: Span, form: Word, targets: list[Expression] | None, by: Word | None = None) -> Statement:
        return tree.Affinity(span, self.spelled(form), tuple(targets or ()), self._optional(by))

    def place(self, span: Span, strategy: Name) -> Statement:
        return tree.Placing(span, strategy)

    # --- Tests

    def test(self, span: Span, title: Expression, body: tuple[Statement, ...]) -> Statement:
        return tree.TestDecl(span, title, body)

    def send(self, span: Span, count: Any, flow: tree.Flow) -> Statement:
        return tree.Send(span, flow, count)

    def flow(self, span: Span, source: Expression, target: Expression, service: Expression, port: Any) -> tree.Flow:
        return tree.Flow(span, source, target, service, port)

    @bare
    def pair(self, source: Expression, target: Expression) -> tuple[Expression, Expression]:
        return source, target

    def expect_flow(self, span: Span, within: Any, flow: tree.Flow) -> Statement:
        return tree.ExpectFlow(span, flow, False, within)

    def expect_not(self, span: Span, within: Any, flow: tree.Flow) -> Statement:
        return tree.ExpectFlow(span, flow, True, within)

    def expect(self, span: Span, within: Any, checks: list[tree.Check]) -> Statement:
        return tree.Expect(span, tuple(checks), within)

    def measured(self, span: Span, subject: Expression, operator: Word, value: Expression) -> tree.Check:
        return tree.Check(span, self._simple(subject), None, self.spelled(operator), value)

    def measured_of(
        self, span: Span, subject: Expression, of: Expression, operator: Word, value: Expression
    ) -> tree.Check:
        return tree.Check(span, self._simple(subject), of, self.spelled(operator), value)

    def state(self, span: Span, of: Expression, state: Word) -> tree.Check:
        return tree.Check(span, self.text(state), of, None, None)

    def flow_state(self, span: Span, first: Any, second: Word | None = None) -> tree.Check:
        if second is None:
            return tree.Check(span, self.text(first), None, None, None)
        return tree.Check(span, self.text(second), first, None, None)

    def ping(self, span: Span, pair: tuple[Expression, Expression], every: Any, label: Word | None) -> Statement:
        source, target = pair
        service = tree.Literal(Span(span.source, span.start, span.start + len("ping")), Service("icmp"))
        flow = tree.Flow(source.span.to(target.span), source, target, service)
        return tree.Background(span, "ping", flow, every, self._optional(label))

    def stream(self, span: Span, flow: tree.Flow, every: Any, label: Word | None) -> Statement:
        return tree.Background(span, "stream", flow, every, self._optional(label))

    def disturb(self, span: Span, form: Word, target: Expression, after: Any) -> Statement:
        return tree.Disturb(span, self.spelled(form), target, after)

    def wait(self, span: Span, time: Expression) -> Statement:
        return tree.Wait(span, time)

    def repeat(self, span: Span, count: Expression, body: tuple[Statement, ...]) -> Statement:
        return tree.Repeat(span, count, body)

    # --- The site file

    def host(self, span: Span, name: Name, body: Any) -> Statement:
        return tree.HostDecl(span, name, body or ())

    def nic(self, span: Span, name: Name, body: Any) -> Statement:
        return tree.Nic(span, name, body or ())

    def device(self, span: Span, name: Name, kind: Any, body: Any) -> Statement:
        return tree.DeviceDecl(span, name, kind, body or ())

    def switch(self, span: Span, name: Name, body: Any) -> Statement:
        return tree.SwitchDecl(span, name, body or ())

    def pool(self, span: Span, name: Name, ranges: list[Expression], reserved: Any) -> Statement:
        return tree.Pool(span, name, tuple(ranges), tuple(reserved or ()))

    def lab_uses(self, span: Span, lab: Name, pool: Word, ranges: list[Expression]) -> Statement:
        return tree.Uses(span, lab, self.text(pool), tuple(ranges))

    def instances_use(self, span: Span, pool: Word, ranges: list[Expression]) -> Statement:
        return tree.Uses(span, None, self.text(pool), tuple(ranges))

    # --- Names

    def name(self, span: Span, word: Word) -> Name:
        return Name(span, (self.text(word),))

    def dotted_name(self, span: Span, word: Word, number: Word) -> Name:
        return Name(span, (f"{self.text(word)}.{self.text(number)}",))

    def family_name(self, span: Span, word: Word, index: Expression) -> Name:
        return Name(span, (self.text(word), index))

    def string_name(self, span: Span, text: Expression) -> Name:
        return self._as_name(text)

    def dotted(self, span: Span, word: Word) -> tree.Dotted:
        return tree.Dotted(span, (self.text(word),))

    def dotted_more(self, span: Span, before: tree.Dotted, word: Word) -> tree.Dotted:
        return tree.Dotted(span, (*before.names, self.text(word)))

    def endpoint(self, span: Span, node: Expression, port: Name) -> tree.Endpoint:
        return tree.Endpoint(span, node, port)

    # --- Expressions

    def choice(self, span: Span, test: Expression, then: Expression, otherwise: Expression) -> Expression:
        return self._deep(tree.Conditional(span, test, then, otherwise), test, then, otherwise)

    def binary(self, span: Span, left: Expression, operator: Word, right: Expression) -> Expression:
        return self._deep(tree.Binary(span, self.spelled(operator), left, right), left, right)

    def unary(self, span: Span, operator: Word, operand: Expression) -> Expression:
        return self._deep(tree.Unary(span, self.spelled(operator), operand), operand)

    def range(self, span: Span, low: Expression, high: Expression) -> Expression:
        return self._deep(tree.Range(span, low, high), low, high)

    def subnet(self, span: Span, prefix: Expression, length: Expression, index: Expression) -> Expression:
        return self._deep(tree.Subnet(span, prefix, length, index), prefix, length, index)

    def attribute(self, span: Span, base: Expression, name: Word) -> Expression:
        return self._deep(tree.Attribute(span, base, self.text(name)), base)

    def index(self, span: Span, base: Expression, index: Expression) -> Expression:
        return self._deep(tree.Index(span, base, index), base, index)

    def every(self, span: Span, base: Expression, star: Word) -> Expression:
        return self._deep(tree.Index(span, base, None), base)

    def reference(self, span: Span, word: Word) -> Expression:
        name = self.text(word)
        if name in WORDS_AS_VALUES:
            return tree.Literal(span, WORDS_AS_VALUES[name])
        return tree.Reference(span, name)

    def call(self, span: Span, function: Word, arguments: list[tuple[str, Expression]] | None) -> Expression:
        given = arguments or []
        plain = tuple(value for key, value in given if not key)
        keywords = tuple((key, value) for key, value in given if key)
        return self._deep(tree.Call(span, self.text(function), plain, keywords), *(value for _, value in given))

    @bare
    def positional(self, value: Expression) -> tuple[str, Expression]:
        return "", value

    @bare
    def keyword(self, name: Word, value: Expression) -> tuple[str, Expression]:
        return self.text(name), value

    def integer(self, span: Span, word: Word) -> Expression:
        return tree.Literal(span, read_number(self.text(word), span, self.diagnostics))

    def decimal(self, span: Span, word: Word) -> Expression:
        return self._literal(span, read_decimal(self.text(word), span, self.diagnostics))

    def quantity(self, span: Span, word: Word) -> Expression:
        return self._literal(span, read_quantity(self.text(word), span, self.diagnostics))

    def address(self, span: Span, word: Word) -> Expression:
        return self._literal(span, read_address(self.text(word), span, self.diagnostics))

    def mac_address(self, span: Span, word: Word) -> Expression:
        return tree.Literal(span, Mac.parse(self.text(word)))

    def service_value(self, span: Span, word: Word) -> Expression:
        return self._literal(span, read_service(self.text(word), span, self.diagnostics))

    @bare
    def group_of(self, inner: Expression) -> Expression:
        return inner

    def list_of(self, span: Span, items: list[Expression] | None = None) -> Expression:
        return self._deep(tree.ListOf(span, tuple(items or ())), *(items or ()))

    def comprehension(
        self, span: Span, item: Expression, names: list[Word], iterable: Expression, condition: Any
    ) -> Expression:
        made = tree.Comprehension(span, item, tuple(map(self.text, names)), iterable, condition)
        return self._deep(made, item, iterable)

    def text_value(self, span: Span, word: Word) -> Expression:
        return tree.Literal(span, self._string(word))

    def interpolation_start(self, span: Span, word: Word, value: Expression) -> list[str | Expression]:
        return [self._string(word), value]

    def interpolation_more(self, span: Span, parts: list[Any], word: Word, value: Expression) -> list[str | Expression]:
        return [*parts, self._string(word), value]

    def interpolation(self, span: Span, parts: list[Any], word: Word) -> Expression:
        made = tuple(part for part in [*parts, self._string(word)] if part != "")
        return self._deep(tree.Interpolation(span, made), *(part for part in parts if not isinstance(part, str)))

    def map_of(self, span: Span, items: list[tuple[str, Expression]] | None = None) -> Expression:
        return self._deep(tree.MapOf(span, tuple(items or ())), *(value for _, value in items or ()))

    @bare
    def map_item(self, key: Word, value: Expression) -> tuple[str, Expression]:
        return self._string(key) if self.text(key).startswith('"') else self.text(key), value

    # --- Parts

    def _optional(self, word: Word | None) -> str | None:
        return None if word is None else self.text(word)

    def _string(self, word: Word) -> str:
        """The text of a string's part: what stands between `"` or `}` and `"` or `{`."""
        return read_text(self.words.span(word), self.diagnostics)

    def _literal(self, span: Span, value: Any) -> Expression:
        """A literal, or, where its text was reported as wrong, the empty text in its place."""
        return tree.Literal(span, "" if value is None else value)

    def _constant(self, text: Expression) -> str:
        """A string that must be known while reading: a path, a choice."""
        if isinstance(text, tree.Literal) and isinstance(text.value, str):
            return text.value
        self.diagnostics.error(
            "E0108",
            "this text must be written out",
            text.span,
            "`{ }` has no value yet here",
            reason="Imports and types are read before anything is computed.",
        )
        return ""

    def _as_name(self, element: Expression) -> Name:
        """What was read as an expression turns out to be a name."""
        match element:
            case tree.Reference(span, name):
                return Name(span, (name,))
            case tree.Literal(span, str(text)):
                return Name(span, (text,))
            case tree.Interpolation(span, parts):
                return Name(span, parts)
            case tree.Index(span, tree.Reference(_, name), index) if index is not None:
                return Name(span, (name, index))
            case tree.Attribute(span, tree.Reference(_, name), number) if number.isdigit():
                return Name(span, (f"{name}.{number}",))
        self._no_name(element.span)
        return Name(element.span, (element.span.shown,))

    def _simple(self, subject: Expression) -> str:
        """What a check measures: `outage`, `loss`, `received`."""
        if isinstance(subject, tree.Reference):
            return subject.name
        self._no_name(subject.span)
        return subject.span.shown

    def _no_name(self, span: Span) -> None:
        self.diagnostics.error(
            "E0101",
            f"a name is expected, not `{span.shown}`",
            span,
            "not a name",
            help='a name is a word (`web`), a string (`"web-1"`) or a member of a family (`pc[i]`)',
        )

    def _deep(self, made: Expression, *inner: Expression) -> Expression:
        """Count how deep an expression is; refuse what is deeper than a walk by recursion bears."""
        depth = 1 + max((self.depths.get(id(part), 0) for part in inner), default=0)
        if depth <= DEEPEST:
            self.depths[id(made)] = depth
            return made
        if not self.too_deep:
            self.too_deep = True
            self.diagnostics.error(
                "E0111",
                "an expression is nested too deep",
                made.span,
                f"more than {DEEPEST} steps within each other",
                help="name a part of it with `let`",
            )
        return inner[0]
