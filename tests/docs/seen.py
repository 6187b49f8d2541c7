"""What templates of a lab see in truth: every thing that can be reached from their names, and the kinds of its members' values.

Enters: a lab. Leaves: for each thing, by its word, its members with the kinds of values seen: text, number, prefix, "list: node", none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from labc.compiler.ir.lab import Lab
from labc.compiler.passes.configs.views import names_for, names_of
from labc.compiler.passes.configs.words import THINGS, is_list, members, word
from labc.compiler.walk import Network

Seen = dict[str, dict[str, set[str]]]
NAMES = "names"
_DEEPEST = 8


def seen_in(lab: Lab) -> Seen:
    """The names of all templates stand under `names`."""
    network, seen = Network(lab), defaultdict[str, dict[str, set[str]]](lambda: defaultdict(set))
    for node in lab.nodes.values():
        names = names_of(network) | names_for(node, network)
        for name, value in names.items():
            seen[NAMES][name] |= set(_kinds(value))
            _walk(value, seen, _DEEPEST)
    return seen


def _walk(value: object, seen: Seen, depth: int) -> None:
    for item in _items(value) if is_list(value) else ():
        _walk(item, seen, depth)
    if type(value).__name__ in THINGS and depth:
        for member in members(type(value)):
            try:
                inner = getattr(value, member)
            except AttributeError:  # a port without an address
                continue
            seen[word(value)][member] |= set(_kinds(inner))
            _walk(inner, seen, depth - 1)


def _kinds(value: object) -> Iterator[str]:
    """Nothing of an empty list."""
    if isinstance(value, dict):
        yield "map"
    elif is_list(value):
        form = "table" if isinstance(value, Mapping) else "list"
        yield from (f"{form}: {word(item)}" for item in _items(value))
    else:
        yield "none" if value is None else word(value)


def _items(value: object) -> Iterator[object]:
    yield from value  # type: ignore[misc]  # a list
