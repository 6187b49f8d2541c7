"""Where nodes shall stand, as YAML: `needs`, `prefers`, `on`, `together` and its like, and the strategy.

Enters: statements of the tree. Leaves: entries of the sections. Called through the table of `yaml_out.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import tree
from .tree import Expression, Statement
from .yaml_emit import Item, List, Map, Pair, Text, Value
from .yaml_sections import Sections, Shape, Writer
from .yaml_values import demand_text, demands, inline, joined, mapping, name, optional, values, word


def write_needs(writer: Writer, item: tree.Needs, into: Sections, _: Shape) -> None:
    """Several `needs` are one: all of them must hold."""
    into.needs += item.demands
    before = into.single.get("needs")
    writer.add_single(into, "needs", item, demands(into.needs))
    if before is not None:
        into.single["needs"].comments = before.comments + into.single["needs"].comments


def write_prefers(writer: Writer, item: tree.Prefers, into: Sections, _: Shape) -> None:
    parts = mapping(want=demands(item.demands), weight=optional(item.weight))
    only = item.demands[0] if len(item.demands) == 1 and item.weight is None else None
    writer.add_item(into, "prefers", item, parts if only is None else Text(demand_text(only), text=True))


def write_placing(writer: Writer, item: tree.Placing, into: Sections, _: Shape) -> None:
    writer.add_single(into, "place", item, name(item.strategy))


def write_affinity(writer: Writer, item: tree.Affinity, into: Sections, _: Shape) -> None:
    """A soft one is an item of `prefers`; of hard ones each form has its key."""
    of = values(item.targets) if item.targets else Text("true")
    by = mapping(by=word(item.by))
    if item.soft:
        parts = joined(joined(Map([Pair(item.form, of)]), by), mapping(weight=optional(item.weight)))
        writer.add_item(into, "prefers", item, parts)
    elif by.pairs or not item.targets:
        add_group(writer, into, item.form, item, joined(mapping(of=of), by))
    else:
        add_group(writer, into, item.form, item, listed(item.targets))


def listed(given: Sequence[Expression]) -> List:
    return List([Item(inline(expression)) for expression in given])


def add_group(writer: Writer, into: Sections, key: str, item: Statement, group: List | Map) -> None:
    """One statement is a list, or what stands for one; several are a list of lists and mappings."""
    before = into.single.get(key)
    if before is None:
        writer.add_single(into, key, item, _alone(group))
        return
    several = before.value
    if not (isinstance(several, List) and several.items and isinstance(several.items[0].value, List | Map)):
        several = before.value = List([Item(_whole(before.value))])
    several.items.append(Item(group, writer.above(item)))


def _alone(group: List | Map) -> Value:
    """A single target stands for the list of it, `true` for `{of: true}`."""
    if isinstance(group, List):
        return group.items[0].value if len(group.items) == 1 else group
    return group.pairs[0].value if len(group.pairs) == 1 else group


def _whole(alone: Value) -> Value:
    if isinstance(alone, List | Map):
        return alone
    return mapping(of=alone) if alone == Text("true") else List([Item(alone)])
