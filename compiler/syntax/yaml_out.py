"""The tree as YAML.

Enters: a `File` of either spelling. Leaves: readable YAML that reads back to the same statements, sections in one order.
Called by `labc fmt --to yaml`.

Statements are gathered into sections; within a section, and among rules and steps, their order stays. A comment goes before the
statement that it stood before or beside.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields

from . import tree
from .expression_text import expression_text, name_text, postfix_text, type_text
from .tree import Expression, File, Name, Statement
from .yaml_emit import Item, List, Map, Pair, Text, Value, emit
from .yaml_text import plain_name

_FILE_ORDER = [
    "lab",
    "site",
    "import",
    "params",
    "let",
    "segments",
    "nodes",
    "links",
    "groups",
    "zones",
    "policies",
    "together",
    "apart",
    "kinds",
    "services",
    "hosts",
    "devices",
    "switches",
    "pools",
    "labs",
    "instances",
    "for",
    "if",
    "tests",
]
_BODY_ORDER = [
    "model",
    "reach",
    "cpu",
    "memory",
    "disk",
    "kvm",
    "speed",
    "mtu",
    "vlan",
    "split",
    "rate",
    "fields",
    "let",
    "forward",
    "bridge",
    "physical",
    "probe",
    "backend",
    "ports",
    "bonds",
    "svis",
    "loopbacks",
    "nics",
    "gateway",
    "routes",
    "nat",
    "napt",
    "config",
    "serve",
    "needs",
    "prefers",
    "together",
    "apart",
    "on",
    "set",
    "for",
    "if",
]
_SEGMENT, _PORT = ("mtu", "vlan", "split"), ("mtu", "rate")
_NODE, _NODE_TEXTS = ("forward", "bridge", "physical"), ("probe", "backend")
_HOST, _HOST_TEXTS, _GEAR_TEXTS = ("cpu", "memory", "disk", "kvm"), ("reach",), ("model", "reach")


def format_yaml(file: File) -> bytes:
    """The YAML of a tree. What could not be read (`Broken`) is left out."""
    writer = _Writer(file)
    document = writer.body(file.body, FILE)
    return emit(document, writer.at_end).encode("utf-8", "surrogateescape")


class Shape:
    """What a body says directly: fields that are expressions, fields that are texts; and the order of its keys."""

    def __init__(
        self, values: Sequence[str] = (), texts: Sequence[str] = (), order: Sequence[str] = _BODY_ORDER
    ) -> None:
        self.values = frozenset(values)
        self.texts = frozenset(texts)
        self.order = {key: place for place, key in enumerate(order)}


FILE, SEGMENT, PORT, PLAIN = Shape(order=_FILE_ORDER), Shape(_SEGMENT), Shape(_PORT), Shape()
NODE, HOST, GEAR, NIC = Shape(_NODE, _NODE_TEXTS), Shape(_HOST, _HOST_TEXTS), Shape((), _GEAR_TEXTS), Shape(("speed",))


class _Sections:
    """Statements gathered by the key under which they stand."""

    def __init__(self) -> None:
        self.named: dict[str, list[Pair]] = {}
        self.listed: dict[str, list[Item]] = {}
        self.single: dict[str, Pair] = {}
        self.needs: list[tree.Demand] = []

    def map(self, shape: Shape) -> Map:
        pairs = [*self.single.values()]
        pairs += [Pair(key, _by_name(things)) for key, things in self.named.items()]
        pairs += [Pair(key, _one_or_list(items)) for key, items in self.listed.items()]
        return Map(sorted(pairs, key=lambda pair: shape.order.get(pair.key, len(shape.order))))


def _by_name(pairs: list[Pair]) -> Value:
    """A mapping; a list of mappings where a name stands twice."""
    if len({pair.key for pair in pairs}) == len(pairs):
        return Map(pairs)
    return List([Item(Map([pair])) for pair in pairs])


def _one_or_list(items: list[Item]) -> Value:
    """A single text stands alone; everything else is a list."""
    if len(items) == 1 and isinstance(items[0].value, Text) and not items[0].comments:
        return items[0].value
    return List(items)


class _Writer:
    """One file on its way; knows which comments go before which statement."""

    def __init__(self, file: File) -> None:
        self.comments, self.at_end = _placed(file)

    def body(self, statements: Iterable[Statement], shape: Shape) -> Map:
        """Statements as a mapping of sections."""
        sections = _Sections()
        for statement in statements:
            write = _WRITE.get(type(statement))
            if write is not None:
                write(self, statement, sections, shape)
        return sections.map(shape)

    def above(self, statement: Statement) -> tuple[str, ...]:
        return self.comments.get(id(statement), ())

    def add_named(self, sections: _Sections, key: str, statement: Statement, name: Name, value: Value) -> None:
        sections.named.setdefault(key, []).append(Pair(plain_name(name), value, self.above(statement)))

    def add_item(self, sections: _Sections, key: str, statement: Statement, value: Value) -> None:
        sections.listed.setdefault(key, []).append(Item(value, self.above(statement)))

    def add_single(self, sections: _Sections, key: str, statement: Statement, value: Value) -> None:
        sections.single[key] = Pair(key, value, self.above(statement))


# --- Values ---


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


# --- Sections ---

Write = Callable[["_Writer", "tree.Statement", _Sections, Shape], None]


def _lab(writer: _Writer, item: tree.LabHeader, into: _Sections, _: Shape) -> None:
    writer.add_single(into, "lab", item, name(item.name))


def _site(writer: _Writer, item: tree.SiteHeader, into: _Sections, _: Shape) -> None:
    writer.add_single(into, "site", item, name(item.name))


def _import(writer: _Writer, item: tree.Import, into: _Sections, _: Shape) -> None:
    for number, one in enumerate(item.items):
        shown = Item(_import_item(one), writer.above(item) if number == 0 else ())
        into.listed.setdefault("import", []).append(shown)


def _import_item(one: tree.ImportItem) -> Value:
    from .yaml import says_path

    if one.form == "git":
        return mapping(git=word(one.target), at=word(one.revision), path=word(one.subpath), as_=word(one.alias))
    if one.alias is None and says_path(one.target) == (one.form == "path"):
        return word(one.target)
    return Map([Pair(one.form, word(one.target)), *mapping(as_=word(one.alias)).pairs])


def _param(writer: _Writer, item: tree.Param | tree.Field, into: _Sections, _: Shape) -> None:
    parts = mapping(
        type=None if item.type is None else Text(type_text(item.type)),
        in_=optional(item.within),
        default=optional(item.default),
    )
    key = "params" if isinstance(item, tree.Param) else "fields"
    writer.add_named(into, key, item, item.name, short(parts, "default"))


def _let(writer: _Writer, item: tree.Let, into: _Sections, _: Shape) -> None:
    writer.add_named(into, "let", item, item.name, value(item.value))


def _assign(writer: _Writer, item: tree.Assign, into: _Sections, shape: Shape) -> None:
    """A field that has a key of its own stands directly, once; all others under `set`."""
    key = item.name.plain or ""
    if key in shape.values and key not in into.single:
        writer.add_single(into, key, item, value(item.value))
    elif key in shape.texts and key not in into.single and is_string(item.value):
        writer.add_single(into, key, item, string(item.value))
    else:
        writer.add_named(into, "set", item, item.name, value(item.value))


def _for(writer: _Writer, item: tree.For, into: _Sections, shape: Shape) -> None:
    writer.add_item(into, "for", item, joined(_head(item), writer.body(item.body, shape)))


def _head(item: tree.For) -> Map:
    names = [Item(word(name)) for name in item.names]
    return mapping(each=names[0].value if len(names) == 1 else List(names), in_=value(item.iterable))


def _if(writer: _Writer, item: tree.If, into: _Sections, shape: Shape) -> None:
    writer.add_item(into, "if", item, _branches(item, lambda body: writer.body(body, shape)))


def _branches(item: tree.If, write: Callable[[tuple[Statement, ...]], Map]) -> Map:
    """`{when, …, else: {when, …, else: {…}}}`."""
    made = None if item.otherwise is None else write(item.otherwise)
    for test, body in reversed(item.branches):
        after = [] if made is None else [Pair("else", made)]
        made = Map([Pair("when", value(test)), *write(body).pairs, *after])
    return made or Map()


def _segment(writer: _Writer, item: tree.SegmentDecl, into: _Sections, _: Shape) -> None:
    parts = mapping(was=name(item.was), prefixes=optional_list(item.prefixes))
    writer.add_named(
        into, "segments", item, item.name, short(joined(parts, writer.body(item.body, SEGMENT)), "prefixes")
    )


def _node(writer: _Writer, item: tree.NodeDecl, into: _Sections, _: Shape) -> None:
    parts = mapping(kind=None if item.kind is None else word(str(item.kind)), was=name(item.was))
    writer.add_named(into, "nodes", item, item.name, short(joined(parts, writer.body(item.body, NODE)), "kind"))


def _kind(writer: _Writer, item: tree.KindDecl, into: _Sections, _: Shape) -> None:
    parts = mapping(extends=None if item.base is None else word(str(item.base)))
    writer.add_named(into, "kinds", item, item.name, joined(parts, writer.body(item.body, NODE)))


def _service(writer: _Writer, item: tree.ServiceDecl, into: _Sections, _: Shape) -> None:
    parts = joined(mapping(on=optional_list(item.listens)), writer.body(item.body, PLAIN))
    writer.add_named(into, "services", item, item.name, short(parts, "on"))


def _port(writer: _Writer, item: tree.PortDecl, into: _Sections, _: Shape) -> None:
    below = [Item(name(port)) for port in item.over]
    parts = mapping(
        was=name(item.was),
        over=None if not below else below[0].value if len(below) == 1 else List(below),
        vlan=optional(item.vlan),
    )
    parts = joined(parts, _attachments(item))
    parts = joined(parts, mapping(at=optional_list(item.at), mac=optional(item.mac)))
    body = writer.body(item.body, PORT)
    writer.add_named(into, f"{item.form}s", item, item.name, short(joined(parts, body), "on"))


def _attachments(item: tree.PortDecl) -> Map:
    """`on`, `tagged` and `untagged` in the order in which they first stand."""
    keys = {None: "on", True: "tagged", False: "untagged"}
    found: dict[str, list[Expression]] = {}
    for attachment in item.attachments:
        found.setdefault(keys[attachment.tagged], []).append(attachment.segment)
    return Map([Pair(key, values(segments)) for key, segments in found.items()])


def _link(writer: _Writer, item: tree.LinkDecl, into: _Sections, _: Shape) -> None:
    ends = List([Item(endpoint(end)) for end in item.ends])
    parts = mapping(name=name(item.name), ends=ends, on=optional_list(item.prefixes), was=name(item.was))
    body = writer.body(item.body, PORT)
    only_ends = len(parts.pairs) == 1 and not body.pairs
    both = " -- ".join(endpoint(end).value for end in item.ends)
    writer.add_item(into, "links", item, Text(both, text=True) if only_ends else joined(parts, body))


def _gateway(writer: _Writer, item: tree.Gateway, into: _Sections, _: Shape) -> None:
    _several(writer, into, "gateway", item, item.via)


def _affinity(writer: _Writer, item: tree.Affinity, into: _Sections, _: Shape) -> None:
    _several(writer, into, item.form, item, item.targets)


def _several(writer: _Writer, into: _Sections, key: str, item: Statement, given: Sequence[Expression]) -> None:
    """One statement is a list, several are a list of lists."""
    group = List([Item(inline(expression)) for expression in given])
    before = into.single.get(key)
    if before is None:
        writer.add_single(into, key, item, group if len(group.items) != 1 else group.items[0].value)
        return
    if not (isinstance(before.value, List) and before.value.items and isinstance(before.value.items[0].value, List)):
        first = before.value if isinstance(before.value, List) else List([Item(before.value)])
        before.value = List([Item(first)])
    before.value.items.append(Item(group, writer.above(item)))


def _route(writer: _Writer, item: tree.RouteDecl, into: _Sections, _: Shape) -> None:
    hole = Text("true") if item.via is None else None
    parts = mapping(prefix=value(item.prefix), via=optional(item.via), blackhole=hole, metric=optional(item.metric))
    writer.add_item(into, "routes", item, parts)


def _nat(writer: _Writer, item: tree.Nat, into: _Sections, _: Shape) -> None:
    writer.add_item(into, "nat", item, mapping(outside=value(item.outside), inside=value(item.inside)))


def _napt(writer: _Writer, item: tree.Napt, into: _Sections, _: Shape) -> None:
    writer.add_item(into, "napt", item, mapping(from_=values(item.sources), to=value(item.to)))


def _config(writer: _Writer, item: tree.ConfigDecl, into: _Sections, _: Shape) -> None:
    parts = mapping(template=string(item.template), to=None if item.path is None else string(item.path))
    writer.add_item(into, "config", item, short(parts, "template"))


def _serve(writer: _Writer, item: tree.Serve, into: _Sections, _: Shape) -> None:
    parts = mapping(service=word(str(item.service)), on=optional_list(item.listens))
    writer.add_item(into, "serve", item, short(joined(parts, writer.body(item.body, PLAIN)), "service"))


def _needs(writer: _Writer, item: tree.Needs, into: _Sections, _: Shape) -> None:
    """Several `needs` are one: all of them must hold."""
    into.needs += item.demands
    before = into.single.get("needs")
    writer.add_single(into, "needs", item, demands(into.needs))
    if before is not None:
        into.single["needs"].comments = before.comments + into.single["needs"].comments


def demands(wanted: Sequence[tree.Demand]) -> Value:
    """`{cpu: 1, isdn: '>= 1'}`; texts in a list, `[cpu = 1, kvm]`, where a key stands bare or twice."""
    if len({demand.key for demand in wanted}) < len(wanted) or any(demand.value is None for demand in wanted):
        texts = [Text(_demand_text(demand), text=True) for demand in wanted]
        return texts[0] if len(texts) == 1 else List([Item(text) for text in texts])
    return Map([Pair(demand.key, _wanted(demand)) for demand in wanted])


def _wanted(demand: tree.Demand) -> Value:
    if demand.value is None:
        return None
    if demand.operator == "=":
        return value(demand.value)
    return Text(f"{demand.operator} {expression_text(demand.value)}", text=True)


def _demand_text(demand: tree.Demand) -> str:
    if demand.value is None:
        return demand.key
    return f"{demand.key} {demand.operator} {expression_text(demand.value)}"


def _prefers(writer: _Writer, item: tree.Prefers, into: _Sections, _: Shape) -> None:
    parts = mapping(want=demands(item.demands), weight=optional(item.weight))
    only = item.demands[0] if len(item.demands) == 1 and item.weight is None else None
    writer.add_item(into, "prefers", item, parts if only is None else Text(_demand_text(only), text=True))


def _group(writer: _Writer, item: tree.GroupDecl, into: _Sections, _: Shape) -> None:
    writer.add_named(into, "groups", item, item.name, values(item.members))


def _zone(writer: _Writer, item: tree.ZoneDecl, into: _Sections, _: Shape) -> None:
    parts = mapping(was=name(item.was), members=optional_list(item.members))
    writer.add_named(into, "zones", item, item.name, short(parts, "members"))


def _host(writer: _Writer, item: tree.HostDecl, into: _Sections, _: Shape) -> None:
    writer.add_named(into, "hosts", item, item.name, short(writer.body(item.body, HOST), ""))


def _nic(writer: _Writer, item: tree.Nic, into: _Sections, _: Shape) -> None:
    writer.add_named(into, "nics", item, item.name, short(writer.body(item.body, NIC), ""))


def _device(writer: _Writer, item: tree.DeviceDecl, into: _Sections, _: Shape) -> None:
    parts = mapping(kind=None if item.kind is None else word(str(item.kind)))
    writer.add_named(into, "devices", item, item.name, short(joined(parts, writer.body(item.body, GEAR)), "kind"))


def _switch(writer: _Writer, item: tree.SwitchDecl, into: _Sections, _: Shape) -> None:
    writer.add_named(into, "switches", item, item.name, short(writer.body(item.body, GEAR), ""))


def _socket(writer: _Writer, item: tree.Socket, into: _Sections, _: Shape) -> None:
    parts = mapping(cable=None if item.cable is None else endpoint(item.cable))
    writer.add_named(into, "ports", item, item.name, short(joined(parts, writer.body(item.body, NIC)), "cable"))


def _pool(writer: _Writer, item: tree.Pool, into: _Sections, _: Shape) -> None:
    writer.add_named(into, "pools", item, item.name, values(item.ranges))


def _uses(writer: _Writer, item: tree.Uses, into: _Sections, _: Shape) -> None:
    ranges = Pair(item.pool, values(item.ranges), writer.above(item))
    if item.lab is None:
        shared = into.single.setdefault("instances", Pair("instances", Map([Pair("use", Map())])))
    else:
        shares = into.named.setdefault("labs", [])
        key = plain_name(item.lab)
        shared = next((pair for pair in shares if pair.key == key), Pair(key, Map([Pair("uses", Map())])))
        if shared not in shares:
            shares.append(shared)
    _pools_of(shared).pairs.append(ranges)


def _pools_of(shared: Pair) -> Map:
    inner = shared.value.pairs[0].value if isinstance(shared.value, Map) else None
    if not isinstance(inner, Map):
        raise TypeError("a share is a mapping of pools")
    return inner


# --- Policies and tests: order stays ---


def _policy(writer: _Writer, item: tree.PolicyDecl, into: _Sections, _: Shape) -> None:
    rules = list(item.rules)
    last = rules[-1] if rules and isinstance(rules[-1], tree.Otherwise) else None
    if last is not None and not writer.above(last):
        rules.pop()
        otherwise = word(last.action)
    else:
        otherwise = None
    shown = mapping(rules=_rules(writer, rules) if rules else None, otherwise=otherwise)
    writer.add_named(into, "policies", item, item.name, short(shown, "rules"))


def _rules(writer: _Writer, rules: Iterable[Statement]) -> List:
    return _in_order(writer, rules, "rules", _rule, _rules)


def _rule(_writer: _Writer, item: Statement) -> Value:
    if isinstance(item, tree.Otherwise):
        return mapping(otherwise=word(item.action))
    if not isinstance(item, tree.Rule):
        return None
    services = List([Item(inline(service)) for service in item.services])
    both = Text("true") if item.both else None
    head = mapping(from_=values(item.sources), to=values(item.targets), both=both)
    return joined(head, Map([Pair(item.action, services if len(services.items) != 1 else services.items[0].value)]))


def _in_order(
    writer: _Writer,
    statements: Iterable[Statement],
    key: str,
    one: Callable[[_Writer, Statement], Value],
    inner: Callable[[_Writer, Iterable[Statement]], List],
) -> List:
    """Rules or steps, with loops, conditions and variables among them."""
    items = []
    for statement in statements:
        match statement:
            case tree.For():
                made: Value = joined(_head(statement), Map([Pair(key, inner(writer, statement.body))]))
            case tree.If():
                made = _branches(statement, lambda body: Map([Pair(key, inner(writer, body))]))
            case tree.Let():
                made = Map([Pair("let", Map([Pair(plain_name(statement.name), value(statement.value))]))])
            case _:
                made = one(writer, statement)
        if made is not None:
            items.append(Item(made, writer.above(statement)))
    return List(items)


def _test(writer: _Writer, item: tree.TestDecl, into: _Sections, _: Shape) -> None:
    parts = mapping(title=string(item.title), steps=_steps(writer, item.body) if item.body else None)
    writer.add_item(into, "tests", item, parts)


def _steps(writer: _Writer, steps: Iterable[Statement]) -> List:
    return _in_order(writer, steps, "steps", _step, _steps)


def _step(writer: _Writer, item: Statement) -> Value:
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


_WRITE: dict[type, Callable[..., None]] = {
    tree.LabHeader: _lab,
    tree.SiteHeader: _site,
    tree.Import: _import,
    tree.Param: _param,
    tree.Field: _param,
    tree.Let: _let,
    tree.Assign: _assign,
    tree.For: _for,
    tree.If: _if,
    tree.SegmentDecl: _segment,
    tree.NodeDecl: _node,
    tree.KindDecl: _kind,
    tree.ServiceDecl: _service,
    tree.PortDecl: _port,
    tree.LinkDecl: _link,
    tree.Gateway: _gateway,
    tree.RouteDecl: _route,
    tree.Nat: _nat,
    tree.Napt: _napt,
    tree.ConfigDecl: _config,
    tree.Serve: _serve,
    tree.Needs: _needs,
    tree.Prefers: _prefers,
    tree.Affinity: _affinity,
    tree.GroupDecl: _group,
    tree.ZoneDecl: _zone,
    tree.PolicyDecl: _policy,
    tree.TestDecl: _test,
    tree.HostDecl: _host,
    tree.Nic: _nic,
    tree.DeviceDecl: _device,
    tree.SwitchDecl: _switch,
    tree.Socket: _socket,
    tree.Pool: _pool,
    tree.Uses: _uses,
}


# --- Comments ---


def _placed(file: File) -> tuple[dict[int, tuple[str, ...]], tuple[str, ...]]:
    """Comments by the statement that they go before, and those behind all statements."""
    statements = sorted(_all(file.body), key=lambda statement: (statement.span.start, -statement.span.end))
    starts = [statement.span.start for statement in statements]
    placed: dict[int, tuple[str, ...]] = {}
    rest: list[str] = []
    for comment in file.comments:
        owner = _owner(comment, statements, starts)
        if owner is None:
            rest.append(comment.span.shown)
        else:
            placed[id(owner)] = (*placed.get(id(owner), ()), comment.span.shown)
    return placed, tuple(rest)


def _owner(comment: tree.Comment, statements: list[Statement], starts: list[int]) -> Statement | None:
    """The next statement; for a comment behind something, the statement that begins on its line."""
    at = bisect_left(starts, comment.span.start)
    if not comment.own_line:
        line = comment.span.source.data.rfind(b"\n", 0, comment.span.start) + 1
        first = bisect_left(starts, line)
        if first < at:
            return statements[first]
    return statements[at] if at < len(statements) else None


def _all(statements: Iterable[Statement]) -> Iterator[Statement]:
    """All statements that become items of their own, outer ones first."""
    for statement in statements:
        if not isinstance(statement, tree.Broken):
            yield statement
            for field in fields(statement):
                part = getattr(statement, field.name)
                if isinstance(part, tuple):
                    yield from _all(inner for inner in _flat(part) if isinstance(inner, Statement))


def _flat(part: tuple[object, ...]) -> Iterator[object]:
    """The branches of an `if` are tuples in tuples."""
    for inner in part:
        if type(inner) is tuple:
            yield from _flat(inner)
        else:
            yield inner
