"""Statements gathered into sections: what a writer of statements works on.

Enters: keys and values, statement by statement. Leaves: one mapping with its keys in the usual order. Called by `yaml_out.py`
and `yaml_out_tests.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from . import tree
from .tree import Name, Statement
from .yaml_emit import Item, List, Map, Pair, Text, Value
from .yaml_text import plain_name

FILE_ORDER = """
lab site import params let segments nodes links groups zones policies place together apart balance exclusive prefers kinds services hosts
devices switches pools labs instances for if tests
""".split()  # noqa: SIM905  # one word a line would fill the page
BODY_ORDER = """
model driver reach host cuts cpu memory disk kvm speed address mtu overlay trunk vlan split rate fields let forward bridge physical probe backend
ports bonds svis loopbacks nics gateway routes nat napt config serve needs prefers together apart balance exclusive on set for
if
""".split()  # noqa: SIM905  # one word a line would fill the page
_SEGMENT, _PORT = ("mtu", "vlan", "split"), ("mtu", "rate")
_NODE, _NODE_TEXTS = ("forward", "bridge", "physical"), ("probe", "backend")
_HOST, _HOST_TEXTS, _GEAR_TEXTS = ("cpu", "memory", "disk", "kvm"), ("reach",), ("model", "driver", "reach")


class Shape:
    """What a body says directly: fields that are expressions, texts, or names of hosts; and the order of its keys."""

    def __init__(
        self,
        values: Sequence[str] = (),
        texts: Sequence[str] = (),
        names: Sequence[str] = (),
        order: Sequence[str] = BODY_ORDER,
    ) -> None:
        self.values = frozenset(values)
        self.texts = frozenset(texts)
        self.names = frozenset(names)
        self.order = {key: place for place, key in enumerate(order)}


FILE, SEGMENT, PORT, PLAIN = Shape(order=FILE_ORDER), Shape(_SEGMENT), Shape(_PORT), Shape()
NODE, HOST, GEAR = Shape(_NODE, _NODE_TEXTS), Shape(_HOST, _HOST_TEXTS), Shape(("cuts",), _GEAR_TEXTS, ("host",))
NIC, SOCKET = Shape(("speed", "address", "mtu", "overlay", "trunk")), Shape(("speed", "mtu", "trunk"))


Write = Callable[..., None]  # (writer, statement, sections, shape); the statement is of the type that the table names


class Sections:
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


class Writer:
    """One file on its way; knows which comments go before which statement."""

    def __init__(self, table: Mapping[type, Write], comments: Mapping[int, tuple[str, ...]]) -> None:
        self.table = table
        self.comments = comments

    def body(self, statements: Iterable[Statement], shape: Shape) -> Map:
        """Statements as a mapping of sections."""
        sections = Sections()
        for statement in statements:
            write = self.table.get(type(statement))
            if write is not None:
                write(self, statement, sections, shape)
        return sections.map(shape)

    def above(self, statement: Statement) -> tuple[str, ...]:
        return self.comments.get(id(statement), ())

    def add_named(self, sections: Sections, key: str, statement: Statement, name: Name, value: Value) -> None:
        sections.named.setdefault(key, []).append(Pair(plain_name(name), value, self.above(statement)))

    def add_item(self, sections: Sections, key: str, statement: Statement, value: Value) -> None:
        sections.listed.setdefault(key, []).append(Item(value, self.above(statement)))

    def add_single(self, sections: Sections, key: str, statement: Statement, value: Value) -> None:
        sections.single[key] = Pair(key, value, self.above(statement))
