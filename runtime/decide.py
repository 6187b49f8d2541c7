"""Decide: what is wanted and what is there → the actions that make the one of the other, each with its reasons. Pure.

Enters: the wanted resources of a plan and the observed ones, as comparable fields. Leaves: actions, each naming the fields
that differ. Called by the engine; a backend says which differences cannot be changed in place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Verb = Literal["create", "update", "replace", "delete"]
Fields = Mapping[str, Any]  # Any: JSON, by kind
Replaces = Callable[[str, Fields, Fields], Collection[str]]

GLYPHS = {"create": "+", "update": "~", "replace": "±", "delete": "-"}
_ORDER = ("node", "segment", "port", "route", "file", "ruleset", "service")
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """`content` goes to the backend with the action; it is neither compared nor recorded: secrets may stand in it."""

    id: str
    kind: str
    fields: Fields
    needs: tuple[str, ...] = ()
    content: Any = None


@dataclass(frozen=True, slots=True)
class Observed:
    id: str
    kind: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class Action:
    """`before` and `after` are None where nothing was or will be."""

    verb: Verb
    id: str
    kind: str
    reasons: tuple[str, ...]
    before: Fields | None = None
    after: Fields | None = None
    needs: tuple[str, ...] = ()
    content: Any = None

    @property
    def loses(self) -> bool:
        """It takes something away that runs."""
        return self.verb in ("replace", "delete")

    def __str__(self) -> str:
        return f"{GLYPHS[self.verb]} {self.id}" + (f" ({'; '.join(self.reasons)})" if self.reasons else "")


def decide(wanted: Sequence[Wanted], observed: Mapping[str, Observed], replaces: Replaces) -> list[Action]:
    """What to do, removals first.

    >>> decide([Wanted("node/a", "node", {"mtu": 1})], {}, lambda *_: ())[0].reasons
    ('is not there',)
    """
    known = {each.id for each in wanted}
    unwanted = [each for each in observed.values() if each.id not in known]
    actions = [_removal(each) for each in sorted(unwanted, key=_last_first)]
    for each in wanted:
        action = _making(each, observed.get(each.id), replaces)
        if action is not None:
            actions.append(action)
    return actions


def _making(wanted: Wanted, observed: Observed | None, replaces: Replaces) -> Action | None:
    if observed is None:
        return _action("create", wanted, None, ("is not there",))
    if observed.fields == wanted.fields:
        return None
    before, after = observed.fields, wanted.fields
    differing = [name for name in after if before.get(name) != after[name]]
    if not differing:
        return None
    final = replaces(wanted.kind, before, after)
    reasons = tuple(_reason(name, before.get(name), after[name], name in final) for name in differing)
    return _action("replace" if final else "update", wanted, before, reasons)


def _removal(observed: Observed) -> Action:
    return Action("delete", observed.id, observed.kind, ("is not in the plan",), before=observed.fields)


def _action(verb: Verb, wanted: Wanted, before: Fields | None, reasons: tuple[str, ...]) -> Action:
    return Action(verb, wanted.id, wanted.kind, reasons, before, wanted.fields, wanted.needs, wanted.content)


def _reason(name: str, before: object, after: object, final: bool) -> str:
    changed = f"{name}: {_shown(before)} → {_shown(after)}"
    return f"{changed}, which cannot be changed in place" if final else changed


def _shown(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, list | tuple):
        text = ", ".join(_shown(item) for item in value) or "none"
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _last_first(observed: Observed) -> tuple[int, str]:
    """What stands on others goes before them."""
    rank = _ORDER.index(observed.kind) if observed.kind in _ORDER else len(_ORDER)
    return -rank, observed.id
