"""The map beside a plan, `lab.map.json`: the file, line and chain that led to every resource, test and requirement.

Enters: a lab after the pass `schedule`. Leaves: JSON bytes; `read_map` gives them back as `Map`. Called by the pipeline,
read by whoever prints: messages, diffs, JUnit, SARIF. A plan never needs its map.

Origins are shared in the IR, and so here: `origins` holds each once as [file, line, column, note, parent], file and
parent being indexes (parent -1: none), and `at` gives every id its origin.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import NamedTuple

import orjson
from msgspec import Struct, field

from ..ir.lab import Case, Lab, Requirement, Resource
from ..source import Origin, Span
from .format import FORMAT


class Place(NamedTuple):
    """One step of the way: where, and what the step was ("in kind linux.host", "with i = 3")."""

    file: str
    line: int
    column: int
    note: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


def write_map(lab: Lab) -> bytes:
    table = _Origins()
    things: list[Resource | Case | Requirement] = [*lab.resources, *lab.cases, *lab.requirements]
    at = {thing.id: table.index(thing.origin) for thing in sorted(things, key=attrgetter("id"))}
    return orjson.dumps({"format": FORMAT, "files": list(table.files), "origins": table.rows, "at": at})


class _Origins(Struct):
    """Gives each origin a number, in the order in which sorted ids meet them: equal labs, equal maps."""

    files: dict[str, int] = field(default_factory=dict)
    rows: list[tuple[int, int, int, str, int]] = field(default_factory=list)
    seen: dict[int, int] = field(default_factory=dict)
    places: dict[Span, tuple[int, int, int]] = field(default_factory=dict)  # the turns of a loop share one

    def index(self, origin: Origin) -> int:
        known = self.seen.get(id(origin))
        if known is not None:
            return known
        parent = self.index(origin.parent) if origin.parent is not None else -1
        place = self.places.get(origin.span)
        if place is None:
            place = self.places[origin.span] = self._place(origin.span)
        number = self.seen[id(origin)] = len(self.rows)
        self.rows.append((*place, origin.note, parent))
        return number

    def _place(self, span: Span) -> tuple[int, int, int]:
        at = span.source.position(span.start)
        return self.files.setdefault(span.source.path, len(self.files)), at.line, at.column


class Map(Struct, frozen=True):
    """A map that was read. `chain("node/web")` is its places, innermost first; empty for an id that it does not know."""

    files: list[str]
    origins: list[list[int | str]]
    at: dict[str, int]

    def place(self, identity: str) -> Place | None:
        return next(self._places(identity), None)

    def chain(self, identity: str) -> list[Place]:
        return list(self._places(identity))

    def _places(self, identity: str) -> Iterator[Place]:
        index = self.at.get(identity, -1)
        while index >= 0:
            file, line, column, note, parent = self.origins[index]
            yield Place(self.files[int(file)], int(line), int(column), str(note))
            index = int(parent)


def read_map(data: bytes) -> Map:
    """Raises ValueError for what is no map."""
    try:
        document = orjson.loads(data)
        return Map(document["files"], document["origins"], document["at"])
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"this is no map of a plan: {error}") from None
