"""The sections of a lab or module in YAML: which key makes which statement.

Enters: keys and values that `yaml_walk.py` hands over. Leaves: statements of the syntax tree. Called through the tables
at the end: `FILE`, `NODE`, `KIND`, and small ones for what has attributes. `docs/yaml.md` shows each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from .tree import (
    Assign,
    Attachment,
    Broken,
    ConfigDecl,
    Endpoint,
    Expression,
    Field,
    For,
    Gateway,
    GroupDecl,
    If,
    KindDecl,
    Let,
    LinkDecl,
    Napt,
    Nat,
    NodeDecl,
    Otherwise,
    Param,
    PolicyDecl,
    PortDecl,
    RouteDecl,
    Rule,
    SegmentDecl,
    Serve,
    ServiceDecl,
    Statement,
    ZoneDecl,
)
from .yaml_nodes import Mapping, Node, Scalar
from .yaml_placing import AMONG_NODES, affinities, needs, place, prefers, prefers_among
from .yaml_text import Text, UnreadableError, name_in, split_endpoint, strip
from .yaml_walk import Make, Parts, Reader, Table, Walk

_ATTACHED = {"on": None, "tagged": True, "untagged": False}
NO_KEY = Scalar(0, 0, "")
PartsOf = Callable[[Node], tuple[Parts, tuple[Statement, ...]]]


# --- Shapes that many sections share ---


def section(make: Make, what: str) -> Reader:
    """A section whose things stand by name."""

    def read(walk: Walk, _key: Scalar, value: Node) -> Iterable[Statement]:
        return [walk.made(make, name, item, walk.span(name, item)) for name, item in walk.named(value, what)]

    return read


def listed(make: Make) -> Reader:
    """A section that is a list of things without names, or one such thing; the key stands for those that are empty."""

    def read(walk: Walk, key: Scalar, value: Node) -> Iterable[Statement]:
        return [walk.made(make, key, item, walk.span(item)) for item in walk.items(value)]

    return read


def assign(walk: Walk, key: Scalar, value: Node) -> Iterable[Statement]:
    """`mtu: 1400`."""
    return [Assign(walk.span(key, value), walk.name(key), walk.value(value))]


def assign_text(walk: Walk, key: Scalar, value: Node) -> Iterable[Statement]:
    """`reach: ssh://h1`: a field that is always a text."""
    return [Assign(walk.span(key, value), walk.name(key), walk.string(value))]


def _set(walk: Walk, name: Scalar, value: Node) -> Statement:
    walk.word(name, "a field")
    return Assign(walk.span(name, value), walk.name(name), walk.value(value))


def _let(walk: Walk, name: Scalar, value: Node) -> Statement:
    return Let(walk.span(name, value), walk.name(name), walk.value(value))


def loops(table: Table) -> Table:
    """Adds what may stand in every block: `let`, and `for` and `if`, which hold the same keys as what is around them."""

    def one_for(walk: Walk, _key: Scalar, item: Node) -> Statement:
        has, body = walk.parts(item, "a `for`", ("each", "in"), table)
        return make_for(walk, item, has, body)

    def one_if(walk: Walk, _key: Scalar, item: Node) -> Statement:
        return make_if(walk, item, lambda node: walk.parts(node, "an `if`", ("when", "else"), table))

    table["let"] = section(_let, "values")
    table["for"] = listed(one_for)
    table["if"] = listed(one_if)
    return table


def make_for(walk: Walk, item: Node, has: Parts, body: tuple[Statement, ...]) -> Statement:
    """`{each: i, in: 1..n, …}`."""
    try:
        names = walk.names(walk.required(has, "each", item, "a `for`"))
        return For(walk.span(item), names, walk.expression(walk.required(has, "in", item, "a `for`")), body)
    except UnreadableError:
        return Broken(walk.span(item), body)


def make_if(walk: Walk, item: Node, parts: PartsOf) -> Statement:
    """`{when: C, …, else: {…}}`; an `else` that has a `when` is an else-if."""
    branches: list[tuple[Expression, tuple[Statement, ...]]] = []
    has, body = parts(item)
    while True:
        try:
            when = walk.expression(walk.required(has, "when", item, "an `if`"))
        except UnreadableError:
            return Broken(walk.span(item), body)
        branches.append((when, body))
        if "else" not in has:
            return If(walk.span(item), tuple(branches), None)
        otherwise = has["else"]
        has, body = parts(otherwise)
        if "when" not in has:
            if "else" in has:
                walk.wrong_shape(has["else"], "an `else` without `when` is the last one", "this comes after it")
            return If(walk.span(item), tuple(branches), body)


# --- Declarations ---


def _typed(walk: Walk, item: Node, what: str) -> Parts:
    """`{type, in, default}`; what is no mapping is the default."""
    return walk.parts(item, what, ("type", "in", "default"), {}, short="default")[0]


def _param(walk: Walk, name: Scalar, item: Node) -> Statement:
    has = _typed(walk, item, "a parameter")
    within, default = walk.optional(has.get("in")), walk.optional_value(has.get("default"))
    return Param(walk.span(name, item), walk.name(name), walk.type(has.get("type")), within, default)


def _field(walk: Walk, name: Scalar, item: Node) -> Statement:
    has = _typed(walk, item, "a field")
    within, default = walk.optional(has.get("in")), walk.optional_value(has.get("default"))
    return Field(walk.span(name, item), walk.name(name), walk.type(has.get("type")), within, default)


def _segment(walk: Walk, name: Scalar, item: Node) -> Statement:
    has, body = walk.parts(item, "a segment", ("prefixes", "was"), SEGMENT, short="prefixes")
    prefixes = walk.expressions(has.get("prefixes"))
    return SegmentDecl(walk.span(name, item), walk.name(name), prefixes, walk.optional_name(has.get("was")), body)


def _node(walk: Walk, name: Scalar, item: Node) -> Statement:
    has, body = walk.parts(item, "a node", ("kind", "was"), NODE, short="kind")
    kind = walk.dotted(has.get("kind"))
    return NodeDecl(walk.span(name, item), walk.name(name), kind, walk.optional_name(has.get("was")), body)


def _kind(walk: Walk, name: Scalar, item: Node) -> Statement:
    has, body = walk.parts(item, "a kind", ("extends",), KIND)
    return KindDecl(walk.span(name, item), walk.name(name), walk.dotted(has.get("extends")), body)


def _service(walk: Walk, name: Scalar, item: Node) -> Statement:
    has, body = walk.parts(item, "a service", ("on",), SERVICE, short="on")
    return ServiceDecl(walk.span(name, item), walk.name(name), walk.expressions(has.get("on")), body)


def port(form: str) -> Make:
    """A port, bond, svi or loopback."""

    def make(walk: Walk, name: Scalar, item: Node) -> Statement:
        keys = ("on", "tagged", "untagged", "over", "vlan", "at", "mac", "was")
        has, body = walk.parts(item, f"a {form}", keys, PORT, short="on")
        attached = tuple(
            Attachment(walk.span(segment), walk.expression(segment), _ATTACHED[key])
            for key in has
            if key in _ATTACHED
            for segment in walk.items(has[key])
        )
        return PortDecl(
            walk.span(name, item),
            form,
            walk.name(name),
            attached,
            tuple(walk.name(below) for below in walk.items(has.get("over"))),
            walk.optional(has.get("vlan")),
            walk.expressions(has.get("at")),
            walk.optional(has.get("mac")),
            walk.optional_name(has.get("was")),
            body,
        )

    return make


def _link(walk: Walk, _key: Scalar, item: Node) -> Statement:
    has, body = walk.parts(item, "a link", ("name", "ends", "on", "was"), LINK, short="ends")
    written = walk.required(has, "ends", item, "a link")
    ends = (
        _both_ends(walk, written)
        if isinstance(written, Scalar)
        else [endpoint(walk, end) for end in walk.items(written)]
    )
    if len(ends) != 2:
        walk.wrong_shape(written, "a link has two ends", f"here are {len(ends)}", "write `[a:eth0, b:eth0]`")
        raise UnreadableError
    prefixes, was = walk.expressions(has.get("on")), walk.optional_name(has.get("was"))
    return LinkDecl(walk.span(item), walk.optional_name(has.get("name")), (ends[0], ends[1]), prefixes, was, body)


def _both_ends(walk: Walk, node: Scalar) -> list[Endpoint]:
    """`a:eth0 -- b:eth0`."""
    text = Text(walk.source, node)
    middle = text.value.find("--")
    if middle < 0:
        return [endpoint_in(walk, text, 0, len(text.value))]
    return [endpoint_in(walk, text, 0, middle), endpoint_in(walk, text, middle + 2, len(text.value))]


def endpoint(walk: Walk, node: Node) -> Endpoint:
    """`edge:srv`."""
    if isinstance(node, Scalar) and not node.null:
        text = Text(walk.source, node)
        return endpoint_in(walk, text, 0, len(text.value))
    walk.wrong_shape(node, "a port of a node is `NODE:PORT`", "this is none")
    raise UnreadableError


def endpoint_in(walk: Walk, text: Text, start: int, end: int) -> Endpoint:
    """The `NODE:PORT` that bytes `start` to `end` of a text spell."""
    start, end = strip(text.value, start, end)
    colon = split_endpoint(text.value, start, end)
    span = text.span(start, end)
    if colon is None:
        walk.diagnostics.error("E0152", "a port of a node is `NODE:PORT`", span, "no `:` stands here")
        raise UnreadableError
    node = text.expression(start, colon, walk.diagnostics)
    return Endpoint(span, node, name_in(text, *strip(text.value, colon + 1, end), walk.diagnostics))


def _gateways(walk: Walk, key: Scalar, value: Node) -> Iterable[Statement]:
    return [Gateway(walk.span(key, node), via) for node, via in walk.several(value)]


def _route(walk: Walk, _key: Scalar, item: Node) -> Statement:
    has, _ = walk.parts(item, "a route", ("prefix", "via", "metric", "blackhole"), {})
    hole = walk.choice(has.get("blackhole"), ("false", "true"), "`blackhole`") == "true"
    if hole == ("via" in has) and not (isinstance(item, Mapping) and item.cut):
        help = "a route has one of `via: NODE-OR-ADDRESS` and `blackhole: true`"
        walk.diagnostics.error(
            "E0154", "a route leads via something or nowhere", walk.span(item), "this one", help=help
        )
    prefix = needed(walk, has, "prefix", item, "a route")
    return RouteDecl(walk.span(item), prefix, walk.optional(has.get("via")), walk.optional(has.get("metric")))


def _nat(walk: Walk, _key: Scalar, item: Node) -> Statement:
    has, _ = walk.parts(item, "a nat", ("outside", "inside"), {})
    return Nat(walk.span(item), needed(walk, has, "outside", item, "a nat"), needed(walk, has, "inside", item, "a nat"))


def _napt(walk: Walk, _key: Scalar, item: Node) -> Statement:
    has, _ = walk.parts(item, "a napt", ("from", "to"), {})
    sources = walk.some(walk.required(has, "from", item, "a napt"), "`from`")
    return Napt(walk.span(item), sources, needed(walk, has, "to", item, "a napt"))


def needed(walk: Walk, has: Parts, key: str, item: Node, what: str) -> Expression:
    """An expression that must stand."""
    return walk.expression(walk.required(has, key, item, what))


def _config(walk: Walk, _key: Scalar, item: Node) -> Statement:
    has, _ = walk.parts(item, "a config", ("template", "to"), {}, short="template")
    template = walk.string(walk.required(has, "template", item, "a config"))
    path = has.get("to")
    return ConfigDecl(walk.span(item), template, None if path is None else walk.string(path))


def _serve(walk: Walk, _key: Scalar, item: Node) -> Statement:
    has, body = walk.parts(item, "a `serve`", ("service", "on"), SERVE, short="service")
    service = walk.dotted(walk.required(has, "service", item, "a `serve`"))
    if service is None:
        raise UnreadableError
    return Serve(walk.span(item), service, walk.expressions(has.get("on")), body)


def _group(walk: Walk, name: Scalar, item: Node) -> Statement:
    return GroupDecl(walk.span(name, item), walk.name(name), walk.some(item, "a group"))


def _zone(walk: Walk, name: Scalar, item: Node) -> Statement:
    has, _ = walk.parts(item, "a zone", ("members", "was"), {}, short="members")
    members = walk.some(walk.required(has, "members", item, "a zone"), "a zone")
    return ZoneDecl(walk.span(name, item), walk.name(name), members, walk.optional_name(has.get("was")))


# --- Policies: the order of rules is kept ---


def _policy(walk: Walk, name: Scalar, item: Node) -> Statement:
    has, _ = walk.parts(item, "a policy", ("rules", "otherwise"), {}, short="rules")
    rules = _rules(walk, has.get("rules"))
    if "otherwise" in has:
        rules = (*rules, _otherwise(walk, has["otherwise"]))
    return PolicyDecl(walk.span(name, item), walk.name(name), rules)


def _rules(walk: Walk, node: Node | None) -> tuple[Statement, ...]:
    return tuple(in_order(walk, node, _rule))


def in_order(walk: Walk, node: Node | None, make: Make) -> Iterator[Statement]:
    """Rules or steps; `{let: {…}}` may stand among them."""
    for item in walk.items(node):
        if isinstance(item, Mapping) and [key.text for key, _ in item.items if isinstance(key, Scalar)] == ["let"]:
            yield from walk.parts(item, "an item", (), {"let": section(_let, "values")})[1]
        else:
            yield walk.made(make, NO_KEY, item, walk.span(item))


def _otherwise(walk: Walk, node: Node) -> Statement:
    return Otherwise(walk.span(node), walk.choice(node, ("deny", "allow"), "`otherwise`"))


def _rule(walk: Walk, _key: Scalar, item: Node) -> Statement:
    """A rule as in `.net`, or as a mapping; `{each, in, rules}`, `{when, rules, else}`, or `{otherwise}` where its place matters."""
    keys = ("from", "to", "both", "allow", "deny", "otherwise", "each", "in", "when", "rules", "else")
    if isinstance(item, Scalar) and not item.null:
        made: Statement = walk.fragment("rule", item)
        return made
    has, _ = walk.parts(item, "a rule", keys, {})
    if "otherwise" in has:
        return _otherwise(walk, has["otherwise"])
    if "each" in has:
        return make_for(walk, item, has, _rules(walk, has.get("rules")))
    if "when" in has:
        return make_if(walk, item, lambda node: _rules_of_branch(walk, node))
    return _plain_rule(walk, item, has)


def _rules_of_branch(walk: Walk, node: Node) -> tuple[Parts, tuple[Statement, ...]]:
    has, _ = walk.parts(node, "a branch", ("when", "rules", "else"), {}, short="rules")
    return has, _rules(walk, has.get("rules"))


def _plain_rule(walk: Walk, item: Node, has: Parts) -> Statement:
    if ("allow" in has) == ("deny" in has) and not (isinstance(item, Mapping) and item.cut):
        help = "such as `allow: [tcp/80, icmp]`; `allow: any` is every service"
        walk.diagnostics.error("E0154", "a rule has one of `allow` and `deny`", walk.span(item), "this one", help=help)
    action = "deny" if "deny" in has else "allow"
    both = walk.choice(has.get("both"), ("false", "true"), "`both`") == "true"
    sources = walk.some(walk.required(has, "from", item, "a rule"), "`from`")
    targets = walk.some(walk.required(has, "to", item, "a rule"), "`to`")
    return Rule(walk.span(item), sources, targets, both, action, walk.expressions(has.get(action)))


# --- Tables ---


def with_set(*fields: str) -> Table:
    """Fields that stand directly, and all others under `set`."""
    return loops({**dict.fromkeys(fields, assign), "set": section(_set, "values")})


SEGMENT = with_set("mtu", "vlan", "split")
PORT = with_set("mtu", "rate")
LINK = with_set("mtu", "rate")
SERVE = with_set()
SERVICE = loops({"fields": section(_field, "fields"), "set": section(_set, "values")})

NODE: Table = loops(
    {
        **dict.fromkeys(("forward", "bridge", "physical"), assign),
        **dict.fromkeys(("probe", "backend"), assign_text),
        "ports": section(port("port"), "ports"),
        "bonds": section(port("bond"), "bonds"),
        "svis": section(port("svi"), "svis"),
        "loopbacks": section(port("loopback"), "loopbacks"),
        "gateway": _gateways,
        "routes": listed(_route),
        "nat": listed(_nat),
        "napt": listed(_napt),
        "config": listed(_config),
        "serve": listed(_serve),
        "needs": needs,
        "prefers": listed(prefers),
        **{form: affinities(form, in_node=True) for form in (*AMONG_NODES, "on")},
        "set": section(_set, "values"),
    }
)
KIND: Table = loops({**NODE, "fields": section(_field, "fields")})

DECLARATIONS: Table = {
    "params": section(_param, "parameters"),
    "segments": section(_segment, "segments"),
    "nodes": section(_node, "nodes"),
    "links": listed(_link),
    "groups": section(_group, "groups"),
    "zones": section(_zone, "zones"),
    "policies": section(_policy, "policies"),
    **{form: affinities(form, in_node=False) for form in AMONG_NODES},
    "prefers": listed(prefers_among),
    "place": place,
    "kinds": section(_kind, "kinds"),
    "services": section(_service, "services"),
}
