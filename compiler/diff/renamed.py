"""Renames: the old side told in the names of the new one, so that a node that was called otherwise is compared as itself.

Enters: both sides, and the new lab, whose nodes say `was`. Leaves: the old side with new names, and who was called how. Called by
`difference.py`. Pure. Ids, host names and what stands for them are renamed; rendered texts never are, since packets are judged by them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from ..ir.lab import Lab
from ..plan.canonical import canonical
from .sides import Side, record

Record = dict[str, Any]  # Any: JSON
_OWNED = ("port", "route", "ruleset", "file", "service", "attachment")
_TEXTS = ("text", "template", "path", "fields")  # of a spec
_TOLD = ("id", "title", "text", "note", "cases")  # of a test or a requirement


def renames(old: Side, new: Side, lab: Lab | None) -> dict[str, str]:
    """From the old names of nodes to the new ones. A `was` that was done with earlier means nothing."""
    given = {node.was: node.name for node in lab.nodes.values() if node.was} if lab is not None else {}
    return {
        was: name
        for was, name in given.items()
        if old.resource(f"node/{was}") and not old.resource(f"node/{name}") and not new.resource(f"node/{was}")
    }


def renamed(old: Side, new: Side, names: Mapping[str, str]) -> Side:
    """The old side as if its nodes had always been called so."""
    document: Record = msgspec.json.decode(old.data)
    known = {"tests": {*new.tests}, "requirements": {*new.requirements}}
    document["resources"] = sorted((_resource(each, names) for each in document["resources"]), key=_id)
    for member, equal in known.items():
        ids = {record(raw)["id"] for raw in equal}
        document[member] = sorted((_told(each, names, equal, ids) for each in document[member]), key=_id)
    return Side(canonical(document), old.where)


def _id(each: Record) -> str:
    return str(each["id"])


def _resource(each: Record, names: Mapping[str, str]) -> Record:
    texts = {name: value for name, value in each["spec"].items() if name in _TEXTS}
    found: Record = _mapped(each, lambda text: _identity(text, names))
    found["spec"] |= texts
    if each["kind"] == "node":
        spec = found["spec"]
        spec["hostname"] = names.get(spec["hostname"], spec["hostname"])
        spec["hosts"] = [[address, names.get(name, name)] for address, name in spec["hosts"]]
    return found | {"needs": sorted(found["needs"])}


def _told(each: Record, names: Mapping[str, str], equal: set[bytes], ids: set[str]) -> Record:
    """A test or requirement: as the new side has it where that is all that differs, else with its id, where the new side has that."""
    plain: Record = _mapped(each, lambda text: _identity(text, names))
    words = plain | {name: _mapped(each[name], lambda text: _words(text, names)) for name in _TOLD if name in each}
    if canonical(words) in equal or (words["id"] in ids and plain["id"] not in ids):
        return words
    return plain


def _identity(text: str, names: Mapping[str, str]) -> str:
    kind, slash, rest = text.partition("/")
    owner, *below = rest.partition("/")
    if not slash or owner not in names or not (kind in _OWNED or (kind == "node" and not below[0])):
        return text
    return f"{kind}/{names[owner]}{''.join(below)}"


def _words(text: str, names: Mapping[str, str]) -> str:
    return re.sub(r"[\w.-]+", lambda found: names.get(found[0], found[0]), text)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: _mapped(item, change) for name, item in value.items()}
    return [_mapped(item, change) for item in value] if isinstance(value, list) else value
