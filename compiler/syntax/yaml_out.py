"""The tree as YAML.

Enters: a `File` of either spelling. Leaves: readable YAML that reads back to the same statements, sections in one order.
Called by `labc fmt --to yaml`.

Statements are gathered into sections; within a section, and among rules and steps, their order stays. A comment goes before the
statement that it stood before or beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from . import tree
from .expression_text import type_text
from .tree import Expression, File, Statement
from .yaml import says_path
from .yaml_comments import placed_comments
from .yaml_emit import Item, List, Map, Pair, Text, Value, emit
from .yaml_out_placing import add_group, listed, write_affinity, write_needs, write_placing, write_prefers
from .yaml_out_tests import write_policy, write_test
from .yaml_sections import FILE, GEAR, HOST, NIC, NODE, PLAIN, PORT, SEGMENT, SOCKET, Sections, Shape, Write, Writer
from .yaml_text import plain_name
from .yaml_values import (
    branches,
    endpoint,
    is_string,
    joined,
    loop_head,
    mapping,
    name,
    optional,
    optional_list,
    short,
    string,
    value,
    values,
    word,
)
from .yaml_walk import WORD


def format_yaml(file: File) -> bytes:
    """The YAML of a tree. What could not be read (`Broken`) is left out."""
    comments, at_end = placed_comments(file)
    document = Writer(_WRITE, comments).body(file.body, FILE)
    return emit(document, at_end).encode("utf-8", "surrogateescape")


def body_of(statements: Sequence[Statement], shape: Shape) -> Map:
    """Statements as the keys of an element of that shape, without comments."""
    return Writer(_WRITE, {}).body(statements, shape)


def _lab(writer: Writer, item: tree.LabHeader, into: Sections, _: Shape) -> None:
    writer.add_single(into, "lab", item, name(item.name))


def _site(writer: Writer, item: tree.SiteHeader, into: Sections, _: Shape) -> None:
    writer.add_single(into, "site", item, name(item.name))


def _import(writer: Writer, item: tree.Import, into: Sections, _: Shape) -> None:
    for number, one in enumerate(item.items):
        shown = Item(_import_item(one), writer.above(item) if number == 0 else ())
        into.listed.setdefault("import", []).append(shown)


def _import_item(one: tree.ImportItem) -> Value:
    if one.form == "git":
        return mapping(git=word(one.target), at=word(one.revision), path=word(one.subpath), as_=word(one.alias))
    if one.alias is None and says_path(one.target) == (one.form == "path"):
        return word(one.target)
    return Map([Pair(one.form, word(one.target)), *mapping(as_=word(one.alias)).pairs])


def _param(writer: Writer, item: tree.Param | tree.Field, into: Sections, _: Shape) -> None:
    parts = mapping(
        type=None if item.type is None else Text(type_text(item.type)),
        in_=optional(item.within),
        default=optional(item.default),
    )
    key = "params" if isinstance(item, tree.Param) else "fields"
    writer.add_named(into, key, item, item.name, short(parts, "default"))


def _let(writer: Writer, item: tree.Let, into: Sections, _: Shape) -> None:
    writer.add_named(into, "let", item, item.name, value(item.value))


def _assign(writer: Writer, item: tree.Assign, into: Sections, shape: Shape) -> None:
    """A field that has a key of its own stands directly, once; all others under `set`."""
    key = item.name.plain or ""
    if key in shape.values and key not in into.single:
        writer.add_single(into, key, item, value(item.value))
    elif key in shape.texts and key not in into.single and is_string(item.value):
        writer.add_single(into, key, item, string(item.value))
    elif key in shape.names and key not in into.single and (shown := _named(item.value)) is not None:
        writer.add_single(into, key, item, shown)
    else:
        writer.add_named(into, "set", item, item.name, value(item.value))


def _named(expression: tree.Expression) -> Value:
    """A name by itself, or a text that is read as none; None for what would be read as the other of the two."""
    if isinstance(expression, tree.Reference):
        return word(expression.name) if WORD.fullmatch(expression.name) else None
    is_name = isinstance(expression, tree.Literal) and WORD.fullmatch(str(expression.value))
    return string(expression) if is_string(expression) and not is_name else None


def _for(writer: Writer, item: tree.For, into: Sections, shape: Shape) -> None:
    writer.add_item(into, "for", item, joined(loop_head(item), writer.body(item.body, shape)))


def _if(writer: Writer, item: tree.If, into: Sections, shape: Shape) -> None:
    writer.add_item(into, "if", item, branches(item, lambda body: writer.body(body, shape)))


def _segment(writer: Writer, item: tree.SegmentDecl, into: Sections, _: Shape) -> None:
    parts = mapping(was=name(item.was), prefixes=optional_list(item.prefixes))
    writer.add_named(
        into, "segments", item, item.name, short(joined(parts, writer.body(item.body, SEGMENT)), "prefixes")
    )


def _node(writer: Writer, item: tree.NodeDecl, into: Sections, _: Shape) -> None:
    parts = mapping(kind=None if item.kind is None else word(str(item.kind)), was=name(item.was))
    writer.add_named(into, "nodes", item, item.name, short(joined(parts, writer.body(item.body, NODE)), "kind"))


def _kind(writer: Writer, item: tree.KindDecl, into: Sections, _: Shape) -> None:
    parts = mapping(extends=None if item.base is None else word(str(item.base)))
    writer.add_named(into, "kinds", item, item.name, joined(parts, writer.body(item.body, NODE)))


def _service(writer: Writer, item: tree.ServiceDecl, into: Sections, _: Shape) -> None:
    parts = joined(mapping(on=optional_list(item.listens)), writer.body(item.body, PLAIN))
    writer.add_named(into, "services", item, item.name, short(parts, "on"))


def _port(writer: Writer, item: tree.PortDecl, into: Sections, _: Shape) -> None:
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


def _link(writer: Writer, item: tree.LinkDecl, into: Sections, _: Shape) -> None:
    ends = List([Item(endpoint(end)) for end in item.ends])
    parts = mapping(name=name(item.name), ends=ends, on=optional_list(item.prefixes), was=name(item.was))
    body = writer.body(item.body, PORT)
    only_ends = len(parts.pairs) == 1 and not body.pairs
    both = " -- ".join(endpoint(end).value for end in item.ends)
    writer.add_item(into, "links", item, Text(both, text=True) if only_ends else joined(parts, body))


def _gateway(writer: Writer, item: tree.Gateway, into: Sections, _: Shape) -> None:
    add_group(writer, into, "gateway", item, listed(item.via))


def _route(writer: Writer, item: tree.RouteDecl, into: Sections, _: Shape) -> None:
    hole = Text("true") if item.via is None else None
    parts = mapping(prefix=value(item.prefix), via=optional(item.via), blackhole=hole, metric=optional(item.metric))
    writer.add_item(into, "routes", item, parts)


def _nat(writer: Writer, item: tree.Nat, into: Sections, _: Shape) -> None:
    writer.add_item(into, "nat", item, mapping(outside=value(item.outside), inside=value(item.inside)))


def _napt(writer: Writer, item: tree.Napt, into: Sections, _: Shape) -> None:
    writer.add_item(into, "napt", item, mapping(from_=values(item.sources), to=value(item.to)))


def _config(writer: Writer, item: tree.ConfigDecl, into: Sections, _: Shape) -> None:
    parts = mapping(template=string(item.template), to=None if item.path is None else string(item.path))
    writer.add_item(into, "config", item, short(parts, "template"))


def _serve(writer: Writer, item: tree.Serve, into: Sections, _: Shape) -> None:
    parts = mapping(service=word(str(item.service)), on=optional_list(item.listens))
    writer.add_item(into, "serve", item, short(joined(parts, writer.body(item.body, PLAIN)), "service"))


def _group(writer: Writer, item: tree.GroupDecl, into: Sections, _: Shape) -> None:
    writer.add_named(into, "groups", item, item.name, values(item.members))


def _zone(writer: Writer, item: tree.ZoneDecl, into: Sections, _: Shape) -> None:
    parts = mapping(was=name(item.was), members=optional_list(item.members))
    writer.add_named(into, "zones", item, item.name, short(parts, "members"))


def _host(writer: Writer, item: tree.HostDecl, into: Sections, _: Shape) -> None:
    writer.add_named(into, "hosts", item, item.name, short(writer.body(item.body, HOST), ""))


def _nic(writer: Writer, item: tree.Nic, into: Sections, _: Shape) -> None:
    writer.add_named(into, "nics", item, item.name, short(writer.body(item.body, NIC), ""))


def _device(writer: Writer, item: tree.DeviceDecl, into: Sections, _: Shape) -> None:
    parts = mapping(kind=None if item.kind is None else word(str(item.kind)))
    writer.add_named(into, "devices", item, item.name, short(joined(parts, writer.body(item.body, GEAR)), "kind"))


def _switch(writer: Writer, item: tree.SwitchDecl, into: Sections, _: Shape) -> None:
    writer.add_named(into, "switches", item, item.name, short(writer.body(item.body, GEAR), ""))


def _socket(writer: Writer, item: tree.Socket, into: Sections, _: Shape) -> None:
    parts = mapping(cable=None if item.cable is None else endpoint(item.cable))
    writer.add_named(into, "ports", item, item.name, short(joined(parts, writer.body(item.body, SOCKET)), "cable"))


def _pool(writer: Writer, item: tree.Pool, into: Sections, _: Shape) -> None:
    parts = mapping(ranges=values(item.ranges), except_=optional_list(item.reserved))
    writer.add_named(into, "pools", item, item.name, short(parts, "ranges"))


def _uses(writer: Writer, item: tree.Uses, into: Sections, _: Shape) -> None:
    if item.lab is None:
        shared = into.single.setdefault("instances", Pair("instances", Map([Pair("use", Map())])))
    else:
        shares = into.named.setdefault("labs", [])
        key = plain_name(item.lab)
        shared = next((pair for pair in shares if pair.key == key), Pair(key, Map([Pair("uses", Map())])))
        if shared not in shares:
            shares.append(shared)
    pools = _pools_of(shared).pairs
    before = next((pair for pair in pools if pair.key == item.pool), None)
    if before is None:
        pools.append(Pair(item.pool, values(item.ranges), writer.above(item)))
        return
    before.comments += writer.above(item)  # one lab may use a pool in two lines, and YAML has one key for it
    more = [*_as_items(before.value), *_as_items(values(item.ranges))]
    before.value = List(more)


def _as_items(value: Value) -> list[Item]:
    return value.items if isinstance(value, List) else [Item(value)]


def _pools_of(shared: Pair) -> Map:
    inner = shared.value.pairs[0].value if isinstance(shared.value, Map) else None
    if not isinstance(inner, Map):
        raise TypeError("a share is a mapping of pools")
    return inner


_WRITE: Mapping[type, Write] = {
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
    tree.Needs: write_needs,
    tree.Prefers: write_prefers,
    tree.Affinity: write_affinity,
    tree.Placing: write_placing,
    tree.GroupDecl: _group,
    tree.ZoneDecl: _zone,
    tree.PolicyDecl: write_policy,
    tree.TestDecl: write_test,
    tree.HostDecl: _host,
    tree.Nic: _nic,
    tree.DeviceDecl: _device,
    tree.SwitchDecl: _switch,
    tree.Socket: _socket,
    tree.Pool: _pool,
    tree.Uses: _uses,
}
